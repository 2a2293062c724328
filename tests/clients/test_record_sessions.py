"""Recorded logs: what each client's user did is in them, and no path of the machine that made them."""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.corrected.claude_code import AGENT_SAYS, COMMENT, INSTEAD, MID_TURN, REWOUND
from tests.clients.record_sessions import ASK, CORRECT, LOGS, record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the logs of all clients."""
    made = tmp_path_factory.mktemp("logs")
    record(made)
    return made


def rows_of(folder: Path, client: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for log in sorted((folder / client).rglob("*.jsonl"))
        for line in log.read_text().split("\n")
        if line
    ]


def test_each_client_leaves_logs_without_a_path_of_the_machine(folder: Path) -> None:
    for client in LOGS:
        text = "\n".join(log.read_text() for log in (folder / client).rglob("*.jsonl"))
        for said in (ASK, CORRECT, COMMENT, MID_TURN):
            assert said in text, client
        # the folder of the run was below this one
        assert tempfile.gettempdir().replace("/", "-") + "-tmp" not in text
        assert f"{tempfile.gettempdir()}/{tempfile.gettempprefix()}" not in text


def test_claude_code_has_a_field_for_each_thing_that_the_user_did(folder: Path) -> None:
    rows = rows_of(folder, "claude-code")

    assert [row["userFeedback"] for row in rows if "userFeedback" in row] == [COMMENT]
    denied = [row for row in rows if row.get("toolDenialBeforeRun")]
    assert [row["toolUseResult"] for row in denied] == ["User rejected tool use"]
    assert sum("interruptedMessageId" in row for row in rows) == 1
    queued = [row["attachment"] for row in rows if "queued_command" in str(row.get("attachment"))]
    assert [(each["prompt"], each["origin"]["kind"]) for each in queued] == [(MID_TURN, "human")]
    typed = [row["message"]["content"] for row in rows if row.get("promptSource") == "typed"]
    assert INSTEAD in typed
    # the fork repeats what is before it
    assert typed.count(REWOUND) == 2
    assert any(row.get("isCompactSummary") for row in rows)
    agent = [row for row in rows if AGENT_SAYS in str(row.get("message")) and row["type"] == "assistant"]
    assert agent
    assert all(row["isSidechain"] for row in agent)


def test_a_prompt_after_a_rewind_has_an_earlier_parent(folder: Path) -> None:
    rows = rows_of(folder, "claude-code")

    first, other = (
        next(row for row in rows if row.get("promptSource") == "typed" and row["message"]["content"] == text)
        for text in ("write a test", REWOUND)
    )
    assert first["parentUuid"] == other["parentUuid"]


def test_codex_and_gemini_say_what_was_interrupted_and_rewound(folder: Path) -> None:
    codex, gemini = rows_of(folder, "codex"), rows_of(folder, "gemini")

    assert sum(row["payload"].get("type") == "turn_aborted" for row in codex) == 2
    assert sum("history_base" in row["payload"] for row in codex) == 1
    assert sum("$rewindTo" in row for row in gemini) == 1
    assert any("User denied execution" in str(row.get("toolCalls")) for row in gemini)
