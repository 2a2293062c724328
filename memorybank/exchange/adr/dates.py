"""Read the dates of decision records: in ISO 8601, with slashes or dots, and with the names of months."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import NamedTuple

from memorybank.exchange.adr.vocabulary import MONTHS, WEEKDAYS
from memorybank.patterns import later
from memorybank.times import stamp_of

_TIME = r"(?:[T ]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)[ ]?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
_ISO = later(rf"(?P<y>\d{{4}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_TIME}(?![\d/-])", re.IGNORECASE)
_COMPACT = later(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d|-\d{1,6}(?!\d))")
_EAST = later(r"(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日号號일]?")
_SLASHED = later(r"(?P<one>\d{1,2})(?P<sep>[/.-])(?P<other>\d{1,2})(?P=sep)(?P<y>\d{4})(?!\d|[./]\d)")
_WORD = r"(?P<month>[^\W\d_]{3,12})"
_ORDINAL = r"(?:st|nd|rd|th|er|re|\.|º|ª|°)?"
_NAMED = (
    # 1 March 2024, 1. März 2024, 1er mars 2024, 1 de marzo de 2024, 01-Mar-2024, 1st of March, 2024
    later(rf"(?P<d>\d{{1,2}}){_ORDINAL}[ \-/]*(?:of |de )?[ ]*{_WORD}\.?[ ,\-/]*(?:de |del )?[ ]*(?P<y>\d{{4}})(?!\d)"),
    # March 1, 2024, Mar 1st 2024
    later(rf"{_WORD}\.?[ \-/]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ ,\-/]+(?P<y>\d{{4}})(?!\d)"),
    # 2024-Mar-01, 2024 March 1
    later(rf"(?P<y>\d{{4}})[ \-/,]+{_WORD}\.?[ \-/,]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"),
)
_DAY_NAME = later(r"([^\W\d_]{2,13})\.?,?[ ]+")
_MONTHS = 12
_FIRST_YEAR = 1000


class FoundDate(NamedTuple):
    """A date in a text: its day, its moment in UTC if a time stands there too, where it starts and ends."""

    day: str
    moment: str
    start: int
    end: int


class ReadDate(NamedTuple):
    """What a field for a date says: day and moment ("" if it is no date), and why it needs a report ("" if not)."""

    day: str = ""
    moment: str = ""
    why: str = ""
    is_exact: bool = False


def read_date(text: str) -> ReadDate:
    """Read the text of a field; two days that differ, or a day that can be read in two ways, are reported."""
    plain = _plain(text)
    found = all_dates(plain)
    if not found:
        why = "can be read in two ways" if _SLASHED.search(plain) and _is_open(plain) else "is not a date"
        return ReadDate(why=why)
    first = found[0]
    rest = (plain[: first.start] + plain[first.end :]).strip(" \t.,;()[]年г")
    if len({each.day for each in found}) > 1:
        return ReadDate(first.day, first.moment, "has more than one day; the first is taken")
    return ReadDate(first.day, first.moment, "", is_exact=not rest and first.moment.endswith("T00:00:00Z"))


def date_at(text: str) -> FoundDate | None:
    """Return the date that a text begins with, after the name of a weekday."""
    start = _DAY_NAME.match(text)
    return _match(text, 0) or (_match(text, start.end()) if start and start[1].casefold() in WEEKDAYS else None)


def all_dates(text: str) -> list[FoundDate]:
    """Return the dates in a text, in their order; days that can be read in two ways are left out."""
    found: list[FoundDate] = []
    at = 0
    while at < len(text):
        each = _match(text, at) if _may_begin(text, at) else None
        if each:
            found.append(each)
            at = each.end
        else:
            at += 1
    return found


def _may_begin(text: str, at: int) -> bool:
    char = text[at]
    before = text[at - 1] if at else " "
    if char.isdigit():
        return (not before.isdigit() and before not in "/.-") or (before == "-" and not text[at - 2 : at - 1].isdigit())
    return char.isalpha() and not before.isalpha()


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _is_open(text: str) -> bool:
    found = _SLASHED.search(text)
    return found is not None and max(int(found["one"]), int(found["other"])) <= _MONTHS


def _match(text: str, at: int) -> FoundDate | None:
    for pattern in (_ISO, _EAST, _COMPACT):
        found = pattern.match(text, at)
        if found:
            clock = found["clock"] if pattern is _ISO else None
            zone = found["zone"] if pattern is _ISO else None
            return _found(found, found["y"], found["m"], found["d"], clock, zone)
    found = _SLASHED.match(text, at)
    if found:
        return _slashed(found)
    for pattern in _NAMED:
        found = pattern.match(text, at)
        month = MONTHS.get(found["month"].casefold()) if found else None
        if found and month:
            return _found(found, found["y"], str(month), found["d"])
    return None


def _slashed(found: re.Match[str]) -> FoundDate | None:
    one, other = int(found["one"]), int(found["other"])
    # dots are written with the day first everywhere
    if found["sep"] == "." or one > _MONTHS or one == other:
        return _found(found, found["y"], str(other), str(one))
    return _found(found, found["y"], str(one), str(other)) if other > _MONTHS else None


def _found(
    found: re.Match[str], year: str, month: str, day: str, clock: str | None = None, zone: str | None = None
) -> FoundDate | None:
    try:
        at = date(int(year), int(month), int(day))
    except ValueError:
        return None
    if at.year < _FIRST_YEAR:
        return None
    moment = f"{at.isoformat()}T00:00:00Z"
    if clock:
        hours, _, rest = clock.replace(",", ".").partition(":")
        iso = f"{at.isoformat()}T{hours:0>2}:{rest.partition('.')[0]}"
        try:
            parsed = datetime.fromisoformat(
                iso + {"Z": "+00:00", "UTC": "+00:00"}.get((zone or "Z").upper(), zone or "")
            )
        except ValueError:
            return None
        moment = stamp_of(parsed.astimezone(UTC))
    return FoundDate(at.isoformat(), moment, found.start(), found.end())
