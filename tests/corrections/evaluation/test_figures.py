"""Intervals, kappa and the plot."""

from __future__ import annotations

import random
from xml.etree import ElementTree as ET

from memorybank.corrections.evaluation.agreement import agreement_of
from memorybank.corrections.evaluation.intervals import Resampling
from memorybank.corrections.evaluation.plot import PlotRow, plot


def test_kappa_is_that_of_the_textbook() -> None:
    verdicts = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = agreement_of("a", "b", verdicts)
    assert found.kappa is not None
    assert (found.case_count, round(found.observed, 3), round(found.kappa, 3)) == (50, 0.7, 0.4)


def test_kappa_is_not_defined_where_nothing_varies() -> None:
    assert agreement_of("a", "b", [(True, True)] * 5).kappa is None
    assert agreement_of("a", "b", []).kappa is None


def test_an_interval_covers_the_truth_as_often_as_it_says() -> None:
    source = random.Random(3)
    hits = 0
    for turn in range(120):
        values = [float(source.random() < 0.3) for _ in range(60)]
        found = Resampling([1] * 60, rounds=400, seed=turn).interval(values)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.3 <= found.high
    assert 0.88 <= hits / 120 <= 1.0


def test_sessions_are_drawn_as_a_whole() -> None:
    """Ten answers of two sessions are two draws, not ten: the interval is as wide as it can be."""
    two = Resampling([5, 5], rounds=500, seed=1).interval([0.0, 5.0])
    ten = Resampling([1] * 10, rounds=500, seed=1).interval([0.0] * 5 + [1.0] * 5)
    assert two is not None
    assert (two.mean, two.low, two.high) == (0.5, 0.0, 1.0)
    assert ten is not None
    assert ten.low is not None
    assert ten.low > 0.1


def test_one_session_has_no_interval_and_none_no_mean() -> None:
    one = Resampling([4], rounds=100, seed=1).interval([2.0])
    assert one is not None
    assert (one.mean, one.low, one.high) == (0.5, None, None)
    assert Resampling([], rounds=100, seed=1).interval([]) is None


def test_the_plot_is_valid_and_names_cannot_break_it() -> None:
    rows = [PlotRow('<script>&"', 0.5, 0.25, 0.75), PlotRow("log", 0.1, None, None, is_base=True)]
    picture = plot("a < b", "x & y", rows)
    root = ET.fromstring(picture)
    assert root.tag.endswith("svg")
    assert "<script>" not in picture
    assert "prefers-color-scheme: dark" in picture
    assert picture.count('class="dot"') == 2
    assert picture.count('class="line"') == 1


def test_a_ratio_is_taken_in_each_draw() -> None:
    """Where one figure is always twice the other, every draw says so."""
    sampled = Resampling([2, 2, 2], rounds=300, seed=1)
    assert sampled.ratio([2.0, 1.0, 2.0], [1.0, 0.5, 1.0]) == (2.0, 2.0, 2.0)
    assert sampled.ratio([2.0, 1.0, 2.0], [0.0, 0.0, 0.0]) is None
