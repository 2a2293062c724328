"""Moments are written in UTC and in one form each, whatever the clock's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from memorybank.times import day_of, minute_of, moment_of, stamp_of

LATE = datetime(2026, 11, 21, 23, 59, 58, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [LATE, LATE.replace(tzinfo=None), LATE.astimezone(timezone(timedelta(hours=5, minutes=30)))],
    ids=["utc", "no zone", "another zone"],
)
def test_a_moment_is_written_in_utc(moment: datetime) -> None:
    assert stamp_of(moment) == "2026-11-21T23:59:58Z"
    assert day_of(moment) == "2026-11-21"
    assert minute_of(moment) == "2026-11-21 23:59 UTC"


def test_an_early_year_has_four_digits_so_that_stamps_sort() -> None:
    assert stamp_of(datetime(99, 1, 2, tzinfo=UTC)) == "0099-01-02T00:00:00Z"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-01-01", "soon"])
def test_what_is_no_time_in_utc_is_none(text: str) -> None:
    assert moment_of(text) is None
