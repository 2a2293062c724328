"""The merge driver: git calls it for each file that both sides changed.

Git takes the exit status 0 as a clean merge and 1 as one with conflicts, and then the text that is in the file of
ours. So whatever goes wrong, that file has at least what git's own merge makes of it; if even that cannot be written,
the status is one at which git stops, and nothing is taken for merged that is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, UnsupportedTextError
from memorybank.files.write import read, replace

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.team.git.text_merge import TextMerge

CLEAN, CONFLICTS = 0, 1
# above 128, git gives the merge up and leaves everything as it was
STOP = 129
_LEAST_MARKER = 1
_MARKER = 7


class DriverFiles(NamedTuple):
    """The three files that git passes; the result goes into that of ours."""

    base: Path
    ours: Path
    theirs: Path


class Driven(NamedTuple):
    """The exit status for git, and what went wrong, "" for nothing."""

    status: int
    why: str = ""


def drive(
    files: DriverFiles,
    path: str,
    top: Path,
    *,
    marker_size: int = _MARKER,
    labels: tuple[str, str] = ("ours", "theirs"),
) -> Driven:
    """Merge theirs into ours, and return the status for git. `path` is the file's name below the folder `top`.

    The file of ours has the old bytes or the result, whole, even if this is killed.
    """
    size = marker_size if marker_size >= _LEAST_MARKER else _MARKER
    try:
        data, has_conflicts = _merged(files, path, top, size, labels)
    except BankError as error:
        return _as_git(files, size, labels, error.message)
    except BaseException:
        # a fault of ours, or of what is installed: it is reported, and git has its own result
        _as_git(files, size, labels, "")
        raise
    return _written(files, data, has_conflicts=has_conflicts)


def _merged(files: DriverFiles, path: str, top: Path, size: int, labels: tuple[str, str]) -> tuple[bytes, bool]:
    from memorybank.team.git.bank_place import bank_place
    from memorybank.team.merge import Labels, merge_files

    place = bank_place(top, path)
    as_git = None
    if not place.is_known:
        as_git = _text_merge(files, size, labels)
        if as_git is None:
            raise UnsupportedTextError(why="git cannot merge it as text", hint="")
        if not as_git.has_conflicts:
            return as_git
    base, ours, theirs = (read(each) for each in files)
    # git passes an empty file where there is no common ancestor
    merged = merge_files(
        base or None,
        ours,
        theirs,
        name=place.name,
        contract=place.contract,
        labels=Labels(*labels),
        marker_size=size,
    )
    if as_git is not None and merged.conflicts:
        return as_git
    return merged.data, bool(merged.conflicts)


def _as_git(files: DriverFiles, size: int, labels: tuple[str, str], why: str) -> Driven:
    merged = _text_merge(files, size, labels)
    if merged is None:
        # as git does with a binary file: ours stays, and it is a conflict
        return Driven(CONFLICTS, why)
    return _written(files, merged.data, has_conflicts=merged.has_conflicts)._replace(why=why)


def _text_merge(files: DriverFiles, size: int, labels: tuple[str, str]) -> TextMerge | None:
    from memorybank.team.git.text_merge import text_merge

    named = (labels[0], "base", labels[1])
    return text_merge(files.ours, files.base, files.theirs, marker_size=size, labels=named)


def _written(files: DriverFiles, data: bytes, *, has_conflicts: bool) -> Driven:
    try:
        replace(files.ours, data)
    except BankError as error:
        return Driven(STOP, f"the result cannot be written: {error.message}")
    return Driven(CONFLICTS if has_conflicts else CLEAN)
