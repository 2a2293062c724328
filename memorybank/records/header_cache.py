"""A cache of the front matter of all records: one line each, parsed only when a command needs it.

A line holds the file's name, its state (modification time, size, inode), the sort key, and the record as JSON.
All of it is derived: if the checksum does not match, the files are read again.
"""

from __future__ import annotations

import json
from binascii import crc32
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.records.record import Link, Record
from memorybank.store.cache import keep_bytes, load_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.store.folder import BankFolder

CACHE = "records.cache"
_VERSION = "memorybank records 3"
_FOLDER = "\t"
_TAGS, _LINKS, _FIELDS = (Record._fields.index(name) for name in ("tags", "links", "fields"))
# a record without content and digest; the row of an unreadable file is shorter
_LENGTH = _FIELDS + 1
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Row(NamedTuple):
    """One cached file: its state, its sort key ("" if the file could not be read), and the record as JSON."""

    state: str
    key: str
    raw: str


def row_of(state: str, value: Record | tuple[object, ...]) -> Row:
    """Make the row of a record, or of a file that could not be read."""
    if isinstance(value, Record):
        # content and digest need the whole file, so they are left out
        raw = _encode(value[:_LENGTH])
        return Row(state, f"{value.created} {value.id}".replace("\t", " ").replace("\n", " "), raw)
    return Row(state, "", _encode(value))


def values_of(rows: Iterable[Row]) -> list[list[Any]]:
    """Parse the rows, all at once; `record_from` makes the records."""
    values = json.loads(f"[{','.join(row.raw for row in rows)}]")
    return values if isinstance(values, list) else []


def record_from(value: list[Any]) -> Record:
    """Make the record of a parsed row."""
    value[_TAGS] = tuple(value[_TAGS])
    value[_LINKS] = tuple(Link(*each) for each in value[_LINKS])
    return Record._make([*value, "", ""])


def read_kept(bank: BankFolder) -> tuple[bytes, dict[str, dict[str, Row]]]:
    """Return the cached bytes, and the rows by folder and file name; no rows if the version differs."""
    data = load_bytes(bank, CACHE)
    head, _, body = data.partition(b"\n")
    folders: dict[str, dict[str, Row]] = {}
    rows: dict[str, Row] = {}
    if head != _head(body):
        return data, folders
    for line in body.decode().split("\n"):
        name, *parts = line.split("\t", 3)
        if not name:
            rows = folders.setdefault("".join(parts), {})
        elif len(parts) == len(Row._fields):
            rows[name] = Row._make(parts)
    return data, folders


def keep(bank: BankFolder, folders: dict[str, dict[str, Row]], base: bytes) -> None:
    """Write the rows in place of the cache that was read."""
    lines = []
    for prefix, rows in folders.items():
        lines.append(f"{_FOLDER}{prefix}")
        lines += ["\t".join((name, *row)) for name, row in rows.items() if name.isprintable()]
    body = "\n".join(lines).encode("utf-8", "replace")
    keep_bytes(bank, CACHE, _head(body) + b"\n" + body, base=base)


def _head(body: bytes) -> bytes:
    return f"{_VERSION} {crc32(body):08x}".encode()
