"""The SQLite file of ContextFS 0.2: memories, sessions with messages, relations; and files that are none."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from memorybank.records.sessions.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# the columns as its migrations leave them
SCHEMA = """
CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, type TEXT NOT NULL, tags TEXT, summary TEXT,
 namespace_id TEXT NOT NULL, source_file TEXT, source_repo TEXT, source_tool TEXT, project TEXT, session_id TEXT,
 created_at TEXT NOT NULL, updated_at TEXT NOT NULL, metadata TEXT, structured_data TEXT, authoritative INTEGER,
 vector_clock TEXT DEFAULT '{}', content_hash TEXT, deleted_at TIMESTAMP);
CREATE TABLE sessions (id TEXT PRIMARY KEY, label TEXT, namespace_id TEXT NOT NULL, tool TEXT NOT NULL, repo_path TEXT,
 branch TEXT, started_at TEXT NOT NULL, ended_at TEXT, summary TEXT, metadata TEXT);
CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL,
 timestamp TEXT NOT NULL, metadata TEXT);
CREATE TABLE memory_edges (from_id TEXT NOT NULL, to_id TEXT NOT NULL, relation TEXT NOT NULL, weight FLOAT,
 created_at TEXT NOT NULL, created_by TEXT, metadata TEXT, deleted_at TEXT);
"""
MEMORY = (
    "INSERT INTO memories (id, content, type, tags, summary, namespace_id, source_repo, source_tool, project,"
    " session_id, created_at, updated_at, metadata, structured_data, authoritative, deleted_at)"
    " VALUES (?, ?, ?, ?, ?, 'ns', 'shop', 'claude-code', 'alpha', ?, ?, ?, ?, ?, ?, ?)"
)
AT = "2025-12-01T10:00:00.5+00:00"
DECIDED = {
    "decision": "Use JWT",
    "rationale": "stateless",
    "alternatives": ["cookies"],
    "status": "proposed",
    "votes": 3,
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "context.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        rows = [
            ("m1", "We use sessions.", "decision", '["Auth","jwt"]', "Sessions", None, AT, AT, "{}", None, 0, None),
            ("m2", "We use JWT.", "decision", "[]", "JWT", "s1", AT, AT, '{"sprint": 4}', json.dumps(DECIDED), 1, None),
            ("m3", "GET /x", "api", None, None, None, AT, AT, None, None, 0, None),
            ("m4", "gone", "fact", None, None, None, AT, AT, None, None, 0, AT),
        ]
        connection.executemany(MEMORY, rows)
        connection.execute(
            "INSERT INTO sessions VALUES ('s1', 'auth', 'ns', 'claude', NULL, 'main', ?, ?, 'Done', NULL)", (AT, AT)
        )
        connection.execute("INSERT INTO messages VALUES ('x', 's1', 'user', 'Hello', ?, NULL)", (AT,))
        connection.execute("INSERT INTO memory_edges VALUES ('m2', 'm1', 'supersedes', 1, ?, NULL, NULL, NULL)", (AT,))
        connection.execute("INSERT INTO memory_edges VALUES ('m3', 'm1', 'part_of', 1, ?, NULL, NULL, NULL)", (AT,))
        connection.execute("INSERT INTO memory_edges VALUES ('m3', 'm9', 'related_to', 1, ?, NULL, NULL, NULL)", (AT,))
    return path


def by_origin(bank: BankFolder) -> dict[str, Record]:
    found = [*scan(bank).records, *scan(bank, kinds=("session",)).records]
    kinds = {each.id: (each.type,) for each in found}
    return {str(each.metadata["imported_id"]): find_record(bank, each.id, kinds=kinds[each.id]) for each in found}


def test_memories_sessions_and_relations(bank: BankFolder, database: Path, way: Way) -> None:
    done = import_from(bank, "contextfs", database, way)
    found = by_origin(bank)
    assert set(found) == {"m1", "m2", "m3", "s1"}
    assert (found["m1"].tags, found["m1"].title, found["m1"].created) == (
        ("auth", "jwt"),
        "Sessions",
        "2025-12-01T10:00:00Z",
    )
    assert (found["m1"].source_tool, found["m1"].source_repo, found["m1"].project) == ("claude-code", "shop", "alpha")
    decided = found["m2"]
    assert decided.status == "proposed"
    assert decided.content == (
        "We use JWT.\n\n## Decision\n\nUse JWT\n\n## Rationale\n\nstateless\n\n## Alternatives\n\n- cookies"
    )
    assert (decided.metadata["sprint"], decided.metadata["structured_data"]) == (4, {"votes": 3})
    assert decided.linked("supersedes") == (found["m1"].id,)
    assert decided.session == found["s1"].id
    assert (found["m3"].type, found["m3"].metadata["custom_type"]) == ("fact", "api")
    session = found["s1"]
    assert (session.fields["label"], session.status, session.summary) == ("auth", "ended", "Done")
    assert [(each.role, each.text) for each in read_messages(bank, session.id).rows] == [("user", "Hello")]
    assert {(each.where, each.why) for each in done.misfits} == {
        ("memories", "deleted rows, skipped: 1"),
        ("memory_edges", "1 of 'part_of' are imported as relates"),
        ("m3", "no record for the link: relates: m9; kept in metadata.imported_links"),
    }
    again = import_from(bank, "contextfs", database, way)
    assert (again.records, again.already) == ((), 4)


def test_the_database_is_not_touched(bank: BankFolder, database: Path, way: Way) -> None:
    before = (database.read_bytes(), sorted(each.name for each in database.parent.iterdir()))
    import_from(bank, "contextfs", database, way)
    assert (database.read_bytes(), sorted(each.name for each in database.parent.iterdir())) == before


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"words", "not an SQLite file"),
        (b"", "not an SQLite file"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "cannot be read"),
    ],
    ids=["text", "empty", "broken"],
)
def test_what_is_no_database_is_refused(bank: BankFolder, tmp_path: Path, way: Way, data: bytes, why: str) -> None:
    (tmp_path / "x.db").write_bytes(data)
    with pytest.raises(ForeignError, match=why):
        import_from(bank, "contextfs", tmp_path / "x.db", way)


def test_a_database_of_another_program_is_refused(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection, connection:
        connection.execute("CREATE VIEW memories AS SELECT 1")
    with pytest.raises(ForeignError, match="no table of memories"):
        import_from(bank, "contextfs", tmp_path / "x.db", way)


def test_other_columns_and_values_are_borne(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection, connection:
        connection.execute("CREATE TABLE memories (id, content, type, tags, created_at, metadata)")
        rows = [
            (1, b"bytes \xff", "fact", "not json", "someday", "[1"),
            ("two", "", "fact", None, None, None),
            ("../../three", "words", None, "{}", 5, '{"a b": {"c": [1.5]}}'),
        ]
        connection.executemany("INSERT INTO memories VALUES (?, ?, ?, ?, ?, ?)", rows)
    done = import_from(bank, "contextfs", tmp_path / "x.db", way)
    found = by_origin(bank)
    assert set(found) == {"1", "../../three"}
    assert found["1"].content == "bytes \ufffd"
    assert found["../../three"].metadata["a_b"] == {"c": [1.5]}
    assert ("two", "skipped: it is empty") in done.misfits
