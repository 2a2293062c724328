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
