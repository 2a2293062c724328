"""The merge driver, as git calls it: for one file, in any repository, without a bank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memorybank.team.git.driver import Driven


def run_driver(base: str, ours: str, theirs: str, *, marker_size: int, path: str, top: str = "") -> Driven:
    """Merge the file `theirs` into the file `ours`; `path` is its name below `top`, or below the current folder."""
    from memorybank.team.git.driver import DriverFiles, drive

    files = DriverFiles(*(Path(each).absolute() for each in (base, ours, theirs)))
    return drive(files, path, Path(top or ".").absolute(), marker_size=marker_size)
