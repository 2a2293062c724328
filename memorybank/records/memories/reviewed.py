"""When somebody last looked at what is written: the field `reviewed` of a record, a mark at the end of a line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from memorybank.document.order import date_of
from memorybank.patterns import later
from memorybank.times import day_of, moment_of

if TYPE_CHECKING:
    from datetime import datetime

    from memorybank.records.record import Record

REVIEWED = "reviewed"
_MARK = later(r"[ \t]+\(still true (\d{4}-\d\d-\d\d)\)(?=(?:[ \t]+\^[0-9A-Za-z-]+)?[ \t]*\Z)")
_ID = later(r"([ \t]+\^[0-9A-Za-z-]+)?[ \t]*\Z")


def reviewed_day(record: Record) -> str:
    """Return the day on which somebody confirmed a record; "" if nobody did."""
    return _day(str(record.fields.get(REVIEWED) or ""))


def seen_day(record: Record, now: datetime) -> str:
    """Return the day on which a record was made, changed or confirmed last; "" if it has no day that can be.

    A day after tomorrow cannot be: a clock was wrong.
    """
    days = (_day(record.created), _day(record.updated), reviewed_day(record))
    latest = day_of(now + timedelta(days=1))
    return max((day for day in days if day <= latest), default="")


def marked(text: str, day: str) -> str:
    """Return the text of a line with the mark of a day, in place of an earlier mark, before its `^id`."""
    plain = unmarked(text)
    found = _ID.search(plain)
    ident = (found.group(1) or "") if found else ""
    return f"{plain[: found.start()] if found else plain} (still true {day}){ident}"


def unmarked(text: str) -> str:
    """Return the text of a line without its mark."""
    return _MARK.sub("", text)


def marked_day(text: str) -> str:
    """Return the day of a line's mark; "" if it has none."""
    found = _MARK.search(text)
    return _day(found.group(1)) if found else ""


def dated_day(text: str) -> str:
    """Return the day that a line itself names as its date; "" if it names none."""
    found = date_of(unmarked(text))
    return "{:04}-{:02}-{:02}".format(*found[:3]) if found else ""


def _day(text: str) -> str:
    """Return the day of a time, in UTC; "" if it is no time."""
    moment = moment_of(text.strip())
    return day_of(moment) if moment else ""
