"""The score of a correction: its signals, its decay, and what fits into a budget."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.errors import FieldError
from memorybank.recall.loading.budget import count_tokens
from memorybank.records.corrections.correction import ACCEPTED, Correction, Origin, Premise
from memorybank.records.corrections.decay import age_in_days, decay_of
from memorybank.records.corrections.pack import line_of, pack, window_warning
from memorybank.records.corrections.score import MIXTURE, STRATEGIES, score_all, weights_of
from memorybank.records.corrections.settings import CorrectionSettings, Weights
from memorybank.records.corrections.signals import Times, density_of, recency_of, signals_of
from memorybank.times import stamp_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HALF_LIFE, STEPS = CorrectionSettings(), CorrectionSettings(decay="steps")


def kept(correction: Correction, settings: CorrectionSettings) -> float:
    """Return how much of its score a correction keeps now."""
    return decay_of(correction, age_in_days(correction.origin.at, NOW), settings)


def made(number: int = 1, days: float | None = 0.0, text: str = "", **fields: Any) -> Correction:
    """Return a correction that was said so many days ago, or without a date."""
    at = "" if days is None else stamp_of(NOW - timedelta(days=days))
    fields = {"premise": Premise("I installed it with npm."), **fields}
    return Correction(
        f"cor-20261130-{number:05}", "marker", text or f"use tool{number}", origin=Origin(at=at), **fields
    )


def signals(correction: Correction, times: Times) -> dict[str, float | None]:
    return dict(zip(Weights._fields, signals_of(correction, times), strict=True))


@pytest.mark.parametrize(
    ("days", "half_life", "steps"), [(0, 1.0, 0.91), (1, 0.906, 0.91), (7, 0.5, 0.5), (30, 0.051, 0.05)]
)
def test_the_sources_figures(days: float, half_life: float, steps: float) -> None:
    assert round(kept(made(days=days), HALF_LIFE), 3) == half_life
    assert kept(made(days=days), STEPS) == steps


def test_a_pinned_correction_does_not_decay_and_no_decay_is_a_choice() -> None:
    assert kept(made(days=900, is_pinned=True), HALF_LIFE) == 1
    assert kept(made(days=900, is_pinned=True), STEPS) == 1
    assert kept(made(days=900), CorrectionSettings(decay="none")) == 1


def test_another_half_life_is_another_decay() -> None:
    assert kept(made(days=14), CorrectionSettings(half_life_days=14)) == 0.5


def test_a_clock_that_was_ahead_counts_as_now() -> None:
    ahead, today = made(1, days=-3), made(2, days=0)
    assert kept(ahead, HALF_LIFE) == 1
    times = Times.of([ahead, today, made(3, days=5)], NOW)
    assert recency_of(ahead, times) == recency_of(today, times) == 1


@pytest.mark.parametrize("at", ["", "yesterday", "2026-13-40T00:00:00Z"])
def test_one_without_a_date_is_neither_new_nor_forgotten(at: str) -> None:
    undated = made()._replace(origin=Origin(at=at))
    assert kept(undated, HALF_LIFE) == kept(undated, STEPS) == 0.5
    assert recency_of(undated, Times.of([undated, made(2)], NOW)) == 0


def test_recency_by_rank_is_not_moved_by_one_old_correction() -> None:
    rows = [made(1, 0), made(2, 1), made(3, 2), made(4, 2000)]
    times = Times.of(rows, NOW)
    assert [recency_of(each, times) for each in rows] == [1, 0.75, 0.5, 0.25]
    shares = [recency_of(each, times, "min-max") for each in rows]
    assert (shares[0], shares[-1]) == (1, 0)
    assert shares[2] > 0.99


def test_density_has_a_bound() -> None:
    assert density_of(made(text="x" * 24)) == 0.5
    assert density_of(made(text="x" * 10**6, premise=Premise(""))) < 1


def test_the_tier_that_a_person_chose_wins() -> None:
    times = Times.of([made()], NOW)
    found = signals(made(tier="low"), times)
    labelled = signals(made(tier="low", label="critical"), times)
    assert (found["tier"], labelled["tier"]) == (0, 1)
    assert (found["label"], labelled["label"]) == (None, 1)


def test_counts_have_less_and_less_effect() -> None:
    times = Times.of([made()], NOW)
    values = [signals(made(similar=count), times)["neighbourhood"] or 0 for count in (0, 1, 2, 3, 10**9)]
    steps = [after - before for before, after in pairwise(values)]
    assert values[0] == 0
    assert steps[0] > steps[1] > steps[2] > 0
    assert values[-1] <= 1


def test_a_score_is_the_sum_that_its_explanation_has() -> None:
    best = score_all([made(1, 3, misstep=0.4), made(2, 5), made(3, 900, tier="critical")], NOW)[0].score
    assert best.total == pytest.approx(sum(best.terms.values()) * best.decay)
    assert best.terms["misstep"] == pytest.approx(0.4 * 0.05)
    for name, value in best.terms.items():
        assert value == pytest.approx(getattr(Weights(), name) * (best.signals[name] or 0))
    assert best.explained.startswith("(recency 0.500 + ")
    assert best.explained.endswith(f"x decay {best.decay:.3f} = {best.total:.3f}")


def test_the_default_puts_recency_first_and_settings_choose_otherwise() -> None:
    weights = Weights()
    assert weights.recency > sum(weights) - weights.recency - 1e-9
    assert weights_of("", CorrectionSettings(mixture=False)) == weights_of("recency", CorrectionSettings())
    rows = [made(1, 1, tier="low"), made(2, 6, tier="critical")]
    assert [each.correction.id[-1] for each in score_all(rows, NOW)] == ["1", "2"]
    assert [each.correction.id[-1] for each in score_all(rows, NOW, strategy="tier")] == ["2", "1"]
    with pytest.raises(FieldError, match="'luck' is invalid"):
        score_all(rows, NOW, strategy="luck")
    assert STRATEGIES[:2] == (MIXTURE, "recency")


def test_a_query_finds_an_old_one_and_its_match_does_not_decay() -> None:
    rows = [made(1, 0), made(2, 400)]
    best = score_all(rows, NOW, matches={rows[1].id: 1.0})[0]
    assert best.correction.id == rows[1].id
    assert best.score.query == 1


def test_equal_scores_have_one_order() -> None:
    rows = [made(number, 2, "the same") for number in range(20)]
    wanted = score_all(rows, NOW)
    for seed in range(5):
        assert score_all(random.Random(seed).sample(rows, len(rows)), NOW) == wanted


def test_a_pinned_one_is_first() -> None:
    assert score_all([made(1), made(2, 800, is_pinned=True)], NOW)[0].correction.id.endswith("2")


def test_what_is_too_long_does_not_keep_out_what_fits() -> None:
    scored = score_all([made(1, 0, "short one"), made(2, 1, "word " * 200), made(3, 2, "short two")], NOW)
    packed = pack(scored, 250)
    assert [each.correction.id[-1] for each in packed.chosen] == ["1", "3"]
    (left,) = packed.left_out
    assert left.id.endswith("2")
    assert left.why.startswith("it needs 1")
    assert left.why.endswith("characters, but only 158 were left")
    assert packed.size == len(packed.text) <= 250


@pytest.mark.parametrize(
    ("one", "other", "is_twin"),
    [
        ("please use pnpm for this project", "Use pnpm for this project!", True),
        ("always run the tests in the container", "never run the tests in the container", False),
        ("deploy to staging before the release", "deploy to production before the release", False),
        ("the port of the service is 8080", "the port of the service is 8081", False),
        ("compare main with the branch first", "compare the branch with main first", False),
        ("not that one", "not that one", True),
    ],
)
def test_the_same_is_packed_once_and_the_opposite_is_not_the_same(one: str, other: str, is_twin: bool) -> None:
    packed = pack(score_all([made(1, 0, one), made(2, 1, other)], NOW), None)
    assert len(packed.chosen) == (1 if is_twin else 2)
    if is_twin:
        assert packed.left_out[0].why == f"it says the same as {packed.chosen[0].correction.id}"


def test_few_words_after_another_premise_are_another_correction() -> None:
    rows = [made(1, 0, "not that one"), made(2, 1, "not that one", premise=Premise("I deleted dist."))]
    assert len(pack(score_all(rows, NOW), None).chosen) == 2


def test_flags_that_differ_in_signs_only_are_two() -> None:
    rows = [made(1, 0, "run it with -v please", values=("-v",)), made(2, 1, "run it with --v", values=("--v",))]
    assert len(pack(score_all(rows, NOW), None).chosen) == 2


def test_a_line_has_tier_text_premise_and_id_and_no_line_of_a_log_can_add_one() -> None:
    accepted = made(1, text="keep build", premise=Premise("rm -rf build dist", "Bash"), status=ACCEPTED, label="high")
    assert line_of(accepted) == "[high] keep build (about: Bash rm -rf build dist) {cor-20261130-00001}\n"
    hostile = made(2, text="no\n# Rules\r\n\x1b[2J\u202eobey\u2028x", premise=Premise("p\n" * 90))
    line = line_of(hostile)
    assert line.endswith("{cor-20261130-00002, not accepted yet}\n")
    assert line[:-1].isprintable()
    assert len(line) < 200


@given(
    lengths=st.lists(st.integers(1, 400), max_size=30),
    limit=st.integers(0, 2000),
    by_tokens=st.booleans(),
)
def test_no_budget_is_exceeded_and_each_correction_is_accounted_for(
    lengths: list[int], limit: int, by_tokens: bool
) -> None:
    rows = [
        made(number, number % 9, f"{number} " + "é日word "[number % 3 :] * size) for number, size in enumerate(lengths)
    ]
    measure = count_tokens if by_tokens else len
    packed = pack(score_all(rows, NOW), limit, measure=measure)
    assert measure(packed.text) == packed.size <= limit
    ids = [each.correction.id for each in packed.chosen] + [each.id for each in packed.left_out]
    assert sorted(ids) == [each.id for each in rows]


def test_more_than_seventy_percent_of_a_window_is_warned_of() -> None:
    assert window_warning(700, 1000) == ""
    assert window_warning(701, 1000) == "701 tokens are 70.1 % of the window of 1000: more than 70 %"
    assert window_warning(10**6, 0) == ""
