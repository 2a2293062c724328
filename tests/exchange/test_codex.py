"""Session files of Codex: what was said is imported once, and everything else is counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import scan
from tests.exchange import agent_files
from tests.exchange.agent_files import talks, told, write
from tests.running import new_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.store.folder import BankFolder

ONE = "0199aaaa-0000-7000-8000-000000000001"
TWO = "0199bbbb-0000-7000-8000-000000000002"


def line(kind: str, /, **payload: Any) -> str:
    return json.dumps({"timestamp": "2026-01-02T03:04:05.678Z", "type": kind, "payload": payload})


def header(ident: str = ONE, **more: Any) -> str:
    return line("session_meta", id=ident, timestamp="2026-01-02T03:04:00.000Z", cwd="/srv/shop", **more)


def says(role: str, *texts: str) -> str:
    block = "input_text" if role != "assistant" else "output_text"
    content = [{"type": block, "text": text} for text in texts]
    return line("response_item", type="message", role=role, content=content)


def heard(role: str, text: str) -> str:
    return line("event_msg", type="user_message" if role == "user" else "agent_message", message=text)


def completed(role: str, text: str) -> str:
    kind, block = ("UserMessage", "text") if role == "user" else ("AgentMessage", "Text")
    return line("event_msg", type="item_completed", item={"type": kind, "content": [{"type": block, "text": text}]})


def run(bank: BankFolder, path: Path) -> ImportResult:
    return agent_files.run(bank, "codex", path)


@pytest.fixture
def bank(tmp_path: Path) -> BankFolder:
    return new_bank(tmp_path / "project")


def test_what_was_said_is_taken_once_and_the_rest_is_counted(bank: BankFolder, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "rollout-a.jsonl",
        header(cli_version="0.80.0", git={"branch": "main"}, base_instructions={"text": "You are"}),
        says("developer", "Sandbox rules"),
        says("user", "# AGENTS.md instructions for /srv\n\n<INSTRUCTIONS>\nBe kind\n</INSTRUCTIONS>"),
        says("user", "<environment_context>\n<cwd>/srv</cwd>\n</environment_context>"),
        says("user", "Fix the till"),
        heard("user", "Fix the till"),
        completed("user", "Fix the till"),
        line("turn_context", model="gpt-5", cwd="/srv"),
        line("response_item", type="reasoning", summary=[{"type": "summary_text", "text": "hm"}]),
        line("response_item", type="function_call", name="shell", arguments="{}"),
        line("response_item", type="function_call_output", output="ok"),
        heard("assistant", "Done."),
        says("assistant", "Done."),
        line("compacted", message="We fixed it", replacement_history=[{"type": "message", "role": "user"}]),
    )
    done = run(bank, file)
    assert talks(bank) == {ONE: ["user: Fix the till", "assistant: Done."]}
    for why in (
        "1 instructions of the tool",
        "1 messages (developer)",
        "1 injected texts (AGENTS.md)",
        "1 injected texts (environment_context)",
        "3 copies of messages in events",
        "1 turn settings",
        "1 items (reasoning)",
        "1 items (function_call)",
        "1 items (function_call_output)",
        "1 compaction summaries",
    ):
        assert f"{ONE}: {why} skipped" in told(done)
    record = scan(bank, kinds=("session",)).records[0]
    kept = {name: record.metadata[name] for name in ("cwd", "cli_version", "git_branch", "model")}
    assert kept == {"cwd": "/srv/shop", "cli_version": "0.80.0", "git_branch": "main", "model": "gpt-5"}
    assert (record.title, record.created) == ("Fix the till", "2026-01-02T03:04:00Z")


def test_a_text_that_was_said_twice_is_taken_twice(bank: BankFolder, tmp_path: Path) -> None:
    said = [says("user", "go on"), heard("user", "go on"), says("assistant", "Yes."), heard("assistant", "Yes.")]
    run(bank, write(tmp_path, "rollout-a.jsonl", header(), *said, *said))
    assert talks(bank)[ONE] == ["user: go on", "assistant: Yes."] * 2


def test_what_stands_only_in_events_is_taken(bank: BankFolder, tmp_path: Path) -> None:
    run(bank, write(tmp_path, "rollout-a.jsonl", header(), heard("user", "Hello"), completed("assistant", "Hi")))
    assert talks(bank)[ONE] == ["user: Hello", "assistant: Hi"]


def test_a_text_that_was_typed_is_speech_though_it_looks_injected(bank: BankFolder, tmp_path: Path) -> None:
    text = "<environment_context>What is this?</environment_context>"
    run(bank, write(tmp_path, "rollout-a.jsonl", header(), says("user", text), heard("user", text)))
    assert talks(bank)[ONE] == [f"user: {text}"]


def test_a_text_in_an_unknown_tag_that_nobody_typed_is_injected(bank: BankFolder, tmp_path: Path) -> None:
    lines = [says("user", "<new_notice>Be quick</new_notice>"), says("user", "Hello"), heard("user", "Hello")]
    done = run(bank, write(tmp_path, "rollout-a.jsonl", header(), *lines))
    assert talks(bank)[ONE] == ["user: Hello"]
    assert f"{ONE}: 1 injected texts (new_notice) skipped" in told(done)


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("<turn_aborted>x</turn_aborted>\nGo on", "Go on"),
        ("<turn_aborted> has no end", "<turn_aborted> has no end"),
        ("<user_instructions>a </user_instructions> b</user_instructions>", ""),
        ("<skill>a</skill> mine <skill>b</skill>", "mine <skill>b</skill>"),
        ("<permissions instructions>x</permissions instructions>", ""),
        ("# Context from my IDE setup:\n\n## Open tabs:\n- a.py\n\n## My request for Codex:\nFix it", "Fix it"),
        ("<div>html</div>", "<div>html</div>"),
        ("<hook_prompt hook_run_id='1'>x</hook_prompt>", ""),
    ],
)
def test_an_injected_text_ends_where_speech_begins(bank: BankFolder, tmp_path: Path, text: str, speech: str) -> None:
    run(bank, write(tmp_path, "rollout-a.jsonl", header(), says("user", text), says("assistant", "ok")))
    assert [each.strip() for each in talks(bank)[ONE]] == [f"user: {speech.strip()}"] * bool(speech) + ["assistant: ok"]


def test_a_session_that_grew_is_extended(bank: BankFolder, tmp_path: Path) -> None:
    lines = [header(), says("user", "One"), says("assistant", "Two")]
    run(bank, write(tmp_path, "rollout-a.jsonl", *lines))
    assert run(bank, tmp_path / "rollout-a.jsonl").already == 1
    done = run(bank, write(tmp_path, "rollout-a.jsonl", *lines, says("user", "Three")))
    assert (len(done.grown), len(done.records)) == (1, 0)
    assert talks(bank) == {ONE: ["user: One", "assistant: Two", "user: Three"]}


@pytest.mark.parametrize("again", [["One", "Two", "Three"], ["Two", "Three"], ["Three"], ["One", "Two"]])
def test_a_session_in_two_files_is_one(bank: BankFolder, tmp_path: Path, again: list[str]) -> None:
    home = tmp_path / "sessions"
    write(home, "2026/01/02/rollout-1.jsonl", header(), says("user", "One"), says("user", "Two"))
    write(home, "2026/01/03/rollout-2.jsonl", header(), *(says("user", text) for text in again))
    run(bank, home)
    expected = ["user: One", "user: Two", *(["user: Three"] if "Three" in again else [])]
    assert talks(bank) == {ONE: expected}
    assert run(bank, home).already == 1


@pytest.mark.parametrize("together", [True, False])
def test_a_fork_begins_where_it_leaves_its_parent(bank: BankFolder, tmp_path: Path, *, together: bool) -> None:
    shared = [says("user", "One"), says("assistant", "Two")]
    parent = write(tmp_path / "s", "rollout-1.jsonl", header(), *shared, says("user", "Three"))
    fork = [header(TWO, forked_from_id=ONE), header(), *shared, says("user", "Other")]
    file = write(tmp_path / "s", "rollout-0.jsonl", *fork)
    if together:
        done = run(bank, tmp_path / "s")
    else:
        run(bank, parent)
        done = run(bank, file)
    assert talks(bank) == {ONE: ["user: One", "assistant: Two", "user: Three"], TWO: ["user: Other"]}
    assert f"{TWO}: 2 messages of the session it was forked from skipped" in told(done)
    assert run(bank, tmp_path / "s").already == 2
    there = {record.metadata["imported_id"]: record for record in scan(bank, kinds=("session",)).records}
    assert [link.to for link in there[TWO].links] == [there[ONE].id]


def test_a_fork_that_was_imported_before_its_parent_stays_whole(bank: BankFolder, tmp_path: Path) -> None:
    file = write(
        tmp_path / "s", "rollout-2.jsonl", header(TWO, forked_from_id=ONE), says("user", "One"), says("user", "B")
    )
    run(bank, file)
    write(tmp_path / "s", "rollout-1.jsonl", header(), says("user", "One"))
    done = run(bank, tmp_path / "s")
    assert (len(done.records), done.already) == (1, 1)
    assert talks(bank)[TWO] == ["user: One", "user: B"]


def test_turns_that_were_rolled_back_are_counted(bank: BankFolder, tmp_path: Path) -> None:
    lines = [says("user", "One"), says("assistant", "Two"), says("user", "Wrong"), says("assistant", "Bad")]
    back = line("event_msg", type="thread_rolled_back", num_turns=1)
    done = run(bank, write(tmp_path, "rollout-a.jsonl", header(), *lines, back, says("user", "Right")))
    assert talks(bank)[ONE] == ["user: One", "assistant: Two", "user: Right"]
    assert f"{ONE}: 2 messages that were rolled back skipped" in told(done)


def test_a_broken_line_is_named_and_the_rest_is_taken(bank: BankFolder, tmp_path: Path) -> None:
    cut = says("assistant", "a long answer")[:90]
    lines = [header(), says("user", "One"), '{"timestamp": nonsense}', cut + says("user", "Two"), "[1]", "\0\0" + cut]
    done = run(bank, write(tmp_path, "rollout-a.jsonl", *lines))
    assert talks(bank)[ONE] == ["user: One", "user: Two"]
    places = [each.where for each in done.misfits if "invalid JSON" in each.why]
    assert places == [f"rollout-a.jsonl:{number}" for number in (3, 4, 6)]


def test_deep_json_is_named(bank: BankFolder, tmp_path: Path) -> None:
    deep = '{"timestamp": ' + "[" * 100_000 + "]" * 100_000 + "}"
    done = run(bank, write(tmp_path, "rollout-a.jsonl", header(), deep, says("user", "One")))
    assert talks(bank)[ONE] == ["user: One"]
    assert any(each.startswith("rollout-a.jsonl:2: its JSON is nested too deeply") for each in told(done))


def test_the_first_formats_are_read(bank: BankFolder, tmp_path: Path) -> None:
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Old"}]}
    start = {"id": ONE, "timestamp": "2025-06-01T10:00:00Z", "instructions": None}
    write(tmp_path / "s", "rollout-1.jsonl", json.dumps(start), '{"record_type": "state"}', json.dumps(said))
    older = {"session": {"id": TWO, "timestamp": "2025-05-01T10:00:00Z"}, "items": [said]}
    write(tmp_path / "s", "rollout-0.json", json.dumps(older, indent=2))
    run(bank, tmp_path / "s")
    assert talks(bank) == {ONE: ["user: Old"], TWO: ["user: Old"]}


def test_the_title_that_a_person_gave_is_taken(bank: BankFolder, tmp_path: Path) -> None:
    named = line("event_msg", type="thread_name_updated", thread_name="Till repair")
    run(bank, write(tmp_path, "rollout-a.jsonl", header(), says("user", "One"), named))
    assert scan(bank, kinds=("session",)).records[0].title == "Till repair"


def test_other_files_are_named_and_nothing_known_is_refused(bank: BankFolder, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write(home, "history.jsonl", '{"session_id": "x", "ts": 1, "text": "typed"}')
    write(home, "sessions/rollout-9.jsonl.zst", "packed")
    with pytest.raises(ForeignError, match="compressed"):
        run(bank, home)
    write(home, "sessions/rollout-1.jsonl", header(), says("user", "One"))
    whys = told(run(bank, home))
    assert "home/sessions/rollout-9.jsonl.zst: skipped: it is compressed; unpack it, then import it" in whys
    assert "home: 1 files (history.jsonl) skipped" in whys


def test_many_sessions_are_written_part_by_part(bank: BankFolder, tmp_path: Path) -> None:
    for number in range(120):
        write(tmp_path / "s", f"rollout-{number:03}.jsonl", header(f"id-{number}"), says("user", f"Number {number}"))
    done = run(bank, tmp_path / "s")
    assert (len(done.records), len(done.operations)) == (120, 3)
