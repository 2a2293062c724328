"""Texts of a bank inside a new Markdown page: none can make a heading, end a list, or open what it does not close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.source import each_line, without_eol
from memorybank.document.text import one_line, without_hidden
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Sequence

# what can begin something inside a line: code, emphasis, a link, a tag, a cell, an entity, a comment
_MARKS = later(
    r"[\\`*\[\]<>|~$]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])|\A(?=[-+#=])|\A\d{1,9}(?=[.)])|(?<=:)(?=//)|(?<=www)\."
)
_SHOWN = 300


def inline(text: str, most: int = _SHOWN) -> str:
    """Return a text as words of one line, with a backslash before each character that means something in Markdown.

    Hidden characters are left out, and a long text is cut.
    """
    line = one_line(without_hidden(text)[0])
    line = line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
    return _MARKS.sub(lambda found: _escaped(found.group()), line)


def _escaped(mark: str) -> str:
    if mark.isdigit():
        # `1.` begins a list, `1\.` does not; the sign behind the digits is not part of the match
        return f"{mark}\\"
    return f"\\{mark}" if mark else "\\"


def quote(text: str) -> list[str]:
    """Return the lines of a text as a quotation: what it opens ends with it."""
    lines = [without_eol(line).rstrip() for line in each_line(without_hidden(text)[0])]
    return [f"> {line}" if line else ">" for line in lines]


def code(text: str) -> str:
    """Return a command or an id as code, whatever is in it."""
    line = one_line(without_hidden(text)[0])
    ticks = "`"
    while ticks in line:
        ticks += "`"
    space = " " if line[:1] == "`" or line[-1:] == "`" else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the cells must be escaped already."""
    return [
        f"| {' | '.join(heads)} |",
        f"|{'|'.join(' --- ' for _ in heads)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
