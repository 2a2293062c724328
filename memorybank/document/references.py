"""Link reference definitions: where one that begins at a `[` ends, as markdown-it reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.rules import TRIM

if TYPE_CHECKING:
    from collections.abc import Callable

    NextLine = Callable[[], str | None]

_LABEL = re.compile(r"(?:[^\[\]\\\n]|\\[^\n])*+")
_SPACE = re.compile(r"[ \t]*+")
_POINTED = re.compile(r"<((?:[^<>\\\n]|\\[\s\S])*+)>")
_PLAIN = re.compile(r"[^\x01-\x20\x7f\\()]++")
_TITLE = {
    '"': re.compile(r'(?:[^"\\]|\\[\s\S])*+'),
    "'": re.compile(r"(?:[^'\\]|\\[\s\S])*+"),
    "(": re.compile(r"(?:[^()\\]|\\[\s\S])*+"),
}
_CLOSERS = {'"': '"', "'": "'", "(": ")"}
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSAFE = re.compile(r"(?:vbscript|javascript|file|data):", re.IGNORECASE)
_SAFE_DATA = re.compile(r"data:image/(?:gif|png|jpeg|webp);", re.IGNORECASE)
_DEEPEST = 32


class _Reader:
    """The definition's lines so far; each is asked for when the one before is used up."""

    def __init__(self, first: str, more: NextLine) -> None:
        self.text = first
        self.count = 1
        self._more = more

    def extend(self) -> bool:
        line = self._more()
        if line is None:
            return False
        self.text += line
        self.count += 1
        return True

    def skip_space(self, at: int) -> int:
        while True:
            at = _SPACE.match(self.text, at).end()  # type: ignore[union-attr]  # an empty match is a match
            if not self.text.startswith("\n", at):
                return at
            self.extend()
            at += 1


def definition_lines(first: str, more: NextLine) -> int:
    """Count the lines of the definition whose first line is given; 0 when there is none.

    `more` gives the next line with its ending, from its first character that is not space, or None where the
    paragraph ends.
    """
    reader = _Reader(first, more)
    label = _label_end(reader)
    if label < 0 or not reader.text.startswith("]:", label):
        return 0
    at = reader.skip_space(label + 2)
    at = _destination_end(reader.text, at)
    if at < 0:
        return 0
    end, count = at, reader.count
    titled = _title_end(reader, at)
    if titled >= 0 and _ends_line(reader.text, titled):
        count = reader.count
    elif titled == -1 or not _ends_line(reader.text, end):
        return 0
    return count if reader.text[1:label].strip(TRIM) else 0


def _label_end(reader: _Reader) -> int:
    at = 1
    while True:
        at = _LABEL.match(reader.text, at).end()  # type: ignore[union-attr]  # an empty match is a match
        char = reader.text[at : at + 1]
        if char == "]":
            return at
        if char == "\\":
            at += 1
            char = reader.text[at : at + 1]
        if char != "\n" or not reader.extend():
            return -1
        at += 1


def _destination_end(text: str, at: int) -> int:
    if text.startswith("<", at):
        found = _POINTED.match(text, at)
        return found.end() if found and _is_safe(found[1]) else -1
    start, depth, size = at, 0, len(text)
    while at < size:
        char = text[at]
        if char == "\\" and at + 1 < size:
            if text[at + 1] == " ":
                break
            at += 2
        elif char == "\\":
            at += 1
        elif char == "(":
            depth += 1
            if depth > _DEEPEST:
                return -1
            at += 1
        elif char == ")":
            if depth == 0:
                break
            depth -= 1
            at += 1
        else:
            found = _PLAIN.match(text, at)
            if not found:
                break
            at = found.end()
    return at if at > start and depth == 0 and _is_safe(text[start:at]) else -1


def _title_end(reader: _Reader, end: int) -> int:
    """Give the offset after the title; -2 without one, -1 where an empty one spoils the definition."""
    start = at = reader.skip_space(end)
    opener = reader.text[at : at + 1]
    if opener not in _TITLE:
        return -2
    lines = reader.count
    at += 1
    while True:
        at = _TITLE[opener].match(reader.text, at).end()  # type: ignore[union-attr]  # an empty match is a match
        if at < len(reader.text):
            if reader.text[at] == "\\":
                at += 1
            break
        if not reader.extend():
            break
    if not reader.text.startswith(_CLOSERS[opener], at):
        return -2
    if start == end and reader.count == lines:
        return -2
    if at == start + 1 and not _ends_line(reader.text, at + 1):
        return -1
    return at + 1


def _ends_line(text: str, at: int) -> bool:
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # an empty match is a match
    return at >= len(text) or text[at] == "\n"


def _is_safe(target: str) -> bool:
    """Say whether markdown-it takes this link; it leaves a definition with another one as text."""
    if "\\" in target or "&" in target:
        target = _ESCAPE.sub(_unescape, target)
    target = target.strip()
    return not _UNSAFE.match(target) or _SAFE_DATA.match(target) is not None


def _unescape(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    from html import unescape

    return unescape(found[0])
