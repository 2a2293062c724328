"""Finds banks that nobody works in any more: of worktrees that were deleted, or that git no longer knows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from memorybank.contracts.layouts import HOME
from memorybank.listing import Listing
from memorybank.shell import command as command_for
from memorybank.store.discover import bank_at
from memorybank.store.git.repository import repository_of
from memorybank.store.git.worktree import lost_main
from memorybank.store.manage.known_banks import known_banks
from memorybank.team.worktrees.worktree_list import files_at, worktrees_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypedDict

    from memorybank.store.manage.known_banks import KnownBank
    from memorybank.team.worktrees.worktree_list import Worktree

    class OrphanWire(TypedDict):
        """A bank that was left behind."""

        bank_folder: str
        state: str
        branch: str
        commit: str
        file_count: int
        command: str


class Orphan(NamedTuple):
    """A bank that was left behind, and what is left of it.

    `state` is `folder` (its files are there, git no longer knows the worktree), `journal` (only its local state),
    `commit` (the folder is gone, the commit has its files), or `gone` (nothing is left here).
    """

    folder: str
    state: Literal["folder", "journal", "commit", "gone"]
    branch: str = ""
    commit: str = ""
    file_count: int = 0

    @property
    def command(self) -> str:
        """The command that helps."""
        return command_for("bank banks forget" if self.state == "gone" else "bank adopt-from", self.folder)

    def to_wire(self) -> OrphanWire:
        """Return the JSON form."""
        return {
            "bank_folder": self.folder,
            "state": self.state,
            "branch": self.branch,
            "commit": self.commit,
            "file_count": self.file_count,
            "command": self.command,
        }


class OrphanList(Listing[Orphan]):
    """The banks that were left behind."""

    __slots__ = ()
    plural = "orphans"


def find_orphans(home: Path, here: Path) -> OrphanList:
    """List the banks that were left behind: of the repository of a folder, and of those that this machine has seen.

    A bank that is gone is listed if another bank of its repository is still there. Writes nothing.
    """
    known = known_banks(home)
    found: dict[str, Orphan] = {}
    worktrees: dict[Path, Worktree] = {}
    roots = set()
    for project in dict.fromkeys((here, *(Path(each.path).parent for each in known if each.root))):
        if not project.is_dir() or lost_main(project) is not None:
            continue
        listed = {each.folder: each for each in worktrees_of(project)}
        if listed and not listed.keys() <= worktrees.keys():
            worktrees |= listed
            roots.add(repository_of(project).root)
            found |= {each.folder: each for each in _in_commits(project, listed)}
    for each in known:
        orphan = _left_of(each, home, worktrees, roots)
        if orphan is not None:
            found.setdefault(each.path, orphan)
    return OrphanList(found[path] for path in sorted(found))


def has_only_journal(folder: Path) -> bool:
    """Check whether nothing but the local state is left of a bank."""
    return (folder / ".state" / "journal.jsonl").is_file() and not any(folder.glob("*.md"))


def _in_commits(project: Path, worktrees: dict[Path, Worktree]) -> Iterator[Orphan]:
    """Yield the banks of worktrees whose folder is gone and whose commit git still has."""
    for each in worktrees.values():
        if not each.is_gone or not each.commit:
            continue
        count = sum(1 for _ in files_at(project, each.commit, "", HOME.folder))
        if count:
            yield Orphan(os.fspath(each.folder / HOME.folder), "commit", each.branch, each.commit, count)


def _left_of(known: KnownBank, home: Path, worktrees: dict[Path, Worktree], roots: set[str]) -> Orphan | None:
    folder = Path(known.path)
    if folder.is_dir():
        lost = lost_main(folder.parent)
        if lost is None or lost.main is not None:
            return None
        if has_only_journal(folder):
            return Orphan(known.path, "journal")
        bank = bank_at(folder, home)
        return Orphan(known.path, "folder", file_count=len(bank.list_files())) if bank is not None else None
    if not known.root or known.root not in roots:
        return None
    is_listed = any(each.is_gone and folder.is_relative_to(each.folder) for each in worktrees.values())
    return None if is_listed else Orphan(known.path, "gone")
