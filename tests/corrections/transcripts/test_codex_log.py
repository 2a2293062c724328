"""Rollout files of Codex as events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.corrections.transcripts.counts import LogCounts
from memorybank.corrections.transcripts.read_log import read_events
from tests.corrections.transcripts.claude import told

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.transcripts.event import Event

ONE = "0199aaaa-0000-7000-8000-000000000001"


def line(kind: str, /, **payload: Any) -> str:
    return json.dumps({"timestamp": "2026-01-02T03:04:05.678Z", "type": kind, "payload": payload})


def header(ident: str = ONE, **more: Any) -> str:
    return line("session_meta", id=ident, timestamp="2026-01-02T03:04:00.000Z", cwd="/srv/shop", **more)


def item(role: str, *texts: str, ident: str = "") -> str:
    content = [{"type": "input_text" if role == "user" else "output_text", "text": text} for text in texts]
    return line("response_item", type="message", role=role, content=content, id=ident)


def heard(role: str, text: str) -> str:
    return line("event_msg", type="user_message" if role == "user" else "agent_message", message=text)


def completed(kind: str, text: str, turn: str = "t1", ident: str = "") -> str:
    block = {"type": "text", "text": text}
    return line("event_msg", type="item_completed", turn_id=turn, item={"type": kind, "id": ident, "content": [block]})


def call(name: str, **arguments: Any) -> str:
    return line("response_item", type="function_call", name=name, call_id="c1", arguments=json.dumps(arguments))


def output(text: Any) -> str:
    return line("response_item", type="function_call_output", call_id="c1", output=text)


def events(folder: Path, *lines: str, name: str = "rollout-a.jsonl", counts: LogCounts | None = None) -> list[Event]:
    path = folder / name
    path.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    return list(read_events(path, "codex", counts=counts))


def test_only_what_a_person_typed_is_human(tmp_path: Path) -> None:
    counts = LogCounts()
    found = events(
        tmp_path,
        header(cli_version="0.171.0"),
        item("developer", "Sandbox rules"),
        item("user", "# AGENTS.md instructions for /srv\n\n<INSTRUCTIONS>\nNo tabs\n</INSTRUCTIONS>"),
        item("user", "<hook_prompt hook_run_id='1'>no, wait</hook_prompt>"),
        line("turn_context", model="gpt-5"),
        item("user", "Fix the till"),
        completed("UserMessage", "Fix the till", ident="u1"),
        completed("HookPrompt", "no, wait"),
        completed("AgentMessage", "Done."),
        item("assistant", "Done."),
        counts=counts,
    )
    assert told(found) == [("said", "human", "Fix the till"), ("said", "assistant", "Done.")]
    assert (found[0].ident, found[0].session, found[0].at, found[0].is_sure) == (
        "u1",
        ONE,
        "2026-01-02T03:04:05Z",
        True,
    )
    assert counts.unread == {"turn_context": 1, "event_msg/item_completed/HookPrompt": 1}


def test_older_files_have_another_event(tmp_path: Path) -> None:
    found = events(tmp_path, header(), item("user", "Fix it"), heard("user", "Fix it"), heard("assistant", "Done."))
    assert told(found) == [("said", "human", "Fix it"), ("said", "assistant", "Done.")]


def test_the_oldest_files_have_only_items(tmp_path: Path) -> None:
    bare = [
        {"id": ONE, "timestamp": "2025-05-01T00:00:00Z", "instructions": "No tabs"},
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "<environment_context>x</environment_context>"}],
        },
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it"}]},
        {"type": "local_shell_call", "call_id": "c1", "action": {"type": "exec", "command": ["ls"]}},
    ]
    human, run = events(tmp_path, *map(json.dumps, bare))
    assert (human.text, human.speaker, human.is_sure, human.session) == ("Fix it", "human", False, ONE)
    assert (run.tool, run.arguments["command"]) == ("shell", ["ls"])


def test_an_interrupted_call_has_its_arguments(tmp_path: Path) -> None:
    found = events(
        tmp_path,
        header(),
        completed("UserMessage", "Clean"),
        call("exec_command", cmd="rm -rf build dist"),
        output("Wall time: 4.9 seconds\naborted by user"),
        item("user", "<turn_aborted>The user interrupted</turn_aborted>"),
        line("event_msg", type="turn_aborted", turn_id="t1", reason="interrupted"),
        completed("UserMessage", "Keep build", turn="t2"),
    )
    assert [event.kind for event in found] == ["said", "call", "interrupted", "said"]
    assert (found[2].tool, found[2].arguments, found[2].about) == ("exec_command", {"cmd": "rm -rf build dist"}, "t1")


def test_a_rejected_call_is_a_denial(tmp_path: Path) -> None:
    found = events(tmp_path, header(), call("shell", command=["rm"]), output("exec command rejected by user"))
    assert (found[-1].kind, found[-1].speaker, found[-1].arguments) == ("denied", "human", {"command": ["rm"]})


def test_what_is_typed_in_a_running_turn_is_mid_turn(tmp_path: Path) -> None:
    found = events(
        tmp_path,
        header(),
        completed("UserMessage", "Run it"),
        call("shell"),
        completed("UserMessage", "Also set TZ"),
        completed("UserMessage", "Go on", turn="t2"),
    )
    assert [event.is_mid_turn for event in found if event.speaker == "human"] == [False, True, False]


@pytest.mark.parametrize(
    ("turns", "about"), [(1, "u2"), (2, "u1"), (9, "u1"), (True, ""), (-1, ""), ("1", "")], ids=repr
)
def test_a_rollback_is_a_rewind(tmp_path: Path, turns: Any, about: str) -> None:
    found = events(
        tmp_path,
        header(),
        completed("UserMessage", "One", "t1", "u1"),
        completed("UserMessage", "Two", "t2", "u2"),
        line("event_msg", type="thread_rolled_back", num_turns=turns),
    )
    assert [event.about for event in found if event.kind == "rewound"] == [about] * bool(about)


def test_a_rewind_in_a_file_of_its_own_has_the_premise(tmp_path: Path) -> None:
    before = [header(), completed("UserMessage", "One", "t1", "u1"), item("assistant", "First")]
    events(
        tmp_path,
        *before,
        completed("UserMessage", "Two", "t2", "u2"),
        item("assistant", "Second"),
        name=f"rollout-1-{ONE}.jsonl",
    )
    base = {"thread_id": ONE, "end_byte_offset": sum(len(each) + 1 for each in before)}
    found = events(
        tmp_path,
        header(history_base=base),
        completed("UserMessage", "No, three", "t3", "u3"),
        name=f"rollout-2-{ONE}_x.jsonl",
    )
    assert told(found) == [
        ("said", "assistant", "Second"),
        ("rewound", "human", ""),
        ("said", "human", "No, three"),
    ]
    assert found[1].about == "u2"


def test_sub_agents_and_programs(tmp_path: Path) -> None:
    sub = events(
        tmp_path, header(source={"subagent": "review"}), completed("UserMessage", "Look"), item("assistant", "Ok")
    )
    assert [event.speaker for event in sub] == ["subagent", "subagent"]
    (run,) = events(tmp_path, header(source="exec"), completed("UserMessage", "Look"))
    assert (run.speaker, run.is_sure) == ("human", False)


def test_kinds_that_are_not_known_are_counted(tmp_path: Path) -> None:
    counts = LogCounts()
    found = events(
        tmp_path,
        line("new_line"),
        line("event_msg", type="new_event"),
        line("event_msg", type="item_completed", item={"type": "New"}),
        counts=counts,
    )
    assert found == []
    assert counts.unknown == {"new_line": 1, "event_msg/new_event": 1, "event_msg/item_completed/New": 1}
