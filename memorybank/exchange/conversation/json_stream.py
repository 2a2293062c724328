"""Read the values of a JSON file one after the other, whatever the size of the file.

A file is a list, an object, an object around a list (`{"conversations": […]}`), or any number of values in a row (JSON
Lines). The elements of a list are values of their own. A value must fit into memory, so its size is limited; the
number of values is not.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from memorybank.exchange.repeated_names import LastValueDecoder, lost_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.exchange.repeated_names import Lost

    class Stream(Protocol):
        """Bytes that are read from the beginning to the end."""

        def read(self, size: int, /) -> bytes:
            """Return at most this many bytes; none at the end."""


# one value has to be in memory as a whole
VALUE_LIMIT = 64 * 1024 * 1024
TOO_LARGE = "is larger than"
NOT_JSON = "it is not JSON"
CHUNK = 64 * 1024
# the lists of an object around them
LISTS = ("conversations",)

_SPACE = re.compile(r"[ \t\n\r]*")
_MARK = re.compile(r'["{}\[\]]')
_STRING_END = re.compile(r'["\\]')
# a number that ends near the end of the text may go on (`2.`, `2.5e`); so may `\u12`, `-` and `fals`
_LONGEST_WORD = 16
_SHOWN = 20


class Value(NamedTuple):
    """A value of a file, about how many characters it has, and the values in it that a repeated name loses."""

    value: Any
    size: int
    lost: Sequence[Lost] = ()


class Rest(NamedTuple):
    """What stands in an object beside its list of values; `lost` as in a value."""

    fields: dict[str, Any]
    lost: Sequence[Lost] = ()


class Fault(NamedTuple):
    """A place that cannot be read, and why; with `is_end` nothing after it is read."""

    why: str
    is_end: bool = True


class _BrokenError(Exception):
    """The text is not JSON."""


class _TooLargeError(Exception):
    """A value is larger than the limit."""


def values_in(stream: Stream) -> Iterator[Value | Rest | Fault]:
    """Yield the values of a file in order, and what cannot be read; a broken line of JSON Lines is skipped."""
    text = _Text(stream)
    is_first = True
    while True:
        try:
            mark = text.peek()
            if not mark:
                if is_first:
                    yield Fault("it is empty")
                return
            if mark == "[":
                yield from _elements(text)
            elif mark == "{":
                yield from _members(text)
            else:
                text.value()
                yield Fault("it is neither a JSON list nor an object", is_end=False)
        except _TooLargeError as error:
            yield Fault(str(error))
            return
        except _BrokenError as error:
            if is_first and mark not in "[{":
                yield Fault(f"{NOT_JSON} (it begins with {text.text[text.at : text.at + _SHOWN]!r})")
                return
            follows = not is_first and mark == "{" and text.to_next_line() and text.peek() == "{"
            yield Fault(str(error), is_end=not follows)
            if not follows:
                return
        is_first = False


def _elements(text: _Text) -> Iterator[Value | Fault]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        try:
            yield _one(text)
        except _TooLargeError as error:
            yield Fault(str(error), is_end=False)
            text.skip_value()
        if text.peek() != ",":
            break
        text.take(",")
    text.take("]")


def _members(text: _Text) -> Iterator[Value | Rest | Fault]:
    """Yield the values of an object's list and what is beside it, or the object itself."""
    pairs: list[tuple[str, Any]] = []
    lost: list[Lost] = []
    size = 0
    around = False
    text.take("{")
    while text.peek() != "}":
        if text.peek() != '"':
            raise _BrokenError(text.fault_at(text.at, "Expecting property name"))
        key, _ = text.value()
        text.take(":")
        if key in LISTS and text.peek() == "[":
            around = True
            yield from _elements(text)
        else:
            value, length = text.value()
            lost += text.lost
            pairs.append((key, value))
            size += length
            if size > VALUE_LIMIT:
                raise _TooLargeError(text.too_large())
        if text.peek() != ",":
            break
        text.take(",")
    text.take("}")
    fields = dict(pairs)
    lost += lost_of(pairs, fields) if len(fields) < len(pairs) else []
    if not around:
        yield Value(fields, size, lost)
    elif fields:
        yield Rest(fields, lost)


def _one(text: _Text) -> Value:
    return Value(*text.value(), text.lost)


class _Text:
    """The text of a stream: the part that is being read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        first = stream.read(4)
        name = json.detect_encoding(first) if first else "utf-8"
        self._decode = codecs.getincrementaldecoder(name)("surrogateescape" if name.startswith("utf-8") else "replace")
        self._first = first
        self._decoder = LastValueDecoder()
        self.text = ""
        self.at = 0
        self.is_end = False
        self._line = 1
        self._column = 0

    @property
    def lost(self) -> Sequence[Lost]:
        """The values that repeated names in the last value lose."""
        return self._decoder.lost

    def _more(self, size: int) -> None:
        """Read at least this many characters on, if there are so many; what was read before is given up."""
        gone = self.text[: self.at]
        lines = gone.count("\n")
        self._line += lines
        self._column = self.at - gone.rfind("\n") - 1 if lines else self._column + self.at
        pieces = [self.text[self.at :]]
        self.at = 0
        while size > 0 and not self.is_end:
            data = self._first + self._stream.read(CHUNK)
            self.is_end = len(data) == len(self._first)
            self._first = b""
            piece = self._decode.decode(data, final=self.is_end)
            size -= len(piece)
            pieces.append(piece)
        self.text = "".join(pieces).removeprefix("\ufeff") if self._line == 1 and not self._column else "".join(pieces)

    def peek(self) -> str:
        """Return the next character that is no space; "" at the end."""
        skipped = 0
        while True:
            found = _SPACE.match(self.text, self.at)
            if found:
                skipped += found.end() - self.at
                self.at = found.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if skipped > VALUE_LIMIT:
                raise _TooLargeError(self.too_large("the blank space"))
            if self.is_end:
                return ""
            self._more(CHUNK)

    def take(self, mark: str) -> None:
        """Go on behind one character; it must be there."""
        if self.peek() != mark:
            raise _BrokenError(self.fault_at(self.at, f"Expecting {mark!r}"))
        self.at += 1

    def value(self) -> tuple[Any, int]:
        """Return the value that begins here, and its length."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.decode_at(self.text, self.at)
            except json.JSONDecodeError as error:
                if self.is_end or not self._is_cut(error):
                    raise _BrokenError(self.fault_at(error.pos, error.msg)) from None
            except RecursionError:
                raise _BrokenError("its JSON is nested too deeply") from None
            except ValueError as error:
                raise _BrokenError(self.fault_at(self.at, str(error))) from None
            else:
                is_whole = self.text[end - 1] in '}]"' or end + _LONGEST_WORD <= len(self.text)
                if is_whole or self.is_end:
                    length = end - self.at
                    self.at = end
                    return value, length
            if len(self.text) - self.at > VALUE_LIMIT:
                raise _TooLargeError(self.too_large())
            # twice as much each time: a long value is not parsed again for each chunk
            self._more(max(CHUNK, len(self.text) - self.at))

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - _LONGEST_WORD

    def skip_value(self) -> None:
        """Go on behind a list, an object or a string without keeping it."""
        depth = 0
        in_string = False
        while True:
            found = (_STRING_END if in_string else _MARK).search(self.text, self.at)
            if found is None:
                if self.is_end:
                    raise _BrokenError(self.fault_at(len(self.text), "it ends within a value"))
                self.at = len(self.text)
                self._more(CHUNK)
                continue
            mark, self.at = found.group(), found.end()
            if mark == "\\":
                if self.at == len(self.text):
                    self._more(1)
                self.at += 1
            elif mark == '"':
                in_string = not in_string
            else:
                depth += 1 if mark in "{[" else -1
            if depth == 0 and not in_string:
                return

    def to_next_line(self) -> bool:
        """Go on behind the next line break; false if there is none."""
        while True:
            found = self.text.find("\n", self.at)
            if found >= 0:
                self.at = found + 1
                return True
            if self.is_end:
                return False
            self.at = len(self.text)
            self._more(CHUNK)

    def fault_at(self, place: int, why: str) -> str:
        """Return what is wrong at a place of the text that is being read."""
        before = self.text[:place]
        lines = before.count("\n")
        column = place - before.rfind("\n") if lines else self._column + place + 1
        return f"invalid JSON on line {self._line + lines} column {column} ({why})"

    def too_large(self, what: str = "a value") -> str:
        """Return that something here is too large."""
        limit = VALUE_LIMIT // 1024 // 1024
        return f"{what} on line {self._line} {TOO_LARGE} {limit} MB, the most that is read into memory at once"
