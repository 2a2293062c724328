"""What the memory tool sees: the text of a file, or the files of a folder."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, EncodingRefusedError, NoFileError, NotAFileError
from memorybank.files.read import read, typed
from memorybank.store.memory_files.places import path_of, real_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = 2


class MemoryFile(NamedTuple):
    """A file as the memory tool knows it, with its text."""

    path: str
    text: str


class MemoryEntry(NamedTuple):
    """One entry of a folder: its path, its size in bytes, and whether it is a folder."""

    path: str
    size: int
    is_folder: bool


class MemoryListing(NamedTuple):
    """A folder, its size, and what is in it, two levels deep; hidden names and links that lead out are left out."""

    path: str
    size: int
    entries: tuple[MemoryEntry, ...]


def look(root: Path, place: Path) -> MemoryFile | MemoryListing:
    """Return what is at a place.

    Raises:
        NoFileError: nothing is.
        NotAFileError: it is a link, a pipe or a device.
        EncodingRefusedError: it is not a text.
    """
    try:
        with typed(place):
            found = os.lstat(place)
    except NotAFileError:
        raise NoFileError(path=path_of(root, place)) from None
    if stat.S_ISDIR(found.st_mode):
        return MemoryListing(path_of(root, place), found.st_size, tuple(_below(root, place, LEVELS)))
    if not stat.S_ISREG(found.st_mode):
        raise NotAFileError(path=path_of(root, place))
    return MemoryFile(path_of(root, place), text_of(root, place)[1])


def text_of(root: Path, place: Path) -> tuple[bytes, str]:
    """Return the bytes of a file, and its text with the line ends it has.

    Raises:
        NoFileError: there is no file.
        NotAFileError: it is a folder, a link, or not a regular file.
        EncodingRefusedError: it is not UTF-8.
    """
    path = path_of(root, place)
    try:
        data = read(place)
    except NoFileError:
        raise NoFileError(path=path) from None
    except NotAFileError:
        what = "a symbolic link" if place.is_symlink() else "a folder" if place.is_dir() else "not a regular file"
        raise NotAFileError(path=path, what=what) from None
    try:
        return data, data.decode()
    except UnicodeDecodeError:
        raise EncodingRefusedError(
            path=path, why="it is not valid UTF-8", hint="delete it, or write it again"
        ) from None


def files_below(root: Path, place: Path) -> list[Path]:
    """Return all files in a folder, in order.

    Raises:
        NotAFileError: something in it is a link, a pipe or a device, which no journal can bring back.
    """
    found: list[Path] = []
    with typed(place):
        for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
            inner = place / entry.name
            if entry.is_dir(follow_symlinks=False):
                found += files_below(root, inner)
            elif entry.is_file(follow_symlinks=False):
                found.append(inner)
            else:
                raise NotAFileError(path=path_of(root, inner))
    return found


def _below(root: Path, folder: Path, levels: int) -> Iterator[MemoryEntry]:
    try:
        names = sorted(each for each in os.listdir(folder) if not each.startswith("."))  # noqa: PTH208 - names only
    except OSError:
        return
    for name in names:
        place = folder / name
        try:
            real_in(root, place, name)
            status = place.stat()
        except (OSError, BankError):
            continue
        if not _is_text(name):
            continue
        path = path_of(root, place)
        if stat.S_ISDIR(status.st_mode):
            yield MemoryEntry(path, status.st_size, is_folder=True)
            # a folder behind a link is listed where it is
            if levels > 1 and not place.is_symlink():
                yield from _below(root, place, levels - 1)
        elif stat.S_ISREG(status.st_mode):
            yield MemoryEntry(path, status.st_size, is_folder=False)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
