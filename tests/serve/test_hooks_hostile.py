"""Hooks under hostile input and damage: the client goes on, soon, and what went wrong is in the log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.agents.hook_events import hook_script
from memorybank.files.lock import lock
from memorybank.serve.hooks.run import answer
from tests.running import FULL

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PreCompact",
    "SubagentStop",
    "Stop",
    "SessionEnd",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [each for each in os.environ if each.startswith(("MEMORYBANK", "CLAUDE", "GEMINI", "CURSOR"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "project"
    Bank.init(folder).tasks.add("Ship it")
    monkeypatch.chdir(folder)
    return folder


def said(project: Path, event: str, **fields: Any) -> str:
    given = {"cwd": str(project), "session_id": "s", **fields}
    return answer(event, json.dumps(given).encode(), environ=os.environ).decode()


def run(project: Path, event: str, data: bytes | None = None, *, folder: Path | None = None, **fields: Any) -> str:
    """Run the script as a client does, and return its answer; it must end well and print no error."""
    given = json.dumps({"cwd": str(project), "session_id": "s", **fields}).encode() if data is None else data
    done = subprocess.run(
        [sys.executable, "-I", str(hook_script()), event],
        input=given,
        cwd=folder or project,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


VALUES: dict[str, Any] = {
    "null": None,
    "number": 10**400,
    "list": [["\ud800"]],
    "object": {"a": {"b": []}},
    "surrogate": "\ud800/x",
    "nul": "a\0b",
    "climbs": "../../../etc",
    "escapes": "\x1b]0;x\x07/\x1b[2J",
    "long": "/" + "a" * 5000,
}
FIELDS = (
    *("workspace_roots", "session_id", "tool_use_id", "prompt_id", "tool_name", "tool_input", "transcript_path"),
    *("agent_transcript_path", "last_assistant_message", "prompt", "source", "reason", "status", "agent_type"),
)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_of_another_type_or_a_hostile_one_is_no_fault(project: Path, value: Any) -> None:
    """All fields at once, then the folder, then each part of a tool call."""
    edit = {"file_path": ".memorybank/progress.md", "content": "x"}
    for event in EVENTS:
        said(project, event, **dict.fromkeys(FIELDS, value))
        said(project, event, cwd=value, tool_name="Write", tool_input=edit)
        said(project, event, tool_name="Write", tool_input={"file_path": value, "content": value, "edits": value})
    rows = json.loads((project / ".memorybank/.state/hooks.json").read_text())
    assert len(rows) <= 2
    assert not (project / ".memorybank/.state/hooks.log").exists()


@pytest.mark.parametrize(
    "data",
    [b'{"cwd":' * 100_000, b"[" * 10_000_000, b'{"tool_name":"Write","tool_input":"' + b"[" * 100_000 + b'"}'],
    ids=["objects", "ten megabytes", "in a text"],
)
def test_deep_json_is_answered_with_nothing(project: Path, data: bytes) -> None:
    assert run(project, "PostToolUse", data) == ""
    assert run(project, "Stop", data) == ""


def test_a_folder_that_is_gone_or_a_file_is_nobodys(project: Path, tmp_path: Path) -> None:
    assert run(project, "SessionStart", cwd=str(tmp_path / "gone")) == ""
    assert run(project, "SessionStart", cwd=str(project / ".memorybank/progress.md")) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_client_whose_folder_was_removed_goes_on(project: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'cd "{gone}" && rmdir "{gone}" && printf \'{{"session_id":"s"}}\' | "{sys.executable}" -I "{hook_script()}"'
    done = subprocess.run(["sh", "-c", f"{line} SessionStart"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("path", ["pipe", "/dev/zero", "/dev/stdin", "huge", "."])
def test_a_transcript_that_is_no_file_is_not_waited_for(project: Path, tmp_path: Path, path: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", 1 << 33)
    assert "the state of the work is saved" in run(project, "PreCompact", transcript_path=str(tmp_path / path))


def test_a_held_lock_holds_no_client_for_long(project: Path) -> None:
    """Half a second for the hooks' own lock, two for the bank's."""
    state = project / ".memorybank/.state"
    with lock(state / "lock", holder="test"), lock(state / "hooks.lock", holder="test"):
        begun = time.monotonic()
        assert said(project, "PreCompact", trigger="auto") == ""
        assert time.monotonic() - begun < 8
    assert "PreCompact: the bank is locked by test" in (state / "hooks.log").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no timer that stops a process")
def test_what_takes_too_long_is_ended_and_logged(project: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").write_text("#!/bin/sh\nexec sleep 30\n")
    (programs / "git").chmod(0o755)
    code = (
        f"import os, sys; sys.path.insert(0, {str(hook_script().parent)!r}); import hook; "
        "hook._LONGEST = 0.5; os._exit(hook.main(['SessionStart']))"
    )
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps({"cwd": str(project), "session_id": "s"}).encode(),
        env={"PATH": f"{programs}:{os.environ['PATH']}", "HOME": os.environ["HOME"]},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert time.monotonic() - begun < 25
    assert "SessionStart: TookTooLongError" in (project / ".memorybank/.state/hooks.log").read_text()


def test_one_write_that_two_processes_report_is_logged_once(project: Path) -> None:
    given = {"file_path": ".memorybank/progress.md", "content": "x"}
    for _ in range(2):
        assert "deny" in run(project, "PreToolUse", tool_name="Write", tool_input=given)
    assert len(Bank.open(project).audit.list()) == 1


def test_a_name_that_no_file_can_have_spares_no_other_one(project: Path) -> None:
    edits = [{"path": "\ud800.md", "content": "x"}, {"path": "a\0b"}, {"path": ".memorybank/progress.md"}]
    assert "deny" in said(project, "PreToolUse", tool_name="MultiEdit", tool_input={"edits": edits})


def test_two_hooks_of_one_session_at_once_count_both(project: Path) -> None:
    def write(name: str) -> None:
        given = {"file_path": name, "content": "x"}
        run(project, "PostToolUse", tool_name="Write", tool_input=given, tool_use_id=name)

    threads = [threading.Thread(target=write, args=(f"{number}.py",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = json.loads((project / ".memorybank/.state/hooks.json").read_text())["s"]
    assert (row["changed"], sorted(row["files"])) == (6, [f"{number}.py" for number in range(6)])


DAMAGES = ("state is a file", "state is a dangling link", "read only", "no memory files")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_bank_fails_no_client(project: Path, damage: str) -> None:
    bank = project / ".memorybank"
    for path in sorted((bank / ".state").rglob("*"), reverse=True):
        path.unlink()
    if damage.startswith("state"):
        (bank / ".state").rmdir()
    if damage == "state is a file":
        (bank / ".state").write_text("x")
    elif damage == "state is a dangling link":
        (bank / ".state").symlink_to(project / "nowhere")
    elif damage == "read only":
        (bank / "bank.toml").write_text("read_only = true\n")
    else:
        for path in bank.glob("*.md"):
            path.unlink()
    given = {"file_path": ".memorybank/progress.md", "content": "x"}
    assert run(project, "SessionStart", source="startup") != ""
    assert "deny" in run(project, "PreToolUse", tool_name="Write", tool_input=given)
    # by default each of the other events meets some of the damages
    others = EVENTS[3:]
    for event in others if FULL else others[DAMAGES.index(damage) % 3 :: 3]:
        run(project, event, tool_name="Write", tool_input={"file_path": "a.py"}, last_assistant_message="memory notes")


def test_a_clock_that_went_back_repeats_an_answer_rather_than_none(project: Path) -> None:
    assert said(project, "SessionStart", source="startup") != ""
    path = project / ".memorybank/.state/hooks.json"
    rows = json.loads(path.read_text())
    rows["s"]["events"] = [[name, when + 86_400] for name, when in rows["s"]["events"]]
    rows["s"]["at"] += 86_400
    path.write_text(json.dumps(rows))
    assert said(project, "SessionStart", source="startup") != ""
