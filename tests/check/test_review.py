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
    assert asked[0].hint == "bank check --explain dead-path"
    assert asked[1].hint == "bank item remove 'activeContext.md#Blockers' 1"


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


def test_a_week_asks_about_new_memories(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("Fixed the bug", kind="error", title="Fixed the bug", tags=("bug-fix",)), way)
    save(bank, NewRecord("Uses PostgreSQL 16 on RDS", kind="fact", title="Database"), way)
    save(bank, NewRecord("Uses FastAPI behind nginx", kind="fact", title="Stack", tags=("stack",)), way)
    asked = [each for each in review(bank, START) if each.topic == "new"]
    assert [each.question.partition(" is new")[0] for each in asked[:2]] == ["'Fixed the bug'", "'Database'"]
    assert asked[0].hint.startswith("bank open err-")
    assert asked[1].hint.endswith("--tags TAG,TAG")
    assert asked[2].question.startswith("3 new memories this week")
    assert [each.topic for each in review(bank, START + timedelta(days=20))] == []


def test_a_week_asks_about_facts_that_nobody_looked_at(bank: BankFolder, way: Way) -> None:
    for number in range(12):
        save(bank, NewRecord(f"Host {number} is db-{number}", kind="fact", title=f"Host {number}", tags=("ops",)), way)
    asked = [each for each in review(bank, START + timedelta(days=330)) if each.topic == "facts"]
    assert len(asked) == 11
    assert asked[0].hint.startswith("bank deprecate fct-")
    assert asked[-1].question == "2 more fact records are as old"
    assert asked[-1].hint == "bank list --type fact --until 2027-07-19"


def test_a_quarter_asks_about_errors_and_code(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("Pool leaks: close in finally", kind="error", title="Pool", tags=("pool",)), way)
    save(bank, NewRecord("def retry(): ...", kind="code", title="Retry", tags=("retry",)), way)
    found = topics(bank, days=200)
    assert {"errors", "codes"} <= set(found)
    assert not {"errors", "codes"} & set(topics(bank, days=200, period="weekly"))
