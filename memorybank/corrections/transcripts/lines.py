"""The lines of a log that grows: read in blocks, and most of them skipped after a look at their beginning.

Only a few lines in a hundred have a message. `Look` says from the first bytes of a line whether it may be one, so the
others cost no more than the search for their end. A line is never kept in memory beyond `LINE_LIMIT`.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from memorybank.corrections.transcripts.counts import Start

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from memorybank.corrections.transcripts.counts import LogCounts

# a longer line has pictures or files in it
LINE_LIMIT = 4 * 1024 * 1024
_BLOCK = 512 * 1024
# a line that is not whole yet is looked at when it has so many bytes
_HEAD = 16 * 1024
# the last bytes that were read show later whether the file is still the same
TAIL = 1024
_BLANK = b" \t\r\n\0\xef\xbb\xbf"


class Blocks(Protocol):
    """What gives the bytes of a file."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; none at the end."""


class Look(Protocol):
    """A test of the first bytes of a line."""

    def __call__(self, block: bytes, begin: int, end: int, /) -> str:
        """Return the kind of a line that has no message, "" if it must be read; it is in a block from begin to end."""


class Line(NamedTuple):
    """A value of a line that may be a message, the number of the line, and the byte at which it begins."""

    value: Any
    number: int
    offset: int


def lines_in(file: Blocks, look: Look, known: Container[str], start: Start, counts: LogCounts) -> Iterator[Line]:
    """Yield the values of the lines of a file that stands at `start`; `counts.end` follows.

    `known` are the kinds without messages that need no report.
    """
    lines = _Lines(look, known, start, counts)
    while block := file.read(_BLOCK):
        yield from lines.in_block(block)
    yield from lines.last()


class _Lines:
    """The place in the file, and what is left of a block: a line that is not whole yet, or skipped to its end."""

    def __init__(self, look: Look, known: Container[str], start: Start, counts: LogCounts) -> None:
        self._look = look
        self._known = known
        self._counts = counts
        self._at = start
        self._rest = b""
        self._passed = 0
        # the last bytes of what is skipped
        self._end = b""
        counts.begin(start)

    def in_block(self, block: bytes) -> Iterator[Line]:
        """Yield the lines that end in a block."""
        counts = self._counts
        begin = block.find(b"\n") + 1 if self._rest or self._passed else 0
        if self._passed:
            self._passed += begin or len(block)
            self._end = (self._end + block[: begin or None][-TAIL:])[-TAIL:]
            if not begin:
                return
            self._counts.tail = b""
            self._ended(self._end, 0, len(self._end), self._passed, 1)
            self._passed = 0
        elif self._rest:
            self._rest += block[:begin] if begin else block
            if begin:
                line, self._rest = self._rest, b""
                if self._is_wanted(line, 0, len(line)):
                    yield from _values(line, self._at, counts)
                self._ended(line, 0, len(line), len(line), 1)
        first = begin
        offset, number = self._at
        offset -= begin
        while end := block.find(b"\n", begin) + 1:
            if self._is_wanted(block, begin, end):
                counts.end = at = Start(offset + begin, number)
                yield from _values(block[begin:end], at, counts)
            begin = end
            number += 1
        if begin > first:
            self._ended(block, first, begin, begin - first, number - self._at.line)
        if not self._rest:
            self._rest = block[begin:]
        if len(self._rest) > _HEAD and not self._is_wanted(self._rest, 0, len(self._rest)):
            self._end, self._passed, self._rest = self._rest[-TAIL:], len(self._rest), b""

    def last(self) -> Iterator[Line]:
        """Yield the line at the end that has no line end: the client is writing it, or a finished log lacks it."""
        yield from _values(self._rest, self._at, self._counts, is_torn=True)

    def _is_wanted(self, block: bytes, begin: int, end: int) -> bool:
        kind = self._look(block, begin, end)
        if kind:
            self._counts.leave(kind, self._known)
        elif end - begin > LINE_LIMIT:
            self._counts.long += 1
        return not kind and end - begin <= LINE_LIMIT

    def _ended(self, block: bytes, begin: int, end: int, size: int, lines: int) -> None:
        """Note that so many lines ended with a part of a block."""
        counts = self._counts
        counts.lines += lines
        counts.end = self._at = Start(self._at.offset + size, self._at.line + lines)
        last = block[max(begin, end - TAIL) : end]
        counts.tail = (counts.tail + last)[-TAIL:]


def _values(line: bytes, at: Start, counts: LogCounts, *, is_torn: bool = False) -> Iterator[Line]:
    """Yield the values of a line: one, or what is left of several that were written into one another."""
    line = line.strip(_BLANK)
    if not line:
        return
    try:
        yield Line(json.loads(line.decode("utf-8", "replace")), at.line, at.offset)
    except RecursionError:
        counts.broken += 1
    except ValueError:
        if is_torn:
            return
        yield from _several(line, at, counts)
    counts.read += 1


def _several(line: bytes, at: Start, counts: LogCounts) -> Iterator[Line]:
    from memorybank.exchange.agent_sessions.json_lines import Broken, rows_in

    for row in rows_in(BytesIO(line.replace(b"\n", b" "))):
        if isinstance(row, Broken):
            counts.broken += 1
        else:
            yield Line(row.value, at.line, at.offset)
