"""The worktrees of a repository as git lists them, and the files that a commit has of a bank."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.doc_folders import ROOTS
from memorybank.store.git.repository import ask
from memorybank.team.git.unmerged import blob

if TYPE_CHECKING:
    from collections.abc import Iterator

# mode, type, hash, then the name
_FILE_MODES = ("100644", "100755")


class Worktree(NamedTuple):
    """A worktree: its folder, its commit and branch ("" if detached), and whether its folder is gone."""

    folder: Path
    commit: str
    branch: str
    is_gone: bool


def worktrees_of(project: Path) -> list[Worktree]:
    """List the worktrees of a repository, those whose folder was deleted among them; empty without git."""
    told = ask(project, "worktree", "list", "--porcelain", "-z")
    found = []
    for block in (told or "").split("\0\0"):
        rows = dict(row.partition(" ")[::2] for row in block.split("\0") if row)
        if rows.get("worktree"):
            folder = Path(rows["worktree"])
            branch = rows.get("branch", "").removeprefix("refs/heads/")
            found.append(Worktree(folder, rows.get("HEAD", ""), branch, not folder.is_dir()))
    return found


def top_of(project: Path) -> Path | None:
    """Return the top folder of the worktree that a project is in; None without git."""
    told = (ask(project, "rev-parse", "--show-toplevel") or "").rstrip("\n")
    return Path(told) if told else None


def below_top(folder: Path, top: Path) -> str:
    """Return a folder's place in its worktree, "" for the top itself."""
    inner = Path(os.path.realpath(folder)).relative_to(os.path.realpath(top)).as_posix()
    return "" if inner == "." else inner


def files_at(project: Path, commit: str, inner: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the name in the bank and the object of each file that a commit has of a bank and its documents.

    `inner` is the project's place in the worktree, `folder` the bank's place in the project.
    """
    for place, prefix in ((folder, ""), *((root, f"{root}/") for root in ROOTS)):
        whole = "/".join(filter(None, (inner, place)))
        told = ask(project, "ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{whole}/")
        for row in filter(None, (told or "").split("\0")):
            words, _, path = row.partition("\t")
            mode, kind, ident = (*words.split(), "", "", "")[:3]
            if kind == "blob" and mode in _FILE_MODES and path.startswith(f"{whole}/"):
                yield prefix + path.removeprefix(f"{whole}/"), ident


def read_object(project: Path, name: str) -> bytes | None:
    """Return the bytes of an object; None if git does not return it."""
    return blob(project, name)


def common_commit(project: Path, one: str, other: str) -> str:
    """Return the newest commit that two are descended from; "" if there is none, or one is not in the repository."""
    if not one or not other:
        return ""
    return (ask(project, "merge-base", one, other) or "").strip()
