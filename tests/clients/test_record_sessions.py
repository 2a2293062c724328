"""Recorded logs: both turns of each client, small, and without a path of the machine that made them."""

from __future__ import annotations

import json
import re
import tempfile
from typing import TYPE_CHECKING

from tests.clients.record_sessions import ASK, CORRECT, LOGS, record

if TYPE_CHECKING:
    from pathlib import Path


def test_each_client_leaves_a_small_log_of_both_turns_without_a_path_of_the_machine(tmp_path: Path) -> None:
    made = record(tmp_path)

    assert {log.parent.name for log in made} == LOGS.keys()
    for client in LOGS:
        texts = [log.read_text() for log in made if log.parent.name == client]
        assert any(ASK in text for text in texts)
        assert any(CORRECT in text for text in texts)
        for text in texts:
            assert len(text.encode()) < 150_000
            assert tempfile.gettempdir().replace("/", "-") + "-tmp" not in text
            assert not re.search(re.escape(tempfile.gettempdir()) + r"/\w", text)
            assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
