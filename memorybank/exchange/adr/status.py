"""Read the status of a decision record: a word, a sentence, a list with dates, boxes to tick, a badge, a table."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.exchange.adr.dates import all_dates, date_at
from memorybank.exchange.adr.vocabulary import CHANGES, FIELDS, JOINTS, LEADS, LIKE, LIMITS, STATUSES, split_rows
from memorybank.patterns import later

_COMMENT = later(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_STRUCK = later(r"~~.*?~~|<(del|s|strike)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_IMAGE = later(r"!\[(?P<alt>[^\[\]]*)\](?:\((?P<url>[^()\s]*)[^()]*\)|\[[^\[\]]*\])")
_IMG = later(r"<img\b[^>]*>", re.IGNORECASE)
_SRC = later(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_BADGE = later(
    r"/badge/(?:[^/\s-]*[-_ ]|)(?:status|state|adr)?-?(?P<word>[A-Za-z%0-9_]+)-[A-Za-z0-9#]+(?:\.svg)?(?:\?|\Z|\))",
    re.IGNORECASE,
)
_LINK = later(
    r"\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s[^()]*)?\)|\[[^\[\]]*\])"
)
_TAG = later(r"</?[A-Za-z][^<>]*>")
_MARKS = later(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_BULLET = later(r"\A[ \t]*(?:>[ \t]?)*(?:[-*+\u2022]|\d{1,3}[.)])?(?:[ \t]+|\Z)")
_BOX = later(
    r"[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?"
    r"(?:\\?\[(?P<mark>[ xX\u2713\u2714])\\?\]|(?P<sign>[\u2610\u2611\u2612\u2705\u2b1c]))[ \t]+(?P<text>.*)\Z"
)
_SEPARATOR = later(r"[ \t]*+\|?(?:[ \t]*+:?-{2,}+:?[ \t]*+\|?)++[ \t]*+\Z")
_ARROW = re.compile(r"\s*(?:->|=>|\u2192|\u21d2|\u27f6|>>)\s*")
_NOT_WORD = (
    "\u2013\u2014:;,.()[]{}<>|/\\!*# \t-=\"'\u00b7\u2022\u2026\uff1a\u3001\u3002\uff0c\uff08\uff09"
    "\u00ab\u00bb\u201c\u201d\u2018\u2019\ufe0f\u200d"
)
_PLACEHOLDER = later(r"[\[{<][^\[\]{}<>]*\|")
# what may follow a word that is written without spaces
_EAST_END = later(
    r"(?:済み?|された|されました|した|しました|となった|になった|中|됨|되었음|되었습니다|함)?(?![^\W\d_])"
)
_ORDER = ("proposed", "accepted", "rejected", "deprecated", "superseded")
_SENTENCE = later(r"[.!\u3002](?:\s|\Z)|\n\s*\n|\Z")
_MOST_STATUSES = 3
_MOST_WORDS = 3


class ReadStatus(NamedTuple):
    """The status that a text gives: one of our type, or "" if it gives none that is known.

    `like` is true if its word only comes close; `day` is the day that stands with it, and `bare` whether the text has
    nothing else than the status, a day and marks. `decided` is the day of an earlier decision in a list of statuses.
    """

    name: str
    like: bool = False
    day: str = ""
    bare: bool = False
    decided: str = ""


NONE = ReadStatus("")


def plain_text(text: str) -> str:
    """Return a text as words: without comments, struck text, targets of links, tags and marks."""
    text = _STRUCK.sub(" ", _COMMENT.sub(" ", text))
    text = _IMG.sub(lambda found: _badge(_SRC.search(found[0])[1] if _SRC.search(found[0]) else ""), text)  # type: ignore[index]
    text = _IMAGE.sub(lambda found: _badge(found["url"] or "") or found["alt"], text)
    for _ in range(2):
        text = _LINK.sub(lambda found: found["label"], text)
    text = _MARKS.sub("", _TAG.sub(" ", text))
    return unicodedata.normalize("NFKC", text).replace("\\", "").strip()


def _badge(url: str) -> str:
    found = _BADGE.search(url)
    return re.sub(r"(?:%20|_)+", " ", found["word"]) if found else ""


def read_status(text: str) -> ReadStatus:
    """Read the text of a status; of several with dates, the newest counts."""
    rows = _rows(text)
    boxes = [_BOX.match(row) for row in rows]
    if any(boxes):
        ticked = [box["text"] for box in boxes if box and (box["mark"] or box["sign"]) not in " \u2610\u2b1c"]
        found = [read for each in ticked if (read := read_clause(each)).name]
        return found[-1] if found and len(found) == len(ticked) else NONE
    marked = [row for row in rows if re.match(r"[ \t]*[-*+][ \t]+(?:\*\*|__).*(?:\*\*|__)[ \t]*\Z", row)]
    if len(marked) == 1 and len([row for row in rows if read_clause(row).bare]) > 1:
        return read_clause(marked[0])
    reads = [read_clause(row) for row in rows]
    dated = [(day, read) for row, read in zip(rows, reads, strict=True) if (day := read.day or _day_of_row(row))]
    if len(dated) > 1 and any(read.name for _, read in dated):
        # the newest may be a word that is not known
        newest = max(day for day, _ in dated)
        decided = max((day for day, read in dated if read.name in ("accepted", "rejected")), default="")
        return [read._replace(decided=decided) for day, read in dated if day == newest][-1]
    first = reads[0] if reads else NONE
    if not first.name:
        # the head of a table, or a label on a line of its own
        later_ones = [each for each in reads if each.name and (each.bare or each.day)]
        return _newest(later_ones) if later_ones and _may_skip(rows[0]) else first
    return _newest([first, *(each for each in reads[1:] if each.name and each.bare)])


def _day_of_row(row: str) -> str:
    """Return the day of a short row with a word that is not known, such as `2024-05-06 on hold`."""
    text = _without_label(plain_text(_BULLET.sub("", row, count=1)).casefold())
    found = all_dates(text)
    if len(found) != 1:
        return ""
    words = re.findall(r"[^\W\d_]+", text[: found[0].start] + " " + text[found[0].end :])
    is_status = 0 < len(words) <= _MOST_WORDS and words[0] not in _labels() and words[0] not in split_rows(CHANGES)
    return found[0].day if is_status else ""


def _rows(text: str) -> list[str]:
    rows = []
    for line in (without_eol(each) for each in lines_of(_COMMENT.sub(" ", text))):
        if _SEPARATOR.match(line) or not line.strip():
            continue
        rows.append(" ".join(each for each in line.strip().strip("|").split("|")) if _is_table(line) else line)
    return rows


def _is_table(line: str) -> bool:
    return line.strip().startswith("|") and line.count("|") > 1


def _may_skip(row: str) -> bool:
    """Return whether a line is a label, or a date of its own, the head of a table, or a list of all statuses."""
    text = plain_text(row).strip(_NOT_WORD)
    pieces = [_read(each).name for each in re.split(r"[/|,:\u3001\uff0c]", text.casefold())]
    if len({each for each in pieces if each}) >= _MOST_STATUSES:
        return True
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    return bool(date_at(text)) or not words or (bool(words & _labels()) and len(words) < 5)  # noqa: PLR2004  a short line


@cache
def _labels() -> frozenset[str]:
    return frozenset((*split_rows(FIELDS["status"]), *split_rows(FIELDS["date"]), "value", "field", "change"))


def _newest(reads: list[ReadStatus]) -> ReadStatus:
    names = list(dict.fromkeys(each.name for each in reads))
    # a template that names all statuses, or a contradiction
    ranks = [_ORDER.index(each) for each in names]
    if len(names) >= _MOST_STATUSES or ranks != sorted(ranks) or {"accepted", "rejected"} <= set(names):
        dated = [each for each in reads if each.day]
        return dated[-1] if dated and dated[-1] is reads[-1] else NONE
    return reads[-1]


def read_clause(line: str) -> ReadStatus:
    """Read one line: the status at its start, after a label, a date or marks."""
    if _PLACEHOLDER.search(line):
        return NONE
    text = plain_text(_BULLET.sub("", line, count=1))
    steps = [each for each in _ARROW.split(text) if each.strip(_NOT_WORD)]
    # an arrow or a bar in the sentences after the status says nothing about it
    if len(steps) > 1 and (_read(steps[0]).bare or not _read(steps[0]).name):
        reads = [_read(each) for each in steps]
        # what comes after an arrow may also be a record
        return reads[-1] if all(each.name for each in reads) else reads[0] if reads[0].name in _ORDER[3:] else NONE
    parts = [each for each in re.split(r"\s*[|/]\s*", text) if each.strip(_NOT_WORD)]
    reads = [_read(each) for each in parts]
    if len(parts) > 1 and reads[0].bare and any(each.name for each in reads[1:]):
        same = {each.name for each in reads if each.name}
        return reads[0]._replace(bare=False) if len(same) == 1 else NONE
    return _read(text)


def _read(text: str) -> ReadStatus:
    text = _without_label(text.casefold())
    day = ""
    at = date_at(text)
    if at:
        day, text = at.day, text[at.end :]
    text = text.lstrip(_NOT_WORD + _symbols(text))
    found, like = _at_start(text, statuses()), False
    if not found:
        lead = _lead().match(text)
        rest = text[lead.end() :].lstrip(_NOT_WORD) if lead else ""
        found = _at_start(rest, statuses()) if rest else None
        text = rest if found else text
    if not found:
        found, like = _at_start(text, likes()), True
    if not found:
        return NONE
    name, length = found
    rest = text[length:]
    clause = rest[: _SENTENCE.search(rest).start()]  # type: ignore[union-attr]  # the end of the text is a match
    if "?" in text[: length + len(clause) + 1] or _limits().match(clause.lstrip(_NOT_WORD)):
        return NONE
    # `rejected: no`, `accepted - not yet`
    if re.match(r"\s*[:\u2013\u2014(,-]+\s*(?:no|false|nein|non|n/a|not)\b", clause):
        return NONE
    tail = rest.strip(_NOT_WORD + _symbols(rest))
    joint = _joint().match(tail)
    after = date_at(tail[joint.end() :] if joint else tail)
    if after and not day:
        day = after.day
        tail = (tail[joint.end() :] if joint else tail)[after.end :].strip(_NOT_WORD)
    return ReadStatus(name, like, day, bare=not tail)


def _without_label(text: str) -> str:
    found = _label().match(text.lstrip(_NOT_WORD + _symbols(text)))
    return text.lstrip(_NOT_WORD + _symbols(text))[found.end() :] if found else text


def _symbols(text: str) -> str:
    """Return the pictures and signs of a text."""
    if text.isascii():
        return "+$^~=`"
    return "".join({char for char in text if unicodedata.category(char) in ("So", "Sk", "Sm", "Cf", "Cn", "Co", "Mn")})


def _at_start(text: str, names: dict[str, str]) -> tuple[str, int] | None:
    """Return the status whose longest name a text begins with, and the length of that name."""
    for length in range(min(_longest(), len(text)), 0, -1):
        name = names.get(text[:length])
        if name is None:
            continue
        if text[length - 1].isascii() or text[length - 1] < "\u2e80":
            if length < len(text) and (text[length].isalnum() or text[length] in "_'\u2019"):
                return None
            return name, length
        end = _EAST_END.match(text, length)
        return (name, end.end()) if end else None
    return None


@cache
def statuses() -> dict[str, str]:
    """Return our status by its names."""
    return _by_words(STATUSES)


@cache
def likes() -> dict[str, str]:
    """Return our status by the words that come close to it."""
    return _by_words(LIKE)


def _by_words(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for status, rows in table.items():
        for name in split_rows(rows):
            found.setdefault(unicodedata.normalize("NFKC", name).casefold(), status)
    return found


@cache
def _longest() -> int:
    return max(map(len, (*statuses(), *likes())))


@cache
def _limits() -> re.Pattern[str]:
    east = [each for each in split_rows(LIMITS) if not each[0].isascii() and each[0] > "\u2e80"]
    west = [each for each in split_rows(LIMITS) if each not in east]
    return re.compile(rf"(?:(?:{'|'.join(map(re.escape, west))})(?!\w)|{'|'.join(map(re.escape, east))})")


@cache
def _joint() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, split_rows(JOINTS)))})\s+")


@cache
def _lead() -> re.Pattern[str]:
    words = "|".join(re.escape(each) for each in sorted(split_rows(LEADS), key=len, reverse=True))
    return re.compile(rf"(?:(?:{words})(?!\w)\s*){{1,4}}")


@cache
def _label() -> re.Pattern[str]:
    words = "|".join(re.escape(each) for each in sorted(split_rows(FIELDS["status"]), key=len, reverse=True))
    return re.compile(rf"(?:{words})\s*(?:[:=\u2013\u2014-]+|\Z|(?=\s))\s*")
