"""A session in the words of a person, for reading only: `yesterday`, `last week about database design`.

The words for a time choose the sessions that were active then, by the days of the reader's time zone. Of these the one
that has the most of the other words is found, in its title, goal, summary, tags and messages; the newest of equal ones.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.stem import stem
from memorybank.times import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_TIME = re.compile(
    r"\b(?:(?P<before>(?:the )?day before yesterday)|(?P<yesterday>yesterday|last night)"
    r"|(?P<today>today|this (?:morning|afternoon|evening)|tonight)"
    r"|(?P<which>last|this) (?P<span>week|month)"
    rf"|(?:last )?(?P<weekday>{'|'.join(_WEEKDAYS)})"
    rf"|(?P<number>\d{{1,3}}|{'|'.join(_NUMBERS)}) (?P<unit>day|week|month)s? ago"
    r"|(?P<day>\d{4}-\d{2}-\d{2}))\b"
)
_WORD = re.compile(r"\w+(?:[-.]\w+)*")
# words around a time and a subject
_PASSED = frozenset(
    _WORD.findall("a about an and at by did for from had in my of on our session sessions that the we was with")
)


class Period(NamedTuple):
    """A span of time: its begin, and its end, which is not in it."""

    begin: datetime
    end: datetime


def period_in(text: str, now: datetime) -> tuple[Period, str] | None:
    """Return the first time that a text names, and the rest of the text; None if it names none.

    `now` is in the time zone whose days are meant. A week begins on Monday; a week ago is the last one.
    """
    text = " ".join(text.casefold().split())
    found = _TIME.search(text)
    if not found:
        return None
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return _period(found, today), f"{text[: found.start()]} {text[found.end() :]}"
    except (ValueError, OverflowError):
        return None


def _period(found: re.Match[str], today: datetime) -> Period:
    if found["span"]:
        return _span(found["span"], int(found["which"] == "last"), today)
    if found["unit"]:
        number = int(_NUMBERS.get(found["number"], found["number"]))
        return _span(found["unit"], number, today)
    if found["day"]:
        moment = datetime.fromisoformat(found["day"]).replace(tzinfo=today.tzinfo)
        return Period(moment, moment + timedelta(days=1))
    if found["weekday"]:
        back = (today.weekday() - _WEEKDAYS.index(found["weekday"]) - 1) % 7 + 1
        return _span("day", back, today)
    return _span("day", 2 if found["before"] else int(bool(found["yesterday"])), today)


def _span(unit: str, back: int, today: datetime) -> Period:
    """Return the day, week or month so many of them before the present one."""
    if unit == "month":
        months = today.year * 12 + today.month - 1 - back
        begin, end = (today.replace(year=each // 12, month=each % 12 + 1, day=1) for each in (months, months + 1))
        return Period(begin, end)
    days = 7 if unit == "week" else 1
    begin = today - timedelta(days=back * days + (today.weekday() if unit == "week" else 0))
    return Period(begin, begin + timedelta(days=days))


def find_spoken(bank: BankFolder, text: str, now: datetime, sessions: Sequence[Record]) -> Record | None:
    """Return the session that a text with words for a time means; None without such words or such a session."""
    parted = period_in(text, now)
    if parted is None:
        return None
    period, rest = parted
    then = [record for record in sessions if _was_active(record, period)]
    words = {stem(word) for word in _WORD.findall(rest) if word not in _PASSED}
    if not words:
        return next(iter(then), None)
    counts = [(len(words & _words_of(bank, record)), record) for record in then]
    best = max((count for count, _ in counts), default=0)
    return next((record for count, record in counts if count == best and best), None)


def _was_active(record: Record, period: Period) -> bool:
    fields = record.fields
    first = moment_of(str(fields.get("started") or record.created))
    last = moment_of(str(fields.get("ended") or fields.get("last_activity") or record.updated or record.created))
    return first is not None and first < period.end and max(first, last or first) >= period.begin


def _words_of(bank: BankFolder, record: Record) -> set[str]:
    from memorybank.records.sessions.messages import read_messages

    said = (row.text for row in read_messages(bank, record.id).rows)
    text = "\n".join((record.title, str(record.fields.get("goal") or ""), record.summary, *record.tags, *said))
    found = _WORD.findall(text.casefold())
    # of names with hyphens the parts, too
    return {stem(part) for word in found for part in (word, *re.split(r"[-.]", word))}
