"""A session from its start to its end, as hooks see it: what is kept, what is asked, and how often."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.agents.hook_events import hook_script
from memorybank.agents.hook_state import is_first
from memorybank.files.lock import lock
from memorybank.serve.hooks.run import answer
from memorybank.store.discover import find_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [each for each in os.environ if each.startswith(("MEMORYBANK", "CLAUDE", "GEMINI", "CURSOR"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "project"
    Bank.init(folder)
    for words in (["init", "-q"], ["config", "user.name", "a"], ["config", "user.email", "a@b"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "start"], cwd=folder, check=True)
    return folder


def said(project: Path, event: str, *, client: str = "", **fields: Any) -> str:
    given = {"cwd": str(project), "session_id": "s", **fields}
    return answer(event, json.dumps(given).encode(), client=client, environ=os.environ).decode()


def change_a_file(project: Path, name: str = "a.py", session: str = "s") -> None:
    said(project, "SessionStart", session_id=session, source="startup")
    (project / name).write_text("x = 1\n")
    given = {"file_path": str(project / name), "content": "x = 1\n"}
    said(project, "PostToolUse", session_id=session, tool_name="Write", tool_input=given, tool_use_id=name)


def test_a_session_that_changed_files_and_noted_nothing_is_asked_once(project: Path) -> None:
    change_a_file(project)
    first = json.loads(said(project, "Stop", stop_hook_active=False))
    assert first["decision"] == "block"
    assert "bank note 'WHAT CHANGED' --as change --file a.py" in first["reason"]
    assert first["reason"].endswith("bank wrap-up --none changes,decisions,learnings")
    assert said(project, "Stop", stop_hook_active=True) == ""
    assert said(project, "Stop", stop_hook_active=False) == ""


@pytest.mark.parametrize("repository", ["none", "without commits"])
def test_where_git_knows_nothing_the_tools_say_what_changed(project: Path, repository: str) -> None:
    shutil.rmtree(project / ".git")
    if repository != "none":
        subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    change_a_file(project)
    assert "--as change --file a.py" in said(project, "Stop")
    (found,) = [each for each in Bank.open(project).wrap_up().points if each.name == "changes"]
    assert found.found == "1 file (a.py) changed, and no change is noted"


def test_files_that_are_not_the_projects_are_not_its_changes(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / ".git")
    said(project, "SessionStart", source="startup")
    (tmp_path / "notes.txt").write_text("x")
    for path in ("../notes.txt", str(project / ".memorybank/progress.md")):
        said(project, "PostToolUse", tool_name="Write", tool_input={"file_path": path, "content": "x"})
    assert said(project, "Stop") == ""


def test_a_session_that_is_first_heard_of_after_a_write_is_asked(project: Path) -> None:
    """Hooks that are installed while a client runs get no start of its session."""
    (project / "a.py").write_text("x = 1\n")
    moment = time.time() - 30
    os.utime(project / "a.py", (moment, moment))
    given = {"file_path": "a.py", "content": "x = 1\n"}
    said(project, "PostToolUse", tool_name="Write", tool_input=given, tool_use_id="1")
    assert "--as change --file a.py" in said(project, "Stop")


def test_a_session_that_wrote_to_the_bank_is_not_asked(project: Path) -> None:
    change_a_file(project)
    Bank.open(project).note("Writes are cached", kind="learning")
    assert said(project, "Stop", stop_hook_active=False) == ""


def test_a_session_that_only_read_is_not_asked(project: Path) -> None:
    said(project, "SessionStart", source="startup")
    (project / "of_somebody_else.py").write_text("x")
    assert said(project, "Stop", stop_hook_active=False) == ""


@pytest.mark.parametrize("client", ["claude-code", "codex"])
def test_who_answered_that_there_is_nothing_to_write_is_not_asked(
    project: Path, monkeypatch: pytest.MonkeyPatch, client: str
) -> None:
    """Claude Code gives its commands the id of its session, other clients do not."""
    change_a_file(project)
    if client == "claude-code":
        monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "s")
    Bank.open(project).wrap_up(none=["changes", "decisions", "learnings"])
    assert said(project, "Stop", client=client, stop_hook_active=False) == ""


def test_the_session_with_news_is_saved_and_not_at_every_turn(project: Path) -> None:
    """A record that is an hour old is written anew; then not again for a quarter of an hour."""
    bank = Bank.open(project)
    session = bank.sessions.start(label="parts").record.id
    record = project / ".memorybank/sessions" / f"{session}.md"
    old = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    record.write_text(re.sub(r"(?m)^(created|started|updated|last_activity): .*$", rf"\1: {old}", record.read_text()))
    before = record.read_text()
    said(project, "Stop")
    assert record.read_text() == before
    bank.note("Writes are cached", kind="learning")
    said(project, "Stop")
    saved = record.read_text()
    assert saved != before
    assert "Writes are cached" in saved
    bank.note("Reads are not", kind="learning")
    said(project, "Stop")
    assert record.read_text() == saved


def test_the_reminder_can_be_switched_off(project: Path) -> None:
    (project / ".memorybank/bank.toml").write_text("[agents]\nstop = 'off'\n")
    change_a_file(project)
    assert said(project, "Stop", stop_hook_active=False) == ""


@pytest.mark.parametrize(
    ("client", "event", "at"),
    [
        ("gemini", "AfterAgent", ("reason",)),
        ("copilot", "agentStop", ("reason",)),
        ("vscode", "Stop", ("hookSpecificOutput", "reason")),
        ("vscode", "agentStop", ("reason",)),
        ("cursor", "stop", ("followup_message",)),
        ("opencode", "Stop", ("ask",)),
    ],
)
def test_each_client_is_asked_in_its_own_form(project: Path, client: str, event: str, at: tuple[str, ...]) -> None:
    change_a_file(project)
    found: Any = json.loads(said(project, event, client=client))
    for name in at:
        found = found[name]
    assert found.startswith("Before you end: this session changed files")


def test_notes_of_a_sub_agent_are_queued_once(project: Path) -> None:
    message = "Done.\n\n### Memory Notes (For Workflow-Final Persistence)\n- **Learnings:** The proxy cuts after 60 s\n"
    for _ in range(2):
        assert said(project, "SubagentStop", agent_type="reviewer", last_assistant_message=message) == ""
    notes = Bank.open(project).notes.list()
    assert [(note.text, note.agent) for note in notes] == [("The proxy cuts after 60 s", "reviewer")]


def test_notes_that_wait_for_a_lock_are_queued_at_the_next_event(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last message of a sub-agent comes once, so its notes are kept although nothing can be queued."""
    monkeypatch.setattr("memorybank.facade.agents.hook_bank._WAIT", 0.05)
    state = find_bank(project, environ=os.environ).state
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    message = f"MEMORY_NOTES:\n  learnings: [The proxy cuts after 60 s, The token was {secret}]\n"
    with lock(state / "lock", holder="test"):
        said(project, "SubagentStop", agent_type="reviewer", last_assistant_message=message)
        assert said(project, "Stop", stop_hook_active=False) == ""
    assert list(Bank.open(project).notes.list()) == []
    kept = [each.read_text() for each in (state / "outputs").iterdir()]
    assert (len(kept), secret in kept[0]) == (1, False)
    said(project, "Stop", stop_hook_active=False)
    assert ("The proxy cuts after 60 s", "reviewer") in {
        (each.text, each.agent) for each in Bank.open(project).notes.list()
    }
    assert list((state / "outputs").iterdir()) == []


def test_notes_that_wait_are_applied_too_but_not_by_a_dry_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memorybank.facade.agents.hook_bank._WAIT", 0.05)
    state = find_bank(project, environ=os.environ).state
    with lock(state / "lock", holder="test"):
        said(project, "SubagentStop", last_assistant_message="MEMORY_NOTES:\n  learnings: [Dates are local]\n")
    assert list(Bank.open(project, dry_run=True).notes.apply().settled) == []
    assert [each.note.text for each in Bank.open(project).notes.apply().settled] == ["Dates are local"]
    assert list((state / "outputs").iterdir()) == []


def test_notes_are_read_from_the_transcript_of_the_sub_agent(project: Path, tmp_path: Path) -> None:
    notes = "MEMORY_NOTES:\n  learnings:\n    - Dates are local\n"
    rows = [
        {"type": "user", "message": {"role": "user", "content": "look at it"}},
        {
            "type": "assistant",
            "message": {
                "role": "assistant",
                "content": [{"type": "text", "text": notes}],
            },
        },
    ]
    path = tmp_path / "agent.jsonl"
    path.write_text("not json\n" + "".join(json.dumps(row) + "\n" for row in rows))
    said(project, "SubagentStop", agent_type="reviewer", agent_transcript_path=str(path))
    assert [note.text for note in Bank.open(project).notes.list()] == ["Dates are local"]


def transcript(path: Path) -> Path:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    answer_text = "Half done.\n```\nCODE OF A FILE\n```\nTests next."
    read = {"type": "tool_use", "name": "Read", "input": {}}
    rows: list[dict[str, Any]] = [
        {"type": "user", "message": {"role": "user", "content": f"Move the login to Redis, the token is {secret}"}},
        {
            "type": "assistant",
            "message": {"role": "assistant", "content": [read]},
        },
        {"type": "user", "message": {"role": "user", "content": [{"type": "tool_result", "content": "FILE CONTENT"}]}},
        {
            "type": "assistant",
            "message": {
                "role": "assistant",
                "content": [{"type": "text", "text": answer_text}],
            },
        },
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_before_a_compaction_the_state_is_saved_without_secrets_and_contents(project: Path, tmp_path: Path) -> None:
    Bank.open(project).tasks.add("Ship it")
    text = said(project, "PreCompact", trigger="auto", transcript_path=str(transcript(tmp_path / "t.jsonl")))
    assert text.startswith("The project's memory is kept with `bank`")
    assert len(text) < 500
    mark = Bank.open(project).checkpoints.list()[0]
    assert mark.file in text
    assert mark.notes.startswith("asked: Move the login to Redis, the token is <redacted:")
    assert mark.notes.endswith("last: Half done. [code] Tests next.; tools: Read 1")
    assert mark.value["open_tasks"] == ["Ship it"]
    assert "CONTENT" not in json.dumps(dict(mark.value))


@pytest.mark.parametrize(
    ("client", "event"),
    [
        ("codex", "PreCompact"),
        ("gemini", "PreCompress"),
        ("copilot", "preCompact"),
        ("vscode", "preCompact"),
        ("cursor", "preCompact"),
    ],
)
def test_clients_that_read_no_text_at_a_compaction_get_none(project: Path, client: str, event: str) -> None:
    assert said(project, event, client=client, trigger="auto") == ""
    assert len(Bank.open(project).checkpoints.list()) == 1


def test_a_prompt_brings_lines_only_where_that_is_switched_on(project: Path) -> None:
    Bank.open(project).note("Retries: exponential, at most five", kind="decision", why="the gateway is slow")
    assert said(project, "UserPromptSubmit", prompt="what about retries of the gateway?", source="user") == ""
    (project / ".memorybank/bank.toml").write_text("[agents]\nprompt = true\n")
    assert said(project, "UserPromptSubmit", prompt="what about retries of the gateway?", source="system") == ""
    found = json.loads(said(project, "UserPromptSubmit", prompt="what about retries of the gateway?", source="user"))
    text = found["hookSpecificOutput"]["additionalContext"]
    assert "Retries: exponential, at most five" in text
    assert text.startswith("<memory-bank origin=")


def test_the_end_of_a_session_is_marked(project: Path) -> None:
    assert said(project, "SessionEnd", reason="logout") == ""
    state = json.loads((project / ".memorybank/.state/hooks.json").read_text())
    assert state["s"]["ended"] == "logout"


def test_after_a_compaction_the_line_is_said_again_and_is_the_same(project: Path) -> None:
    first = said(project, "SessionStart", source="startup")
    assert first
    assert said(project, "SessionStart", source="compact") == first


def test_of_many_processes_at_once_one_is_the_first(project: Path) -> None:
    bank = find_bank(project, environ={})
    firsts: list[bool] = []
    now = datetime.now(UTC)
    threads = [threading.Thread(target=lambda: firsts.append(is_first(bank, "s", "before t1", now))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(firsts) == [False] * 7 + [True]


def test_the_state_is_bounded(project: Path) -> None:
    bank = find_bank(project, environ={})
    now = datetime.now(UTC)
    for number in range(70):
        is_first(bank, f"s{number}", "x 1", now)
        is_first(bank, "one", f"x {number}", now)
    rows = json.loads((project / ".memorybank/.state/hooks.json").read_text())
    assert len(rows) == 40
    assert len(rows["one"]["events"]) == 60


@pytest.mark.parametrize("junk", [b"", b"[]", b"{", b'{"s": 5}', b'{"s": {"events": 7, "changed": "x"}}', b"\xff"])
def test_a_damaged_state_stops_nothing(project: Path, junk: bytes) -> None:
    state = project / ".memorybank/.state"
    state.mkdir(exist_ok=True)
    (state / "hooks.json").write_bytes(junk)
    assert said(project, "SessionStart", source="startup") != ""
    assert not (state / "hooks.log").exists()


def test_a_bank_that_cannot_be_written_still_answers(project: Path) -> None:
    (project / ".memorybank/.state/hooks.lock").mkdir(parents=True)
    assert said(project, "SessionStart", source="startup") != ""
    given = {"file_path": ".memorybank/progress.md", "content": "x"}
    assert "deny" in said(project, "PreToolUse", tool_name="Write", tool_input=given)


def test_a_closed_input_and_no_home_are_no_fault(project: Path) -> None:
    command = f'"{sys.executable}" -I "{hook_script()}" SessionStart'
    for line in (f"{command} <&-", f"{command} <&- >&-", f'printf \'{{"session_id":"s"}}\' | env -i {command}'):
        done = subprocess.run(["sh", "-c", line], cwd=project, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
