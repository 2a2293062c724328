"""Skim a large text: find its headings without reading every line in Python.

One pattern skips, at the speed of the regex engine, every block whose end is certain from the next line. Headings and
other separate blocks are read here. The rest (a line that may or may not be part of the list or quote before it) is
read by the line machine, from a place where no block is open to the next such place.

Building the pattern takes longer than reading a small file, so `scan` loads this module only for large files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.scanner.line_rules import (
    CODE_INDENT,
    HTML_ENDS,
    HTML_NAMES,
    MARKER,
    SPACE,
    TRIM,
    UNDERLINE,
    atx_text,
    html_kind,
    width_of,
)
from memorybank.document.scanner.nodes import Heading, OpenBlock

if TYPE_CHECKING:
    from memorybank.document.scanner.block_scanner import Machine

_EOL = r"(?:\n|\Z)"
_BLANK = rf"[ \t]*+{_EOL}"
_ATX = r"#{1,6}+(?![^ \t\n])"
_FENCE = r"(?:```[^`\n]*+(?:\n|\Z)|````++[^`\n]*+(?:\n|\Z)|~~~[^\n]*+(?:\n|\Z))"
_RULE = rf"(?:(?:\*[ \t]*+){{3,}}+|(?:-[ \t]*+){{3,}}+|(?:_[ \t]*+){{3,}}+){_EOL}"
_MARKED = r"(?:[-+*]|[0-9]{1,9}[.)])(?![^ \t\n])"
# a line that begins like this, indented less than an item's content, ends every list and the quotes in it
_ENDS_LIST = rf"(?:{_ATX}|{_FENCE}|>|{_MARKED}|{_RULE})"
_ENDS_PARAGRAPH = rf"(?!-++{_BLANK})(?:{_ATX}|{_FENCE}|>|(?:[-+*]|0{{0,8}}1[.)])[ \t]++[^ \t\n]|{_RULE})"
# a line that does not begin like this is text for certain; much other text takes the slower way
_NO_TEXT = (
    rf"\s|>|\+|=|<(?:[!?]|/?(?i:{'|'.join(sorted(HTML_NAMES))})(?![A-Za-z0-9]))"
    r"|```|~~~|#{1,6}+(?:\s|\Z)|\*\*?+(?:[\s*]|\Z)|--?+(?:[\s-]|\Z)|__?+(?:[\s_]|\Z)"
    r"|[0-9]{1,9}[.)](?:\s|\Z)"
)
_TEXT_GOES_ON = rf"(?:[ \t]*+(?!{_NO_TEXT})[^\n]++{_EOL})*+"
# a tag alone on a line can begin a block, and a bracket a definition, where no paragraph is open
_NO_FIRST_TEXT = rf"{_NO_TEXT}|<[^>\n]*+>|\[(?![^\[\]\\\n]*+(?:\[|\](?!:)))"
_TEXT = rf" {{0,3}}+(?!{_NO_FIRST_TEXT})[^\n]++{_EOL}{_TEXT_GOES_ON}"


def _item(width: int) -> str:
    """Return the pattern of a whole item whose content is indented by `width` columns."""
    openings = [
        rf"{' ' * indent}{'[-+*]' if mark == 1 else f'[0-9]{{{mark - 1}}}[.)]'}{' ' * (width - indent - mark)}"
        for indent in range(min(width - 1, 4))
        for mark in range(1, width - indent)
        if width - indent - mark <= 4  # noqa: PLR2004  wider space is indented code
    ]
    inside = rf"(?: {{{width}}}| {{0,{min(width - 1, 3)}}}\t)"
    return (
        rf"(?:{'|'.join(openings)})(?=[^ \t\n])[^\n]*+{_EOL}"
        rf"(?:(?:[ \t]*+\n)*+{inside}[^\n]*+{_EOL})*+"
        rf"(?:(?:[ \t]*+\n)++|\Z|(?= {{0,{min(width - 1, 3)}}}{_ENDS_LIST}))"
    )


# Lines that each begin with markers, one column of space after each, and then text: whatever the markers mean, after
# each line a paragraph is open in some list or quote, so plain text continues it lazily. At an indent of 0 or 1 an
# underline cannot be in an item and is text too. The pattern stops where a list surely ends: a pattern that runs over
# such places and then fails would be tried again at each of them.
_MARKS = r"(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]|>[ \t]?)"
_CHAIN = (
    rf" {{0,3}}{_MARKS}++(?!{_NO_FIRST_TEXT})[^\n]++{_EOL}"
    rf"(?:(?! ?(?!>){_ENDS_LIST})"
    rf"(?:[ \t]*+(?:{_MARKS}++(?!{_NO_FIRST_TEXT})|(?!{_NO_TEXT}))[^\n]++{_EOL}| ?(?:=++|--){_BLANK}))*+"
    rf"(?:(?:[ \t]*+\n)++(?= ?[^ \t\n]|\Z)|\Z|(?= ?(?!>){_ENDS_LIST}))"
)
# After a heading no paragraph is open in the container, so text outside starts a new block; the same for a fence.
_CLOSED_INSIDE = rf"(?: ?{_MARKS}{{1,20}}+(?:{_ATX}[^\n]*+\n|{_FENCE})|(?: ?> ?{_ATX}[^\n]*+\n)++)(?= ?[^ \t\n>])"
_EMPTY_ITEM = rf" ?{_MARKED}[ \t]*+(?:\n[ \t]*+(?:\n|\Z)|\n(?= ?{_ENDS_LIST})|\Z)"
_DEFINITION = (
    r" {0,3}\[(?=[^\]\n]*[!-~])[^\[\]\\\n]++\]:[ \t]++(?!(?i:vbscript|javascript|file|data):)"
    r"[!-%'*-;=-\[\]-~][!-%'*-;=-\[\]-~]*+[ \t]*+(?:\Z|\n(?![ \t]*+[\"'(]))"
)

_CLOSED = (
    r" {0,3}```(?!`)[^`\n]*+\n(?:(?! {0,3}```+[ \t]*+(?:\n|\Z))[^\n]*+\n)*+ {0,3}```+[ \t]*+(?:\n|\Z)"
    r"| {0,3}~~~(?!~)[^\n]*+\n(?:(?! {0,3}~~~+[ \t]*+(?:\n|\Z))[^\n]*+\n)*+ {0,3}~~~+[ \t]*+(?:\n|\Z)"
    r"| {0,3}<!(?=--)[^-]*+(?:-(?!->)[^-]*+)*+-->[^\n]*+(?:\n|\Z)"
    # a tag alone on its line begins a block of one of the two kinds that end at a blank line
    r"| {0,3}</?(?!(?i:script|pre|style|textarea)[ />])[A-Za-z][A-Za-z0-9]*+>[ \t]*+(?:\n|\Z)"
    r"(?:[ \t]*+[^ \t\n][^\n]*+(?:\n|\Z))*+"
)

# Items at the margin with the indented text below them: the marker of the next item closes each, whatever is in it.
# `_item` finds the same, one by one and five times slower.
_ITEMS = r"(?:[-+*] (?=[^ \t\n])[^\n]*+\n(?:(?:  [^\n]*+|[ \t]*+)\n)*+(?=[-+*] [^ \t\n]))++"

_SKIP = re.compile(
    rf"(?:[ \t]*+\n|{_ITEMS}"
    rf"|{_TEXT}(?={_BLANK}| {{0,3}}{_ENDS_PARAGRAPH})"
    rf"|(?= {{0,3}}[-*_]) {{0,3}}{_RULE}"
    # a cheap lookahead first: these patterns are long and fail late
    rf"|(?= {{0,3}}[-+*>0-9])"
    rf"(?:{_EMPTY_ITEM}|{_item(2)}|{_CHAIN}|{_item(3)}|{_item(4)}|{_CLOSED_INSIDE})"
    rf"|(?: {{0,3}}>[^\n]*+{_EOL})++(?={_BLANK}| {{0,3}}{_ENDS_LIST})"
    rf"|{_DEFINITION}|{_CLOSED}"
    rf"|(?: {{4}}| {{0,3}}\t)[^\n]*+{_EOL}"
    r")*+"
)
_TEXT_LINES = re.compile(_TEXT_GOES_ON)
_HEADING = re.compile(r"(#{1,6}+)(?![^ \t\n])")
_FENCE_LINE = re.compile(r"(`{3,}+)(?=[^`\n]*+(?:\n|\Z))|(~{3,}+)")
_FENCE_CLOSE = re.compile(r"\n {0,3}(`{3,}+|~{3,}+)[ \t]*+(?=\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t]*+(?=\n|\Z)")
# brackets that are closed without a colon after them, or contain other brackets, do not begin a definition
_NO_DEFINITION = re.compile(r"\[[^\[\]\\\n]*+(?:\[|\](?!:))")
_FRESH_IN_CONTAINER = re.compile(rf" ?(?!>){_ENDS_LIST}")
_FRESH_AFTER_BLANK = re.compile(r" ?[^ \t\n]")


class Skimmer:
    """Read a text block by block, alternating with a line machine; headings go to the machine's list."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.shadow = machine.text
        self.headings = machine.headings
        self.left: OpenBlock | None = None

    def read(self, at: int) -> int:
        """Skip text without headings and read one block; return the offset of the next block."""
        at = _SKIP.match(self.shadow, at).end()  # type: ignore[union-attr]  # an empty match is a match
        return self._read_block(at) if at < len(self.shadow) else at

    def _line_end(self, at: int) -> int:
        eol = self.shadow.find("\n", at)
        return len(self.shadow) if eol < 0 else eol

    def _read_block(self, start: int) -> int:
        """Read the block that begins at a line; return the offset of the first line after it."""
        shadow = self.shadow
        at = SPACE.match(shadow, start).end()  # type: ignore[union-attr]  # an empty match is a match
        if at >= len(shadow):
            return at
        char = shadow[at]
        if char == "#" and (marks := _HEADING.match(shadow, at)):
            eol = self._line_end(at)
            after = min(eol + 1, len(shadow))
            text = atx_text(shadow, marks.end(), eol)
            self.headings.append(Heading(start, after, len(marks[1]), text))
            return after
        if char in "`~" and (fence := _FENCE_LINE.match(shadow, at)):
            return self._skip_fence(start, at, fence[0])
        if char == "<":
            eol = self._line_end(at)
            kind = html_kind(shadow, at, eol)
            if kind:
                return self._skip_html(start, at, eol, kind)
        if (
            char in ">_"
            or (char in "-+*0123456789" and MARKER.match(shadow, at))
            or (char == "[" and not _NO_DEFINITION.match(shadow, at))
        ):
            return self._read_container(start)
        return self._read_paragraph(start)

    def _skip_fence(self, start: int, at: int, fence: str) -> int:
        shadow = self.shadow
        while True:
            found = _FENCE_CLOSE.search(shadow, at)
            if not found:
                self.left = OpenBlock("fence", start)
                return len(shadow)
            at = found.end()
            if found[1].startswith(fence):
                return min(at + 1, len(shadow))

    def _skip_html(self, start: int, at: int, eol: int, kind: str) -> int:
        shadow = self.shadow
        if kind not in HTML_ENDS:
            blank = _BLANK_LINE.search(shadow, eol)
            return blank.start() + 1 if blank else len(shadow)
        found = HTML_ENDS[kind].search(shadow, at)
        if not found:
            self.left = OpenBlock("comment" if kind == "comment" else "html", start)
            return len(shadow)
        return min(self._line_end(found.end()) + 1, len(shadow))

    def _read_paragraph(self, start: int) -> int:
        """Read a paragraph or a setext heading."""
        shadow = self.shadow
        size = len(shadow)
        at = min(self._line_end(start) + 1, size)
        while True:
            at = _TEXT_LINES.match(shadow, at).end()  # type: ignore[union-attr]  # an empty match is a match
            content = SPACE.match(shadow, at).end()  # type: ignore[union-attr]  # an empty match is a match
            if content >= size or shadow[content] == "\n":
                return at
            column = width_of(shadow[at:content], 0)
            eol = self._line_end(content)
            after = min(eol + 1, size)
            if column < CODE_INDENT:
                if shadow[content] in "=-" and UNDERLINE.match(shadow, content):
                    text = shadow[start:at].strip(TRIM)
                    level = 1 if shadow[content] == "=" else 2
                    self.headings.append(Heading(start, after, level, text))
                    return after
                if self.machine.rules.interrupts(content, eol, column, 0, -1, paragraph=True):
                    return at
            at = after

    def _read_container(self, first: int) -> int:
        machine = self.machine
        machine.reset()
        at = machine.read_line(first)
        if machine.leaf == "paragraph" and not machine.stack and machine.leaf_start == first:
            # it began like a definition but is not one
            return self._read_paragraph(first)
        return self.leave_machine(at, first)

    def leave_machine(self, at: int, first: int = -1) -> int:
        """Let the machine read from `at` until no block is open, or only one that the faster patterns know."""
        machine = self.machine
        shadow = self.shadow
        size = len(shadow)
        while at < size:
            if machine.stack:
                pattern = _FRESH_AFTER_BLANK if machine.after_blank(at) else _FRESH_IN_CONTAINER
                if pattern.match(shadow, at):
                    return at
            elif not machine.leaf:
                return at
            elif machine.leaf_start > first:
                return machine.leaf_start
            at = machine.read_line(at)
        self.left = machine.finish()
        return size
