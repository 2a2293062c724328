"""From a file to the rows of the index: only changed files are read here, so only this module imports the parsers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.files.read import read
from memorybank.recall.index import FileRow
from memorybank.recall.pieces import Piece, messages_of, pieces_of
from memorybank.recall.sources import MEMORY_TOOL
from memorybank.recall.words.terms import shown_and_hidden, spaced, terms_of, title_terms
from memorybank.records.record import Record, parse
from memorybank.records.template_lines import is_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.recall.sources import Folder

_DATE = re.compile(r"(?<![\w-])[0-9]{4}-[01][0-9]-[0-3][0-9](?:T[0-9:]{5,8}Z)?(?![\w-])")
# characters: a date that stands so early in an entry is the entry's
_BEGINNING = 40
_STRAY = re.compile("[\ud800-\udfff]")
_NOTHING = ("", "", "", "", "", "", "", "", "", "", "{}")


def read_file(folder: Folder, name: str) -> FileRow:
    """Read one file into its index row; an unreadable file gets a row with the reason."""
    path = folder.prefix + name
    written: set[tuple[str, str]] = set()
    try:
        data = read(Path(folder.path) / name)
        if name.endswith(".jsonl"):
            session = name.removesuffix(".jsonl")
            fields = ("", "message", session, "", "", "", "", "", session, "", "{}")
            return FileRow(fields, rows_of(messages_of(data, path), session, written=written), written=written)
        record = None
        broken = ""
        if folder.scope == MEMORY_TOOL and b"\0" in data:
            return FileRow(_NOTHING, (), "")
        if folder.scope not in ("contracts", MEMORY_TOOL) and data.startswith((b"---", b"\xef\xbb\xbf---")):
            try:
                record = parse(data, path, _kind_of(folder))
            except BankError as error:
                broken = error.message
        is_memory = name in folder.memory_files
        pieces = list(pieces_of(data, path, contract=is_memory and folder.contracted, memory=is_memory))
    except BankError as error:
        return FileRow(_NOTHING, (), error.message)
    if record is None:
        rows = rows_of(pieces, "", silent=is_memory, written=written)
        return FileRow(("", _kind_of(folder), *_NOTHING[2:]), rows, broken, written)
    base = folder.path.removesuffix(folder.prefix.rstrip("/")) if folder.scope != "docs" else ""
    own = [each for each in pieces if not is_unchanged(each.text, record.type, base)]
    pieces = own or [_title_of(each) for each in (*pieces, Piece(1, 0, 0, "", path, "", ""))[:1]]
    rows = rows_of(pieces, record.title, _beside(record), written=written)
    return FileRow(tuple(map(_stored, _fields(record))), rows, broken, written)


def _kind_of(folder: Folder) -> str:
    parts = folder.prefix.strip("/").split("/")
    if folder.scope == "records" or folder.archived:
        return parts[-1].removesuffix("s") if parts[-1] in {"groups", "sessions"} else parts[-1]
    if folder.scope == "docs" and parts[0] == "docs" and len(parts) > 1:
        return {"plans": "plan", "solutions": "solution"}.get(parts[1], parts[1])
    return ""


def _title_of(piece: Piece) -> Piece:
    """Return an entry for the title alone, of a record without words of its own."""
    file = piece.address.partition("#")[0]
    return piece._replace(line=1, end=piece.start, heading="", address=file, digest="", text="")


def _stored(text: str) -> str:
    """Return a text for SQLite with U+FFFD for bytes that are not UTF-8: one bad byte must not break all search."""
    return text if text.isascii() else _STRAY.sub("\N{REPLACEMENT CHARACTER}", text)


def _fields(record: Record) -> tuple[str, ...]:
    return (
        record.id,
        record.type,
        record.title,
        record.status,
        f",{','.join(record.tags)}," if record.tags else "",
        record.project,
        record.source_tool,
        record.source_repo,
        record.session,
        record.created,
        json.dumps(dict(record.metadata), ensure_ascii=False, default=str),
    )


def _beside(record: Record) -> str:
    """Return the searchable words of the front matter."""
    return " ".join((record.id, *record.tags, record.summary))


def _moment_of(piece: Piece) -> str:
    """Return the date of a log entry: the last one in its heading, or the one it starts with."""
    dates = _DATE.findall(piece.heading) or _DATE.findall(piece.text[:_BEGINNING])[:1]
    return dates[-1] if dates else ""


def rows_of(
    pieces: Iterable[Piece],
    title: str,
    beside: str = "",
    *,
    silent: bool = False,
    written: set[tuple[str, str]] | None = None,
) -> tuple[tuple[object, ...], ...]:
    """Return entries as index rows; the words of `beside` find each of them.

    With `silent`, an entry without text gets a row, but no word finds it. The words as written are added to `written`.
    """
    rows: list[tuple[object, ...]] = []
    side = terms_of(beside, written)
    for piece in pieces:
        if silent and not piece.text.strip():
            rows.append(
                (
                    piece.line,
                    piece.start,
                    piece.end,
                    _stored(piece.heading),
                    _stored(piece.address),
                    piece.digest,
                    0,
                    *[""] * 5,
                )
            )
            continue
        above, _, own = piece.heading.rpartition(" > ")
        own = own or title
        if title and title not in piece.heading:
            above = f"{title} {above}"
        head = title_terms(own, written)
        around = terms_of(above, written)
        text, unseen = shown_and_hidden(piece.text)
        body, hidden = terms_of(text, written), terms_of(unseen, written)
        names = head.names + body.names
        for each in (hidden, side):
            names += each.words + each.names
        rows.append(
            (
                piece.line,
                piece.start,
                piece.end,
                _stored(piece.heading or title),
                _stored(piece.address),
                piece.digest,
                len(head.words) + len(body.words),
                _moment_of(piece),
                spaced(head.words),
                spaced(body.words),
                spaced(names),
                spaced(around.words + around.names),
            )
        )
    return tuple(rows)
