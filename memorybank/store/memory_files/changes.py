"""The changes that the memory tool makes: each is one operation of the bank, planned under its lock."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import digest_of
from memorybank.document.text import check_text
from memorybank.errors import ArtifactError, FieldError, NoFileError, NotAFileError, UnsupportedTextError
from memorybank.files.durable import make_dirs, remove_empty_dirs
from memorybank.files.read import read
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.memory_files.listing import files_below, text_of
from memorybank.store.memory_files.places import MEMORIES, LeavesMemoriesError, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# like the folders that the SDK makes: other users of the machine do not see into them
FOLDER_MODE = 0o700
_MOST_LINES_NAMED = 1000


class NoMatchError(UnsupportedTextError):
    """The text to replace is not in the file, or is there more than once; `lines` are those where it begins."""

    def __init__(self, *, path: str, lines: Sequence[int]) -> None:
        places = ", ".join(map(str, lines))
        why = f"it is in {path} more than once, in lines {places}" if lines else f"it is not in {path}"
        super().__init__(why=why, hint=f"view {path}, and pass a text that is there exactly once")
        self.message = self.message.removeprefix("invalid text: ")
        self.lines = tuple(lines)


class LineRangeError(FieldError):
    """There is no such line to insert after; `last` is the number of lines."""

    def __init__(self, *, line: int, last: int) -> None:
        super().__init__(field="insert_line", why=f"{line} is not from 0 to {last}", hint="view the file for its lines")
        self.last = last


class Replaced(NamedTuple):
    """A text that was replaced: the receipt, the file's text now, and the line where the change begins, from 0."""

    receipt: Receipt
    text: str
    line: int


class MemoryChanges:
    """The changes of one folder of memory files; places come from `places.locate`."""

    def __init__(self, bank: BankFolder, root: Path, way: Callable[[], Way]) -> None:
        self._bank, self._root, self._way = bank, root, way

    def create(self, place: Path, text: str) -> Receipt:
        """Write a new file.

        Raises:
            ArtifactError: there is one.
            SecretError, UnsupportedTextError: its text is refused.
        """
        check_text(text)
        self._check_parents(place)

        def plan() -> list[FileChange]:
            self._check_place(place)
            if os.path.lexists(place):
                raise ArtifactError(path=path_of(self._root, place), why="it already exists")
            return [FileChange(place, text=text, whole=True)]

        return self._in_folder(place.parent, plan, "memory create")

    def replace(self, place: Path, old: str, new: str) -> Replaced:
        """Replace a text that is in the file exactly once.

        Raises:
            NoMatchError: it is not there, or there more than once.
            NoFileError, NotAFileError: there is no such file.
        """
        check_text(new)
        text, line = _replaced(text_of(self._root, place)[1], old, new, path_of(self._root, place))

        def plan() -> list[FileChange]:
            nonlocal text, line
            self._check_place(place)
            data, before = text_of(self._root, place)
            text, line = _replaced(before, old, new, path_of(self._root, place))
            return [FileChange(place, text=text, base=digest_of(data), whole=True)]

        receipt = commit(self._bank, plan, "memory str_replace", self._way())
        return Replaced(receipt, text, line)

    def insert(self, place: Path, line: int, text: str) -> Receipt:
        """Insert a text as lines after this line; 0 is the beginning of the file.

        Raises:
            LineRangeError: the file has fewer lines.
            NoFileError, NotAFileError: there is no such file.
        """
        check_text(text)
        _inserted(text_of(self._root, place)[1], line, text)

        def plan() -> list[FileChange]:
            self._check_place(place)
            data, before = text_of(self._root, place)
            return [FileChange(place, text=_inserted(before, line, text), base=digest_of(data), whole=True)]

        return commit(self._bank, plan, "memory insert", self._way())

    def delete(self, place: Path) -> Receipt:
        """Delete a file, or a folder with all its files.

        Raises:
            NoFileError: nothing is there.
            NotAFileError: it is, or has, a link or a device: undo could not bring it back.
        """

        def plan() -> list[FileChange]:
            self._check_place(place)
            return [FileChange(file, base=digest, gone=True) for file, digest in self._files_at(place)]

        way = self._way()
        receipt = commit(self._bank, plan, "memory delete", way)
        if not way.options.dry_run:
            self._remove_folders(place)
        return receipt

    def rename(self, old: Path, new: Path) -> Receipt:
        """Move a file, or a folder with all its files, to a place where nothing is.

        Raises:
            NoFileError: nothing is at the old place.
            ArtifactError: something is at the new one, or it is inside the old one.
        """
        if new.is_relative_to(old) and new != old:
            raise ArtifactError(path=path_of(self._root, new), why="a folder cannot be moved into itself")
        self._check_parents(new)

        def plan() -> list[FileChange]:
            self._check_place(old)
            self._check_place(new)
            if os.path.lexists(new):
                raise ArtifactError(path=path_of(self._root, new), why="it already exists")
            changes = []
            for file, digest in self._files_at(old):
                # bytes that are not UTF-8 move as they are
                text = read(file).decode("utf-8", "surrogateescape")
                changes.append(FileChange(new / file.relative_to(old) if file != old else new, text=text, whole=True))
                changes.append(FileChange(file, base=digest, gone=True))
            return changes

        is_folder = old.is_dir() and not old.is_symlink()
        receipt = self._in_folder(new.parent, plan, "memory rename")
        if not self._way().options.dry_run:
            if is_folder:
                make_dirs(new, FOLDER_MODE)
            self._remove_folders(old)
        return receipt

    def clear(self) -> Receipt:
        """Delete all files."""
        return self.delete(self._root)

    def _files_at(self, place: Path) -> Iterator[tuple[Path, str]]:
        if not os.path.lexists(place):
            if place == self._root:
                return
            raise NoFileError(path=path_of(self._root, place))
        is_folder = place.is_dir() and not place.is_symlink()
        for file in files_below(self._root, place) if is_folder else [place]:
            try:
                yield file, digest_of(read(file))
            except NotAFileError:
                raise NotAFileError(path=path_of(self._root, file)) from None

    def _check_place(self, place: Path) -> None:
        """Refuse a place where a link was put after it was checked.

        Raises:
            LeavesMemoriesError: its real path is another one now.
            NotAFileError: it is a link itself.
        """
        if place.is_symlink():
            raise NotAFileError(path=path_of(self._root, place), what="a symbolic link")
        if os.path.realpath(place) != os.fspath(place):
            raise LeavesMemoriesError(path=path_of(self._root, place))

    def _check_parents(self, place: Path) -> None:
        for parent in place.parents:
            if parent == self._root:
                return
            if os.path.lexists(parent) and not parent.is_dir():
                raise NotAFileError(path=path_of(self._root, parent), what="a file, not a folder")

    def _in_folder(self, folder: Path, plan: Callable[[], list[FileChange]], verb: str) -> Receipt:
        """Commit files of a folder that is made first, with the mode of such folders, and removed if none came."""
        way = self._way()
        if not way.options.dry_run and not self._bank.read_only:
            make_dirs(folder, FOLDER_MODE)
        try:
            return commit(self._bank, plan, verb, way)
        except BaseException:
            remove_empty_dirs(folder, keep=[self._root])
            raise

    def _remove_folders(self, place: Path) -> None:
        """Remove what is left of a folder whose files are gone; the root stays."""
        for folder, _, _ in os.walk(place, topdown=False) if place.is_dir() else ():
            if folder != os.fspath(self._root):
                remove_empty_dirs(place.__class__(folder), keep=[place.__class__(folder).parent])


def _replaced(text: str, old: str, new: str, path: str) -> tuple[str, int]:
    """Return the text with the replacement, and the line where it is."""
    if not old:
        raise UnsupportedTextError(why="the text to replace is empty", hint="pass the text as it is in the file")
    first = text.find(old)
    if first < 0:
        raise NoMatchError(path=path, lines=())
    if text.find(old, first + len(old)) >= 0:
        raise NoMatchError(path=path, lines=_lines_with(text, old))
    return text[:first] + new + text[first + len(old) :], text.count("\n", 0, first)


def _lines_with(text: str, old: str) -> list[int]:
    lines: list[int] = []
    at, line, seen = text.find(old), 1, 0
    while at >= 0 and len(lines) < _MOST_LINES_NAMED:
        line += text.count("\n", seen, at)
        seen = at
        lines.append(line)
        at = text.find(old, at + 1)
    return lines


def _inserted(text: str, line: int, new: str) -> str:
    # only LF ends a line here, so that CR stays where it is; what follows the last one is not a line if it is empty
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if not 0 <= line <= len(lines):
        raise LineRangeError(line=line, last=len(lines))
    lines.insert(line, new.rstrip("\n"))
    joined = "\n".join(lines)
    return joined if joined.endswith("\n") else f"{joined}\n"


__all__ = ["FOLDER_MODE", "MEMORIES", "LineRangeError", "MemoryChanges", "NoMatchError", "Replaced"]
