"""Read the status of a decision record: a word, a sentence, a list with dates, boxes to tick, a badge, a table."""

from __future__ import annotations

import re
from functools import cache

from memorybank.document.source import lines_of, without_eol
from memorybank.exchange.adr.clause import (
    BULLET,
    COMMENT,
    MOST_STATUSES,
    NONE,
    NOT_WORD,
    ReadStatus,
    contradicts,
    newest,
    plain_text,
    read_clause,
    read_start,
    without_label,
)
from memorybank.exchange.adr.dates import all_dates, date_at
from memorybank.exchange.adr.vocabulary import CHANGES, FIELDS, REPLACES, split_rows
from memorybank.patterns import later

_SIGNS = "\u2610\u2611\u2612\u2705\u2b1c\u25cb\u25ef\u25cf\u25c9"
_MARK = rf"(?:\\?[\[(](?P<mark>[ xX\u2713\u2714])\\?[\])]|(?P<sign>[{_SIGNS}]))"
_BOX = later(rf"[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{{1,3}}[.)])[ \t]+)?{_MARK}[ \t]+(?P<text>.*)\Z")
_NEXT_BOX = later(
    r"(?<=\S)[ \t]+(?=\\?\[[ xX\u2713\u2714]\\?\][ \t]|[\u2610\u2611\u2612\u25cb\u25ef\u25cf\u25c9][ \t])"
)
_OPEN_SIGNS = " \u2610\u2b1c\u25cb\u25ef"
_SEPARATOR = later(r"[ \t]*+\|?(?:[ \t]*+:?-{2,}+:?[ \t]*+\|?)++[ \t]*+\Z")
_MOST_WORDS = 3


def read_status(text: str) -> ReadStatus:
    """Read the text of a status; of several with dates, the newest counts."""
    rows = rows_of(text)
    boxes = [_BOX.match(row) for row in rows]
    if any(boxes):
        ticked = [box["text"] for box in boxes if box and (box["mark"] or box["sign"]) not in _OPEN_SIGNS]
        found = [read for each in ticked if (read := read_clause(each)).name]
        return newest(found) if found and len(found) == len(ticked) else NONE
    marked = [row for row in rows if re.match(r"[ \t]*[-*+][ \t]+(?:\*\*|__).*(?:\*\*|__)[ \t]*\Z", row)]
    if len(marked) == 1 and len([row for row in rows if read_clause(row).bare]) > 1:
        return read_clause(marked[0])
    reads = [read_clause(row) for row in rows]
    dated = [(day, read) for row, read in zip(rows, reads, strict=True) if (day := read.day or _day_of_row(row))]
    if len(dated) > 1 and any(read.name for _, read in dated):
        # the newest may be a word that is not known
        last = max(day for day, _ in dated)
        decided = max((day for day, read in dated if read.name in ("accepted", "rejected")), default="")
        return [read._replace(decided=decided) for day, read in dated if day == last][-1]
    first = reads[0] if reads else NONE
    if not first.name:
        # the head of a table, or a label on a line of its own
        later_ones = [each for each in reads if each.name and (each.bare or each.day)]
        return newest(later_ones) if later_ones and _may_skip(rows[0]) else first
    return newest([first, *(each for each in reads[1:] if each.name and (each.bare or contradicts(each, first)))])


def _day_of_row(row: str) -> str:
    """Return the day of a short row with a word that is not known, such as `2024-05-06 on hold`."""
    text = without_label(plain_text(BULLET.sub("", row, count=1)).casefold())
    found = all_dates(text)
    if len(found) != 1:
        return ""
    words = re.findall(r"[^\W\d_]+", text[: found[0].start] + " " + text[found[0].end :])
    is_status = 0 < len(words) <= _MOST_WORDS and words[0] not in _labels() and words[0] not in split_rows(CHANGES)
    return found[0].day if is_status else ""


def rows_of(text: str) -> list[str]:
    """Return the rows of a status: its lines, boxes in one line apart, and tables with the status first."""
    rows: list[str] = []
    order: list[int] = []
    for line in (without_eol(each) for each in lines_of(COMMENT.sub(" ", text))):
        if not _is_table(line):
            order = []
        if _SEPARATOR.match(line) or not line.strip():
            continue
        if not _is_table(line):
            rows += _NEXT_BOX.split(line) if _BOX.match(line) else [line]
            continue
        cells = [each.strip() for each in line.strip().strip("|").split("|")]
        if not order and (order := _columns(cells)):
            continue
        rows.append(" ".join(cells[at] for at in order if at < len(cells)) if order else " ".join(cells))
    return rows


def _columns(cells: list[str]) -> list[int]:
    """Return the order in which to read the columns below the head of a table; empty if these cells are no head."""
    names = [plain_text(each).strip(NOT_WORD).casefold() for each in cells]
    if len(cells) < 2 or not any(each in split_rows(FIELDS["status"]) for each in names):  # noqa: PLR2004  a head
        return []
    if any(read_start(each).name for each in names):
        return []
    rank = {name: place for place, row in enumerate(("status", "date")) for name in split_rows(FIELDS[row])}
    wanted = [at for at, name in enumerate(names) if name in rank]
    has_day = any(rank[names[at]] for at in wanted)
    return sorted(wanted, key=lambda at: rank[names[at]]) if has_day else []


def _is_table(line: str) -> bool:
    return line.strip().startswith("|") and line.count("|") > 1


def _may_skip(row: str) -> bool:
    """Return whether a line is a label, or a date of its own, the head of a table, or a list of all statuses."""
    text = plain_text(row).strip(NOT_WORD)
    if text.casefold().startswith(_replaces()):
        return True
    pieces = [read_start(each).name for each in re.split(r"[/|,:\u3001\uff0c]", text.casefold())]
    if len({each for each in pieces if each}) >= MOST_STATUSES:
        return True
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    return bool(date_at(text)) or not words or (bool(words & _labels()) and len(words) < 5)  # noqa: PLR2004  a short line


@cache
def _labels() -> frozenset[str]:
    return frozenset((*split_rows(FIELDS["status"]), *split_rows(FIELDS["date"]), "value", "field", "change"))


@cache
def _replaces() -> tuple[str, ...]:
    return tuple(f"{each} " for each in split_rows(REPLACES) if each[0] < "\u2e80")
