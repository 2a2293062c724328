"""Finding records: by id or prefix from file names, by fields from front matter, read once and kept by file state."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.reading import open_regular
from memorybank.document.write import read, resolve
from memorybank.errors import FrontMatterError, NoFileError, NoRecordError
from memorybank.records.model import Link, Record, parse
from memorybank.records.templates import load_type, load_types
from memorybank.records.types import MEMORIES, RecordType
from memorybank.store.cache import read_cache, write_cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from memorybank.store.bank import Bank

ARCHIVE = "archive/"
CACHE = "records.json"
CACHE_VERSION = 1
# a file changed this short a time ago can change again within one tick of its clock: it is not kept
_RACY_NS = 2_000_000_000
# front matter and title stand in the first bytes; the body is not read for a list
_HEAD_BYTES = 16 * 1024
_DOCS = "docs/"


class Broken(NamedTuple):
    """A record that cannot be read: its file, the line and the reason."""

    file: str
    line: int
    why: str


class Found(NamedTuple):
    """The records that were read, without their content, and those that could not be."""

    records: list[Record]
    broken: list[Broken]


def folder_of(bank: Bank, kind: RecordType) -> Path:
    """Give the folder where records of a type stand: below the bank, or below the project for `docs/`."""
    root = bank.project if kind.folder.startswith(_DOCS) else bank.folder
    return root / kind.folder


def scan(bank: Bank, *, kinds: Iterable[str] = (), archived: bool = False) -> Found:
    """Read the front matter of all memories, or of some types; the archive instead with `archived`.

    Only files that changed since the last time are opened. A file that cannot be read is told and passed over.

    Raises:
        NoTypeError: a type is unknown.
    """
    data, cache = read_cache(bank, CACHE)
    usable = isinstance(cache, dict) and cache.get("version") == CACHE_VERSION and isinstance(cache.get("files"), dict)
    known: dict[str, Any] = cache["files"] if usable else {}
    found = Found([], [])
    fresh: dict[str, Any] = {}
    gone: set[str] = set()
    now = time.time_ns()
    for folder, prefix, kind in _folders(bank, tuple(kinds), archived=archived):
        there = set()
        for entry in _entries(folder):
            name = prefix + entry.name
            there.add(name)
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            state = [status.st_mtime_ns, status.st_size, status.st_ino]
            kept = known.get(name)
            if kept and kept[0] == state:
                row = kept[1]
            else:
                row = _row(entry.path, name, kind)
                if now - max(status.st_mtime_ns, status.st_ctime_ns) > _RACY_NS:
                    fresh[name] = [state, row]
            if len(row) == len(Broken._fields):
                found.broken.append(Broken(*row))
            else:
                found.records.append(_record(row))
        gone |= {name for name in known if name.startswith(prefix) and "/" not in name[len(prefix) :]} - there
    if fresh or gone:
        files = {**{name: row for name, row in known.items() if name not in gone}, **fresh}
        write_cache(bank, CACHE, {"version": CACHE_VERSION, "files": files}, base=data)
    return found


def _record(row: list[Any]) -> Record:
    record = Record(*row)
    return record._replace(tags=tuple(record.tags), links=tuple(Link(*each) for each in record.links))


def _row(path: str, name: str, kind: str) -> list[Any]:
    """Read one file's front matter and title, as the cache keeps them."""
    try:
        record = parse(_head(path), name, kind)
    except FrontMatterError as error:
        return [name, int(error.where.rpartition(":")[2] or 1), error.why]
    except OSError as error:
        return [name, 1, error.strerror or str(error)]
    return list(record._replace(content="", digest=""))


def _head(path: str) -> bytes:
    fd = open_regular(path)
    try:
        data = os.read(fd, _HEAD_BYTES)
        if len(data) == _HEAD_BYTES and b"\n---" not in data.replace(b"\r", b""):
            data += os.read(fd, 4 * _HEAD_BYTES)
        return data
    finally:
        os.close(fd)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from (each for each in entries if each.name.endswith(".md") and not each.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return


def _folders(bank: Bank, kinds: tuple[str, ...], *, archived: bool) -> Iterator[tuple[Path, str, str]]:
    """Give each folder to look through, the prefix of its files' names, and the type its files have."""
    base = ARCHIVE if archived else ""
    if kinds:
        named = {each: load_type(bank, each) for each in kinds}
    else:
        named = {name: kind for name, kind in load_types(bank).items() if kind.is_memory}
        # a folder of memories whose template is gone still holds memories
        for stray in sorted(_subfolders(bank.folder / base / MEMORIES) - {kind.folder for kind in named.values()}):
            name = stray.rstrip("/").rpartition("/")[2]
            yield bank.folder / base / stray, base + stray, name
    for name, kind in named.items():
        root = bank.project if kind.folder.startswith(_DOCS) and not archived else bank.folder
        yield root / base / kind.folder, base + kind.folder, name
        if kind.folder.startswith(_DOCS):
            for sub in sorted(_subfolders(root / base / kind.folder, kind.folder)):
                yield root / base / sub, base + sub, name


def _subfolders(folder: Path, prefix: str = MEMORIES) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {f"{prefix}{each.name}/" for each in entries if each.is_dir(follow_symlinks=False)}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def find_file(bank: Bank, ident: str, *, kinds: Iterable[str] = (), archived: bool = False) -> tuple[Path, str, str]:
    """Give the path, name and type of the record that an id, or a prefix that only it has, stands for.

    Names of files are looked at first; where none answers, the ids that front matter tells.

    Raises:
        NoRecordError: none or several answer to it; some that come close are told.
    """
    wanted = ident.strip().removesuffix(".md").rpartition("/")[2]
    kinds = tuple(kinds)
    exact: list[tuple[Path, str, str]] = []
    begun: list[tuple[Path, str, str]] = []
    for folder, prefix, kind in _folders(bank, kinds, archived=archived) if wanted else ():
        for entry in _entries(folder):
            stem = entry.name[:-3]
            if stem.startswith(wanted):
                row = (folder / entry.name, prefix + entry.name, kind)
                (exact if stem == wanted or (stem[len(wanted)] == "-" and _is_id(wanted)) else begun).append(row)
    found = exact or begun
    if not found and wanted:
        records = scan(bank, kinds=kinds, archived=archived).records
        named = [each for each in records if each.id == wanted] or [
            each for each in records if each.id.startswith(wanted)
        ]
        found = [(*bank.place_of(each.file), each.type) for each in named]
    if len(found) == 1:
        return found[0]
    near = [name.rpartition("/")[2].removesuffix(".md") for _, name, _ in found[:3]] or _near(bank, wanted, kinds)
    raise NoRecordError(ident=ident, kind="record", near=near, hint="bank list")


def _is_id(text: str) -> bool:
    return text.count("-") == 2  # noqa: PLR2004  prefix, day and tail


def _near(bank: Bank, wanted: str, kinds: tuple[str, ...]) -> list[str]:
    from memorybank.document.anchors import near

    stems = [entry.name[:-3] for folder, _, _ in _folders(bank, kinds, archived=False) for entry in _entries(folder)]
    return near(wanted, stems) if wanted else []


def find_record(bank: Bank, ident: str, *, kinds: Iterable[str] = (), archived: bool = False) -> Record:
    """Give the whole record that an id or a unique prefix stands for.

    Raises:
        NoRecordError: none or several answer to it.
        FrontMatterError: it cannot be read; the line and the reason are told.
    """
    path, name, kind = find_file(bank, ident, kinds=kinds, archived=archived)
    try:
        return parse(read(resolve(path, bank.roots)), name, kind)
    except NoFileError:
        raise NoRecordError(ident=ident, kind="record", hint="bank list") from None
