"""The JSON files of an export: a file, a zip file with a part of it or more, a folder of such files.

Nothing is unpacked: each file is read from the archive as it is needed, so names in an archive are harmless.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, DiskError
from memorybank.exchange.safe_read import ForeignError, Misfit, refusal_of, tree_of
from memorybank.files.read import open_regular, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

JSON = (".json", ".jsonl", ".ndjson")
ZIP = ".zip"
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# an archive in an archive, as a download of several exports; deeper ones are no exports
_DEPTH = 2
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_METHOD_NAMES = {9: "deflate64", 93: "zstandard", 95: "xz", 98: "PPMd", 99: "AES encryption"}
_ENCRYPTED = 0x1
_NUMBER = re.compile(r"(\d+)")
# what reading a damaged member raises, zlib's and lzma's errors among them
READ_ERRORS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class Part(NamedTuple):
    """A file of an export: its name there ("" for the only one), its size, and how it is opened."""

    name: str
    size: int
    open: Callable[[], BinaryIO | IO[bytes]]


class Export(NamedTuple):
    """The JSON files of an export in order, the number of its other files by their kind, and what cannot be read."""

    parts: list[Part]
    others: Counter[str]
    misfits: list[Misfit]


@contextmanager
def opened(path: Path, is_part: Callable[[str], bool] = lambda name: name.lower().endswith(JSON)) -> Iterator[Export]:
    """Open an export: its files can be read inside the `with` block. `is_part` says by its name whether one is needed.

    Raises:
        ForeignError: it is a zip file that cannot be read.
        BankError: it cannot be read.
    """
    export = Export([], Counter(), [])
    with ExitStack() as stack:
        if path.is_dir():
            _from_folder(path, export, stack, is_part)
        elif _is_zip(path):
            try:
                _from_zip(_opened(path), "", export, stack, is_part, _DEPTH)
            except READ_ERRORS as error:
                raise ForeignError(path=path, why=f"its zip archive cannot be read ({error})") from error
        else:
            export.parts.append(Part("", path.stat().st_size, lambda: _opened(path)))
        export.parts.sort(key=lambda part: _natural(part.name))
        yield export


def _opened(path: Path) -> BinaryIO:
    with typed(path):
        return open(open_regular(os.fspath(path)), "rb")  # noqa: PTH123  a descriptor; whoever reads it closes it


def _is_zip(path: Path) -> bool:
    with _opened(path) as file:
        return file.read(4) in _ZIP_MARKS


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(word), "") if word.isdigit() else (-1, word) for word in _NUMBER.split(name.casefold())]


def _from_folder(path: Path, export: Export, stack: ExitStack, is_part: Callable[[str], bool]) -> None:
    tree = tree_of(path)
    export.misfits.extend(tree.misfits)
    for name in tree.names:
        file = tree.root / name
        try:
            if name.lower().endswith(ZIP) and _is_zip(file):
                _from_zip(_opened(file), f"{name}/", export, stack, is_part, _DEPTH - 1)
            elif is_part(name):
                export.parts.append(Part(name, file.lstat().st_size, lambda file=file: _opened(file)))  # type: ignore[misc]
            else:
                export.others[_kind(name)] += 1
        except BankError as error:
            export.misfits.append(Misfit(name, f"skipped: {refusal_of(error)}"))
        except READ_ERRORS as error:
            export.misfits.append(Misfit(name, f"skipped: its zip archive cannot be read ({error})"))


def _from_zip(
    file: BinaryIO | IO[bytes],
    prefix: str,
    export: Export,
    stack: ExitStack,
    is_part: Callable[[str], bool],
    depth: int,
) -> None:
    stack.callback(file.close)
    archive = stack.enter_context(zipfile.ZipFile(file))
    for member in archive.infolist():
        name = f"{prefix}{member.filename}"
        if member.is_dir():
            continue
        is_zip = member.filename.lower().endswith(ZIP)
        if not is_zip and not is_part(member.filename):
            export.others[_kind(member.filename)] += 1
            continue
        why = _why_closed(member)
        if is_zip and not why and depth > 0:
            try:
                _from_zip(archive.open(name=member), f"{name}/", export, stack, is_part, depth - 1)
            except READ_ERRORS as error:
                why = f"its zip archive cannot be read ({error})"
            else:
                continue
        elif is_zip and not why:
            why = "it is an archive in an archive in an archive"
        if why:
            export.misfits.append(Misfit(name, f"skipped: {why}"))
            continue
        opener = lambda archive=archive, member=member: archive.open(name=member)  # noqa: E731  one of each round
        export.parts.append(Part(name, member.file_size, opener))


def _why_closed(member: zipfile.ZipInfo) -> str:
    """Return why a member cannot be read; "" if it can."""
    if member.flag_bits & _ENCRYPTED:
        return "it is encrypted; unpack the archive with its password, then import the folder"
    if member.compress_type not in _METHODS:
        method = _METHOD_NAMES.get(member.compress_type, f"method {member.compress_type}")
        return f"it is compressed with {method}, which cannot be read; unpack the archive, then import the folder"
    return ""


def _kind(name: str) -> str:
    """Return the kind of a file that is not read: its extension, and its name if that is JSON."""
    last = name.rpartition("/")[2]
    if last.lower().endswith(JSON):
        return last
    extension = last.rpartition(".")[2].lower() if "." in last else ""
    return extension[:12] or "without extension"


class Reading:
    """A stream whose errors are those of the bank, and which counts what was read of it."""

    def __init__(self, stream: BinaryIO | IO[bytes], name: str, on_read: Callable[[int], None]) -> None:
        """Read a stream of this name; `on_read` hears how many bytes were read."""
        self._stream = stream
        self._name = name
        self._on_read = on_read

    def read(self, size: int) -> bytes:
        """Read at most this many bytes.

        Raises:
            DiskError: it cannot be read, or is damaged.
        """
        import lzma
        import zlib

        try:
            data = self._stream.read(size)
        except (*READ_ERRORS, zlib.error, lzma.LZMAError) as error:
            raise DiskError(path=self._name, why=str(error) or type(error).__name__) from error
        self._on_read(len(data))
        return data
