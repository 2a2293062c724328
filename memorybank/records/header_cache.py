"""A cache of the front matter of all records: one line each, parsed only when a command needs it.

A line holds the file's name, its state (modification time, size, inode), the sort key, and the record as JSON.
All of it is derived: if the checksum does not match, the files are read again.
"""

from __future__ import annotations

import json
import re
from binascii import crc32
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.records.record import RELATIONS, Link, Record, is_time, plain_field
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
# what is longer is read in full
_MOST_BYTES = 2048
_NO_TEXT = '""'
# how the JSON of a value begins that needs no conversion
_BEGINS = {
    **dict.fromkeys(("type", "status", "summary", "project", "source_tool", "source_repo", "session", "updated"), '"'),
    **dict.fromkeys(("id", "tags", "created", "metadata", "title", *RELATIONS), "none"),
}


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


def plain_row(state: str, data: bytes, file: str) -> Row | None:
    """Make the row of a record that bank wrote from the beginning of its file, as `row_of` makes it from the record.

    This takes a quarter of the time. None if a value must be converted, or may be anything else for YAML or Markdown.
    """
    found = _written().match(data[:_MOST_BYTES].decode("utf-8", "surrogateescape"))
    if found is None:
        return None
    ident, before, tagged, between, created, after, nested, title = found.groups("")
    tags = tagged.split(", ") if tagged else []
    lines = f"{before}{between}"[:-1] + after
    fields = dict(map(_plain_value, lines.split("\n")))
    metadata = _plain_metadata(nested) if nested else "{}"
    is_plain = len(fields) == lines.count("\n") + 1 and "" not in fields and metadata
    kind = fields.pop("type", _NO_TEXT)
    if not is_plain or kind == _NO_TEXT or not is_time(created) or not all(map(_is_plain_word, tags)):
        return None
    take = fields.pop
    quoted = '","'.join(tags)
    listed = f'["{quoted}"]' if tags else "[]"
    values = (
        f'["{ident}",{kind},{_encode(title)},{_encode(file)},{take("status", _NO_TEXT)},'
        f"{take('summary', _NO_TEXT)},{listed},{take('project', _NO_TEXT)},{take('source_tool', _NO_TEXT)},"
        f'{take("source_repo", _NO_TEXT)},{take("session", _NO_TEXT)},"{created}",{take("updated", _NO_TEXT)}'
    )
    rest = ",".join([f'"{key}":{value}' for key, value in fields.items()])
    return Row(state, f"{created} {ident}", f"{values},{metadata},[],{{{rest}}}]")


@cache
def _written() -> re.Pattern[str]:
    """Return the pattern of a record that bank wrote: id, lines, tags, lines, time, lines, metadata, title.

    Each part is matched once, without backtracking.
    """
    return re.compile(
        r"---\nid: ([a-z]+-[0-9a-z-]+)\n(?>((?:[^\r\n]+\n)*?)(?=tags: \[|created: ))"
        r"(?>(?:tags: \[([^\r\n]+)\]\n((?:[^\r\n]+\n)*?)(?=created: ))?)"
        r"created: ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)(?>((?:\n(?!---|metadata:)[^\r\n]+)*))"
        r"(?>(?:\nmetadata:((?:\n  [^\r\n]+)+))?)\n---\n\n?# ([^\s#](?:[^\r\n]{0,500}[^\s#])?)\n"
    )


# most lines are in many records
@lru_cache(maxsize=4096)
def _plain_value(line: str) -> tuple[str, str]:
    """Read a line of front matter: its key, and its value as JSON; "" if it is not plain."""
    is_inner, key, value = plain_field(line) or (True, "", "")
    text = _encode(value)
    return ("", "") if is_inner or value == {} or not text.startswith(_BEGINS.get(key, "")) else (key, text)


@lru_cache(maxsize=4096)
def _is_plain_word(word: str) -> bool:
    """Check whether YAML reads a word in a list as this text."""
    field = plain_field(f"tags: [{word}]")
    return field is not None and field[2] == [word]


@lru_cache(maxsize=1024)
def _plain_metadata(lines: str) -> str:
    """Read indented lines as JSON; "" if one is not plain."""
    fields = [plain_field(line) or (False, "", "") for line in lines[1:].split("\n")]
    values = {key: value for is_inner, key, value in fields if is_inner}
    return _encode(values) if len(values) == len(fields) else ""


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
