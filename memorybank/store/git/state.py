"""Where a project stands in git, for the start of a session: branch, changes, newest commits, tracked files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.git.repository import ask

if TYPE_CHECKING:
    from pathlib import Path

COMMITS, FILES, CHANGES = 10, 50, 50


class GitState(NamedTuple):
    """The branch and how it stands to its remote, changed files with git's two letters, commits, and tracked files."""

    branch: str
    changes: tuple[str, ...]
    change_count: int
    commits: tuple[str, ...]
    files: tuple[str, ...]
    file_count: int


def state_of(folder: Path) -> GitState | None:
    """Return the state of the repository that contains a folder, of files below the folder; None without git."""
    told = ask(folder, "status", "--porcelain", "--branch", "--", ".")
    if told is None:
        return None
    head, *changes = told.rstrip("\n").split("\n")
    # without a commit the log fails
    log = ask(folder, "log", f"-{COMMITS}", "--no-show-signature", "--no-color", "--format=%h %ad %s", "--date=short")
    files = (ask(folder, "ls-files", "--", ".") or "").rstrip("\n").split("\n")
    files = files if files != [""] else []
    return GitState(
        head.removeprefix("## ").strip(),
        tuple(changes[:CHANGES]),
        len(changes),
        tuple((log or "").rstrip("\n").split("\n")) if log else (),
        tuple(files[:FILES]),
        len(files),
    )
