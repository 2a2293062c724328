"""Conversations in databases and in data exports as events."""

from __future__ import annotations

import itertools
import json
import sqlite3
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.corrections.transcripts.counts import LogCounts
from memorybank.corrections.transcripts.log_places import find_logs
from memorybank.corrections.transcripts.read_log import read_events
from tests.corrections.transcripts.claude import told
from tests.corrections.transcripts.test_hostile_logs import VALUES, changed, check, places

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.transcripts.event import Event

TOOL = {"name": "run_terminal_cmd", "toolCallId": "t1", "rawArgs": '{"command": "rm -rf build"}', "status": "cancelled"}


def store(path: Path, **tables: dict[str, Any]) -> Path:
    """Write a file as Cursor does: tables with keys and values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as database:
        for name, rows in tables.items():
            database.execute(f"CREATE TABLE {name} (key TEXT UNIQUE, value BLOB)")
            found = [(key, json.dumps(value).encode()) for key, value in rows.items()]
            database.executemany(f"INSERT INTO {name} VALUES (?, ?)", found)
    return path


def bubbles(composer: str, *rows: dict[str, Any]) -> dict[str, Any]:
    heads = [{"bubbleId": f"b{number}", "type": row.get("type")} for number, row in enumerate(rows)]
    data: dict[str, Any] = {f"composerData:{composer}": {"composerId": composer, "fullConversationHeadersOnly": heads}}
    for number, row in enumerate(rows):
        data[f"bubbleId:{composer}:b{number}"] = {"bubbleId": f"{composer}-b{number}", **row}
    return data


def events(path: Path, client: str, counts: LogCounts | None = None, seen: set[str] | None = None) -> list[Event]:
    found = list(read_events(path, client, counts=counts, seen=seen))
    for event in found:
        check(event)
    return found


def test_a_workspace_of_cursor_has_its_own_conversations(tmp_path: Path) -> None:
    base = tmp_path / ".config" / "Cursor" / "User"
    shared = {
        **bubbles(
            "c1",
            {"type": 1, "text": "clean", "createdAt": "2026-11-30T09:00:01.000Z"},
            {"type": 2, "text": "I will.", "toolFormerData": {**TOOL, "userDecision": "rejected"}},
            {"type": 1, "text": "keep build", "timingInfo": {"clientStartTime": 1796029446359}},
        ),
        **bubbles("c2", {"type": 1, "text": "of another project"}),
    }
    store(base / "globalStorage" / "state.vscdb", cursorDiskKV=shared)
    space = base / "workspaceStorage" / "w1"
    store(space / "state.vscdb", ItemTable={"composer.composerData": {"allComposers": [{"composerId": "c1"}]}})
    (space / "workspace.json").write_text(json.dumps({"folder": "file:///srv/my%20shop"}))
    (log,) = find_logs(["cursor"], tmp_path.joinpath("/srv/my shop"), {"HOME": str(tmp_path)})
    assert log.size > (space / "state.vscdb").stat().st_size
    found = events(log.path, "cursor")
    assert told(found) == [
        ("said", "human", "clean"),
        ("said", "assistant", "I will."),
        ("call", "assistant", ""),
        ("denied", "human", ""),
        ("said", "human", "keep build"),
    ]
    assert (found[3].tool, found[3].arguments) == ("run_terminal_cmd", {"command": "rm -rf build"})
    assert (found[0].session, found[0].at, found[4].at) == ("c1", "2026-11-30T09:00:01Z", "2026-11-30T09:04:06Z")
    everything = events(base / "globalStorage" / "state.vscdb", "cursor")
    assert everything[-1].text == "of another project"


def test_an_older_workspace_has_the_whole_conversation(tmp_path: Path) -> None:
    tab = {"tabId": "t", "bubbles": [{"type": "user", "text": "hello"}, {"type": "ai", "rawText": "Hi"}]}
    items = {"workbench.panel.aichat.view.aichat.chatdata": {"tabs": [tab]}}
    path = store(tmp_path / "state.vscdb", ItemTable=items)
    assert told(events(path, "cursor")) == [("said", "human", "hello"), ("said", "assistant", "Hi")]
    before = sorted(tmp_path.iterdir())
    assert before == [path]


def test_a_store_of_another_form_is_refused(tmp_path: Path) -> None:
    path = store(tmp_path / "state.vscdb", other={})
    counts = LogCounts()
    assert events(path, "cursor", counts) == []
    assert "no table of Cursor" in counts.refused[str(path)]
    history = store(tmp_path / "thread_history_1.sqlite", thread_items={})
    assert events(history, "codex", counts) == []
    assert "another version of Codex" in counts.refused[str(history)]


def test_every_field_of_a_bubble_may_have_every_type(tmp_path: Path) -> None:
    row = {"bubbleId": "x", "type": 2, "text": "Hi", "createdAt": "t", "timingInfo": {"clientStartTime": 1}}
    row["toolFormerData"] = {**TOOL, "result": "ok", "userDecision": "accepted"}
    rows = [changed(row, place, value) for place, value in itertools.product(places(row), VALUES)]
    path = store(tmp_path / "state.vscdb", cursorDiskKV=bubbles("c", *rows))
    assert len(events(path, "cursor")) > len(rows)
    data = bubbles("c", row)
    head = data["composerData:c"]
    for number, (place, value) in enumerate(itertools.product(places(head), VALUES)):
        data[f"composerData:{number}"] = changed(head, place, value)
    assert events(store(tmp_path / "heads" / "state.vscdb", cursorDiskKV=data), "cursor")


def history(path: Path, *items: tuple[str, dict[str, Any]]) -> Path:
    """Write the database of Codex 0.171."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE thread_turns (thread_id, turn_id, rollout_ordinal, status)")
        columns = "thread_id, turn_id, item_id, rollout_ordinal, created_at_ms, item_json, item_type"
        database.execute(f"CREATE TABLE thread_items ({columns})")
        for turn, status in (("t1", "interrupted"), ("t2", "completed")):
            database.execute("INSERT INTO thread_turns VALUES ('s', ?, 1, ?)", (turn, status))
        for number, (turn, item) in enumerate(items):
            row = ("s", turn, item.get("id"), number, 1796029446359, json.dumps(item), item.get("type"))
            database.execute("INSERT INTO thread_items VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return path


def test_the_history_of_codex(tmp_path: Path) -> None:
    path = history(
        tmp_path / "thread_history_1.sqlite",
        ("t1", {"type": "userMessage", "id": "u1", "content": [{"type": "text", "text": "clean"}]}),
        ("t1", {"type": "commandExecution", "id": "c1", "command": "rm -rf build", "aggregatedOutput": "x"}),
        ("t2", {"type": "userMessage", "id": "u2", "content": [{"type": "text", "text": "keep build"}]}),
        ("t2", {"type": "agentMessage", "id": "a1", "text": "Kept."}),
        ("t2", {"type": "userMessage", "id": "u3", "content": [{"type": "text", "text": "also dist"}]}),
        ("t2", {"type": "reasoning", "id": "r1"}),
    )
    found = events(path, "codex")
    assert told(found) == [
        ("said", "human", "clean"),
        ("call", "assistant", ""),
        ("interrupted", "human", ""),
        ("said", "human", "keep build"),
        ("said", "assistant", "Kept."),
        ("said", "human", "also dist"),
    ]
    assert (found[1].tool, found[1].arguments) == ("commandExecution", {"command": "rm -rf build"})
    assert (found[2].about, found[5].is_mid_turn, found[0].at) == ("t1", True, "2026-11-30T09:04:06Z")
    seen = {"u1", "c1", "u2", "a1"}
    assert told(events(path, "codex", seen=seen))[-2:] == [
        ("said", "assistant", "Kept."),
        ("said", "human", "also dist"),
    ]


CLAUDE = {
    "uuid": "c1",
    "chat_messages": [
        {"uuid": "1", "sender": "human", "text": "use tabs", "created_at": "2026-01-02T03:04:05Z"},
        {"uuid": "2", "sender": "assistant", "text": "Tabs.", "created_at": "2026-01-02T03:04:06Z"},
    ],
}
CHATGPT = {
    "conversation_id": "g1",
    "current_node": "2",
    "mapping": {
        "1": {"id": "1", "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["no"]}}},
        "2": {
            "id": "2",
            "parent": "1",
            "message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["Ok"]}},
        },
    },
}


@pytest.mark.parametrize("name", ["conversations.json", "export.zip"])
def test_an_export_has_what_was_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = json.dumps([CLAUDE, CHATGPT, CLAUDE, {"name": "no conversation"}, 1])
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("conversations.json", text)
            archive.writestr("users.json", "[]")
    else:
        path.write_text(text)
    found = events(path, "export")
    assert told(found) == [
        ("said", "human", "use tabs"),
        ("said", "assistant", "Tabs."),
        ("said", "human", "no"),
        ("said", "assistant", "Ok"),
    ]
    assert (found[0].session, found[0].at, found[0].line) == ("c1", "2026-01-02T03:04:05Z", 1)


def test_every_field_of_an_export_may_have_every_type(tmp_path: Path) -> None:
    rows = [
        {**changed(row, place, value), "title": number}
        for row in (CLAUDE, CHATGPT)
        for number, (place, value) in enumerate(itertools.product(places(row), VALUES))
    ]
    (tmp_path / "conversations.json").write_text(json.dumps(rows))
    assert events(tmp_path / "conversations.json", "export")
