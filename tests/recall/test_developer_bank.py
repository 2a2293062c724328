"""The developer's bank of the benchmarks is whole and frozen, and its measures count what they say."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import developer
from tests.benchmarks.developer import ANSWER, Asked, Question, auc, interval, with_slips

if TYPE_CHECKING:
    from pathlib import Path

FROZEN = {
    "memories.jsonl": "7e30ba703c7068c2ec0a81a7e19d1ae9edd244ccef984a9b3f81a5dd07d10d98",
    "questions.jsonl": "12493108dd53e00062113ef5e34ab14c7de44aa8c71ce7a28970eb9cbd8db6b9",
}


@pytest.mark.parametrize("name", FROZEN)
def test_nobody_has_changed_the_set(name: str) -> None:
    text = (developer.FOLDER / name).read_text(encoding="utf-8")
    assert hashlib.sha256(text.encode()).hexdigest() == FROZEN[name]


def test_the_set_is_as_large_as_its_page_says() -> None:
    page = (developer.FOLDER / "README.md").read_text(encoding="utf-8")
    memories, questions = developer.memories(), developer.questions()
    assert len(memories) >= 300
    assert len(questions) >= 70
    assert f"{len(memories)} lines" in page
    assert f"{len(questions)} lines" in page


def test_every_kind_is_on_the_page() -> None:
    page = (developer.FOLDER / "README.md").read_text(encoding="utf-8")
    kinds = Counter(each.kind for each in developer.questions())
    assert len(kinds) >= 8
    assert [kind for kind, count in kinds.items() if f"| `{kind}` |" not in page or count < 6] == []


def test_names_are_unique() -> None:
    names = [memory["id"] for memory in developer.memories()] + [each.id for each in developer.questions()]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_answer_is_a_memory() -> None:
    names = {memory["id"] for memory in developer.memories()}
    gold = {name for each in developer.questions() for name in each.gold}
    assert gold - names == set()


def test_a_question_has_an_answer_or_none_at_all() -> None:
    questions = developer.questions()
    without = [each.kind for each in questions if not each.gold]
    assert set(without) == {"unanswerable", "no-answer"}
    assert len(without) >= 6
    grades = [tuple(each.gold.values()) for each in questions if each.gold]
    assert all(ANSWER in each and set(each) <= {1, ANSWER} for each in grades)


def test_a_decision_supersedes_an_earlier_one() -> None:
    seen: set[str] = set()
    for memory in developer.memories():
        assert memory["call"] in developer.CALLS
        assert {memory["arguments"].get("supersedes", memory["id"])} <= {memory["id"], *seen}
        seen.add(memory["id"])


def test_each_sort_of_memory_is_found_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each call and kind is written through the facade; its own words find it, in record, line and log."""
    picked = [each for each in developer.memories() if each["id"] in SORTS]
    monkeypatch.setattr(developer, "memories", lambda: picked)
    bank, places = developer.build(tmp_path)
    asked = [Question(name, "", words, {name: ANSWER}) for name, words in SORTS.items()]
    assert [each.found[:1] for each in developer.ask(bank, places, asked)] == [(name,) for name in SORTS]
    shown, distinct = (developer.ask(bank, places, asked, distinct=value) for value in (False, True))
    assert any(len(set(each.found)) < len(each.found) for each in shown)
    assert all(len(set(each.found)) == len(each.found) for each in distinct)


SORTS = {
    "stack": "FastAPI SQLAlchemy Falkenstein",
    "jwt-short": "family of refresh tokens revoked",
    "jwt-first": "phone stays logged in while offline",
    "dst-gap": "02:30 Zürich summer time",
    "magic-scanner": "Defender Safe Links",
    "money-cents": "smallest unit ISO 4217",
    "log-jun-27": "43 entries on the first evening",
    "conv-commits": "imperative English",
    "year-summary": "self check-in then the yearly export",
    "session-may-inc": "monday-stampede",
    "plan-waitlist": "Waiting list for full courses",
    "research-queue": "Temporal pgmq",
}


def test_a_second_hit_of_a_memory_takes_a_place_and_finds_nothing() -> None:
    asked = Asked(Question("q", "why", "?", {"a": 2, "b": 2, "c": 1}), ("x", "a", "a", "c", "b"), 0.9)
    measures = asked.measures()
    assert (measures["r@1"], measures["r@5"], measures["mrr"]) == (0.0, 1.0, 0.5)
    assert measures["ndcg@10"] == pytest.approx(
        (3 / 1.58496 + 1 / 2.32193 + 3 / 2.58496) / (3 + 3 / 1.58496 + 0.5), 1e-4
    )


def test_recall_at_one_can_be_whole_with_two_answers() -> None:
    asked = Asked(Question("q", "why", "?", {"a": 2, "b": 2}), ("a", "x"), 0.9)
    assert asked.measures() == {**asked.measures(), "r@1": 1.0, "r@5": 0.5, "mrr": 1.0}


def test_nothing_found_measures_nothing() -> None:
    assert set(Asked(Question("q", "why", "?", {"a": 2}), (), 0.0).measures().values()) == {0.0}


def test_auc_counts_ties_half() -> None:
    assert auc([0.9, 0.5], [0.5, 0.1]) == 0.875


def test_slips_are_in_so_many_words_and_always_the_same() -> None:
    text = "where are mail templates kept ZF_LOG_LEVEL"
    slipped = with_slips(text, 2, "q1")
    changed = [new for old, new in zip(text.split(), slipped.split(), strict=True) if old != new]
    assert slipped == with_slips(text, 2, "q1")
    assert len(changed) == 2
    assert "ZF_LOG_LEVEL" in slipped
    assert all("aabb" not in with_slips("aabb aabb", 2, str(seed)).split() for seed in range(50))


def test_the_interval_is_around_the_mean() -> None:
    low, high = interval([0.0, 1.0] * 50)
    assert 0.35 < low < 0.5 < high < 0.65
