"""The visible queue: whoever reads the bank is told that corrections wait, at almost no cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.agents.session_line import session_line
from memorybank.records.corrections.correction import DROPPED, PROPOSED, Correction, Origin, Premise
from memorybank.records.corrections.ledger import append_found
from memorybank.records.corrections.waiting import CorrectionQueue, queue_of
from memorybank.store.discover import find_bank
from tests.ledger import append_decision
from tests.running import bank as run

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Bank.init(tmp_path / "app")
    return tmp_path / "app"


def found(project: Path, *names: str) -> BankFolder:
    folder = find_bank(project, environ={})
    origin = Origin("claude-code", "s-1", at="2026-11-20T09:00:00Z")
    append_found(
        folder, [Correction(f"cor-20261120-{name}", "marker", f"no, {name}", Premise("x"), origin) for name in names]
    )
    return folder


def test_without_corrections_nothing_is_told_and_no_ledger_is_read(project: Path) -> None:
    folder = find_bank(project, environ={})

    assert queue_of(folder) is None
    assert "correction" not in session_line(folder, "", "app")
    assert "correction" not in run(project, "load").stderr
    assert Bank.open(project).status().to_wire()["waiting_corrections"] is None


def test_what_waits_is_told_by_status_load_and_the_session_line(project: Path) -> None:
    folder = found(project, "aaaaa", "bbbbb", "ccccc")
    append_decision(folder, "cor-20261120-bbbbb", status=PROPOSED)
    line = "3 corrections wait: bank corrections list"

    assert queue_of(folder) == CorrectionQueue(3, 1)
    assert f"mined     {line}\n" in run(project, "status").stdout
    loaded = run(project, "load")
    assert line in loaded.stderr
    assert line not in loaded.stdout
    assert " 3 corrections wait (bank corrections list)." in session_line(folder, "", "app")
    for command in ("status", "load"):
        answer = json.loads(run(project, command, "--json").stdout)
        assert answer["waiting_corrections"] == {"waiting_count": 3, "proposed_count": 1}


def test_one_that_was_proposed_still_waits_wherever_it_is_counted(project: Path) -> None:
    folder = found(project, "aaaaa", "bbbbb", "ccccc", "ddddd")
    append_decision(folder, "cor-20261120-bbbbb", status=PROPOSED)
    append_decision(folder, "cor-20261120-ddddd", status=DROPPED)
    bank = Bank.open(project)

    waiting = bank.corrections.list(status="waiting")
    status = bank.corrections.status()

    assert [each.id[-5:] for each in waiting] == ["ccccc", "bbbbb", "aaaaa"]
    assert [each.id[-5:] for each in bank.corrections.list(status="proposed")] == ["bbbbb"]
    assert (status.waiting_count, status.proposed_count, status.dropped_count) == (len(waiting), 1, 1)
    assert "3 waiting, 0 accepted, 1 dropped" in run(project, "corrections", "status").stdout


def test_who_decided_about_all_of_them_is_told_nothing(project: Path) -> None:
    found(project, "aaaaa")
    bank = Bank.open(project)
    assert str(queue_of(find_bank(project, environ={}))) == "1 correction waits: bank corrections list"

    bank.corrections.drop("cor-20261120-aaaaa")

    assert bank.status().waiting_corrections is None


def test_the_wrap_up_asks_until_it_is_settled_or_left_to_the_user(project: Path) -> None:
    bank = Bank.open(project)
    assert next(each for each in bank.wrap_up().points if each.name == "corrections").is_done
    found(project, "aaaaa")

    point = next(each for each in bank.wrap_up().open if each.name == "corrections")

    assert (point.found, point.command) == ("1 correction waits", "bank corrections list")
    assert "corrections" not in [each.name for each in bank.wrap_up(none=["corrections"]).open]
