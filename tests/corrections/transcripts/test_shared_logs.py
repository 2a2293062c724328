"""Real logs, of other projects and of today's clients: read to their ends, with every kind of line known.

MEMORYBANK_SHARED_DATA=DIR python -m pytest tests/corrections/transcripts/test_shared_logs.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from memorybank.corrections.transcripts.counts import LogCounts
from memorybank.corrections.transcripts.log_places import logs_in
from memorybank.corrections.transcripts.read_log import read_events
from memorybank.exchange.account import Account
from memorybank.exchange.agent_sessions.claude_code.session_log import SessionLog
from memorybank.exchange.agent_sessions.json_lines import Row, rows_in
from memorybank.exchange.conversation.talk import Fields, Ledger

SHARED = os.environ.get("MEMORYBANK_SHARED_DATA", "")
# lines that are no entries at all, which some of these files have on purpose
ODD = {"(no type)", "(a str)", "(a int)", "(a list)"}


@pytest.mark.skipif(not SHARED, reason="MEMORYBANK_SHARED_DATA is not set")
def test_every_log_is_read() -> None:
    refused: dict[str, str] = {}
    logs = logs_in(Path(SHARED) / "transcripts", refused=refused)
    assert len(logs) >= 20
    counts, speakers = LogCounts(), set()
    for log in logs:
        speakers |= {event.speaker for event in read_events(log.path, log.client, counts=counts)}
    assert (refused, counts.refused, counts.long) == ({}, {}, 0)
    assert set(counts.unknown) <= ODD
    assert speakers == {"human", "assistant", "subagent", "harness"}
    assert set(counts.events) >= {"said", "call", "result", "denied", "interrupted"}


@pytest.mark.skipif(not SHARED, reason="MEMORYBANK_SHARED_DATA is not set")
def test_an_import_takes_what_the_events_say() -> None:
    for log in logs_in(Path(SHARED) / "transcripts", ["claude-code"]):
        said: list[tuple[str, str, str]] = []
        for event in read_events(log.path, log.client):
            if event.kind == "rewound":
                del said[[ident for ident, *_ in said].index(event.about) :]
            elif event.text and event.kind in ("said", "denied") and event.speaker in ("human", "assistant"):
                said.append((event.ident, "user" if event.speaker == "human" else "assistant", event.text))
        taker = SessionLog(Ledger(Account(), "x", Fields()))
        with log.path.open("rb") as file:
            for row in rows_in(file):
                if isinstance(row, Row):
                    taker.take(row.value)
        assert [(each.role, each.text) for each in taker.talk().messages] == [each[1:] for each in said], log.path
