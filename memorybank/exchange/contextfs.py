"""Import the SQLite file of ContextFS: memories, sessions and their relations. It is only read, never written."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from memorybank.document.source import digest_of
from memorybank.errors import LimitError
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.safe_read import ForeignError, Misfit, moment_of
from memorybank.files.read import open_regular, typed
from memorybank.records.record import Link, render_sections
from memorybank.records.sessions.messages import Message
from memorybank.records.templates import load_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder

FORMAT = "contextfs"
MAX_ROWS = 200_000
MAX_TEXT = 16 * 1024 * 1024
# types that both have; records of other types become facts with their type in the metadata
SAME = ("fact", "decision", "code", "error", "procedural", "episodic", "user")
RELATIONS = {
    "supersedes": "supersedes",
    "superseded_by": "superseded-by",
    "evolved_from": "supersedes",
    "evolved_into": "superseded-by",
    "caused_by": "caused-by",
    "related_to": "relates",
    "references": "relates",
}
_MAGIC = b"SQLite format 3\0"
_KEPT = ("namespace_id", "source_file", "repo_url", "repo_name", "relative_path", "authoritative")

Row = dict[str, Any]


def read_contextfs(bank: BankFolder, path: Path) -> ReadResult:
    """Read a database; deleted rows are skipped.

    Raises:
        ForeignError: it is not an SQLite file, or has no table of memories.
        LimitError: it has too many rows.
    """
    _refuse_other(path)
    misfits: list[Misfit] = []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TEXT)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            tables = {
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            }
            if "memories" not in tables:
                raise ForeignError(path=path, why="it has no table of memories")
            memories = _alive(_rows(database, "memories", path), "memories", misfits)
            sessions = _alive(_rows(database, "sessions", path), "sessions", misfits) if "sessions" in tables else []
            messages = _rows(database, "messages", path) if "messages" in tables else []
            edges = _rows(database, "memory_edges", path) if "memory_edges" in tables else []
    except sqlite3.Error as error:
        raise ForeignError(path=path, why=f"its database cannot be read ({error})") from error
    links = _links([edge for edge in edges if not edge.get("deleted_at")], misfits)
    records = [*_sessions(sessions, messages), *_memories(bank, memories, links, misfits)]
    return ReadResult(FORMAT, tuple(records), (), tuple(misfits))


def _refuse_other(path: Path) -> None:
    with typed(path), open(open_regular(str(path)), "rb") as file:  # noqa: PTH123  a descriptor, not a path
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ForeignError(path=path, why="it is not an SQLite file")


def _rows(database: sqlite3.Connection, table: str, path: Path) -> list[Row]:
    # the table name is one of four fixed words
    cursor = database.execute(f"SELECT * FROM {table} ORDER BY rowid LIMIT {MAX_ROWS + 1}")  # noqa: S608  see above
    names = [each[0] for each in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    if len(rows) > MAX_ROWS:
        raise LimitError(path=path, why=f"its table {table} has more than {MAX_ROWS} rows")
    return rows


def _alive(rows: list[Row], table: str, misfits: list[Misfit]) -> list[Row]:
    alive = [row for row in rows if not row.get("deleted_at")]
    if len(alive) < len(rows):
        misfits.append(Misfit(table, f"deleted rows, skipped: {len(rows) - len(alive)}"))
    return alive


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


def _json(value: Any) -> Any:
    try:
        return json.loads(_text(value)) if value else None
    except (ValueError, RecursionError):
        return _text(value)


def _links(edges: list[Row], misfits: list[Misfit]) -> dict[str, list[Link]]:
    links: dict[str, list[Link]] = {}
    others: dict[str, int] = {}
    for edge in edges:
        word = _text(edge.get("relation")).lower()
        if word not in RELATIONS:
            others[word] = others.get(word, 0) + 1
        links.setdefault(_text(edge.get("from_id")), []).append(
            Link(RELATIONS.get(word, "relates"), _text(edge.get("to_id")))
        )
    misfits += [
        Misfit("memory_edges", f"{count} of {word!r} are imported as relates") for word, count in others.items()
    ]
    return links


def _memories(
    bank: BankFolder, rows: list[Row], links: Mapping[str, list[Link]], misfits: list[Misfit]
) -> Iterator[Incoming]:
    kinds = {name: load_type(bank, name) for name in SAME}
    for row in rows:
        ident = _text(row.get("id"))
        word = _text(row.get("type")).lower()
        kind = kinds.get(word, kinds["fact"])
        structured = _json(row.get("structured_data"))
        content = _text(row.get("content"))
        sections, rest = _sections(kind, structured)
        metadata: dict[str, Any] = {}
        given = _json(row.get("metadata"))
        if isinstance(given, dict):
            metadata.update(given)
        elif given:
            metadata["metadata"] = given
        if kind.name != word:
            metadata["custom_type"] = word
        if rest:
            metadata["structured_data"] = rest
        # flat: front matter with one line per value can be read without YAML
        kept = {f"contextfs_{name}": row[name] for name in _KEPT if row.get(name)}
        metadata.update({name: each if isinstance(each, int) else _text(each) for name, each in kept.items()})
        tags = _json(row.get("tags"))
        status = str(structured.get("status") or "") if isinstance(structured, dict) and word == "decision" else ""
        if not content.strip() and not sections:
            misfits.append(Misfit(ident, "skipped: it is empty"))
            continue
        yield Incoming(
            ident,
            _digest(row),
            kind.name,
            _text(row.get("summary")),
            "\n\n".join(each for each in (content, sections) if each.strip()),
            wish=ident,
            status=status,
            summary=_text(row.get("summary")),
            tags=tuple(_text(tag) for tag in tags) if isinstance(tags, list) else tuple(_text(tags).split(",")),
            project=_text(row.get("project")),
            source_tool=_text(row.get("source_tool")) or FORMAT,
            source_repo=_text(row.get("source_repo")),
            session=_text(row.get("session_id")),
            created=moment_of(_text(row.get("created_at"))),
            updated=moment_of(_text(row.get("updated_at"))),
            metadata=metadata,
            links=tuple(links.get(ident, ())),
        )


def _sections(kind: RecordType, structured: Any) -> tuple[str, Any]:
    """Return the text of the values with a section in our type, and the values without one."""
    if not isinstance(structured, dict):
        return "", structured
    names = {section.name.casefold(): section.name for section in kind.sections}
    found: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for key, value in structured.items():
        name = names.get(str(key).replace("_", " ").casefold())
        if name and isinstance(value, str):
            found[name] = value
        elif name and isinstance(value, list) and all(isinstance(each, str) for each in value):
            found[name] = "\n".join(f"- {each}" for each in value)
        elif not (key == "status" and kind.name == "decision"):
            rest[str(key)] = value
    return render_sections(
        (section.name, found[section.name]) for section in kind.sections if section.name in found
    ), rest


def _sessions(rows: list[Row], messages: list[Row]) -> Iterator[Incoming]:
    said: dict[str, list[Message]] = {}
    for each in sorted(messages, key=lambda each: _text(each.get("timestamp"))):
        role = "".join(char for char in _text(each.get("role")).lower() if char.isalnum() or char in "-_") or "user"
        message = Message(moment_of(_text(each.get("timestamp"))), role, _text(each.get("content")))
        said.setdefault(_text(each.get("session_id")), []).append(message)
    for row in rows:
        ident = _text(row.get("id"))
        started, ended = moment_of(_text(row.get("started_at"))), moment_of(_text(row.get("ended_at")))
        label = _text(row.get("label"))[:80]
        label = "" if label.startswith("ses-") or label == "current" else label
        fields = {"label": label, "tool": _text(row.get("tool")), "started": started, "ended": ended}
        kept = {
            f"contextfs_{name}": _text(row[name]) for name in ("namespace_id", "branch", "device_name") if row.get(name)
        }
        given = _json(row.get("metadata"))
        rows_said = said.get(ident, [])
        yield Incoming(
            ident,
            digest_of(json.dumps([_digest(row), [each._asdict() for each in rows_said]]).encode()),
            "session",
            label or _text(row.get("summary")) or f"Session of {started[:10] or 'an unknown day'}",
            "",
            wish=ident,
            status="ended" if ended else "active",
            summary=_text(row.get("summary")),
            source_tool=_text(row.get("tool")) or FORMAT,
            created=started,
            metadata={**(given if isinstance(given, dict) else {}), **kept},
            fields={name: each for name, each in fields.items() if each},
            messages=tuple(rows_said),
        )


def _digest(row: Row) -> str:
    """Return a digest of the imported values of a row."""
    skipped = {"vector_clock", "content_hash", "last_modified_by", "memories_created"}
    kept = {name: _text(each) for name, each in row.items() if name not in skipped}
    return digest_of(json.dumps(kept, sort_keys=True).encode())
