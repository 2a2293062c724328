"""A name that is there more than once in an object of JSON: both values are kept, or the lost one is reported."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.repeated_names import LastValueDecoder, every_pair
from memorybank.records.find import find_record, scan
from tests.exchange.agent_files import run, talks, told, write
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

SAYS = '{"id": "1", "timestamp": "2026-01-02T03:04:05Z", "type": "user", "content": "One", "content": "Two"}'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"a": 1, "b": 2}', ["a", "b"]),
        ('{"a": 1, "a": 2, "a": 3}', ["a", "a_2", "a_3"]),
        ('{"a_2": 1, "a": 2, "a": 3, "a_2": 4}', ["a_2", "a", "a_3", "a_2_2"]),
        ('{"a": 1, "a": 1}', ["a", "a_2"]),
    ],
)
def test_every_value_has_a_name(text: str, names: list[str]) -> None:
    found = json.loads(text, object_pairs_hook=every_pair)
    assert list(found) == names
    assert list(found.values()) == json.loads(text, object_pairs_hook=lambda pairs: [each for _, each in pairs])


def test_many_values_of_a_name_take_little_time() -> None:
    begin = time.perf_counter()
    assert len(every_pair([("a", number) for number in range(100_000)])) == 100_000
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ('{"a": 1, "a": 2, "a": 2}', [("a", 1)]),
        ('{"a": 1, "a": 1}', []),
        ('{"a": 1, "a": true}', [("a", 1)]),
        ('{"a": 1, "a": 1.0}', [("a", 1)]),
        ('{"a": {"b": 1, "b": 2}, "a": [{"c": 3, "c": {}}]}', [("b", 1), ("c", 3), ("a", {"b": 2})]),
    ],
)
def test_a_value_that_another_one_replaces_is_lost(text: str, lost: list[tuple[str, Any]]) -> None:
    decoder = LastValueDecoder()
    decoder.decode(text)
    assert [tuple(each) for each in decoder.lost] == lost
    decoder.decode("{}")
    assert decoder.lost == []


@pytest.mark.parametrize("name", ["session-1.jsonl", "session-1.json", "session-cut.json"])
def test_a_session_of_gemini_reports_the_lost_value(bank: BankFolder, tmp_path: Path, name: str) -> None:
    head = '{"sessionId": "g-1", "startTime": "2026-01-02T03:00:00Z", "startTime": "2026-01-02T04:00:00Z"'
    if name.endswith("l"):
        file = write(tmp_path, name, f"{head}}}", SAYS)
    else:
        file = write(tmp_path, name, f'{head}, "messages": [{SAYS}' + ("]}" if name == "session-1.json" else ', {"i'))
    done = run(bank, "gemini", file)
    assert talks(bank) == {"g-1": ["user: Two"]}
    assert {
        "g-1: 1 earlier values of a repeated name (startTime) skipped",
        "g-1: 1 earlier values of a repeated name (content) skipped",
    } <= set(told(done))


def test_a_session_of_codex_reports_the_lost_value(bank: BankFolder, tmp_path: Path) -> None:
    text = '{"type": "input_text", "text": "One", "text": "Two"}'
    said = f'{{"type": "message", "role": "user", "role": "assistant", "content": [{text}]}}'
    file = write(
        tmp_path,
        "rollout-1.jsonl",
        '{"type": "session_meta", "payload": {"id": "c-1", "cwd": "/a", "cwd": "/b", "cwd": "/b"}}',
        f'{{"type": "response_item", "payload": {said}}}',
    )
    done = run(bank, "codex", file)
    assert talks(bank) == {"c-1": ["assistant: Two"]}
    assert [each for each in told(done) if "repeated" in each] == [
        f"c-1: 1 earlier values of a repeated name ({name}) skipped" for name in ("cwd", "text", "role")
    ]


@pytest.mark.parametrize(
    ("form", "name", "rows"),
    [
        ("gemini", "session-1.jsonl", ['{"sessionId": "one", "sessionId": "two"}', SAYS]),
        (
            "codex",
            "rollout-1.json",
            [
                '{\n"session": {"id": "one", "id": "two"}, "items": [',
                '{"type": "message", "role": "user", "content": "Two"}]}',
            ],
        ),
    ],
)
def test_an_id_of_a_session_that_is_there_twice_is_reported(
    bank: BankFolder, tmp_path: Path, form: str, name: str, rows: list[str]
) -> None:
    done = run(bank, form, write(tmp_path, name, *rows))
    assert list(talks(bank)) == ["one"]
    assert {"one: 1 other ids of the session skipped"} <= set(told(done))


def test_a_database_keeps_both_values(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE memories (id, content, type, metadata)")
        connection.execute("""INSERT INTO memories VALUES ('m', 'Text', 'fact', '{"mood": "warm", "mood": "cold"}')""")
    done = import_from(bank, "contextfs", path, way)
    metadata = find_record(bank, done.records[0].id).metadata
    assert (metadata["mood"], metadata["mood_2"]) == ("warm", "cold")
    assert done.unaccounted == ()


def test_the_comment_of_a_tree_keeps_both_values(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    noted = '<!-- memorybank: {"id": "dec-20250101-aaaaa", "summary": "Short", "summary": "Shorter"} -->'
    text = f"# Design Decisions\n\n## Decision 001: Use it\n\n**Status:** Accepted\n\n{noted}\n\nYes.\n"
    done = import_from(bank, "module71", make_tree(tmp_path / "tree", {"decisions.md": text}), way)
    record = scan(bank, kinds=("decision",)).records[0]
    assert (record.summary, record.metadata["imported_noted"]) == ("Short", {"summary_2": "Shorter"})
    assert done.unaccounted == ()
