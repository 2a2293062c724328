"""What hooks find in the log of a session: at the end of a turn, before a compaction, at the end of the session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.agents.new_turns import MOST_BYTES, new_part
from memorybank.serve.hooks.run import answer
from tests.serve.session_log import COMMENT, Log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [each for each in os.environ if each.startswith(("MEMORYBANK", "CLAUDE", "GEMINI", "CURSOR"))]:
        monkeypatch.delenv(name)
    Bank.init(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "s.jsonl")


def said(project: Path, event: str, log: Log, **fields: Any) -> str:
    given = {"cwd": str(project), "session_id": "s", "permission_mode": "default", "transcript_path": str(log.path)}
    return answer(event, json.dumps({**given, **fields}).encode(), environ=os.environ).decode()


def found(project: Path) -> list[str]:
    return [each.text for each in Bank.open(project).corrections.list()]


@pytest.mark.parametrize("event", ["Stop", "PreCompact", "SessionEnd"])
def test_a_denial_with_a_comment_is_found(project: Path, log: Log, event: str) -> None:
    log.types("clean up")
    log.denies("rm -rf build dist")
    log.answers("Only dist then.")

    said(project, event, log)

    (one,) = Bank.open(project).corrections.list()
    assert (one.text, one.effective_tier) == (COMMENT, one.tier)
    assert "rm -rf build dist" in one.premise.tool
    assert not (project / ".memorybank/.state/hooks.log").exists()


def test_each_event_reads_on_and_finds_nothing_twice(project: Path, log: Log) -> None:
    log.types("set the port")
    log.answers("Port 8080 is set.")
    said(project, "Stop", log)
    assert found(project) == []
    log.types("no, use port 9090")
    log.answers("Port 9090 is set.")
    said(project, "Stop", log)
    said(project, "Stop", log)
    said(project, "SessionEnd", log, reason="other")
    assert found(project) == ["no, use port 9090"]
    log.types("now the prices")
    log.denies("rm -rf build dist")
    log.answers("Fine.")
    said(project, "Stop", log)

    assert sorted(found(project)) == [COMMENT, "no, use port 9090"]


def test_a_turn_without_new_words_of_the_user_reads_nothing_else(project: Path, log: Log) -> None:
    log.types("run the tests")
    log.calls("pytest", "t1")
    log.returns("t1", "no, use port 9090 instead")
    log.add("user", "Stop hook feedback: no, not like this", isMeta=True, rowSource="hook")
    log.answers("Done.")
    code = (
        "import json, os, sys\n"
        "from memorybank.serve.hooks.run import answer\n"
        "answer('Stop', sys.stdin.buffer.read(), environ=os.environ)\n"
        "print([each for each in sys.modules if each.startswith('memorybank.corrections')])"
    )
    event = {"cwd": str(project), "session_id": "s", "permission_mode": "default", "transcript_path": str(log.path)}

    ran = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(event), capture_output=True, text=True, check=True
    )

    assert ran.stdout == "[]\n"


def test_the_setting_switches_it_off(project: Path, log: Log) -> None:
    Bank.open(project).settings.set("agents.mine", "false")
    log.types("clean up")
    log.denies("rm -rf build dist")

    said(project, "Stop", log)

    assert found(project) == []


def test_a_fault_of_mining_is_logged_and_the_answer_is_the_same(
    project: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.types("clean up")
    log.denies("rm -rf build dist")

    def fails(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("memorybank.corrections.mine.mine", fails)

    assert "the state of the work is saved in" in said(project, "PreCompact", log)
    assert "mining" in (project / ".memorybank/.state/hooks.log").read_text()
    assert COMMENT not in (project / ".memorybank/.state/hooks.log").read_text()


@pytest.mark.parametrize("path", ["", "s.jsonl", "/dev/zero", "/nowhere/s.jsonl", "/a\0b", "/\ud800"])
def test_what_is_no_log_is_left_alone(project: Path, path: str) -> None:
    begun = time.monotonic()
    event = {"cwd": str(project), "session_id": "s", "permission_mode": "default", "transcript_path": path}

    assert answer("Stop", json.dumps(event).encode(), environ=os.environ) == b""
    assert time.monotonic() - begun < 2
    assert not (project / ".memorybank/.state/hooks.log").exists()


def test_more_than_a_hook_reads_is_left_to_the_command(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    path.write_bytes(b'{"type":"user","userFeedback":"no"}\n')
    with path.open("r+b") as file:
        file.truncate(MOST_BYTES + 100)

    assert new_part(str(path), 0, "claude-code") is None
    assert new_part(str(path), 200, "claude-code") == (200, False)
    assert new_part(str(path), MOST_BYTES + 100, "claude-code") is None


@pytest.mark.parametrize(
    ("client", "lines", "expected"),
    [
        ("codex", ['{"type":"event_msg","payload":{"item":{"type":"UserMessage"}}}'], False),
        ("codex", ['{"type":"event_msg","payload":{"item":{"type":"UserMessage"}}}'] * 2, True),
        ("codex", ['{"type":"response_item","payload":{"role":"user"}}'] * 3, False),
        ("gemini", ['{"id":"a","type":"user","content":[{"text":"x"}]}'] * 2, True),
        ("gemini", ['{"id":"a","type":"user","content":[{"functionResponse":{}}]}'] * 2, False),
        ("gemini", ['{"$set":{"messages":[{"type":"user"}]}}'] * 2, False),
        ("claude-code", ['{"attachment":{"type":"queued_command","prompt":"no"}}', '{"type":"user"}'], True),
        ("claude-code", ['{"type":"user","rowSource":"local"}'] * 3, False),
    ],
)
def test_the_bytes_of_each_client_say_whether_there_are_turns(
    tmp_path: Path, client: str, lines: list[str], *, expected: bool
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))

    part = new_part(str(path), 0, client)

    assert part == (path.stat().st_size, expected)
