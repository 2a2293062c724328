"""A session in the words of a person: a time, and what it was about. Only for reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import NoRecordError
from memorybank.records.sessions.messages import append_message
from memorybank.records.sessions.sessions import find_session, load, start
from memorybank.records.sessions.spoken import period_in
from memorybank.store.way import Author

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# a Saturday
NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("today", "2026-11-21", "2026-11-22"),
        ("from this morning", "2026-11-21", "2026-11-22"),
        ("Yesterday", "2026-11-20", "2026-11-21"),
        ("last  night", "2026-11-20", "2026-11-21"),
        ("the day before yesterday", "2026-11-19", "2026-11-20"),
        ("on monday", "2026-11-16", "2026-11-17"),
        ("last saturday", "2026-11-14", "2026-11-15"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("a week ago", "2026-11-09", "2026-11-16"),
        ("two days ago", "2026-11-19", "2026-11-20"),
        ("10 days ago", "2026-11-11", "2026-11-12"),
        ("this month", "2026-11-01", "2026-12-01"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("11 months ago", "2025-12-01", "2026-01-01"),
        ("2026-11-03", "2026-11-03", "2026-11-04"),
    ],
)
def test_a_time_in_words_is_a_span_of_days(text: str, begin: str, end: str) -> None:
    found = period_in(text, NOW)
    assert found is not None
    assert [f"{each:%Y-%m-%d}" for each in found[0]] == [begin, end]


@pytest.mark.parametrize(
    "text", ["", "auth-refactor", "todays", "mondays work", "the week", "ago", "2026-13-41", "999 months"]
)
def test_other_words_are_no_time(text: str) -> None:
    assert period_in(text, NOW) is None


def test_a_time_before_all_years_is_no_time() -> None:
    assert period_in("999 months ago", NOW.replace(year=20)) is None


@pytest.fixture
def ids(bank: BankFolder, way: Way) -> dict[str, str]:
    """Sessions of some days, the oldest first."""
    found = {}
    for label, day in (("old", 9), ("storage", 20), ("database-design", 20), ("deploys", 20), ("late", 21)):
        author = Author(way.author.actor, partial(datetime, 2026, 11, day, 9, tzinfo=UTC), way.author.random_bytes)
        found[label] = start(bank, way._replace(author=author), label=label).record.id
    append_message(bank, found["storage"], "user", "Which databases can we use for the designs?", way)
    return found


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("yesterday about database design", "database-design"),
        ("the session from yesterday about deploying", "deploys"),
        ("yesterday databases we can use", "storage"),
        ("today", "late"),
        ("on 2026-11-09", "old"),
        ("last week", "old"),
    ],
)
def test_the_session_of_a_time_about_a_subject_is_found(
    bank: BankFolder, ids: dict[str, str], text: str, label: str
) -> None:
    assert find_session(bank, text, newest=True, now=NOW).id == ids[label]
    assert load(bank, text, now=NOW).record.id == ids[label]


def test_of_several_sessions_of_a_day_it_is_the_newest(bank: BankFolder, ids: dict[str, str]) -> None:
    assert find_session(bank, "yesterday", newest=True, now=NOW).id in {
        ids["storage"],
        ids["database-design"],
        ids["deploys"],
    }


@pytest.mark.parametrize("text", ["yesterday about elephants", "two days ago", "last month", "database design"])
def test_a_subject_or_a_time_without_a_session_is_refused(bank: BankFolder, ids: dict[str, str], text: str) -> None:
    assert ids
    with pytest.raises(NoRecordError):
        find_session(bank, text, newest=True, now=NOW)


def test_a_label_that_is_a_word_for_a_time_comes_first(bank: BankFolder, way: Way, ids: dict[str, str]) -> None:
    named = start(bank, way, label="yesterday").record.id
    assert find_session(bank, "yesterday", newest=True, now=NOW).id == named


def test_a_change_is_never_made_by_words_for_a_time(bank: BankFolder, ids: dict[str, str]) -> None:
    assert ids
    with pytest.raises(NoRecordError):
        find_session(bank, "today")


def test_days_are_those_of_the_reader(bank: BankFolder, ids: dict[str, str]) -> None:
    """What began at 9 in UTC was yesterday evening twelve hours further west."""
    west = NOW.astimezone(timezone(timedelta(hours=-12)))
    assert west.day == 21
    assert find_session(bank, "yesterday", newest=True, now=west).id == ids["late"]
