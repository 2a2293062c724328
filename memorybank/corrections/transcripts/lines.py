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
        counts.begin(start)

    def in_block(self, block: bytes) -> Iterator[Line]:
        """Yield the lines that end in a block."""
        if self._passed:
            block = self._behind_passed(block)
        elif self._rest:
            block, self._rest = self._rest + block, b""
        begin = 0
        while end := block.find(b"\n", begin) + 1:
            if self._is_wanted(block, begin, end):
                yield from _values(block[begin:end], self._at, self._counts)
            self._ended(end - begin)
            begin = end
        if begin:
            self._counts.tail = block[max(0, begin - TAIL) : begin]
        rest = block[begin:]
        if len(rest) > _HEAD and not self._is_wanted(rest, 0, len(rest)):
            self._passed = len(rest)
        elif not self._passed:
            self._rest = rest

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

    def _behind_passed(self, block: bytes) -> bytes:
        end = block.find(b"\n") + 1
        self._passed += end or len(block)
        if not end:
            return b""
        self._counts.tail = block[max(0, end - TAIL) : end]
        self._ended(self._passed)
        self._passed = 0
        return block[end:]

    def _ended(self, size: int) -> None:
        self._counts.lines += 1
        self._counts.end = self._at = Start(self._at.offset + size, self._at.line + 1)


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
