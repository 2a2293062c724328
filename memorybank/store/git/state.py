"""Where a project stands in git, for the start of a session: branch, changes, newest commits, tracked files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.git.repository import ask

if TYPE_CHECKING:
    from pathlib import Path

COMMITS, FILES, CHANGES = 10, 50, 50


class GitState(NamedTuple):
    """The branch and how it stands to its remote, changed files with git's two letters, commits, and tracked files.

    Of more files than 50, `files` has the folders, each with the number of files below it, and the files beside them.
    """

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
        tuple(files if len(files) <= FILES else _folders(files)[:FILES]),
        len(files),
    )


def _folders(files: list[str]) -> list[str]:
    """Return the folders of a list of paths, two levels where one holds half of them, and the files beside them."""
    counts: dict[str, int] = {}
    for path in files:
        first, slash, _ = path.partition("/")
        counts[first + slash] = counts.get(first + slash, 0) + 1
    biggest = max(counts, key=lambda name: counts[name])
    if biggest.endswith("/") and counts[biggest] * 2 > len(files):
        del counts[biggest]
        for path in files:
            if path.startswith(biggest):
                name, slash, _ = path.removeprefix(biggest).partition("/")
                # the files beside the folders of the second level are one number
                key = f"{biggest}{name}/" if slash else biggest
                counts[key] = counts.get(key, 0) + 1
    return [f"{name} {count}" if name.endswith("/") else name for name, count in sorted(counts.items())]
