"""A review asks what a person must decide, and gives the command for each answer."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from memorybank.check.review import QUARTERLY, review
from memorybank.records.draft import NewRecord
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.ledgers.facts import add_paf
from memorybank.records.memories.memories import save, update
from memorybank.records.memories.tags import rename_tag
from memorybank.team.hygiene.confirm import confirm
from memorybank.workflow.entries.decide import NewDecision, decide
from memorybank.workflow.lines.note import note
from tests.running import START, make_bank
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    Moved = Callable[..., Way]


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
    assert asked[-1].question == "2 more fact records are as old; the next review asks about them"
    assert asked[-1].hint == "bank list --type fact --until 2027-07-19"


@pytest.mark.parametrize("kind", ["fact", "decision", "error", "code", "procedural", "episodic", "learning", "user"])
def test_a_week_asks_about_old_memories_of_every_type(bank: BankFolder, way: Way, later: Moved, kind: str) -> None:
    save(bank, NewRecord("Pool leaks: close it", kind=kind, title="Pool", tags=("pool",)), way)
    assert topics(bank, days=89, period="weekly") == []
    (asked,) = review(bank, START + timedelta(days=330))
    assert (asked.topic, asked.confirm.split()[:2]) == (f"{kind}s", ["bank", "confirm"])
    confirm(bank, asked.confirm.split()[2:], later(days=330))
    assert topics(bank, days=419, period="weekly") == []
    assert topics(bank, days=421, period="weekly") == [f"{kind}s"]


@pytest.mark.parametrize(
    "created", ["", "created: sometime\n", "created: 21.11.2025\n", "created: 2099-01-01T00:00:00Z\n"]
)
def test_a_fact_whose_date_cannot_be_is_not_passed_over(bank: BankFolder, created: str) -> None:
    folder = bank.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    text = f"---\nid: fct-20251121-aaaaa\ntype: fact\ntags: [a, b, c]\n{created}---\n# Host\n\nThe host is db-1\n"
    (folder / "fct-20251121-aaaaa.md").write_text(text, encoding="utf-8")
    assert [each.question for each in review(bank, START)] == ["'Host' (without a date): is it still true?"]


def test_a_tag_that_is_renamed_everywhere_makes_no_fact_younger(bank: BankFolder, way: Way, later: Moved) -> None:
    save(bank, NewRecord("The host is db-1", kind="fact", title="Host", tags=("ops",)), way)
    rename_tag(bank, "ops", "operations", later(days=329))
    assert topics(bank, days=330, period="weekly") == ["facts"]


def test_a_change_of_the_text_counts_as_looked_at(bank: BankFolder, way: Way, later: Moved) -> None:
    made = save(bank, NewRecord("The host is db-1", kind="fact", title="Host", tags=("ops",)), way)
    update(bank, made.record.id, later(days=329), content="The host is db-2")
    assert topics(bank, days=330, period="weekly") == []


def test_a_quarter_asks_about_all_that_a_week_counts(bank: BankFolder, way: Way) -> None:
    for number in range(12):
        save(bank, NewRecord(f"Host {number} is db-{number}", kind="fact", title=f"Host {number}", tags=("ops",)), way)
    assert topics(bank, days=330).count("facts") == 12


def test_a_quarter_asks_about_old_lines_by_their_date_or_the_journal(bank: BankFolder, way: Way, later: Moved) -> None:
    note(bank, "[2026-01-02] Use WAL mode", way, kind="decision")
    note(bank, "Dates are local ^dates", way, kind="gotcha")
    decide(bank, NewDecision("Queue: SQLite"), way)
    assert [each.topic for each in review(bank, START, period=QUARTERLY) if each.confirm and each.topic != "new"] == [
        "decision lines"
    ]
    asked = [each for each in review(bank, START + timedelta(days=100), period=QUARTERLY) if "lines" in each.topic]
    assert [each.question for each in asked] == [
        "'[2026-01-02] Use WAL mode' (2026-01-02): is it still valid?",
        "'Dates are local' (2026-11-21): does it still hold?",
    ]
    assert asked[0].confirm == "bank confirm 'activeContext.md#Decisions' --item 1"
    assert asked[1].confirm == "bank confirm 'patterns.md#Common Gotchas^dates'"
    confirm(bank, ["activeContext.md#Decisions"], later(days=100), item="1")
    confirm(bank, ["patterns.md#Common Gotchas^dates"], later(days=100))
    assert not [each for each in topics(bank, days=101) if "lines" in each]
    assert [each for each in topics(bank, days=191) if "lines" in each] == ["decision lines", "gotcha lines"]


def test_an_open_end_that_was_confirmed_is_asked_about_a_week_later(bank: BankFolder, way: Way) -> None:
    note(bank, "No staging database", way, kind="blocker")
    assert topics(bank, period="weekly") == ["blockers"]
    confirm(bank, ["No staging database"], way)
    assert topics(bank, days=6, period="weekly") == []
    assert review(bank, START + timedelta(days=8))[0].question == "'No staging database': is this still true?"


def test_an_active_fact_is_asked_about_after_a_year(bank: BankFolder, way: Way, later: Moved) -> None:
    add_paf(bank, "AUTH", "Tokens are signed", way, status="active")
    assert "pafs" not in topics(bank, days=360)
    assert "pafs" in topics(bank, days=370)
    confirm(bank, ["AUTH-001"], later(days=370))
    assert "pafs" not in topics(bank, days=400)
    assert list_pafs(bank)[0].text == "Tokens are signed"


def test_every_command_of_a_review_works(tmp_path: Path) -> None:
    """Each question names commands: with a word in the place of each capital one, they do what they say."""
    folder = make_bank(tmp_path)
    old = "2026-01-02T00:00:00Z"
    for kind in ("fact", "decision", "error", "code", "procedural", "episodic", "learning", "user"):
        place = folder / "memories" / kind
        place.mkdir(parents=True)
        head = f"id: {kind[:3]}-20260102-aaaaa\ntype: {kind}\ncreated: {old}\ntags: [a, b, c]\n"
        (place / f"{kind[:3]}-20260102-aaaaa.md").write_text(f"---\n{head}---\n# The {kind}\n\nx = 1\n", "utf-8")
    for words in (
        ("note", "[2026-01-02] Use WAL mode", "--as", "decision"),
        ("note", "No staging database", "--as", "blocker"),
        ("note", "See `src/gone.py`", "--as", "learning"),
        ("bug", "new", "Names are cut"),
        ("paf", "add", "AUTH", "Tokens are signed"),
        ("save", "Fixed the bug", "--type", "error", "--tags", "postgres"),
        ("save", "Uses PostgreSQL 16", "--tags", "postgress"),
    ):
        assert run_bank(tmp_path, *words).returncode == 0
    asked = json.loads(run_bank(tmp_path, "review", "--quarterly", "--json").stdout)["questions"]
    assert len(asked) > 20
    for each in asked:
        for command in (each["confirm"], each["hint"]):
            filled = [{"TEXT": "words", "TAG,TAG": "one,two"}.get(word, word) for word in shlex.split(command)[1:]]
            if filled:
                done = run_bank(tmp_path, *filled, env={"EDITOR": "true"})
                assert (done.returncode, done.stderr) == (0, ""), (command, done.stderr)
                assert filled[0] in {"check", "list", "open"} or run_bank(tmp_path, "undo").returncode == 0


def test_a_type_without_the_status_is_archived(bank: BankFolder, way: Way) -> None:
    made = bank.folder / "templates" / "records"
    made.mkdir(parents=True)
    (made / "runbook.md").write_text(
        "---\nrecord: runbook\npurpose: x\nprefix: run\nfolder: memories/runbook\n---\n# {title}\n", "utf-8"
    )
    save(bank, NewRecord("Turn it off", kind="runbook", title="Restart", tags=("a",)), way)
    (asked,) = review(bank, START + timedelta(days=100))
    assert asked.hint.startswith("bank delete run-")


def test_a_memory_with_the_tag_deprecated_is_not_asked_about(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("The host is db-1", kind="fact", title="Host", tags=("ops", "deprecated")), way)
    assert topics(bank, days=330, period="weekly") == []
