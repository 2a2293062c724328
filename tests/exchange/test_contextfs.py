"""The SQLite file of ContextFS 0.2: memories, sessions with messages, relations; and files that are none."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

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
        ("messages", "1 ids skipped"),
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


def a_database(path: Path, **tables: list[dict[str, Any]]) -> Path:
    """Write a database whose tables have the columns of their rows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, rows in {"memories": [], **tables}.items():
            columns = list(rows[0]) if rows else ["id", "content"]
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    return path


def said(session: str, text: str, at: str, **more: Any) -> dict[str, Any]:
    return {"session_id": session, "role": "user", "content": text, "timestamp": at, **more}


def test_messages_are_in_the_order_of_their_moments_in_any_zone(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    rows = [
        said("s", "last", "2025-03-01T09:00:02.5-05:00"),
        said("s", "first", "2025-03-01T15:30:00+02:00"),
        said("s", "behind it", "no time"),
        said("s", "second", "2025-03-01 13:59:59"),
        said("s", "third", "2025-03-01T14:00:02.4Z"),
    ]
    path = a_database(tmp_path / "x.db", sessions=[{"id": "s", "tool": "t", "started_at": AT}], messages=rows)
    done = import_from(bank, "contextfs", path, way)
    (session,) = by_origin(bank).values()
    assert [each.text for each in read_messages(bank, session.id).rows] == [
        "first",
        "behind it",
        "second",
        "third",
        "last",
    ]
    assert session.metadata["contextfs_messages"] == [{"message": 2, "timestamp": "no time"}]
    assert ("s", "a message has no valid time: 'no time'; kept in metadata.contextfs_messages") in done.misfits


def test_messages_of_no_session_are_a_session_of_their_own(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    rows = [said("gone", "kept words", AT), said("dropped", "deleted words", AT)]
    sessions = [{"id": "dropped", "deleted_at": AT}]
    done = import_from(bank, "contextfs", a_database(tmp_path / "x.db", sessions=sessions, messages=rows), way)
    (session,) = by_origin(bank).values()
    assert (session.title, session.created) == ("Session gone", "")
    assert [each.text for each in read_messages(bank, session.id).rows] == ["kept words"]
    assert [each.why for each in done.misfits] == [
        "deleted rows, skipped: 1",
        "session 'gone' is in no table of sessions: its 1 messages are imported as a session of their own",
        "1 messages of deleted sessions skipped",
    ]


def test_columns_without_a_field_are_kept(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    memory = {"id": "m", "content": "Words", "metadata": '{"custom_type": 1}', "type": "issue", "mood": "calm"}
    memories = [{**memory, "created_at": "in spring"}, {**memory, "id": "n", "created_at": AT}]
    edge = {"from_id": "m", "to_id": "n", "relation": "Blocks", "weight": 0.25, "metadata": '{"why": "order"}'}
    path = a_database(
        tmp_path / "x.db",
        memories=memories,
        memory_edges=[edge],
        sessions=[{"id": "s", "repo_path": "/srv/shop", "label": "ses-1", "tool": "t", "metadata": '["a"]'}],
        namespaces=[{"id": "ns", "name": "shop", "repo_path": "/srv/shop"}],
        memory_notes=[{"memory_id": "m", "note": "by hand"}],
        devices=[{"id": 1, "name": "laptop"}],
    )
    done = import_from(bank, "contextfs", path, way)
    found = by_origin(bank)
    assert {name: each for name, each in found["m"].metadata.items() if not name.startswith("imported")} == {
        "custom_type": 1,
        "custom_type_": "issue",
        "contextfs_mood": "calm",
        "contextfs_created_at": "in spring",
        "contextfs_edges": [{"to_id": "n", "relation": "Blocks", "weight": 0.25, "metadata": {"why": "order"}}],
        "contextfs_memory_notes": [{"note": "by hand"}],
    }
    assert (found["m"].created, found["m"].linked("relates")) == ("", (found["n"].id,))
    kept = {"contextfs_repo_path": "/srv/shop", "contextfs_label": "ses-1", "metadata": ["a"]}
    assert kept.items() <= found["s"].metadata.items()
    assert found["ns"].content == "- repo_path: /srv/shop"
    assert {(each.where, each.why) for each in done.misfits} == {
        ("m", "created_at is not a time: 'in spring'; kept in metadata.contextfs_created_at"),
        ("memory_edges", "1 of 'Blocks' are imported as relates"),
        ("devices", "1 rows skipped"),
    }


@pytest.mark.parametrize(("word", "status"), [("Rejected", "rejected"), ("on hold", "proposed"), ("", "accepted")])
def test_an_unknown_status_is_no_decision(bank: BankFolder, tmp_path: Path, way: Way, word: str, status: str) -> None:
    row = {"id": "m", "content": "Words", "type": "decision", "structured_data": json.dumps({"status": word})}
    import_from(bank, "contextfs", a_database(tmp_path / "x.db", memories=[row]), way)
    found = by_origin(bank)["m"]
    assert (found.status, found.metadata.get("imported_status")) == (status, "on hold" if word == "on hold" else None)


def test_what_has_no_words_is_counted(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    row = {
        "id": "m",
        "content": "Words",
        "embedding": bytes(range(200, 240)),
        "content_hash": "abc",
        "vector": "[1, 2.5]",
    }
    path = a_database(tmp_path / "x.db", memories=[row, {**row, "id": "n"}])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE VIRTUAL TABLE memories_fts USING fts5(content)")
        connection.execute("INSERT INTO memories_fts VALUES ('Words')")
    done = import_from(bank, "contextfs", path, way)
    assert {(each.where, each.why) for each in done.misfits} == {
        ("memories_fts", "skipped: it is a search index"),
        ("memories", "2 values of embedding (bytes) skipped"),
        ("memories", "2 values of content_hash skipped"),
        ("memories", "2 values of vector (numbers) skipped"),
    }


def test_text_that_is_not_utf_8_is_read(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    path = a_database(tmp_path / "x.db", memories=[{"id": "m", "content": "words"}])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE memories SET content = CAST(x'6361660ae92077' AS TEXT)")
    done = import_from(bank, "contextfs", path, way)
    assert by_origin(bank)["m"].content == "caf\n\ufffd w"
    assert [each.why for each in done.misfits] == ["1 hidden or broken characters were removed"]


def test_what_stands_in_the_log_beside_the_file_is_read_and_nothing_is_written(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    with closing(sqlite3.connect(tmp_path / "live.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with connection:
            connection.execute("CREATE TABLE memories (id, content)")
            connection.execute("INSERT INTO memories VALUES ('m', 'in the log only')")
        copies = tmp_path / "copy"
        copies.mkdir()
        for name in ("live.db", "live.db-wal"):
            (copies / name).write_bytes((tmp_path / name).read_bytes())
    before = {each.name: each.read_bytes() for each in copies.iterdir()}
    import_from(bank, "contextfs", copies / "live.db", way)
    assert by_origin(bank)["m"].content == "in the log only"
    assert {each.name: each.read_bytes() for each in copies.iterdir()} == before
