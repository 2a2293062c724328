"""Find where a link reference definition that begins at a `[` ends, by the rules of markdown-it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.scanner.line_rules import TRIM
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Callable

    NextLine = Callable[[], str | None]

_LABEL = later(r"(?:[^\[\]\\\n]|\\[^\n])*+")
_SPACE = later(r"[ \t]*+")
_POINTED = later(r"<((?:[^<>\\\n]|\\[\s\S])*+)>")
_PLAIN = later(r"[^\x01-\x20\x7f\\()]++")
_TITLE = {
    '"': later(r'(?:[^"\\]|\\[\s\S])*+'),
    "'": later(r"(?:[^'\\]|\\[\s\S])*+"),
    "(": later(r"(?:[^()\\]|\\[\s\S])*+"),
}
_CLOSERS = {'"': '"', "'": "'", "(": ")"}
_ESCAPE = later(r"\\([!-/:-@\[-`{-~])|&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSAFE = later(r"(?:vbscript|javascript|file|data):", re.IGNORECASE)
_SAFE_DATA = later(r"data:image/(?:gif|png|jpeg|webp);", re.IGNORECASE)
_DEEPEST = 32
_NO_TITLE, _SPOILED = -2, -1


class _Reader:
    """The current line of the definition; the next line is requested at its end.

    Lines are not joined: a label that is not closed can be as long as the file.
    """

    __slots__ = ("_more", "count", "line")

    def __init__(self, first: str, more: NextLine) -> None:
        self.line = first
        self.count = 1
        self._more = more

    def extend(self) -> bool:
        line = self._more()
        if line is None:
            return False
        self.line = line
        self.count += 1
        return True

    def skip_space(self, at: int) -> int:
        while True:
            at = _SPACE.match(self.line, at).end()  # type: ignore[union-attr]  # an empty match is a match
            if not self.line.startswith("\n", at):
                return at
            if not self.extend():
                return len(self.line)
            at = 0


def definition_lines(first: str, more: NextLine) -> int:
    """Return the number of lines of the definition that begins with this line; 0 if it is not a definition.

    `more` returns the next line with its ending, from its first character that is not space, or None at the end of
    the paragraph.
    """
    reader = _Reader(first, more)
    label = _label_end(reader)
    if label < 0 or not reader.line.startswith("]:", label):
        return 0
    at = reader.skip_space(label + 2)
    end = _destination_end(reader.line, at)
    if end < 0:
        return 0
    # without a title, or with a title that has text after it, the definition may end here
    count, is_whole = reader.count, _ends_line(reader.line, end)
    title = _title_end(reader, end)
    if title >= 0 and _ends_line(reader.line, title):
        return reader.count
    return count if is_whole and title != _SPOILED else 0


def _label_end(reader: _Reader) -> int:
    """Return the offset of the bracket that closes the label; -1 if there is none or the label is only space."""
    at, filled = 1, False
    while True:
        start = at
        at = _LABEL.match(reader.line, at).end()  # type: ignore[union-attr]  # an empty match is a match
        filled = filled or bool(reader.line[start:at].strip(TRIM))
        char = reader.line[at : at + 1]
        if char == "]":
            return at if filled else -1
        if char == "\\":
            filled = True
            char = reader.line[at + 1 : at + 2]
        if char != "\n" or not reader.extend():
            return -1
        at = 0


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
    """Return the offset after the title; _NO_TITLE without one, _SPOILED if an empty title has text after it."""
    before = reader.count
    start = at = reader.skip_space(end)
    opener = reader.line[at : at + 1]
    if opener not in _TITLE:
        return _NO_TITLE
    is_spaced = reader.count > before or start > end
    first = reader.count
    at += 1
    while True:
        at = _TITLE[opener].match(reader.line, at).end()  # type: ignore[union-attr]  # an empty match is a match
        if at < len(reader.line) or not reader.extend():
            break
        at = 0
    if not reader.line.startswith(_CLOSERS[opener], at):
        return _NO_TITLE
    is_one_line = reader.count == first
    if is_one_line and not is_spaced:
        return _NO_TITLE
    if is_one_line and at == start + 1 and not _ends_line(reader.line, at + 1):
        return _SPOILED
    return at + 1


def _ends_line(text: str, at: int) -> bool:
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # an empty match is a match
    return at >= len(text) or text[at] == "\n"


def _is_safe(target: str) -> bool:
    """Return whether markdown-it accepts this link; a definition with another link is text."""
    if "\\" in target or "&" in target:
        target = _ESCAPE.sub(_unescape, target)
    target = target.strip()
    return not _UNSAFE.match(target) or _SAFE_DATA.match(target) is not None


def _unescape(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    from html import unescape

    return unescape(found[0])
