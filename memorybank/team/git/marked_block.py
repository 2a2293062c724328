"""A block of ours between two comment lines in a file of the user, put in and taken out byte for byte.

Nothing is remembered elsewhere: the first line of the block says whether the file was made for it, and whether the line
above had no line end. So another clone, or another version, takes out a committed block as well. Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MADE, _JOINED = b"; the file was made for it", b"; the line above had no line end"
_SHELL = b"#!/bin/sh\n"


class BlockError(ValueError):
    """The comment lines of a block are not one beginning and one end."""


class BlockName(NamedTuple):
    """What a block is for, which is in its first line, and the commands that write it and take it out."""

    subject: str
    written_by: str
    removed_by: str

    @property
    def begin(self) -> bytes:
        """The first line without its ending, which may have more words."""
        return f"# memorybank:begin {self.subject} (".encode()

    def first_line(self, more: bytes) -> bytes:
        """Return the first line."""
        told = f"`{self.written_by}`; `{self.removed_by}` takes it out"
        return self.begin + told.encode() + more + b")"

    @property
    def end(self) -> bytes:
        """The last line."""
        return f"# memorybank:end {self.subject}".encode()


class _Found(NamedTuple):
    start: int
    stop: int
    made: bool
    joined: bool


def has_block(data: bytes | None, name: BlockName) -> bool:
    """Check whether a file has the block.

    Raises:
        BlockError: its comment lines are damaged.
    """
    return data is not None and _find(data, name) is not None


def with_block(data: bytes | None, name: BlockName, lines: tuple[str, ...], *, is_script: bool = False) -> bytes:
    """Return a file with the block: at its end, or in a script after the first line; None is no file yet.

    A block that is there is replaced in its place.

    Raises:
        BlockError: its comment lines are damaged.
    """
    if data is None:
        made = _block(name, lines, _MADE, b"\n")
        return _SHELL + made if is_script else made
    end = b"\r\n" if b"\r\n" in data and not is_script else b"\n"
    found = _find(data, name)
    if found is not None:
        more = (_MADE if found.made else b"") + (_JOINED if found.joined else b"")
        return data[: found.start] + _block(name, lines, more, end) + data[found.stop :]
    at = len(data)
    if is_script:
        at = (data.find(b"\n") + 1 or len(data)) if data.startswith(b"#!") else 0
    joined = at > 0 and not data[:at].endswith(b"\n")
    # a file that was made for one block goes with the last one
    is_made = re.search(rb"^# memorybank:begin [^\n]*" + re.escape(_MADE), data, re.MULTILINE)
    block = _block(name, lines, (_MADE if is_made else b"") + (_JOINED if joined else b""), end)
    return data[:at] + (end if joined else b"") + block + data[at:]


def without_block(data: bytes, name: BlockName) -> bytes | None:
    """Return a file without the block; None if the file was made for it and has nothing else.

    Raises:
        BlockError: its comment lines are damaged.
    """
    found = _find(data, name)
    if found is None:
        return data
    before, after = data[: found.start], data[found.stop :]
    if found.made and not after and before in (b"", _SHELL):
        return None
    if found.joined and not after:
        before = before.removesuffix(b"\r\n") if before.endswith(b"\r\n") else before.removesuffix(b"\n")
    return before + after


def _block(name: BlockName, lines: tuple[str, ...], more: bytes, end: bytes) -> bytes:
    return b"".join(line + end for line in (name.first_line(more), *(each.encode() for each in lines), name.end))


def _find(data: bytes, name: BlockName) -> _Found | None:
    begins = [match.start() for match in re.finditer(rb"^" + re.escape(name.begin), data, re.MULTILINE)]
    ends = [match.end() for match in re.finditer(rb"^" + re.escape(name.end) + rb"\r?(?:\n|\Z)", data, re.MULTILINE)]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends[0] <= begins[0]:
        raise BlockError(f"the lines of the block '{name.begin.decode()[2:-2]}' are not one beginning and one end")
    first = data[begins[0] : data.find(b"\n", begins[0])]
    return _Found(begins[0], ends[0], _MADE in first, _JOINED in first)
