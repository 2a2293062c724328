"""From a file to the rows of the index: only what changed comes here, so this is where parsing is imported."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.document.reading import read
from memorybank.errors import BankError
from memorybank.recall.entries import Piece, messages_of, pieces_of
from memorybank.recall.index import FileRow
from memorybank.recall.words import terms_of, title_terms
from memorybank.records.model import Record, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.recall.sources import Folder

# what a reader of the page does not see is found, but does not count as what the entry says
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_NOTHING = ("", "", "", "", "", "", "", "", "", "", "{}")


def read_file(folder: Folder, name: str) -> FileRow:
    """Read one file into what the index keeps of it; one that cannot be read is kept with the reason."""
    path = folder.prefix + name
    try:
        data = read(Path(folder.path) / name)
        if name.endswith(".jsonl"):
            session = name.removesuffix(".jsonl")
            fields = ("", "message", session, "", "", "", "", "", session, "", "{}")
            return FileRow(fields, _rows(messages_of(data, path), session))
        record = None
        broken = ""
        if folder.scope != "contracts" and data.startswith((b"---", b"\xef\xbb\xbf---")):
            try:
                record = parse(data, path, _kind_of(folder))
            except BankError as error:
                broken = error.message
        pieces = list(pieces_of(data, path, contract=name in folder.contracts))
    except BankError as error:
        return FileRow(_NOTHING, (), error.message)
    if record is None:
        return FileRow(("", _kind_of(folder), *_NOTHING[2:]), _rows(pieces, ""), broken)
    return FileRow(_fields(record), _rows(pieces, record.title, _beside(record)), broken)


def _kind_of(folder: Folder) -> str:
    parts = folder.prefix.strip("/").split("/")
    if folder.scope == "records" or folder.archived:
        return parts[-1].removesuffix("s") if parts[-1] in {"groups", "sessions"} else parts[-1]
    if folder.scope == "docs" and parts[0] == "docs" and len(parts) > 1:
        return {"plans": "plan", "solutions": "solution"}.get(parts[1], parts[1])
    return ""


def _fields(record: Record) -> tuple[object, ...]:
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
    """Give what front matter says in words: it is found with the text."""
    return " ".join((record.id, *record.tags, record.summary))


def _rows(pieces: Iterable[Piece], title: str, beside: str = "") -> tuple[tuple[object, ...], ...]:
    rows = []
    side = terms_of(beside)
    for piece in pieces:
        above, _, own = piece.heading.rpartition(" > ")
        own = own or title
        if title and title not in piece.heading:
            above = f"{title} {above}"
        head = title_terms(own)
        around = terms_of(above)
        text, unseen = _COMMENT.sub(" ", piece.text), ""
        if len(text) < len(piece.text):
            unseen = " ".join(_COMMENT.findall(piece.text))
        body, hidden = terms_of(text), terms_of(unseen)
        names = head.names + body.names
        for each in (hidden, side):
            names += each.words + each.names
        rows.append(
            (
                piece.line,
                piece.start,
                piece.end,
                piece.heading or title,
                piece.address,
                piece.digest,
                len(head.words) + len(body.words),
                _spaced(head.words),
                _spaced(body.words),
                _spaced(names),
                _spaced(around.words + around.names),
            )
        )
    return tuple(rows)


def _spaced(terms: list[str]) -> str:
    """Give terms with a space on both sides of each, so that ` term ` is counted exactly."""
    return f" {'  '.join(terms)} " if terms else ""
