"""Source: the bytes of a file as text, without losing any byte.

The only place where text is split into lines. A line ends at CRLF, LF or a lone CR and nowhere else, as in CommonMark.
`str` methods that split lines also split at eight other characters, so they are not used in this package.
"""

from __future__ import annotations

import re
from re import Match
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator
    from hashlib import sha256
else:
    # hashlib loads OpenSSL, the slowest import of a small command; the standard library's `random` avoids it too
    try:
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256  # its name before Python 3.12
        except ImportError:
            from hashlib import sha256

BOM = b"\xef\xbb\xbf"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_EOL = later(r"\r\n|\n|\r")

DIGEST_LENGTH = 16
# bytes; from this size OpenSSL is fast enough to make up for its loading time
_LARGE = 1_000_000


class Span(NamedTuple):
    """A half-open range of character offsets in `Source.text`, on line boundaries."""

    start: int
    end: int


def digest_of(data: bytes) -> str:
    """Return the first 64 bits of the bytes' SHA-256, in hexadecimal."""
    if len(data) > _LARGE:
        from hashlib import sha256 as faster

        return faster(data).hexdigest()[:DIGEST_LENGTH]
    return sha256(data).hexdigest()[:DIGEST_LENGTH]


class Source:
    """A file's bytes, their text, and a shadow of the text for parsers.

    `text` is UTF-8 decoded with surrogateescape, so `to_bytes(text)` returns every byte, valid or not. `shadow` has
    the same length, but every line in it ends with LF: CRLF becomes space and LF, a lone CR becomes LF. So offsets
    are valid in both.
    """

    __slots__ = ("_shadow", "bom", "data", "text")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.bom = data.startswith(BOM)
        body = data[len(BOM) :] if self.bom else data
        self.text = body.decode("utf-8", "surrogateescape")
        self._shadow: str | None = None

    @property
    def shadow(self) -> str:
        """The text with every line ending as LF, with the same offsets."""
        if self._shadow is None:
            self._shadow = shadow_of(self.text)
        return self._shadow

    @property
    def whole(self) -> str:
        """The text with its byte order mark, to write a new file with the same bytes."""
        return self.data.decode("utf-8", "surrogateescape")

    def to_bytes(self, text: str) -> bytes:
        """Encode text like this file, with a byte order mark if the file has one."""
        body = text.encode("utf-8", "surrogateescape")
        return BOM + body if self.bom else body

    @property
    def stray_at(self) -> int | None:
        """The offset of the first byte that is not UTF-8; None if the file is valid UTF-8."""
        try:
            self.text.encode("utf-8")
        except UnicodeEncodeError as error:
            return error.start
        return None

    @property
    def digest(self) -> str:
        """The digest of the whole file."""
        return digest_of(self.data)

    def digest_of(self, span: Span) -> str:
        """Return the digest of one span's bytes."""
        return digest_of(self.text[span.start : span.end].encode("utf-8", "surrogateescape"))

    def line_of(self, offset: int) -> int:
        """Return the number, from 1, of the line that contains an offset."""
        return self.shadow.count("\n", 0, offset) + 1

    @property
    def line_count(self) -> int:
        """The number of lines; a last line without an ending counts."""
        shadow = self.shadow
        return shadow.count("\n") + (1 if shadow and not shadow.endswith("\n") else 0)

    def eol_near(self, offset: int) -> str:
        """Return the line ending used at an offset: of the line before it, else of the next line, else LF."""
        before = self.shadow.rfind("\n", 0, offset)
        if before < 0:
            before = self.shadow.find("\n", offset)
        if before < 0:
            return "\n"
        if self.text[before] == "\r":
            return "\r"
        return "\r\n" if before and self.text[before - 1] == "\r" else "\n"


def is_stray(char: str) -> bool:
    """Return whether a character of a text is a byte that was not UTF-8."""
    return "\udc80" <= char <= "\udcff"


def shadow_of(text: str) -> str:
    """Return the text with every line ending as LF, without moving an offset."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", " \n").replace("\r", "\n")


def lines_of(text: str) -> list[str]:
    """Split text into lines, each with its ending; joined, they are the text."""
    return [match.group() for match in _LINE.finditer(text) if match.group()]


def each_line(text: str) -> Iterator[str]:
    """Yield the lines of a text like `lines_of`, one at a time, for callers that need only the first few."""
    return filter(None, map(Match.group, _LINE.finditer(text)))


def without_eol(line: str) -> str:
    """Return a line without its ending."""
    return line.rstrip("\r\n")


def with_eol(text: str, eol: str) -> str:
    """Return the text with one line ending everywhere; a last line without an ending gets none."""
    return _EOL.sub(eol, text)


def diff_of(before: str, after: str, name: str) -> str:
    """Return a unified diff of two texts, with `name` on both sides; empty if they are equal."""
    from difflib import unified_diff

    if before == after:
        return ""
    # a file can be 10 MB: compare only the part that differs, with a few lines around it
    head = _common(before, after)
    tail = _common_tail(before[head:], after[head:])
    first = _lines_back(before, head, 4)
    last_old, last_new = _lines_on(before, len(before) - tail, 4), _lines_on(after, len(after) - tail, 4)
    old, new = lines_of(before[first:last_old]), lines_of(after[first:last_new])
    skipped = len(_EOL.findall(before, 0, first))
    rows = unified_diff(
        [_diff_line(line) for line in old],
        [_diff_line(line) for line in new],
        f"a/{name}",
        f"b/{name}",
        lineterm="",
    )
    return "\n".join(_shift(row, skipped) if row.startswith("@@ ") else row for row in rows) + "\n"


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning of two texts, by bisection: comparing slices is fast, a loop is not."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_tail(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _lines_back(text: str, at: int, count: int) -> int:
    for _ in range(count):
        at = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at) if "\r" in text[max(at - 4096, 0) : at] else -1)
        if at < 0:
            return 0
    return at + 1


def _lines_on(text: str, at: int, count: int) -> int:
    for _ in range(count):
        found = _EOL.search(text, at)
        if found is None:
            return len(text)
        at = found.end()
    return at


def _diff_line(line: str) -> str:
    body = without_eol(line)
    return body if line.endswith("\n") and not line.endswith("\r\n") else body + _eol_mark(line[len(body) :])


def _eol_mark(eol: str) -> str:
    # an ending other than LF is part of the difference, so it is shown
    return {"\r\n": "\\r", "\r": "\\r (alone)", "": " \\ no newline at end of file"}[eol]


_HUNK = later(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")


def _shift(row: str, by: int) -> str:
    match = _HUNK.match(row)
    if match is None or by == 0:
        return row
    old, old_count, new, new_count = match.groups()
    return f"@@ -{int(old) + by}{old_count or ''} +{int(new) + by}{new_count or ''} @@"
