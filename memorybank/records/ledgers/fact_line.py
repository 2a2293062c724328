"""A permanent architectural fact as one line: `- **AUTH-001** (deprecated): fact — why`, and other accepted forms.

The reader also accepts `**AUTH-001:** …`, `**AUTH-001** — …`, `AUTH-001: …`, `**PAF-AUTH-001**: …`, a status in
brackets after the id or at the end, and text struck through. Only the status is written, where it is or belongs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.patterns import later
from memorybank.records.memories.reviewed import unmarked

ACTIVE = "active"
REPLACED = "replaced"
STATUSES = ("proposed", "review", ACTIVE, "deprecated", REPLACED)

_ID = r"[A-Z][A-Z0-9]{0,19}(?:[-_][A-Z][A-Z0-9]{0,19}){0,3}-[0-9]{1,6}"
_HEAD = later(
    rf"(?P<bold>\*\*|__)?(?:PAF-)?(?P<id>{_ID})(?:(?P<colon>:)(?=\*\*|__))?(?P<close>\*\*|__)?(?![\w])", re.ASCII
)
_STATUS = later(
    rf"(?:in )?(?P<status>{'|'.join(STATUSES)})(?: by (?:PAF-)?(?P<by>{_ID}))?(?:\s*[:;,—\u2013]\s*(?P<reason>.+))?\Z",
    re.IGNORECASE,
)
_SEPARATOR = later(r"\s*(?::|—|\u2013|--)?\s*")
_SIGN = later(r"\s*(?::|—|\u2013|--)(?:\s|\Z)")
_STRUCK = later(rf"~~(?P<text>.*)~~(?:\s*(?:→|->)\s*(?P<by>{_ID}))?\s*\Z")
_ANCHOR = later(r"[ \t]+\^[0-9A-Za-z-]+[ \t]*\Z")
_WHY = later(r" (?:—|\u2013|--) ")
_BRACKETS = {"(": ")", "[": "]"}


class PafLine(NamedTuple):
    """The parsed line; `mark` is the span of its status after the id, empty at the place where one would be.

    `is_plain` is set if the line has no status in another place.
    """

    id: str
    text: str
    why: str
    status: str
    replaced_by: str
    reason: str
    mark: tuple[int, int]
    is_plain: bool

    @property
    def category(self) -> str:
        """The id without its number."""
        return self.id.rpartition("-")[0]


def parse_line(line: str) -> PafLine | None:
    """Parse an item's text; return None if it is not a fact."""
    line = unmarked(_ANCHOR.sub("", line)).rstrip()
    start = 2 if line.startswith("~~**") or re.match(rf"~~(?:PAF-)?{_ID}", line) else 0
    end = line.rindex("~~") if start and line.rindex("~~") > start else len(line)
    head = _HEAD.match(line, start, end)
    if head is None or head["bold"] != head["close"]:
        return None
    at, status, by, reason = head.end(), ACTIVE, "", ""
    mark = (at, at)
    bracket = _bracket(line, at, end)
    found = _STATUS.match(line[bracket[0] + 1 : bracket[1] - 1]) if bracket else None
    if found and bracket:
        status, by, reason = _said(found)
        mark, at = _with_emphasis(line, at, bracket), bracket[1]
        at = max(at, mark[1])
    elif not (head["bold"] or head["colon"] or _SIGN.match(line, at, end)):
        return None
    sign = _SEPARATOR.match(line, at, end)
    text = line[sign.end() if sign else at : end].strip()
    is_plain = not start
    if not found:
        text, loose = _loose_status(text, struck=bool(start), tail=line[end:].removeprefix("~~"))
        if loose:
            is_plain = False
            status, by, reason = loose
    parts = _WHY.split(text, maxsplit=1)
    return PafLine(head["id"], parts[0].strip(), "".join(parts[1:]).strip(), status, by, reason, mark, is_plain)


def _said(found: re.Match[str]) -> tuple[str, str, str]:
    return found["status"].lower(), (found["by"] or "").upper(), (found["reason"] or "").strip()


def _bracket(line: str, at: int, end: int) -> tuple[int, int] | None:
    """Return the span of the next bracket with nested ones; None if there is none or it is never closed."""
    start = at + len(line[at:end]) - len(line[at:end].lstrip(" \t_*"))
    if start >= end or line[start] not in _BRACKETS:
        return None
    opening, closing, depth = line[start], _BRACKETS[line[start]], 0
    for place in range(start, end):
        depth += (line[place] == opening) - (line[place] == closing)
        if depth == 0:
            return start, place + 1
    return None


def _with_emphasis(line: str, at: int, bracket: tuple[int, int]) -> tuple[int, int]:
    stop = bracket[1]
    signs = line[at : bracket[0]].strip()
    return (at, stop + len(signs) if signs and line[stop : stop + len(signs)] == signs else stop)


def _loose_status(text: str, *, struck: bool, tail: str) -> tuple[str, tuple[str, str, str] | None]:
    """Parse a status in another place: at the end in brackets, or expressed by striking the text through."""
    gone = _STRUCK.match(text)
    if gone or struck:
        successor = re.match(rf"\s*(?:→|->)\s*({_ID})\s*\Z", tail)
        by = (gone["by"] if gone else successor.group(1) if successor else "") or ""
        return (gone["text"].strip() if gone else text), (REPLACED if by else "deprecated", by, "")
    for opening in "([":
        place = text.rfind(opening)
        if place > 0 and text.endswith(_BRACKETS[opening]):
            found = _STATUS.match(text[place + 1 : -1])
            if found:
                return text[:place].rstrip(), _said(found)
    return text, None


def parted(text: str, why: str) -> tuple[str, str]:
    """Return fact and reason, so that only one dash separates them; the text may contain the reason."""
    if not why:
        text, *rest = _WHY.split(text, maxsplit=1)
        why = "".join(rest)
    return _WHY.sub(" - ", text).strip(), _WHY.sub(" - ", why).strip()


def write_line(ident: str, text: str, *, why: str = "", mark: str = "") -> str:
    """Return the text of a new line for a fact."""
    reason = f" — {why}" if why else ""
    return f"**{ident}**{f' ({mark})' if mark else ''}: {text}{reason}"


def mark_of(status: str, *, by: str = "", reason: str = "", said: bool = False) -> str:
    """Return a status as text for the brackets; "" for an active fact, unless `said` is set."""
    if status == ACTIVE:
        return ACTIVE if said else ""
    return f"{status}{f' by {by}' if by else ''}{f': {reason}' if reason else ''}"


def remark(line: str, parsed: PafLine, mark: str) -> str:
    """Return a line with another status after its id; the rest stays, unless it contains a status itself."""
    if not parsed.is_plain:
        return write_line(parsed.id, parsed.text, why=parsed.why, mark=mark)
    start, end = parsed.mark
    return f"{line[:start]}{f' ({mark})' if mark else ''}{line[end:]}"
