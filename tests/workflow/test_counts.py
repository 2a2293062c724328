"""Counts: each kind of result has a number of its own, in the line and in the stored record."""

from __future__ import annotations

import json

import pytest

from memorybank.workflow.evidence.evidence import canonical, parse_told
from memorybank.workflow.evidence.runners.counts import Counts, added, from_stored, to_stored

FULL = Counts("pytest", 3, 1, 1, skipped=2, other=1, left_out=4, todo=5, expected=6, reruns=7, outside="a build failed")


def test_only_what_passed_is_a_pass() -> None:
    assert str(FULL) == "3/5, 2 skipped, 5 todo, 6 expected to fail, 1 other, 4 left out, 7 rerun"
    assert (FULL.ran, FULL.unproven) == (5, 14)


@pytest.mark.parametrize("counts", [FULL, Counts("go", 2, unit="packages"), Counts("node", todo=1)], ids=str)
def test_a_line_with_every_count_is_read_again(counts: Counts) -> None:
    told = parse_told(canonical("make test", 0, counts) + " - it works ^v7k2m9")
    assert told is not None
    assert (told.command, told.exit_code, told.said, told.after) == ("make test", 0, str(counts), "it works")
    assert canonical(told.command, told.exit_code, None) + f" ({told.said})" == canonical("make test", 0, counts)


def test_the_record_of_an_earlier_version_is_read_as_it_was() -> None:
    stored = json.loads(
        '{"runner": "jest", "passed": 3, "failed": 0, "errors": 0, "skipped": 1, "other": 2, "left_out": 0,'
        ' "unit": "tests", "fault": ""}'
    )
    assert str(from_stored(stored)) == "3/3, 1 skipped, 2 other"


def test_an_earlier_version_can_read_what_it_knows() -> None:
    earlier = {"runner", "passed", "failed", "errors", "skipped", "other", "left_out", "unit", "fault"}
    assert set(to_stored(Counts("pytest", 3))) == earlier
    assert set(to_stored(Counts("pytest", 3, todo=1))) == {*earlier, "todo"}


@pytest.mark.parametrize("counts", [FULL, Counts("go", 2, unit="packages")], ids=str)
def test_what_is_stored_is_read_again(counts: Counts) -> None:
    assert from_stored(json.loads(json.dumps(to_stored(counts)))) == counts


@pytest.mark.parametrize("value", [{"runner": 1}, {"runner": "x", "passed": "1"}, {"runner": "x", "more": 1}, {}])
def test_a_damaged_record_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        from_stored(value)


def test_the_sum_keeps_what_failed_outside_the_tests() -> None:
    both = added([FULL, Counts("jest", 2, reruns=1, fault="f"), Counts("jest", outside="a suite failed")])
    assert (both.runner, both.passed, both.reruns, both.fault) == ("pytest + jest", 5, 8, "f")
    assert both.outside == "a build failed; a suite failed"


def test_an_exit_code_without_end_is_no_evidence() -> None:
    """Python refuses to read the number; `bank verify` crashed."""
    assert parse_told(f"`pytest -q` → exit {'9' * 5000} (1/1)") is None
