"""A decision that an earlier one speaks against is refused before it is written; what merely resembles is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.records.memories.memories import recall
from memorybank.store.actor import Actor
from memorybank.store.journal.undo import undo
from memorybank.workflow.contradictions.clash import clash
from memorybank.workflow.contradictions.earlier import contradictions
from memorybank.workflow.entries.decide import NewDecision, decide
from memorybank.workflow.notes.queue import apply_notes, enqueue
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.workflow_errors import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CASES = Path(__file__).parents[1] / "cases" / "decisions.tsv"
FALSE_ALARMS, FOUND = 0.02, 0.9


def pairs() -> list[list[str]]:
    return [line.split("\t") for line in CASES.read_text(encoding="utf-8").split("\n") if line]


def test_labelled_pairs_give_few_false_alarms_and_most_contradictions(record_property: Callable[..., None]) -> None:
    rows = pairs()
    alarms = [(one, two) for label, one, two in rows if label != "contradicts" and clash(one, two)]
    others = sum(label != "contradicts" for label, _, _ in rows)
    real = [clash(one, two) for label, one, two in rows if label == "contradicts"]
    recall_, wrong = sum(each is not None for each in real) / len(real), len(alarms) / others
    record_property("recall", round(recall_, 3))
    record_property("false_alarms", round(wrong, 3))
    assert len(rows) >= 100
    assert (wrong <= FALSE_ALARMS, recall_ >= FOUND) == (True, True), alarms


def test_it_does_not_matter_which_came_first() -> None:
    for _, one, two in pairs():
        assert (clash(one, two) is None) == (clash(two, one) is None), (one, two)


@pytest.mark.parametrize("text", ["", "a", ":", "~~Cache: Redis~~", "x" * 5000, "Use for", "- : -", "a: b: c: d"])
def test_a_text_that_claims_nothing_speaks_against_nothing(text: str) -> None:
    assert clash(text, "Cache: Redis") is None
    assert clash(text, text) is None


def test_a_note_cites_the_line_and_wants_a_word(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision", why="fast")
    with pytest.raises(ContradictionError) as refused:
        hand_in(bank, "cache: SQLite", way, kind="decision")
    assert (refused.value.exit_status, refused.value.code) == (4, "contradiction")
    assert refused.value.details["said"] == "Cache: Redis - fast"
    assert "an earlier decision on 'Cache' in activeContext.md#Decisions: 'Redis'" in refused.value.message
    assert refused.value.hint == "bank note 'cache: SQLite' --as decision --supersedes 'Cache: Redis'"
    hand_in(bank, "cache: SQLite", way, kind="decision", supersedes="Cache: Redis", why="one file")
    assert section("activeContext.md#Decisions") == [
        "- ~~Cache: Redis - fast~~ → cache: SQLite",
        "- cache: SQLite - one file",
    ]
    undo(bank, "", way)
    assert section("activeContext.md#Decisions") == ["- Cache: Redis - fast"]
    hand_in(bank, "Cache: Valkey", way, kind="decision", anyway=True)
    assert len(section("activeContext.md#Decisions")) == 2


def test_a_decision_supersedes_a_record_or_a_line(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    old = decide(bank, NewDecision("Use Redis for caching"), way).record.id
    with pytest.raises(ContradictionError, match=old):
        decide(bank, NewDecision("Use SQLite for caching"), way)
    decide(bank, NewDecision("Use SQLite for caching", status="proposed"), way)
    new = decide(bank, NewDecision("Use Valkey for caching"), way, supersedes=old).record.id
    assert recall(bank, old).status == "superseded"
    assert f"- ~~Use Redis for caching ({old})~~ → {new}" in section("activeContext.md#Decisions")
    hand_in(bank, "Queue: NATS", way, kind="decision")
    decide(bank, NewDecision("Queue: RabbitMQ"), way, supersedes="Queue: NATS")
    assert any(line.startswith("- ~~Queue: NATS~~ → dec-") for line in section("activeContext.md#Decisions"))


def test_what_was_struck_or_rejected_does_not_count(bank: BankFolder, way: Way) -> None:
    decide(bank, NewDecision("Use Redis for caching", status="rejected"), way)
    hand_in(bank, "~~Cache: Memcached~~ → gone", way, kind="decision")
    assert contradictions(bank, "Cache: SQLite") == []


def test_a_queued_decision_is_looked_over_when_it_is_applied(bank: BankFolder, way: Way) -> None:
    agent = way.with_actor(Actor("tests", "s1", "read-only"))
    note = enqueue(bank, "Cache: SQLite", agent, kind="decision").note
    hand_in(bank, "Cache: Redis", way, kind="decision")
    assert [each[0] for each in apply_notes(bank, [], way).stuck] == [note.id]
