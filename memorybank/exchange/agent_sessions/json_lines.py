"""JSON Lines as programs leave them behind: with lines that a crash cut, joined, or filled with zero bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import BOM
from memorybank.exchange.repeated_names import LastValueDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.exchange.conversation.json_stream import Stream
    from memorybank.exchange.repeated_names import Lost

# one line has to be in memory as a whole
LINE_LIMIT = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_BLANK = " \t\r\n\0\ufeff"
# the beginning of a line shows where the next one begins if the line break between them is missing
_OPENING = 12
_LIST = re.compile(r'"(messages|items)"\s*:\s*\[')
_SPACE = re.compile(r"[\s,]*")


class Row(NamedTuple):
    """A value, the number of its line, about its number of characters, and the values that a repeated name loses."""

    value: Any
    line: int
    size: int
    lost: Sequence[Lost] = ()


class Broken(NamedTuple):
    """A text that is not JSON, the number of its line, and why it cannot be read."""

    text: str
    line: int
    why: str


def rows_in(stream: Stream) -> Iterator[Row | Broken]:
    """Yield the values of a stream in order, and what cannot be read."""
    decoder = LastValueDecoder()
    for number, line in _lines(stream):
        if line is None:
            yield Broken("", number, f"it is larger than {LINE_LIMIT >> 20} MB")
            continue
        text = line.decode("utf-8", "surrogateescape").strip(_BLANK)
        if text:
            yield from _values(text, number, decoder)


def whole_in(stream: Stream) -> Iterator[Row | Broken]:
    """Yield the one value of a stream; of a list in an object that ends too early, what stands before that place."""
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        parts = [*parts, chunk] if size <= LINE_LIMIT else []
    if size > LINE_LIMIT:
        yield Broken("", 1, f"it is larger than {LINE_LIMIT >> 20} MB")
        return
    text = b"".join(parts).removeprefix(BOM).decode("utf-8", "surrogateescape").strip(_BLANK)
    if not text:
        return
    decoder = LastValueDecoder()
    try:
        yield Row(decoder.decode(text), 1, len(text), decoder.lost)
    except RecursionError:
        yield Broken(text, 1, "its JSON is nested too deeply")
    except ValueError as error:
        row = _before_the_break(text, decoder)
        end = row.size if row else 0
        if row:
            yield row
        line = text.count("\n", 0, end) + 1
        why = f"{error.msg} on line {error.lineno}" if isinstance(error, json.JSONDecodeError) else str(error)
        yield Broken(text[end:], line, f"invalid JSON: {why}")


def _before_the_break(text: str, decoder: LastValueDecoder) -> Row | None:
    """Return an object with those values of its list that are whole; its size is where the rest begins."""
    found = _LIST.search(text)
    if not found:
        return None
    try:
        value = decoder.decode(text[: found.start()].rstrip().removesuffix(",") + "}")
    except (ValueError, RecursionError):
        return None
    lost = decoder.lost
    values: list[Any] = []
    end = found.end()
    while True:
        begin = _SPACE.match(text, end)
        try:
            each, end = decoder.decode_at(text, begin.end() if begin else end)
        except (ValueError, RecursionError):
            break
        values.append(each)
        lost += decoder.lost
    return Row({**value, found[1]: values}, 1, end, lost) if isinstance(value, dict) else None


def _values(text: str, number: int, decoder: LastValueDecoder) -> Iterator[Row | Broken]:
    at = 0
    opening = text[:_OPENING]
    while at < len(text):
        try:
            value, end = decoder.decode_at(text, at)
        except RecursionError:
            yield Broken(text[at:], number, "its JSON is nested too deeply")
            return
        except ValueError as error:
            after = text.find(opening, at + 1) if opening.startswith("{") else -1
            why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            yield Broken(text[at : after if after > 0 else None], number, f"invalid JSON: {why}")
            if after < 0:
                return
            at = after
            continue
        yield Row(value, number, end - at, decoder.lost)
        while end < len(text) and text[end] in _BLANK:
            end += 1
        at = end


def _lines(stream: Stream) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines with their numbers; None for one that is too large."""
    number = 1
    parts: list[bytes] = []
    size = 0
    is_first = True
    while chunk := stream.read(_CHUNK):
        if is_first:
            chunk = chunk.removeprefix(BOM)
            is_first = False
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            yield number, _joined(parts, size, piece)
            number += 1
            parts, size = [], 0
        size += len(rest)
        parts = [*parts, rest] if size <= LINE_LIMIT else []
    if size:
        yield number, _joined(parts, size, b"")


def _joined(parts: list[bytes], size: int, last: bytes) -> bytes | None:
    return b"".join((*parts, last)) if size + len(last) <= LINE_LIMIT else None
