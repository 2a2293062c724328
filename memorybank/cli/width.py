"""The width of text in a terminal's cells, and text that fits into it. Text to a pipe or a file stays whole."""

from __future__ import annotations

import os
import re
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# less is no terminal that a person reads
_LEAST = 20
_USUAL = 80
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_MARKER = re.compile(r" *(?:[-*+]|\d+[.)])(?: \[.\])? +(?=\S)")
# what is put into one line without being split: blanks, or other characters of a word
_PART = re.compile(r"\s+|\S+")


def columns(stream: IO[str] | None = None) -> int:
    """Return the width of the terminal that a stream is; 0 for a pipe or a file, where text stays as it is."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty():
        return 0
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return max(int(told), _LEAST)
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        width = 0
    return max(width or _USUAL, _LEAST)


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes: a wide character has two, a combining one none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, text))


def _cells_of(char: str) -> int:
    if char.isascii():
        return 1
    import unicodedata

    if unicodedata.category(char) in {"Mn", "Me", "Cf"} or "\u1160" <= char <= "\u11ff":
        # a variation selector after a symbol makes an emoji of it, which is wide
        return 1 if char == "\ufe0f" else 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def shortened(text: str, width: int) -> str:
    """Return a text that fits into so many cells, with … in place of the rest; the whole text for 0."""
    if not width or cells(text) <= width:
        return text
    room, end = max(width, 1) - 1, 0
    for end, char in enumerate(text):  # noqa: B007  where it stops is what counts
        room -= _cells_of(char)
        if room < 0:
            break
    return f"{text[:end].rstrip()}…"


def padded(text: str, width: int) -> str:
    """Return a text with blanks up to so many cells."""
    return text + " " * max(width - cells(text), 0)


def folded(text: str, width: int, *, hang: int = -1) -> list[str]:
    """Return a text as lines that fit into so many cells; continued lines are below the first text, or at `hang`.

    A line is split at blanks and between wide characters only: an id, an address or a path stays whole, even if it is
    longer than the line.
    """
    return [row for line in text.split("\n") for row in _folded(line, width, hang)]


def _folded(line: str, width: int, hang: int) -> Iterator[str]:
    if not width or cells(line) <= width:
        yield line
        return
    lead = " " * (_hang(line, width) if hang < 0 else hang)
    row, blank = "", ""
    for part in _parts(line):
        if part.isspace():
            blank = part
        elif not row.strip() or cells(row) + len(blank) + cells(part) <= width:
            row += blank + part
            blank = ""
        else:
            yield row
            row, blank = lead + part, ""
    yield row


def _hang(line: str, width: int) -> int:
    """Return where continued lines begin: below the text of a list item, or the last column, otherwise of the line."""
    marker = _MARKER.match(line)
    if marker and cells(marker.group()) <= width // 2:
        return cells(marker.group())
    gaps = [cells(line[: gap.end()]) for gap in _GAP.finditer(line)]
    lead = len(line) - len(line.lstrip(" "))
    return max((gap for gap in gaps if gap <= width // 2), default=min(lead, width // 2))


def _parts(line: str) -> Iterator[str]:
    for part in _PART.findall(line):
        if part.isascii():
            yield part
            continue
        start = 0
        for at in range(1, len(part)):
            # between two wide characters, which scripts without blanks have
            if _cells_of(part[at - 1]) == _cells_of(part[at]) == len("  "):
                yield part[start:at]
                start = at
        yield part[start:]
