"""Read a Markdown text as lines with their place: which heading, which item, which block. Not the product's scanner.

Every line of a history holds a token such as `k17k`, given at its birth and kept when the line is reworded, so a line
is known again wherever it is. Lines that repeat on purpose (`---`, fences) have none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"(?<![a-z0-9])k\d+k(?![a-z0-9])")
HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*$")
ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])(?:([ \t]+)|$)(\[[ xX]\](?:[ \t]|$))?")
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
COMMENT = re.compile(r"[ \t]*<!--")
PLACEHOLDER = re.compile(r"(?:[-*]|\d+\.) \[(?:None|Step)\]$|\[[^\]]*\]$")


@dataclass(slots=True)
class Line:
    """One line: its text without the ending, what it is, and where it stands."""

    text: str
    kind: str
    token: str
    section: int  # the line of its heading; a heading's own is the heading above it; -1 for none
    parent: int  # the line of the item that it belongs to; -1 for none
    block: int  # the first line of the item, paragraph, fence or table that it is part of


@dataclass(slots=True)
class Page:
    """A text as lines; `front` are the lines of the front matter, with their `---`."""

    lines: list[Line]
    front: int

    def key(self, at: int) -> str:
        """Name the heading in this line: by its token, or by its words."""
        if at < 0:
            return ""
        line = self.lines[at]
        if line.token:
            return line.token
        found = HEADING.match(line.text)
        words = (found.group(2) or "") if found else line.text
        return " ".join(words.partition("<!--")[0].split())

    def path(self, at: int) -> tuple[str, ...]:
        """Name the heading of a line and those above it, the nearest first."""
        found = []
        at = self.lines[at].section
        while at >= 0:
            found.append(self.key(at))
            at = self.lines[at].section
        return tuple(found)


def level_of(text: str) -> int:
    """Return the level of a heading."""
    found = HEADING.match(text)
    return len(found.group(1)) if found else 0


def cut(text: str) -> list[str]:
    """Cut a text into lines without their endings; a last line without an ending is a line."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def read(text: str) -> Page:
    """Read a text."""
    return read_lines(cut(text))


def read_lines(texts: list[str]) -> Page:
    """Read lines."""
    front = _front(texts)
    reader = _Reader([Line(text, "front", _token(text), -1, -1, at) for at, text in enumerate(texts[:front])])
    for text in texts[front:]:
        reader.add(text)
    return Page(reader.lines, front)


def _token(text: str) -> str:
    found = TOKEN.search(text)
    return found.group() if found else ""


def _indent(text: str) -> int:
    wide = text.expandtabs(4)
    return len(wide) - len(wide.lstrip())


class _Reader:
    """Reads line by line: which headings and items are open, and whether a fence or a comment is."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.headings: list[tuple[int, int]] = []  # level, line
        self.items: list[tuple[int, int]] = []  # where its content begins, line
        self.fence, self.comment = "", False
        self.first = -1  # of the fence or the comment

    def add(self, text: str) -> None:
        """Read the next line."""
        heading = HEADING.match(text)
        if self.fence:
            closes = FENCE.match(text)
            if closes and closes.group(1).startswith(self.fence) and not text.strip().strip(self.fence[0]):
                self.fence = ""
            self._put(text, "code", self.lines[self.first].parent, self.first)
        elif self.comment:
            self.comment = "-->" not in text
            self._put(text, "comment", -1, self.first)
        elif not text.strip():
            self._put(text, "blank", self.items[-1][1] if self.items else -1)
        elif heading:
            level = len(heading.group(1))
            self.headings = [each for each in self.headings if each[0] < level]
            self._put(text, "heading", -1)
            self.headings.append((level, len(self.lines) - 1))
            self.items = []
        else:
            self._block(text)

    def _block(self, text: str) -> None:
        at, indent = len(self.lines), _indent(text)
        opens, rule, comment = FENCE.match(text), RULE.match(text), COMMENT.match(text)
        item = None if rule else ITEM.match(text)
        before = self.lines[-1].kind if self.lines else "blank"
        starts = before in {"blank", "heading", "front", "rule"}
        if starts or item or opens or rule or comment:
            # an indent as deep as an item's content belongs to the item; a line that goes on is lazy
            self.items = [each for each in self.items if indent >= each[0]]
        parent = self.items[-1][1] if self.items else -1
        if opens:
            self.fence, self.first = opens.group(1)[:3], at
            self._put(text, "code", parent)
        elif item:
            self._put(text, "item", parent)
            self.items.append((len(item.group(1).expandtabs(4)) + len(item.group(2)) + 1, at))
        elif rule:
            self._put(text, "rule", parent)
        elif comment:
            self.comment, self.first = "-->" not in text, at
            self._put(text, "comment", parent)
        elif text.lstrip().startswith("|"):
            self._put(text, "row", parent)
        else:
            goes_on = not starts and before in {"text", "item"}
            self._put(text, "text", parent, self.lines[-1].block if goes_on else -1)

    def _put(self, text: str, kind: str, parent: int, block: int = -1) -> None:
        section = self.headings[-1][1] if self.headings else -1
        token = _token(text) if kind != "blank" else ""
        self.lines.append(Line(text, kind, token, section, parent, block if block >= 0 else len(self.lines)))


def _front(texts: list[str]) -> int:
    if not texts or texts[0].rstrip() != "---":
        return 0
    for at, text in enumerate(texts[1:], 1):
        if text.rstrip() in {"---", "..."}:
            return at + 1
    return 0
