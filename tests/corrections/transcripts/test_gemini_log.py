"""Session files of the Gemini CLI as events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.read_log import read_events
from tests.corrections.transcripts.claude import told

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.transcripts.event import Event

HEADER = {"sessionId": "s1", "projectHash": "0", "startTime": "2026-11-30T09:00:00.000Z", "kind": "main"}
CONTEXT = "<session_context>\nThis is the Gemini CLI.\n</session_context>"


def entry(ident: str, kind: str, *texts: str, **more: Any) -> dict[str, Any]:
    content: Any = [{"text": text} for text in texts] if kind == "user" else "".join(texts)
    return {"id": ident, "timestamp": "2026-11-30T09:00:01.000Z", "type": kind, "content": content, **more}


def call(status: str, **response: str) -> dict[str, Any]:
    result = [{"functionResponse": {"id": "c1", "name": "shell", "response": response}}]
    return {"id": "c1", "name": "shell", "args": {"command": "rm -rf build"}, "status": status, "result": result}


def events(folder: Path, *rows: Any, name: str = "session-1.jsonl") -> list[Event]:
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return list(read_events(path, "gemini"))


def test_an_entry_that_is_written_again_is_news_once(tmp_path: Path) -> None:
    found = events(
        tmp_path,
        HEADER,
        {"$set": {"messages": [entry("0", "user", CONTEXT)]}},
        entry("1", "user", "list it"),
        entry("2", "gemini", "I will."),
        entry("2", "gemini", "I will.", toolCalls=[call("success", output="a b")]),
        entry("3", "user", toolCalls=[]),
        entry("4", "info", "Update"),
        entry("5", "gemini", "Two files."),
    )
    assert told(found) == [
        ("said", "human", "list it"),
        ("said", "assistant", "I will."),
        ("call", "assistant", ""),
        ("result", "harness", "a b"),
        ("said", "assistant", "Two files."),
    ]
    assert (found[0].session, found[0].ident, found[2].tool) == ("s1", "1", "shell")


def test_a_rewind_is_told(tmp_path: Path) -> None:
    found = events(
        tmp_path,
        HEADER,
        entry("1", "user", "use tabs"),
        entry("2", "gemini", "Tabs."),
        {"$rewindTo": "1"},
        {"$rewindTo": "unknown"},
        {"$set": {"messages": []}},
        entry("3", "user", "use spaces"),
    )
    assert [(event.kind, event.about, event.text) for event in found[2:]] == [
        ("rewound", "1", ""),
        ("said", "", "use spaces"),
    ]


def test_copies_after_a_denied_call_are_no_speech(tmp_path: Path) -> None:
    denial = call("cancelled", error="[Operation Cancelled] Reason: User denied execution.")
    found = events(
        tmp_path,
        HEADER,
        entry("1", "user", "use tabs"),
        entry("2", "gemini", "Tabs."),
        entry("3", "user", "remove the build"),
        entry("4", "gemini", "", toolCalls=[denial]),
        entry("5", "info", "Request cancelled."),
        entry("6", "user", CONTEXT, "use tabs"),
        entry("7", "gemini", "Tabs."),
        entry("8", "user", "remove the build"),
        {"$set": {"messages": [entry("6", "user", CONTEXT, "use tabs"), entry("7", "gemini", "Tabs.")]}},
        entry("9", "user", "use tabs"),
    )
    assert told(found[3:]) == [("call", "assistant", ""), ("denied", "human", ""), ("said", "human", "use tabs")]
    assert found[4].arguments == {"command": "rm -rf build"}


def test_a_resumed_session_is_not_told_again(tmp_path: Path) -> None:
    found = events(
        tmp_path,
        HEADER,
        entry("1", "user", "set the port"),
        HEADER,
        {"$set": {"messages": [entry("0", "user", CONTEXT)]}},
        {"$set": {"messages": [entry("0", "user", CONTEXT), entry("1", "user", "set the port")]}},
        entry("2", "user", "no, 9090"),
    )
    assert [event.text for event in found] == ["set the port", "no, 9090"]


def test_a_file_with_one_value(tmp_path: Path) -> None:
    shown = entry("1", "user", "sent", displayContent="look @a.py")
    found = events(tmp_path, {**HEADER, "messages": [shown, entry("2", "gemini", "Ok")]}, name="session-1.json")
    assert told(found) == [("said", "human", "look @a.py"), ("said", "assistant", "Ok")]
