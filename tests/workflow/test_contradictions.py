"""A decision that an earlier one speaks against is refused before it is written; what merely resembles is not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.errors import DuplicateAnchorError, FieldError, NoItemError, NoRecordError
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.ledgers.facts import add_paf
from memorybank.records.memories.memories import recall
from memorybank.records.record import Link
from memorybank.store.actor import Actor
from memorybank.store.journal.undo import undo
from memorybank.workflow.contradictions.clash import clash
from memorybank.workflow.contradictions.earlier import Earlier, contradictions, statements_of
from memorybank.workflow.contradictions.former import DecisionTexts, succession
from memorybank.workflow.entries.decide import NewDecision, NewLearning, decide, learn
from memorybank.workflow.ladder.promote import promote
from memorybank.workflow.notes.queue import apply_notes, enqueue, waiting
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.workflow_errors import ContradictionError
from tests.running import FULL

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CASES = Path(__file__).parents[1] / "cases" / "decisions.tsv"
OTHERS = CASES.with_name("contradictions.tsv")
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


def test_patterns_learnings_and_facts_contradict_only_where_they_choose_a_value() -> None:
    rows = [line.split("\t") for line in OTHERS.read_text(encoding="utf-8").split("\n") if line]
    found = [
        (label, any(clash(new, said, strict=kind != "paf") for said in statements_of(Earlier(kind, "", "", old))), old)
        for label, kind, new, old in rows
    ]
    assert [old for label, hit, old in found if hit and label == "agrees"] == []
    missed = [old for label, hit, old in found if not hit and label == "contradicts"]
    assert missed == ["Indentation: 4 spaces"]


@pytest.mark.parametrize(
    ("kind", "line", "decision", "says"),
    [
        ("pattern", "DB: Postgres 16", "DB: MySQL", "a pattern on 'DB' in patterns.md#Architecture Patterns"),
        ("convention", "Dates: ISO 8601", "Dates: epoch", "a pattern on 'Dates' in patterns.md#Code Conventions"),
        ("standard", "Never commit secrets", "Commit secrets", "a pattern on"),
        ("dependency", "HTTP client: httpx", "HTTP client: requests", "a pattern on"),
        ("learning", "Never use Memcached for caching", "Use Memcached for caching", "a learning on 'caching'"),
    ],
)
def test_what_was_noted_elsewhere_is_asked_too(
    bank: BankFolder, way: Way, kind: str, line: str, decision: str, says: str
) -> None:
    hand_in(bank, line, way, kind=kind)
    for write in (
        lambda: decide(bank, NewDecision(decision, why="so"), way),
        lambda: hand_in(bank, decision, way, kind="decision"),
    ):
        with pytest.raises(ContradictionError, match="it contradicts") as refused:
            write()
        assert says in refused.value.message
    decide(bank, NewDecision(decision), way, anyway=True)


def test_a_lesson_is_asked_even_when_its_line_was_archived(bank: BankFolder, way: Way) -> None:
    lesson = NewLearning("Locks were lost twice", lesson="Do not use Redis for locks")
    learned = learn(bank, lesson, way).record.id
    path = bank.folder / "activeContext.md"
    path.write_text(path.read_text(encoding="utf-8").replace(f" ({learned})", ""), encoding="utf-8")
    assert [each.kind for each in contradictions(bank, "Use Redis for locks")] == ["learning", "learning"]
    text = path.read_text(encoding="utf-8").replace("Do not use Redis for locks", "so it is")
    path.write_text(text, encoding="utf-8")
    assert [each.ident for each in contradictions(bank, "Use Redis for locks")] == [learned]
    new = decide(bank, NewDecision("Use Redis for locks"), way, supersedes=learned).record
    assert (recall(bank, learned).status, new.linked("supersedes")) == ("superseded", (learned,))


def test_a_decision_replaces_a_pattern_and_a_fact_in_one_operation(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    hand_in(bank, "DB: Postgres 16", way, kind="pattern")
    add_paf(bank, "DATA", "Database: PostgreSQL", way, status="active")
    with pytest.raises(ContradictionError) as first:
        decide(bank, NewDecision("DB: MySQL"), way)
    assert first.value.hint == "bank decide 'DB: MySQL' --supersedes 'DB: Postgres 16'"
    with pytest.raises(ContradictionError) as second:
        decide(bank, NewDecision("DB: MySQL", why="known"), way, supersedes="DB: Postgres 16")
    assert second.value.details["kind"] == "paf"
    assert (
        second.value.hint == "bank decide 'DB: MySQL' --why known --supersedes 'DB: Postgres 16' --supersedes DATA-001"
    )
    new = decide(bank, NewDecision("DB: MySQL"), way, supersedes=["DB: Postgres 16", "DATA-001"]).record.id
    assert section("patterns.md#Architecture Patterns") == [f"- ~~DB: Postgres 16~~ → {new}"]
    assert [(each.status, each.reason) for each in list_pafs(bank)] == [("deprecated", f"replaced by {new}")]
    assert contradictions(bank, "DB: MySQL") == []
    undo(bank, "", way)
    assert section("patterns.md#Architecture Patterns") == ["- DB: Postgres 16"]
    assert list_pafs(bank)[0].status == "active"


def test_what_supersedes_names_must_be_there(bank: BankFolder, way: Way) -> None:
    old = decide(bank, NewDecision("Cache: Redis"), way).record.id
    hand_in(bank, "Queue: NATS with JetStream", way, kind="decision")
    slip = old[:-1] + ("0" if old[-1] != "0" else "1")
    for write in (
        lambda what: decide(bank, NewDecision("Cache: SQLite"), way, supersedes=what),
        lambda what: hand_in(bank, "Cache: SQLite", way, kind="decision", supersedes=what),
        lambda what: hand_in(bank, "Tabs: 4", way, kind="decision", supersedes=what, anyway=True),
    ):
        with pytest.raises(NoRecordError, match=f"{slip}'; did you mean {old}") as by_id:
            write(slip)
        assert by_id.value.options == {"--supersedes": old}
        with pytest.raises(NoItemError, match=r"'Queue: NAT'; did you mean 'Queue: NATS with JetStream'"):
            write("Queue: NAT")
        with pytest.raises(NoRecordError, match="AUTH-009"):
            write("AUTH-009")
    with pytest.raises(NoRecordError, match=old):
        decide(bank, NewDecision("Cache: SQLite", links=[Link("supersedes", slip)]), way)
    assert len(contradictions(bank, "Cache: SQLite")) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Cache: SQLite instead of Redis", ""),
        ("Use SQLite instead of Redis for the cache", ""),
        ("Cache: SQLite", "it replaces Cache: Redis"),
        ("Cache: SQLite, replaces Cache: Redis", ""),
        ("Switch the cache from Redis to SQLite", ""),
        ("Cache: SQLite over Redis", ""),
    ],
)
def test_words_that_name_the_old_decision_replace_it(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], text: str, why: str
) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision", why="fast")
    hand_in(bank, "Queue: Redis", way, kind="decision")
    hand_in(bank, text, way, kind="decision", why=why)
    assert section("activeContext.md#Decisions")[:2] == [f"- ~~Cache: Redis - fast~~ → {text}", "- Queue: Redis"]


def test_words_that_may_name_two_decisions_replace_neither(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision", why="fast")
    hand_in(bank, "Queue: Redis", way, kind="decision")
    with pytest.raises(ContradictionError) as refused:
        hand_in(bank, "Use SQLite rather than Redis", way, kind="decision")
    assert refused.value.options == {"--supersedes": "Cache: Redis"}
    assert len(contradictions(bank, "Use SQLite rather than Redis")) == 2
    assert not any("~~" in each for each in section("activeContext.md#Decisions"))


REPLACEMENTS = CASES.with_name("replacements.tsv")


# the label of a pair -> whether it is a contradiction; one that is `kept` is never superseded, whichever it is
NOTICED = {"contradicts": {True}, "supersedes": {True}, "refused": {True}, "agrees": {False}, "kept": {True, False}}


def replacements() -> list[list[str]]:
    return [line.split("\t") for line in REPLACEMENTS.read_text(encoding="utf-8").split("\n") if line]


def test_what_is_replaced_or_dropped_by_name_is_noticed() -> None:
    wrong = [
        (label, kind, new, old)
        for label, kind, new, old in replacements()
        if any(
            clash(new, said, strict=kind in {"pattern", "learning"})
            for said in statements_of(Earlier(kind, "", "", old))
        )
        not in NOTICED[label]
    ]
    assert len(replacements()) >= 400
    assert wrong == []


def test_words_alone_supersede_only_where_they_are_plain(bank: BankFolder) -> None:
    path = bank.folder / "activeContext.md"
    empty = path.read_text(encoding="utf-8")
    allowed = {
        "contradicts": {"refused", "supersedes"},
        "kept": {"agrees", "refused"},
        **{label: {label} for label in ("agrees", "refused", "supersedes")},
    }
    wrong = []
    for label, kind, new, old in replacements()[:: 1 if FULL else 10]:
        if kind == "decision":
            path.write_text(empty.replace("## Decisions\n", f"## Decisions\n\n- {old}\n", 1), encoding="utf-8")
            try:
                result = "supersedes" if succession(bank, DecisionTexts(new)) else "agrees"
            except ContradictionError:
                result = "refused"
            wrong += [(label, result, new, old)] if result not in allowed[label] else []
    assert wrong == []


@pytest.mark.parametrize(
    ("earlier_one", "new", "is_replaced"),
    [
        ("Use Postgres", "MySQL instead of Postgres", True),
        ("Use Postgres", "Switch from Postgres to MySQL", True),
        ("Use Postgres", "Drop Postgres, use MySQL", True),
        ("Use Redis for caching", "Replace Redis by Valkey", True),
        ("Use Celery for background jobs", "No longer use Celery", True),
        ("Deploy on Heroku", "Move off Heroku to Fly", True),
        ("Run the server on Node", "Migrate to Bun from Node", True),
        ("Use Postgres 14", "Postgres 16 instead of 14", True),
        # a part of what was decided: the user says what becomes of the rest
        ("Use Poetry and tox", "Stop using tox", False),
        ("Use Postgres", "Use MySQL for analytics instead of Postgres", False),
        ("MySQL instead of Postgres", "Use Postgres", False),
    ],
)
def test_a_decision_that_is_replaced_by_name_is_struck_or_asked_about(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], earlier_one: str, new: str, is_replaced: bool
) -> None:
    old = decide(bank, NewDecision(earlier_one), way).record.id
    assert [each.ident for each in contradictions(bank, new)] == [old]
    if not is_replaced:
        with pytest.raises(ContradictionError, match=old):
            decide(bank, NewDecision(new), way)
        return
    ident = decide(bank, NewDecision(new), way).record.id
    assert section("activeContext.md#Decisions")[0] == f"- ~~{earlier_one} ({old})~~ → {ident}"
    assert recall(bank, old).status == "superseded"


@pytest.mark.parametrize("text", ["use " * 3000, "from " * 3000, "a instead of " * 2000, "move to from " * 2000])
def test_a_long_text_is_compared_in_a_moment(text: str) -> None:
    start = time.process_time()
    assert clash(text, "Use Postgres") is None
    assert time.process_time() - start < 30  # by the square of the length: minutes


def test_a_note_that_replaces_a_record_becomes_one(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    old = decide(bank, NewDecision("Cache: Redis"), way).record.id
    hand_in(bank, f"Cache: SQLite, see {old}", way, kind="decision", why="one file", file="src/cache.py:3")
    rows = section("activeContext.md#Decisions")
    new = rows[0].rpartition("→ ")[2]
    assert rows == [f"- ~~Cache: Redis ({old})~~ → {new}", f"- Cache: SQLite, see {old} - one file ({new})"]
    assert recall(bank, old).linked("superseded-by") == (new,)
    assert "src/cache.py:3" in recall(bank, new).content


def test_words_about_something_else_replace_nothing(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision")
    hand_in(bank, "Queue: NATS instead of Redis", way, kind="decision")
    hand_in(bank, "Sessions expire", way, kind="decision", why="they come from Redis")
    with pytest.raises(ContradictionError):
        hand_in(bank, "Cache: SQLite instead of Memcached", way, kind="decision")
    assert [each for each in section("activeContext.md#Decisions") if "~~" in each] == []


def test_only_a_decision_supersedes(bank: BankFolder, way: Way) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision")
    with pytest.raises(FieldError, match="learning cannot supersede"):
        hand_in(bank, "Cache: SQLite", way, kind="learning", supersedes="Cache: Redis")


def test_a_queued_decision_replaces_what_it_names_when_it_is_applied(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    agent = way.with_actor(Actor("tests", "s1", "read-only"))
    hand_in(bank, "Cache: Redis", way, kind="decision", why="fast")
    hand_in(bank, "Queue: NATS", way, kind="decision")
    hand_in(bank, "Cache: SQLite", agent, kind="decision", supersedes="Cache: Redis")
    hand_in(bank, "Queue: RabbitMQ instead of NATS", agent, kind="decision")
    assert apply_notes(bank, [], way).stuck == []
    assert section("activeContext.md#Decisions") == [
        "- ~~Cache: Redis - fast~~ → Cache: SQLite; replaces Cache: Redis",
        "- ~~Queue: NATS~~ → Queue: RabbitMQ instead of NATS",
        "- Cache: SQLite; replaces Cache: Redis",
        "- Queue: RabbitMQ instead of NATS",
    ]


def test_a_queued_line_cannot_supersede_a_record(bank: BankFolder, way: Way) -> None:
    agent = way.with_actor(Actor("tests", "s1", "read-only"))
    enqueue(bank, "Cache: SQLite instead of Redis", agent, kind="decision")
    old = decide(bank, NewDecision("Cache: Redis"), way).record.id
    assert f"only a record can supersede the record {old}" in apply_notes(bank, [], way).stuck[0][1]
    assert len(waiting(bank).notes) == 1


def test_a_line_that_is_promoted_to_a_decision_is_looked_over(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision")
    hand_in(bank, "Cache: SQLite", way, kind="next")
    with pytest.raises(ContradictionError):
        promote(bank, "Cache: SQLite", "pattern", way, section="decision")
    hand_in(bank, "Cache: Valkey instead of Redis", way, kind="next")
    promote(bank, "Cache: Valkey instead of Redis", "pattern", way, section="decision")
    assert section("activeContext.md#Decisions") == [
        "- ~~Cache: Redis~~ → Cache: Valkey instead of Redis",
        "- Cache: Valkey instead of Redis",
    ]


def test_a_saved_decision_reports_what_it_contradicts(tmp_path: Path) -> None:
    bank = Bank.init(tmp_path)
    old = bank.decide("Cache: Redis").record.id
    bank.note("DB: Postgres", kind="pattern")
    saved = bank.save("Use SQLite for the cache", type="decision")
    assert saved.advice[-1].endswith(f"Next: bank supersede {old} {saved.record.id}")
    assert "patterns.md" in bank.save("DB: MySQL", type="decision").advice[-1]
    assert bank.save("Use Memcached for the cache", type="fact").advice == ()


def test_supersedes_takes_the_title_of_a_decision_if_only_one_has_it(bank: BankFolder, way: Way) -> None:
    old = decide(bank, NewDecision("Use Redis for caching"), way).record.id
    decide(bank, NewDecision("Use Valkey for caching"), way, supersedes="Use Redis for caching")
    assert recall(bank, old).status == "superseded"
    with pytest.raises(NoItemError):
        decide(bank, NewDecision("Use SQLite for caching"), way, supersedes="Use Valkey")
    # its line may be gone from the memory file
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    path.write_text("".join(f"{row}\n" for row in text.split("\n") if "Valkey" not in row), encoding="utf-8")
    decide(bank, NewDecision("Use SQLite for caching"), way, supersedes="Use Valkey for caching")
    same = [decide(bank, NewDecision("Use tabs"), way).record.id for _ in range(2)]
    with pytest.raises(DuplicateAnchorError):
        decide(bank, NewDecision("Use spaces"), way, supersedes="Use tabs")
    decide(bank, NewDecision("Use spaces"), way, supersedes=same[0])


def test_a_receipt_has_the_records_lines_and_facts_that_were_superseded(bank: BankFolder, way: Way) -> None:
    hand_in(bank, "DB: Postgres 16", way, kind="pattern")
    add_paf(bank, "DATA", "Database: PostgreSQL", way, status="active")
    old = decide(bank, NewDecision("DB: Postgres"), way).record.id
    receipt = decide(bank, NewDecision("DB: MySQL"), way, supersedes=[old, "DB: Postgres 16", "DATA-001"]).receipt
    assert [each.to_wire() for each in receipt.superseded] == [
        {"kind": "record", "id": old, "address": recall(bank, old).file, "text": "DB: Postgres"},
        {"kind": "line", "id": "", "address": "patterns.md#Architecture Patterns", "text": "DB: Postgres 16"},
        {"kind": "paf", "id": "DATA-001", "address": "pafs.md#DATA", "text": "Database: PostgreSQL"},
    ]
    hand_in(bank, "Cache: Redis", way, kind="decision")
    noted = hand_in(bank, "Cache: SQLite instead of Redis", way, kind="decision")
    assert [(each.kind, each.text) for each in noted.superseded] == [("line", "Cache: Redis")]
    first = decide(bank, NewDecision("Use uv"), way).record.id
    linked = decide(bank, NewDecision("Use pip", links=[Link("supersedes", first)]), way)
    assert [(each.kind, each.ident, each.text) for each in linked.receipt.superseded] == [("record", first, "Use uv")]
