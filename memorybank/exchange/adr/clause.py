"""Read one line of a status: the word at its start, and whether the rest of the line questions or contradicts it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from memorybank.exchange.adr.dates import date_at
from memorybank.exchange.adr.vocabulary import (
    AGAINST,
    FIELDS,
    JOINTS,
    LEADS,
    LIKE,
    LIMITS,
    ONCE,
    SAID,
    STATUSES,
    THEN,
    UNDONE,
    split_rows,
)
from memorybank.patterns import later

COMMENT = later(r"<!--.*?(?:-->|\Z)", re.DOTALL)
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
BULLET = later(r"\A[ \t]*(?:>[ \t]?)*(?:[-*+\u2022]|\d{1,3}[.)])?(?:[ \t]+|\Z)")
_REFUSING = later(r"[\u274c\u274e\u2717\u2718\u2716]|[\U0001f6ab\u26d4\U0001f44e]")
_CODE_SIGN = later(r":[a-z0-9_+-]{1,30}:[ \t]*")
_REFUSING_CODES = (":x:", ":no_entry:", ":no_entry_sign:", ":negative_squared_cross_mark:", ":thumbsdown:", ":-1:")
_ARROW = re.compile(r"\s*(?:->|=>|\u2192|\u21d2|\u27f6|>>)\s*")
NOT_WORD = (
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
_CLAUSE = later(r"[;,()&+\u3001\uff0c\uff1b]|\s[-\u2013\u2014]+\s|[\u2013\u2014]")
# a value that stands for nothing: `rejected: -`
_NO_VALUE = later(
    r"\s*(?:by\s*)?[:=]\s*[(\[_*]*"
    r"(?:[-\u2013\u2014_.?]*|tbd|tba|tbc|none|nil|null|pending|open|n/?a|nobody|no[ ]one|false|no)[)\]_*]*"
    r"[ \t.]*\Z"
)
_NEGATED = later(r"\s*[:=\u2013\u2014(,-]+\s*(?:(?:no|false|nein|non|n/a)\b|not\b(?!(?: yet)? (?P<later>\w+)))")
_NOT_DONE = frozenset(
    ("implemented", "built", "deployed", "started", "released", "done", "shipped", "live", "finished", "rolled")
)
_KOREAN = later(r"[ \t]+(?!완료|됨|되었)[\uac00-\ud7a3]")
_WORD = later(r"[ \t]+(?P<word>[^\W\d_]+)")
MOST_STATUSES = 3
_SAID_SIGNS = tuple("(,.;!\u2013\u2014\u3002\uff0c\uff08")


class ReadStatus(NamedTuple):
    """The status that a text gives: one of our type, or "" if it gives none that is known.

    `like` is true if its word only comes close; `day` is the day that stands with it, and `bare` whether the text has
    nothing else than the status, a day and marks. `decided` is the day of an earlier decision in a list of statuses.
    `is_said` is whether the words after it are about the status: `rejected by Bob`, not `rejected options`.
    """

    name: str
    like: bool = False
    day: str = ""
    bare: bool = False
    decided: str = ""
    is_said: bool = False


NONE = ReadStatus("")


def plain_text(text: str) -> str:
    """Return a text as words: without comments, struck text, targets of links, tags and marks."""
    text = _STRUCK.sub(" ", COMMENT.sub(" ", text))
    text = _IMG.sub(lambda found: _badge(_SRC.search(found[0])[1] if _SRC.search(found[0]) else ""), text)  # type: ignore[index]
    text = _IMAGE.sub(lambda found: _badge(found["url"] or "") or found["alt"], text)
    for _ in range(2):
        text = _LINK.sub(lambda found: found["label"], text)
    text = _MARKS.sub("", _TAG.sub(" ", text))
    return unicodedata.normalize("NFKC", text).replace("\\", "").strip()


def _badge(url: str) -> str:
    found = _BADGE.search(url)
    return re.sub(r"(?:%20|_)+", " ", found["word"]) if found else ""


def read_clause(line: str) -> ReadStatus:
    """Read one line: the status at its start, after a label, a date or marks."""
    if _PLACEHOLDER.search(line):
        return NONE
    text = plain_text(BULLET.sub("", line, count=1))
    steps = [each for each in _ARROW.split(text) if each.strip(NOT_WORD)]
    # an arrow or a bar in the sentences after the status says nothing about it
    if len(steps) > 1 and (read_start(steps[0]).bare or not read_start(steps[0]).name):
        reads = [read_start(each) for each in steps]
        # what comes after an arrow may also be a record
        return reads[-1] if all(each.name for each in reads) else reads[0] if reads[0].name in _ORDER[3:] else NONE
    parts = [each for each in re.split(r"\s*[|/]\s*", text) if each.strip(NOT_WORD)]
    reads = [read_start(each) for each in parts]
    if len(parts) > 1 and reads[0].bare and any(each.name for each in reads[1:]):
        same = {each.name for each in reads if each.name}
        return reads[0]._replace(bare=False) if len(same) == 1 else NONE
    return _weighed(text)


def _weighed(text: str) -> ReadStatus:
    """Read a line whose other clauses may have another status: `accepted by Ann, rejected by Bob` states no status."""
    first = read_start(text)
    if not first.name or first.bare:
        return first
    others: list[ReadStatus] = []
    names = {first.name}
    for sentence, each in _clauses(text.casefold())[1:]:
        then = _then().match(each)
        piece = each[then.end() :] if then else each
        read = read_start(piece)
        if not read.name and _undone().match(piece):
            return NONE
        names.add(read.name)
        # another sentence may be about something else: `Rejected options are below`
        is_about = read if sentence else read._replace(is_said=True)
        if contradicts(is_about, first) and not _past().match(piece):
            others.append(read._replace(is_said=read.is_said or bool(then)))
    return _combined(first, others) if len(names - {""}) < MOST_STATUSES or first.day else NONE


def _combined(first: ReadStatus, others: list[ReadStatus]) -> ReadStatus:
    """Return what a status and others in the same line say together; nothing if they contradict."""
    ended = _ORDER[3:]
    others = [each for each in others if not {first.name, each.name} <= set(ended)]
    if not others:
        return first
    reads = [first, *others]
    if all(each.day for each in reads):
        last = max(reads, key=lambda each: each.day)
        decided = max((each.day for each in reads if each.name in ("accepted", "rejected")), default="")
        return last._replace(bare=False, decided=decided)
    if first.name in ended and not any(each.is_said for each in others):
        return first
    last = newest(reads)
    is_clear = last.bare or (last.name in ended and last.is_said)
    return (
        last._replace(bare=False, decided=first.day if first.name in ("accepted", "rejected") else "")
        if (last.name and is_clear)
        else NONE
    )


def _clauses(text: str) -> list[tuple[int, str]]:
    """Return the clauses of a text with the numbers of their sentences."""
    found = []
    for number, sentence in enumerate(re.split(r"[.!\u3002](?:\s|\Z)", text)):
        pieces = [piece for each in _CLAUSE.split(sentence) for piece in _then_before().split(each)]
        found += [(number, each) for each in (piece.strip(NOT_WORD + _symbols(piece)) for piece in pieces) if each]
    return found


def read_start(text: str) -> ReadStatus:
    """Read the status at the start of a text, if its own clause does not question it."""
    text = (
        _CODE_SIGN.sub(" ", text, count=1)
        if (is_refusing := text.startswith(_REFUSING_CODES)) or (text.startswith(":"))
        else text
    )
    text = without_label(text.casefold())
    is_refusing = is_refusing or _REFUSING.match(text.lstrip(NOT_WORD)) is not None
    day = ""
    at = date_at(text)
    if at:
        day, text = at.day, text[at.end :]
    text = text.lstrip(NOT_WORD + _symbols(text))
    found, like = _at_start(text, statuses()), False
    if not found:
        lead = _lead().match(text)
        rest = text[lead.end() :].lstrip(NOT_WORD) if lead else ""
        found = _at_start(rest, statuses()) if rest else None
        text = rest if found else text
    if not found:
        found, like = _at_start(text, likes()), True
    if not found:
        return NONE
    name, length = found
    rest = text[length:]
    clause = rest[: _SENTENCE.search(rest).start()]  # type: ignore[union-attr]  # the end of the text is a match
    if "?" in text[: length + len(clause) + 1] or (name == "accepted" and is_refusing):
        return NONE
    if _is_limited(name, clause) or _is_negated(name, clause, like=like):
        return NONE
    tail = rest.strip(NOT_WORD + _symbols(rest))
    joint = _joint().match(tail)
    after = date_at(tail[joint.end() :] if joint else tail)
    if after and not day:
        day = after.day
        tail = (tail[joint.end() :] if joint else tail)[after.end :].strip(NOT_WORD)
    is_said = not tail or bool(after) or rest.lstrip()[:1] in _SAID_SIGNS or bool(_said().match(tail))
    # a part, or a possible one, is not said of the whole
    is_said = is_said and not (name == "superseded" and _limits().search(tail))
    return ReadStatus(name, like, day, bare=not tail, is_said=is_said)


def _is_limited(name: str, clause: str) -> bool:
    """Return whether the words after a status limit it: `accepted in part`, but not `accepted, partly superseded`."""
    text = clause.lstrip(NOT_WORD)
    limit = _limits().match(text)
    if limit is None:
        return False
    after = text[limit.end() :].lstrip()
    other = _at_start(after, statuses()) or _at_start(after, likes())
    return not ((other and other[0] in _ORDER[3:] and other[0] != name) or after.startswith("amended"))


def _is_negated(name: str, clause: str, *, like: bool) -> bool:
    """Return whether the words after a status say that it is not: `rejected: no`, `decided against it`."""
    negated = _NEGATED.match(clause)
    if negated or _NO_VALUE.match(clause) or (name != "proposed" and _against().match(clause)):
        return True
    is_not = re.match(r"\s*[:=\u2013\u2014(,-]+\s*not(?: yet)? (?P<word>\w+)", clause)
    if is_not and is_not["word"] not in _NOT_DONE:
        return True
    if name != "proposed" and (_KOREAN.match(clause) or clause.startswith("中")):
        return True
    word = _WORD.match(clause)
    # `final draft`, `active discussion`: a word that only comes close has to stand alone
    return bool(like and word and word["word"] not in _may_follow())


def without_label(text: str) -> str:
    """Return a text in lower case without `status:` before it."""
    found = _label().match(text.lstrip(NOT_WORD + _symbols(text)))
    return text.lstrip(NOT_WORD + _symbols(text))[found.end() :] if found else text


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
            after = text[length : length + 2]
            if after[:1].isalnum() or after[:1] == "_" or (after[:1] in ("'", "\u2019") and after[1:].isalnum()):
                return None
            return name, length
        end = _EAST_END.match(text, length)
        if end and end[0] == "中" and names[text[:length]] != "proposed":
            return None
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


@cache
def _words_of(rows: tuple[str, ...]) -> str:
    return "|".join(re.escape(each) for each in sorted(split_rows(rows), key=len, reverse=True))


@cache
def _said() -> re.Pattern[str]:
    return re.compile(rf"(?:{_words_of(SAID)})(?!\w)")


@cache
def _may_follow() -> frozenset[str]:
    return frozenset(word for row in (*SAID, *THEN, *JOINTS, *LIMITS) for word in re.findall(r"[^\W\d_]+", row))


@cache
def _then() -> re.Pattern[str]:
    return re.compile(rf"(?:(?:{_words_of(THEN)})(?!\w)\s*){{1,4}}")


@cache
def _then_before() -> re.Pattern[str]:
    return re.compile(rf"\s+(?=(?:{_words_of(THEN)})\s)")


@cache
def _undone() -> re.Pattern[str]:
    return re.compile(rf"(?:{_words_of(UNDONE)})(?!\w)")


@cache
def _past() -> re.Pattern[str]:
    # `was accepted`, but not `was rejected later`
    return re.compile(rf"(?:{_words_of(ONCE)})(?!\w)(?!.*\b(?:{_words_of(THEN)})\b)")


@cache
def _against() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{_words_of(AGAINST)})(?!\w)")


def contradicts(read: ReadStatus, first: ReadStatus) -> bool:
    """Return whether a status after the first one in a text has to be weighed against it: `Rejected by Bob`."""
    is_weak = read.name == "proposed" or (read.like and read.name == "accepted")
    return bool(read.name) and read.name != first.name and not is_weak and (read.bare or read.is_said)


def newest(reads: list[ReadStatus]) -> ReadStatus:
    """Return the last of several statuses, if they follow each other; nothing for a contradiction or a template."""
    names = list(dict.fromkeys(each.name for each in reads))
    # a template that names all statuses, or a contradiction
    ranks = [_ORDER.index(each) for each in names]
    if len(names) >= MOST_STATUSES or ranks != sorted(ranks) or {"accepted", "rejected"} <= set(names):
        dated = [each for each in reads if each.day]
        return dated[-1] if dated and dated[-1] is reads[-1] else NONE
    return reads[-1]
