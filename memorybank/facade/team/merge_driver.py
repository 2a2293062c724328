"""The merge driver, as git calls it: for one file, in any repository, without a bank."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memorybank.team.git.driver import Driven


def run_driver(base: str, ours: str, theirs: str, *, marker_size: int, path: str, top: str = "") -> Driven:
    """Merge the file `theirs` into the file `ours`; `path` is its name below `top`, or below the current folder."""
    from memorybank.team.git.driver import DriverFiles, drive

    files = DriverFiles(*(Path(each).absolute() for each in (base, ours, theirs)))
    return drive(files, path, Path(top or ".").absolute(), marker_size=marker_size)


def as_git_calls(words: list[str]) -> int | None:
    """Return the status for git's own words `%O %A %B %L %P`; None for others, which the command line then reads."""
    if len(words) != 5 or not words[3].isascii() or not words[3].isdigit():  # noqa: PLR2004
        return None
    base, ours, theirs, size, path = words
    done = run_driver(base, ours, theirs, marker_size=int(size), path=path)
    if done.why:
        from memorybank.facade.terminal.visible import visible

        sys.stderr.write(visible(f"bank merge-driver: {path}: {done.why}\n"))
    return done.status
