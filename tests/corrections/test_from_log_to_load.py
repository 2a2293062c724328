"""What a user said once: from the log of a session to what the next one loads, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from memorybank import Bank
from tests.running import bank
from tests.serve.session_log import COMMENT, Log

if TYPE_CHECKING:
    from pathlib import Path


def test_a_denial_is_mined_at_the_end_of_the_turn_proposed_accepted_loaded_and_taken_back(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    Bank.init(project)
    log = Log(tmp_path / "session.jsonl")
    log.types("clean up")
    log.denies("rm -rf build dist")
    log.answers("Only dist then.")
    event = {"cwd": str(project), "session_id": "s", "permission_mode": "default", "transcript_path": str(log.path)}

    stopped = bank(project, "hook", "Stop", text=json.dumps(event))

    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "", "")
    assert "1 correction waits: bank corrections list" in bank(project, "status").stdout
    proposed = bank(project, "corrections", "propose")
    assert COMMENT in proposed.stdout
    assert COMMENT not in bank(project, "load").stdout
    ident = json.loads(bank(project, "corrections", "list", "--json").stdout)["corrections"][0]["id"]

    accepted = bank(project, "corrections", "accept", ident)

    assert accepted.returncode == 0, accepted.stderr
    assert COMMENT in bank(project, "load", "patterns.md").stdout.lower()
    assert "wait" not in bank(project, "load").stderr
    assert COMMENT in bank(project, "corrections", "load").stdout

    assert bank(project, "undo").returncode == 0
    assert COMMENT not in bank(project, "load").stdout.lower()
    assert "1 correction waits" in bank(project, "load").stderr
    # the log is still there, and is not mined twice
    bank(project, "hook", "SessionEnd", text=json.dumps(event))
    assert [each.id for each in Bank.open(project).corrections.list()] == [ident]
