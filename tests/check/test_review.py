"""A review asks what a person must decide, and gives the command for each answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from memorybank.check.review import QUARTERLY, review
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.workflow.lines.note import note
from tests.running import START, make_bank
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def topics(bank: BankFolder, *, days: int = 0, period: str = QUARTERLY) -> list[str]:
    asked = review(bank, START + timedelta(days=days), period=period)
    return [each.topic for each in asked if each.topic != "gaps"]


def test_a_week_asks_about_what_is_open(bank: BankFolder, way: Way) -> None:
    assert review(bank, START) == []
    note(bank, "No staging database", way, kind="blocker")
    note(bank, "See `src/gone.py`", way, kind="learning")
    asked = review(bank, START)
    assert [each.topic for each in asked] == ["findings", "blockers"]
    assert asked[0].command == "bank check --explain dead-path"
    assert asked[1].command == "bank item remove 'activeContext.md#Blockers' 1"


def test_a_quarter_asks_about_what_is_old(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("Restart the pool", kind="procedural", title="Restart", tags=("postgres",)), way)
    save(bank, NewRecord("Use PostgreSQL", kind="fact", title="Pool", tags=("postgress",)), way)
    assert "procedurals" not in topics(bank)
    assert "procedurals" in topics(bank, days=100)
    assert "procedurals" not in topics(bank, days=100, period="weekly")
    assert "tags" in topics(bank)


def test_gaps_are_sections_that_nobody_has_filled(bank: BankFolder, way: Way) -> None:
    gaps = [each.where for each in review(bank, START, period=QUARTERLY) if each.topic == "gaps"]
    assert "patterns.md#Common Gotchas" in gaps
    note(bank, "WAL needs a local disk", way, kind="gotcha")
    gaps = [each.where for each in review(bank, START, period=QUARTERLY) if each.topic == "gaps"]
    assert "patterns.md#Common Gotchas" not in gaps


def test_the_command_tells_them(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert run_bank(tmp_path, "review").stdout == "nothing needs a decision\n"
    done = run_bank(tmp_path, "review", "--quarterly")
    assert (done.returncode, done.stdout.startswith("gaps:\n")) == (0, True)
