"""A permanent architectural fact as one line: `- **AUTH-001** (deprecated): fact — why`, and ways people write it.

Read are also `**AUTH-001:** …`, `**AUTH-001** — …`, `AUTH-001: …`, `**PAF-AUTH-001**: …`, a status in brackets
behind the id or at the end, and what is struck through. Written is the status alone, where it stands or belongs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

ACTIVE = "active"
REPLACED = "replaced"
STATUSES = ("proposed", "review", ACTIVE, "deprecated", REPLACED)

_ID = r"[A-Z][A-Z0-9]{0,19}(?:[-_][A-Z][A-Z0-9]{0,19}){0,3}-[0-9]{1,6}"
_HEAD = re.compile(
    rf"(?P<bold>\*\*|__)?(?:PAF-)?(?P<id>{_ID})(?:(?P<colon>:)(?=\*\*|__))?(?P<close>\*\*|__)?(?![\w])", re.ASCII
)
_STATUS = re.compile(
    rf"(?:in )?(?P<status>{'|'.join(STATUSES)})(?: by (?:PAF-)?(?P<by>{_ID}))?(?:\s*[:;,—\u2013]\s*(?P<reason>.+))?\Z",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?::|—|\u2013|--)?\s*")
_SIGN = re.compile(r"\s*(?::|—|\u2013|--)(?:\s|\Z)")
_STRUCK = re.compile(rf"~~(?P<text>.*)~~(?:\s*(?:→|->)\s*(?P<by>{_ID}))?\s*\Z")
_ANCHOR = re.compile(r"[ \t]+\^[0-9A-Za-z-]+[ \t]*\Z")
_WHY = re.compile(r" (?:—|\u2013|--) ")
_BRACKETS = {"(": ")", "[": "]"}


class PafLine(NamedTuple):
    """What one line says; `mark` is the span of its status behind the id, empty where one would stand.

    `is_plain` tells that the status is nowhere else in the line.
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
    """Read an item's text; None when it is no fact."""
    line = _ANCHOR.sub("", line).rstrip()
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
    """Find the bracket that stands next, with what is nested in it; None when there is none, or it never closes."""
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
    """Read a status that a person put elsewhere: at the end in brackets, or by striking the words through."""
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
    """Give fact and reason so that the one dash between them parts them; a fact may bring its reason along."""
    if not why:
        text, *rest = _WHY.split(text, maxsplit=1)
        why = "".join(rest)
    return _WHY.sub(" - ", text).strip(), _WHY.sub(" - ", why).strip()


def write_line(ident: str, text: str, *, why: str = "", mark: str = "") -> str:
    """Write a fact as a new line is written."""
    reason = f" — {why}" if why else ""
    return f"**{ident}**{f' ({mark})' if mark else ''}: {text}{reason}"


def mark_of(status: str, *, by: str = "", reason: str = "", said: bool = False) -> str:
    """Write a status as it stands in brackets; nothing for an active fact, unless it must be said."""
    if status == ACTIVE:
        return ACTIVE if said else ""
    return f"{status}{f' by {by}' if by else ''}{f': {reason}' if reason else ''}"


def remark(line: str, parsed: PafLine, mark: str) -> str:
    """Give a line with another status behind its id; the rest stays as it is, where it holds no status itself."""
    if not parsed.is_plain:
        return write_line(parsed.id, parsed.text, why=parsed.why, mark=mark)
    start, end = parsed.mark
    return f"{line[:start]}{f' ({mark})' if mark else ''}{line[end:]}"
