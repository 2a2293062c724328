"""Find which end of a list has the newest items: by the items' dates, otherwise by where the last lines were written.

Pure. A date counts at the beginning of an item, in brackets or at its end, never inside its sentences.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.editing.append_window import read_window, window_of
from memorybank.document.items import first_line, split_marker
from memorybank.document.sections import key_of
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.document.sections import Document, Section

DATES, WRITES, ASKED, CONTRACT, OTHERS, DEFAULT = "dates", "writes", "asked", "contract", "others", "default"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# German names that begin differently
_OTHER_MONTHS = {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
_MONTH = rf"(?:{'|'.join((*_MONTHS, *_OTHER_MONTHS))})[a-z]*\.?"
_DATE = (
    r"(?:"
    r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?:[T ,]{1,2}(?P<hh>\d{1,2}):(?P<mm>\d{2}))?"
    r"[:\dZ]*(?: ?UTC)?"
    r"|(?P<d1>\d{1,2})\.(?P<m1>\d{1,2})\.(?P<y1>\d{4})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th|\.)? (?P<m2>{_MONTH}),? (?P<y2>\d{{4}})"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}})"
    r"|(?P<y6>\d{4})[年년] ?(?P<m6>\d{1,2})[月월] ?(?P<d6>\d{1,2})[日일]"
    r"|(?P<y4>\d{4})(?P<m4>\d{2})(?P<d4>\d{2})"
    r"|(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y5>\d{4})"
    r")(?!\w)"
)
_AT_START = rf"(?:[\[(*_~`\s]|\[[ xX]\]|✅|❌|🎯)*{_DATE}"
_IN_BRACKETS = rf"[\[(]{_DATE}[\])]"
_AT_END = rf"[-\u2013\u2014|@]\s*[*_`(\[]*{_DATE}[*_`)\].]*\Z"
_YEAR = later(r"\d{4}")
# a line with a record's id: the id contains the date
_RECORD = r"\([a-z]{2,8}-(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})-[0-9a-z]{5}\b[^()]*\)"
_ID = r"\s\^[0-9A-Za-z-]+\s*\Z"
_MONTH_COUNT, _DAY_COUNT = 12, 31
# how many items are read at each end of a long list
_ENOUGH = 12

Day = tuple[int, int, int, int, int]


class Order(NamedTuple):
    """Whether the newest items come first, and what shows it: dates, writes, asked, contract, others or default."""

    newest_first: bool
    by: str


class ListOrder(NamedTuple):
    """What is known about the order of lists from outside a section's own text.

    `written` are the lines that were added to the file recently, the last one first. `of_others` returns whether the
    other lists of the bank have the newest items first, if all lists with dates agree.
    """

    written: Sequence[str] = ()
    of_others: Callable[[], bool | None] | None = None


_NOTHING = ListOrder()


def date_of(text: str) -> Day | None:
    """Return the date of an item: year, month, day, hour, minute; None if it has no date."""
    # every form of a date has a year of four digits
    if not _YEAR.search(text):
        return None
    words = _pattern(_ID).sub("", split_marker(f"- {text}")[2])
    if not _YEAR.search(words):
        return None
    found = _pattern(_AT_START).match(words)
    if found is None:
        inside = list(_pattern(_IN_BRACKETS).finditer(words))
        # with several dates in brackets, none is surely the item's own
        found = inside[0] if len(inside) == 1 else _pattern(_AT_END).search(words) or _pattern(_RECORD).search(words)
    return _day(found) if found else None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a date pattern only when needed: compiling all of them takes longer than the rest of a short command."""
    return re.compile(text, re.IGNORECASE)


def _month_of(name: str) -> int:
    return _OTHER_MONTHS.get(name) or 1 + _MONTHS.index(name)


def _day(found: re.Match[str]) -> Day | None:
    parts = {key: value for key, value in found.groupdict().items() if value}
    year = next((int(parts[key]) for key in ("y", "y1", "y2", "y3", "y4", "y5", "y6") if key in parts), 0)
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if first <= _MONTH_COUNT and second <= _MONTH_COUNT and first != second:
            # it is not clear which of them is the month
            return None
        month, day = (first, second) if first <= _MONTH_COUNT else (second, first)
    else:
        named = next((parts[key] for key in ("m", "m1", "m2", "m3", "m4", "m6") if key in parts), "0")
        month = int(named) if named.isdigit() else _month_of(named[:3].casefold())
        day = next((int(parts[key]) for key in ("d", "d1", "d2", "d3", "d4", "d6") if key in parts), 0)
    if not (1 <= month <= _MONTH_COUNT and 1 <= day <= _DAY_COUNT):
        return None
    return year, month, day, int(parts.get("hh", 0)), int(parts.get("mm", 0))


def direction(dates: Sequence[Day | None]) -> bool | None:
    """Return whether dates, in item order, go from newer to older (True) or older to newer (False); None if unclear."""
    known = [date for date in dates if date is not None]
    falls = sum(1 for one, other in pairwise(known) if one > other)
    rises = sum(1 for one, other in pairwise(known) if one < other)
    if falls == rises:
        return None if not known or known[0] == known[-1] else known[0] > known[-1]
    return falls > rises


def order_of(document: Document, section: Section, *, declared: str = "", habit: ListOrder = _NOTHING) -> Order:
    """Return which end of a section's list has the newest items, from the items at its two ends.

    `declared` is the order in its contract.
    """
    if _ends_with_the_last(document, section, habit):
        return Order(newest_first=False, by=WRITES)
    texts = _ends(document, section)
    falls = direction([date_of(text) for text in texts])
    if falls is not None:
        return Order(falls, DATES)
    return by_habit(texts, declared=declared, habit=habit)


def _ends_with_the_last(document: Document, section: Section, habit: ListOrder) -> bool:
    """Whether the line written last is at the end of a list without dates: the usual case, found without a parse."""
    own = document.source.text[section.body : section.own_end].strip(" \t\r\n")
    last = habit.written[0] if habit.written else ""
    is_last = bool(last) and own.endswith(f"\n{last}") and own.count(last) == 1
    return is_last and own[:1] in "-*+0123456789" and not _YEAR.search(own)


def dates_fall(document: Document, section: Section) -> bool | None:
    """Return whether the dates of a section's list go from newer to older; None if they do not show it."""
    return direction([date_of(each) for each in _ends(document, section)])


def by_habit(texts: Sequence[str], *, declared: str = "", habit: ListOrder = _NOTHING) -> Order:
    """Return the order from the items' texts, without dates: by where the last line was added, else by the contract."""
    keys = [key_of(text) for text in texts]
    known = [key_of(split_marker(each)[2]) for each in habit.written] if len(keys) > 1 else []
    # of two equal lines, it is not known which one was written
    places = [keys.index(each) for each in dict.fromkeys(known) if keys.count(each) == 1]
    if len(places) > 1:
        return Order(places[0] < places[1], WRITES)
    if places and places[0] == len(keys) - 1:
        return Order(newest_first=False, by=WRITES)
    # a line that comes first may be the first one ever added
    if declared:
        return Order(declared == "newest-first", CONTRACT)
    others = habit.of_others() if habit.of_others is not None and len(keys) > 1 else None
    return Order(newest_first=False, by=DEFAULT) if others is None else Order(others, OTHERS)


def _ends(document: Document, section: Section) -> list[str]:
    head = read_window(document, window_of(document, section, at_top=True)).items
    tail = read_window(document, window_of(document, section, at_top=False)).items
    spans = {each.start: each for each in (*head[: _ENOUGH * 4], *tail[-_ENOUGH * 4 :]) if each.depth == 0}
    return [first_line(document, spans[start]) for start in sorted(spans)]
