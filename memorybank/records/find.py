"""Find records: by id or prefix from file names, by fields from front matter, cached by the state of each file."""

from __future__ import annotations

import gc
import os
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.frontmatter import MAX_CHARACTERS, find_block
from memorybank.document.source import Source
from memorybank.errors import BankError, FrontMatterError, NoFileError, NoRecordError
from memorybank.files.read import open_listed, why_outside
from memorybank.ids import RANDOM_ID
from memorybank.records.header_cache import Row, keep, plain_row, read_kept, record_from, row_of, values_of
from memorybank.records.record import TITLE_WITHIN, Record, parse, parse_head, split_title
from memorybank.records.templates import load_type, load_types
from memorybank.records.types import MEMORIES, RecordType
from memorybank.store.doc_folders import doc_folders
from memorybank.store.manage.sync_copies import marked_copies
from memorybank.store.several import none_or_several

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from memorybank.store.folder import BankFolder

ARCHIVE = "archive/"
# a file changed this recently could change again within one tick of the file system's clock: it is not cached
_RACY_NS = 2_000_000_000
# front matter and title are in the first bytes; a list does not need the body
_HEAD_BYTES = 16 * 1024
# front matter of the maximum length, at four bytes for each character
_MORE_BYTES = 4 * (MAX_CHARACTERS + TITLE_WITHIN)
# files that are read before they are parsed
_AT_ONCE = 64
# on Windows a listed file has no number, and an open one has
_HAS_INODES = os.name != "nt"
_DOCS = "docs/"
_ID = re.compile(rf"{RANDOM_ID}(?=-|\Z)")


class BrokenRecord(NamedTuple):
    """A record that cannot be read: its file, the line and the reason."""

    file: str
    line: int
    why: str


class RecordHeaders(NamedTuple):
    """The records that were read, without their content, and those that could not be read."""

    records: list[Record]
    broken: list[BrokenRecord]


def folder_of(bank: BankFolder, kind: RecordType) -> Path:
    """Return the folder for records of a type: below the bank, or below the project for `docs/`."""
    root = bank.project if kind.folder.startswith(_DOCS) else bank.folder
    return root / kind.folder


def scan(bank: BankFolder, *, kinds: Iterable[str] = (), archived: bool = False, every: bool = False) -> RecordHeaders:
    """Read the front matter of all memories, or of some types; with `archived`, of the archive instead.

    With `every`, records of all types are read. Only files changed since the last time are opened. A file that cannot
    be read is listed in `broken` and skipped.

    Raises:
        NoTypeError: a type is unknown.
    """
    with uncollected():
        rows, broken = rows_of(bank, kinds=kinds, archived=archived, every=every)
        return RecordHeaders([record_from(value) for value in values_of(rows)], broken)


def rows_of(
    bank: BankFolder, *, kinds: Iterable[str] = (), archived: bool = False, every: bool = False
) -> tuple[list[Row], list[BrokenRecord]]:
    """Return what `scan` reads as unparsed rows, and the files that could not be read.

    Raises:
        NoTypeError: a type is unknown.
    """
    before, kept = read_kept(bank)
    found: list[Row] = []
    broken: list[BrokenRecord] = []
    is_stale = False
    for folder, prefix, kind in _places(bank, tuple(kinds), archived=archived, every=every):
        refusal = why_outside(folder, bank.roots)
        if refusal:
            broken.append(BrokenRecord(prefix.rstrip("/"), 1, refusal))
            continue
        known = kept.get(prefix, {})
        rows: dict[str, Row] = {}
        for name, same, state, data, is_racy in _read(_entries(folder), known):
            row = same or _row_of(state, data, prefix + name, kind)
            is_stale = is_stale or not (same or is_racy)
            if not is_racy:
                rows[name] = row
            if row[1]:
                found.append(row)
            else:
                broken += [BrokenRecord(*value) for value in values_of([row])]
        is_stale = is_stale or rows.keys() != known.keys()
        kept[prefix] = rows
    if is_stale:
        keep(bank, kept, before)
    return found, broken


@contextmanager
def uncollected() -> Iterator[None]:
    """Turn off garbage collection while thousands of records are made: it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(
    entries: Iterable[os.DirEntry[str]], known: Mapping[str, Row]
) -> Iterator[tuple[str, Row | None, str, bytes | BankError | OSError, bool]]:
    """Read the beginnings of a folder's files; those that are gone meanwhile are left out.

    Yields each file's name, its cached row if it is unchanged, else its state, its beginning or why it cannot be read,
    and whether it may change again without a new state.
    """
    listed = list(entries)
    for at in range(0, len(listed), _AT_ONCE):
        # some are read before they are parsed: code between system calls takes a quarter more time
        yield from filter(None, [_read_one(entry, known.get(entry.name)) for entry in listed[at : at + _AT_ONCE]])


def _read_one(
    entry: os.DirEntry[str], row: Row | None
) -> tuple[str, Row | None, str, bytes | BankError | OSError, bool] | None:
    data: bytes | BankError | OSError
    try:
        if row is not None and row[0] == _state(entry.stat(follow_symlinks=False)):
            return entry.name, row, "", b"", False
        fd, status = open_listed(entry)
        now = time.time_ns()
        try:
            data = os.read(fd, _HEAD_BYTES)
            if len(data) == _HEAD_BYTES and not _has_head(data):
                data += os.read(fd, _MORE_BYTES)
        finally:
            os.close(fd)
    except (BankError, OSError) as error:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        now, data = time.time_ns(), error
    is_racy = abs(now - max(status.st_mtime_ns, status.st_ctime_ns)) <= _RACY_NS
    return entry.name, None, _state(status), data, is_racy


def _has_head(data: bytes) -> bool:
    """Check whether the beginning of a file has its whole front matter and all that its title is read from."""
    shadow = Source(data).shadow
    block = find_block(shadow)
    if block is None:
        return not shadow.startswith("---")
    rest = shadow[block.end :]
    line, end, _ = rest.lstrip().partition("\n")
    return len(rest) >= TITLE_WITHIN or bool(end and split_title(line)[0])


def _state(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns} {status.st_size} {status.st_ino if _HAS_INODES else 0}"


def _row_of(state: str, data: bytes | BankError | OSError, name: str, kind: str) -> Row:
    """Return the row of a file that was read."""
    try:
        if not isinstance(data, bytes):
            raise data
        return plain_row(state, data, name) or row_of(state, parse_head(data, name, kind))
    except FrontMatterError as error:
        broken = BrokenRecord(name, error.line, error.why)
    except BankError as error:
        broken = BrokenRecord(name, 1, error.message)
    except OSError as error:
        broken = BrokenRecord(name, 1, error.strerror or str(error))
    return row_of(state, broken)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if entry.name.endswith(".md") and not entry.name.startswith(".")]
            # a copy that a sync program left is not a second record: `bank check` reports it
            copies = marked_copies([entry.name for entry in found])
            yield from (entry for entry in found if entry.name not in copies)
    except (FileNotFoundError, NotADirectoryError):
        return


def _folders(
    bank: BankFolder, kinds: tuple[str, ...], *, archived: bool, every: bool = False
) -> Iterator[tuple[Path, str, str]]:
    """Yield only those places that are inside the bank or its project."""
    places = _places(bank, kinds, archived=archived, every=every)
    return (place for place in places if not why_outside(place[0], bank.roots))


def _places(
    bank: BankFolder, kinds: tuple[str, ...], *, archived: bool, every: bool = False
) -> Iterator[tuple[Path, str, str]]:
    """Yield each folder to search, the prefix of its files' names, and the type of its files."""
    base = ARCHIVE if archived else ""
    if kinds:
        named = {each: load_type(bank, each) for each in kinds}
    else:
        named = {name: kind for name, kind in load_types(bank).items() if kind.is_memory or (every and name != "paf")}
        # a folder of memories whose type template is gone still holds memories
        for stray in sorted(_subfolders(bank.folder / base / MEMORIES) - {kind.folder for kind in named.values()}):
            name = stray.rstrip("/").rpartition("/")[2]
            for sub in doc_folders(str(bank.folder / base / stray)) or [""]:
                yield bank.folder / base / stray / sub, base + stray + sub, name
    others = tuple(kind.folder for kind in load_types(bank).values())
    for name, kind in named.items():
        root = bank.project if kind.folder.startswith(_DOCS) and not archived else bank.folder
        place, prefix = root / base / kind.folder, base + kind.folder
        yield place, prefix, name
        for sub in doc_folders(str(place))[1:]:
            # people may move a file into a subfolder to keep things in order
            inner = kind.folder + sub
            if not any(inner.startswith(each) for each in others if len(each) > len(kind.folder)):
                yield place / sub, prefix + sub, name


def _subfolders(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {f"{MEMORIES}{entry.name}/" for entry in entries if entry.is_dir(follow_symlinks=False)}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def stems_of(bank: BankFolder) -> Iterator[str]:
    """Yield the names of the files of all memories, without their ending; nothing is opened."""
    yield from (entry.name[:-3] for folder, _, _ in _folders(bank, (), archived=False) for entry in _entries(folder))


def find_file(
    bank: BankFolder, ident: str, *, kinds: Iterable[str] = (), archived: bool = False, every: bool = False
) -> tuple[Path, str, str]:
    """Return the path, name and type of the record with this id, or the only one whose id starts with it.

    Searches the memories, or the given types, or with `every` all types. File names are matched first; if none matches,
    the ids in the front matter are.

    Raises:
        NoRecordError: no record or several match; it lists some that are close.
    """
    wanted = ident.strip().removesuffix(".md").rpartition("/")[2]
    kinds = tuple(kinds)
    exact: list[tuple[Path, str, str]] = []
    begun: list[tuple[Path, str, str]] = []
    for folder, prefix, kind in _folders(bank, kinds, archived=archived, every=every) if wanted else ():
        for entry in _entries(folder):
            stem = entry.name[:-3]
            if stem.startswith(wanted):
                row = (folder / entry.name, prefix + entry.name, kind)
                (exact if stem == wanted or (stem[len(wanted)] == "-" and _is_id(wanted)) else begun).append(row)
    found = exact or begun
    if not found and wanted:
        records = scan(bank, kinds=kinds, archived=archived, every=every).records
        named = [record for record in records if record.id == wanted] or [
            record for record in records if record.id.startswith(wanted)
        ]
        found = [(*bank.place_of(each.file), each.type) for each in named]
    if len(found) == 1:
        return found[0]
    several = [name.rpartition("/")[2].removesuffix(".md") for _, name, _ in found]
    near = [] if several else _near(bank, wanted, kinds)
    raise none_or_several(ident=ident, kind="record", found=several, near=near, hint="bank list")


def _is_id(text: str) -> bool:
    return text.count("-") == 2  # noqa: PLR2004  prefix, day and tail


def _near(bank: BankFolder, wanted: str, kinds: tuple[str, ...]) -> list[str]:
    from memorybank.document.addresses import near

    stems = [entry.name[:-3] for folder, _, _ in _folders(bank, kinds, archived=False) for entry in _entries(folder)]
    if not wanted:
        return []
    # an id with a slip is compared with ids: the words of the title in a file's name would hide how close it is
    ids = [found.group() if (found := _ID.match(stem)) else stem for stem in stems]
    return near(wanted, list(dict.fromkeys([*ids, *stems])))


def find_record(bank: BankFolder, ident: str, *, kinds: Iterable[str] = (), archived: bool = False) -> Record:
    """Return the whole record with this id or unique prefix.

    Raises:
        NoRecordError: no record or several match.
        FrontMatterError: it cannot be read; the error has the line and the reason.
    """
    path, name, kind = find_file(bank, ident, kinds=kinds, archived=archived)
    try:
        return parse(bank.read(path), name, kind)
    except NoFileError:
        raise NoRecordError(ident=ident, kind="record", hint="bank list") from None
