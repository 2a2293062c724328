"""The width of text in a terminal's cells, and text that fits into it. Text to a pipe or a file stays whole."""

from __future__ import annotations

import os
import re
import sys
from itertools import zip_longest
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# less is no terminal that a person reads
_LEAST = 20
_USUAL = 80
# what a message repeats of what was typed; the longest path of most systems
_LONGEST_WORD, _LONGEST_LINE, _LONGEST_COMMAND, _LONGEST_PATH = 200, 1200, 5000, 4096
_LONG_WORD = re.compile(r"\S{201,}")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_MARKER = re.compile(r" *(?:[-*+]|\d+[.)])(?: \[.\])? +(?=\S)")
# what is put into one line without being split: blanks, or other characters of a word
_PART = re.compile(r"\s+|\S+")
# what makes one emoji of several characters
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_JOINER = "\u200d"
# a path or an address, in quotes or not: it is copied, so it stays whole even with wide characters in it
_PATH = re.compile(r"\W{0,2}[A-Za-z0-9]\S*(?:/\S*\.\w{1,8}|\.md#\S*)\W{0,3}")


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
    # wcwidth 0.9 knows joined emoji too, but takes 40 ms and more to import, and almost every answer has a … or →
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
    while end and (text[end] in _SKIN_TONES or text[end - 1] == _JOINER):
        # an emoji of several characters is shown whole or not at all
        end -= 1 if text[end] in _SKIN_TONES else 2
    return f"{text[: max(end, 0)].rstrip()}…"


def brief(text: str, *, is_command: bool = False) -> str:
    """Return a message without the middle of what is too long to read: words as typed, and lines.

    Both ends stay, because an error often ends with similar names. A path stays whole, and so does a command that is
    not extremely long.
    """
    if len(text) <= _LONGEST_WORD:
        return text
    most = _LONGEST_COMMAND if is_command else _LONGEST_LINE
    return "\n".join(_cut(_LONG_WORD.sub(_cut_word, line), most) for line in text.split("\n"))


def _cut_word(found: re.Match[str]) -> str:
    word = found.group()
    return word if "/" in word and len(word) <= _LONGEST_PATH else _cut(word, _LONGEST_WORD)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}… {len(text)} characters …{text[-most // 4 :]}"


def padded(text: str, width: int) -> str:
    """Return a text with blanks up to so many cells."""
    return text + " " * max(width - cells(text), 0)


def folded(text: str, width: int, *, hang: int = -1, deeper: int = 0) -> list[str]:
    """Return a text as lines that fit into so many cells; continued lines are below the first text, or at `hang`.

    Without a list item or a column to be below, they begin like the line, or `deeper` if it is not indented. Lines are
    split at blanks and between wide characters only: an id, an address or a path stays whole, even if it is too long.
    """
    return [row for line in text.split("\n") for row in _folded(line, width, hang, deeper)]


def _folded(line: str, width: int, hang: int, deeper: int) -> Iterator[str]:
    if not width or cells(line) <= width:
        yield line
        return
    lead = " " * (_hang(line, width, deeper) if hang < 0 else hang)
    row, blank = "", ""
    for part in _parts(line):
        if part.isspace():
            blank = part
        elif not row.strip() or cells(row) + len(blank) + cells(part) <= width or cells(row) + len(blank) <= len(lead):
            # on a row of its own it would have no more room
            row += blank + part
            blank = ""
        else:
            yield row
            row, blank = lead + part, ""
    yield row


def _hang(line: str, width: int, deeper: int) -> int:
    """Return where continued lines begin: below the text of a list item, or the last column, otherwise of the line."""
    marker = _MARKER.match(line)
    if marker and cells(marker.group()) <= width // 2:
        return cells(marker.group())
    gaps = [cells(line[: gap.end()]) for gap in _GAP.finditer(line)]
    lead = len(line) - len(line.lstrip(" "))
    return max((gap for gap in gaps if gap <= width // 2), default=min(lead or deeper, width // 2))


def _parts(line: str) -> Iterator[str]:
    for part in _PART.findall(line):
        if part.isascii() or _PATH.fullmatch(part):
            yield part
            continue
        start = 0
        for at in range(1, len(part)):
            # between two wide characters, which scripts without blanks have
            if _cells_of(part[at - 1]) == _cells_of(part[at]) == len("  ") and part[at] not in _SKIN_TONES:
                yield part[start:at]
                start = at
        yield part[start:]


def table(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Return each row of a table as lines with the same columns; where they do not fit, the widest ones are folded.

    No column is narrower than its longest word.
    """
    columns = [*zip(*rows, strict=True)]
    widths = [max(map(cells, column)) for column in columns]
    least = [max(cells(part) for cell in column for part in (*_parts(cell), "")) for column in columns]
    gap = "  " if not width or sum(least) + len("  ") * (len(least) - 1) <= width else " "
    too_wide = sum(widths) + len(gap) * (len(widths) - 1) - width if width else 0
    while too_wide > 0 and widths != least:
        at = max(range(len(widths)), key=lambda each: (widths[each] > least[each], widths[each]))
        widths[at] -= 1
        too_wide -= 1
    return [[line.rstrip() for line in _lines(row, widths, gap)] for row in rows]


def _lines(row: Sequence[str], widths: Sequence[int], gap: str) -> Iterator[str]:
    columns = [folded(cell, most) for cell, most in zip(row, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        yield gap.join(padded(part, most) for part, most in zip(parts, widths, strict=True))
