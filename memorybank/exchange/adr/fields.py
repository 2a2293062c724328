"""Choose a record's status, date, deciders and tags from the places where a file states them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.exchange.account import texts_in, words_of
from memorybank.exchange.adr.clause import NONE, ReadStatus, plain_text
from memorybank.exchange.adr.dates import ReadDate, read_date
from memorybank.exchange.adr.file_names import day_in
from memorybank.exchange.adr.links import flattened
from memorybank.exchange.adr.status import read_status

if TYPE_CHECKING:
    from collections.abc import Sequence

# metadata names
NUMBER, STATUS, DATE, TITLE = "adr_number", "adr_status", "adr_date", "adr_title"
OTHER_STATUS, OTHER_DATE = "adr_other_status", "adr_other_date"
_SHORT = 6


class Statement(NamedTuple):
    """What one place of a file says about a field; `shown` is the part that the metadata and the report show."""

    place: str
    text: str
    shown: str = ""


class Chosen(NamedTuple):
    """The value of a field, what goes into the metadata, and what is reported."""

    value: str
    metadata: dict[str, Any]
    reports: tuple[str, ...]
    day: str = ""


def one_line_of(text: str) -> str:
    """Return a text as one line for metadata, without links that are relative; its rows are joined by semicolons."""
    rows = [" ".join(each.split()) for each in flattened(text).split("\n")]
    return "; ".join(each for each in rows if each)


def choose_status(stated: Sequence[Statement], *, is_replaced: bool) -> Chosen:
    """Choose the status; what is unknown is `proposed`, with its own words in the metadata and in the report.

    The first place counts, and the others are reported if they differ. `is_replaced` is whether the record is replaced
    as a whole by another one.
    """
    stated = [each for each in stated if each.text.strip()]
    if not stated:
        if is_replaced:
            return Chosen("superseded", {}, ())
        return Chosen("proposed", {}, ("it has no status: it is proposed",))
    # a long text without a known word, such as a report of progress, is no status if another place has one
    known = [each for each in stated if read_status(each.text).name or len((each.shown or each.text).split()) <= _SHORT]
    stated = [*known, *(each for each in stated if each not in known)]
    reads = [read_status(each.text) for each in stated]
    first, read = stated[0], reads[0]
    reports: list[str] = []
    metadata: dict[str, Any] = {}
    name = "superseded" if is_replaced else read.name or "proposed"
    words = one_line_of(first.shown or first.text)
    if words_of(words) != words_of(name) or not read.name:
        metadata[STATUS] = words
    if not read.name and not is_replaced:
        reports.append(f"its status {words[:120]!r} is not known: it is proposed, and the words are in {STATUS}")
    elif read.like and not is_replaced:
        reports.append(f"its status {words[:120]!r} is taken as {name}, and the words are in {STATUS}")
    others: list[str] = []
    for other, its in zip(stated[1:], reads[1:], strict=True):
        said = one_line_of(other.shown or other.text)
        is_other = (its.name or said.casefold()) != (read.name or words.casefold())
        shown = f"{name} {metadata.get(STATUS, '')} {'; '.join(others)}"
        if is_other or words_of(said) - words_of(shown):
            others.append(said)
        if is_other:
            reports.append(f"its status is {said[:80]!r} {other.place} and {words[:80]!r} {first.place}, which counts")
    if others:
        metadata[OTHER_STATUS] = "; ".join(others)
    return Chosen(name, metadata, tuple(reports), _day_of(read) if read is not NONE else "")


def _day_of(read: ReadStatus) -> str:
    """Return the day that stands with a status, if it is that of the decision: not the day it was replaced."""
    return read.day if read.name in ("proposed", "accepted", "rejected") else read.decided


def choose_date(stated: Sequence[Statement], status_day: str, name: str) -> tuple[Chosen, str]:
    """Choose the day and moment of a decision: what a field says, else the day with the status or in the file's name.

    Returns the day, with the moment apart.
    """
    stated = [each for each in stated if each.text.strip()]
    reads: list[ReadDate] = [read_date(plain_text(each.text)) for each in stated]
    metadata: dict[str, Any] = {}
    reports: list[str] = []
    best = next((number for number, each in enumerate(reads) if each.day), -1)
    for number, (each, read) in enumerate(zip(stated, reads, strict=True)):
        words = one_line_of(each.text)
        if not read.is_exact or number not in (best, -1):
            same = best >= 0 and read.day == reads[best].day and read.is_exact
            if not same:
                key = DATE if DATE not in metadata else OTHER_DATE
                metadata[key] = f"{metadata[key]}; {words}" if key in metadata else words
        if read.why:
            reports.append(f"its date {words[:80]!r} {read.why}; it is kept in {DATE}")
        elif best >= 0 and read.day != reads[best].day:
            reports.append(
                f"its date is {words[:40]!r} {each.place} and {reads[best].day!r} {stated[best].place}, which counts"
            )
    if best >= 0:
        return Chosen(reads[best].day, metadata, tuple(reports)), reads[best].moment
    day = status_day or day_in(name)
    if not day and not reports:
        reports.append("it has no date")
    return Chosen(day, metadata, tuple(reports)), f"{day}T00:00:00Z" if day else ""


def line_of_value(value: Any) -> str:
    """Return a value of front matter as one line: the words of a list with commas between them."""
    if isinstance(value, (list, tuple)):
        return ", ".join(line_of_value(each) for each in value if each is not None)
    if isinstance(value, dict):
        return ", ".join(texts_in(value))
    return "" if value is None else str(value)
