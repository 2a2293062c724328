"""Session logs of Claude Code: what was said is imported once, and everything else is counted."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import scan
from memorybank.records.sessions.messages import read_messages
from tests.corrections.transcripts.claude import REFUSED, Log
from tests.exchange import agent_files
from tests.exchange.agent_files import talks, told
from tests.running import new_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.store.folder import BankFolder

DENIED = f"{REFUSED}To tell you how to proceed, the user said:\n"


def run(bank: BankFolder, path: Path) -> ImportResult:
    return agent_files.run(bank, "claude-code", path)


@pytest.fixture
def bank(tmp_path: Path) -> BankFolder:
    return new_bank(tmp_path / "project")


def folder_of(tmp_path: Path, *logs: Log) -> Path:
    """Write logs into a folder, each with the name of its session."""
    folder = tmp_path / "projects" / "-srv-dev-shop"
    folder.mkdir(parents=True, exist_ok=True)
    for log in logs:
        log.write(folder, f"{log.session}.jsonl")
    return folder


def test_what_was_said_is_taken_and_the_rest_is_counted(bank: BankFolder, tmp_path: Path) -> None:
    log = Log()
    log.raw({"type": "file-history-snapshot", "messageId": "m", "snapshot": {"a": "b"}})
    log.asks("Fix the till<system-reminder>be brief</system-reminder>", gitBranch="main")
    model = {"role": "assistant", "model": "opus"}
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "I look."}, {"type": "hologram", "x": 1}]
    log.add("assistant", message={**model, "content": parts}, weather="wet")
    log.calls("Bash", command="make")
    log.answers("built")
    log.older("<local-command-stdout>ok</local-command-stdout>", rowSource="local")
    log.older("Caveat: a summary", isCompactSummary=True)
    log.add("assistant", message={"role": "assistant", "content": "Try later"}, isApiErrorMessage=True)
    log.add("user", message={"role": "user", "content": "Search"}, isSidechain=True)
    log.add("attachment", attachment={"type": "todo_reminder", "content": "do"})
    log.says("Done.")
    log.raw({"type": "api-request-blob", "message": {"role": "user", "content": "Fix the till"}})
    log.raw({"type": "new-kind", "text": "Fix"})
    done = run(bank, folder_of(tmp_path, log))
    assert talks(bank) == {"s1": ["user: Fix the till", "assistant: I look.", "assistant: Done."]}
    for why in (
        "1 texts that Claude Code adds to prompts",
        "1 thoughts",
        "1 parts (hologram)",
        "1 tool calls",
        "1 tool results",
        "3 texts of Claude Code itself",
        "1 texts of sub-agents",
        "1 attachments",
        "2 lines without speech",
        "1 lines (new-kind)",
    ):
        assert f"s1: {why} skipped" in told(done)
    assert any("line weather (1)" in each for each in told(done))
    record = scan(bank, kinds=("session",)).records[0]
    assert (record.title, record.source_tool, record.created) == ("Fix the till", "claude-code", "2026-11-30T09:00:01Z")
    fields = ("cwd", "git_branch", "cli_version", "model")
    assert [record.metadata[name] for name in fields] == ["/srv/dev/shop", "main", "2.1.332", "opus"]
    assert [row.at for row in read_messages(bank, record.id).rows][:2] == [
        "2026-11-30T09:00:01Z",
        "2026-11-30T09:00:02Z",
    ]


def test_the_comment_of_a_denial_is_a_message(bank: BankFolder, tmp_path: Path) -> None:
    log = Log()
    log.asks("clean up")
    log.calls("Bash", command="rm -r build dist")
    denied = {"toolDenialKind": "user-rejected", "userFeedback": "keep build"}
    log.answers(f"{DENIED}keep build", is_error=True, **denied)
    log.calls("Bash", "t2")
    log.answers(REFUSED, "t2", is_error=True, toolDenialKind="user-rejected")
    log.older("[Request interrupted by user for tool use]", rowSource="harness")
    old = Log("2.0.1", "s2")
    old.older("clean up")
    old.calls("Bash")
    old.answers(f"{DENIED}only dist", is_error=True, toolUseResult=f"Error: {DENIED}only dist")
    old.calls("mcp__x__y", "t2")
    old.answers(f"{DENIED}a tool wrote this", "t2", is_error=True)
    done = run(bank, folder_of(tmp_path, log, old))
    assert talks(bank) == {"s1": ["user: clean up", "user: keep build"], "s2": ["user: clean up", "user: only dist"]}
    assert "s1: 1 interrupts skipped" in told(done)


def test_a_prompt_in_the_middle_of_a_turn_is_taken_once(bank: BankFolder, tmp_path: Path) -> None:
    log = Log()
    log.asks("run all tests")
    for operation, text in (("enqueue", "only unit tests"), ("enqueue", "and be quick"), ("enqueue", "no, wait")):
        log.raw({"type": "queue-operation", "operation": operation, "content": text, "sessionId": "s1"})
    queued = {
        "type": "queued_command",
        "prompt": "only unit tests",
        "commandMode": "prompt",
        "origin": {"kind": "human"},
    }
    log.raw(
        {"type": "queue-operation", "operation": "remove", "reason": "absorbed_mid_turn", "content": "only unit tests"}
    )
    log.add("attachment", attachment=queued)
    log.raw({"type": "queue-operation", "operation": "dequeue"})
    log.raw({"type": "queue-operation", "operation": "remove", "reason": "cancelled", "content": "no, wait"})
    for number in range(5):
        log.says(f"step {number}")
    run(bank, folder_of(tmp_path, log))
    found = talks(bank)["s1"]
    assert [each for each in found if each.startswith("user")] == [
        "user: run all tests",
        "user: only unit tests",
        "user: and be quick",
    ]


def test_what_was_rewound_is_counted(bank: BankFolder, tmp_path: Path) -> None:
    log = Log()
    log.asks("One")
    first = log.says("Yes")
    log.asks("Wrong")
    log.says("Bad")
    log.asks("Right", parent=first)
    log.raw(json.loads(log.lines[0]))
    done = run(bank, folder_of(tmp_path, log))
    assert talks(bank) == {"s1": ["user: One", "assistant: Yes", "user: Right"]}
    assert {"s1: 2 messages that were rewound skipped", "s1: 1 lines that stand twice skipped"} <= {*told(done)}


@pytest.mark.parametrize(
    ("rows", "title", "counted"),
    [
        (
            [{"type": "ai-title", "aiTitle": "Till"}, {"type": "custom-title", "customTitle": "Mine"}],
            "Mine",
            "other titles",
        ),
        ([{"type": "ai-title", "aiTitle": "Old"}, {"type": "ai-title", "aiTitle": "New"}], "New", "earlier titles"),
        ([{"type": "summary", "summary": "Till repair", "leafUuid": "s1-2"}], "Till repair", ""),
        ([{"type": "summary", "summary": "Another one", "leafUuid": "x"}], "Fix the till", "summaries"),
    ],
)
def test_titles(bank: BankFolder, tmp_path: Path, rows: list[Any], title: str, counted: str) -> None:
    log = Log()
    for row in rows:
        log.raw(row)
    log.asks("Fix the till")
    log.says("Done.")
    done = run(bank, folder_of(tmp_path, log))
    assert scan(bank, kinds=("session",)).records[0].title == title
    assert [each for each in told(done) if each.startswith("s1: ")] == [f"s1: 1 {counted} skipped"] * bool(counted)


def forked() -> tuple[Log, Log]:
    """Give a log, and one that repeats its beginning with the same ids and goes on; its name comes first."""
    log, copy = Log(session="b-first"), Log(session="a-copy")
    log.asks("One")
    log.says("Two")
    for line in log.lines:
        copy.raw({**json.loads(line), "sessionId": "a-copy"})
    copy.last = log.last
    copy.number = 30
    copy.asks("Three")
    copy.says("Four")
    return log, copy


def test_a_fork_begins_where_it_leaves_its_session(bank: BankFolder, tmp_path: Path) -> None:
    log, copy = forked()
    folder = folder_of(tmp_path, log, copy)
    done = run(bank, folder)
    said = {"b-first": ["user: One", "assistant: Two"], "a-copy": ["user: Three", "assistant: Four"]}
    assert talks(bank) == said
    assert "a-copy: 2 messages of the session it was forked from skipped" in told(done)
    record = next(each for each in scan(bank, kinds=("session",)).records if each.metadata["imported_id"] == "a-copy")
    assert [link.rel for link in record.links] == ["relates"]
    # the first session goes on for longer than its fork: it is still the first
    log.number = 60
    log.asks("Five")
    log.says("Six")
    done = run(bank, folder_of(tmp_path, log))
    assert (len(done.records), len(done.grown), done.already) == (0, 1, 1)
    assert talks(bank) == {**said, "b-first": ["user: One", "assistant: Two", "user: Five", "assistant: Six"]}
    assert run(bank, folder).already == 2


def test_a_fork_that_was_imported_alone_keeps_its_messages(bank: BankFolder, tmp_path: Path) -> None:
    log, copy = forked()
    run(bank, folder_of(tmp_path, copy))
    done = run(bank, folder_of(tmp_path, log))
    assert talks(bank) == {"a-copy": ["user: One", "assistant: Two", "user: Three", "assistant: Four"]}
    assert any(
        each.startswith("b-first: skipped: it has no messages (2 messages of the session") for each in told(done)
    )


def test_a_session_grows_and_sub_agents_are_named(bank: BankFolder, tmp_path: Path) -> None:
    log, agent = Log(), Log()
    log.asks("One")
    folder = folder_of(tmp_path, log)
    for name in ("agent-1.jsonl", "s1/subagents/agent-2.jsonl", "s1/subagents/agent-2.meta.json"):
        agent.add("user", isSidechain=True, agentId="2", message={"role": "user", "content": "Search"})
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        agent.write(folder, name)
    done = run(bank, folder)
    assert "-srv-dev-shop: 3 files (sub-agents) skipped" in told(done)
    log.says("Two")
    assert len(run(bank, folder_of(tmp_path, log)).grown) == 1
    again = run(bank, folder)
    assert (again.already, again.operations) == (1, ())
    assert talks(bank) == {"s1": ["user: One", "assistant: Two"]}
    with pytest.raises(ForeignError, match="no session of Claude Code"):
        run(bank, agent_files.write(tmp_path, "gemini.jsonl", '{"type": "user", "id": "1", "content": "Hi"}'))


def test_a_log_in_a_zip_file_with_broken_lines(bank: BankFolder, tmp_path: Path) -> None:
    log = Log()
    log.asks("One")
    lines = ["\ufeff" + log.lines[0], "", '{"type": "user", "mess', "[]", "\0\0"]
    log.says("Two")
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("p/s1.jsonl", "\r\n".join([*lines, log.lines[1] + log.lines[1].replace("s1-2", "s1-3"), "{"]))
    done = run(bank, path)
    assert talks(bank) == {"s1": ["user: One", "assistant: Two", "assistant: Two"]}
    assert any("logs.zip/p/s1.jsonl:3: invalid JSON" in each for each in told(done))
    assert "s1: 1 lines that are no objects skipped" in told(done)


def test_secrets_and_structure_of_a_log_do_no_harm(bank: BankFolder, tmp_path: Path) -> None:
    log = Log(session="../../etc/x")
    key = "AKIA" + "Q3EXAMPLEKEY2345"
    log.asks(f"# Heading\n\nuse {key}\x1b[2J\n---\n", cwd=f"/srv/{key}", gitBranch=["x"])
    log.raw({"type": "custom-title", "customTitle": "\x1b]0;x\x07# T\nitle: a"})
    done = run(bank, log.write(tmp_path, "x.jsonl"))
    assert [each.why for each in done.redacted] == ["aws-key"]
    record = scan(bank, kinds=("session",)).records[0]
    text = (bank.folder / record.file).read_text(encoding="utf-8")
    assert key not in text
    assert "\x1b" not in text
    assert [row.role for row in read_messages(bank, record.id).rows] == ["user"]
