"""The values that a parse returns; offsets are in characters, on line boundaries."""

from __future__ import annotations

from typing import NamedTuple

from memorybank.errors import LimitError


class Heading(NamedTuple):
    """One heading outside lists and quotes; `end` is just after its last line, `text` its raw content."""

    start: int
    end: int
    level: int
    text: str


class OpenBlock(NamedTuple):
    """A fence (kind "fence") or HTML block ("comment", "html") that is not closed before the end."""

    kind: str
    start: int


class Block(NamedTuple):
    """One top-level block: paragraph, heading, fence, html, code, rule, quote, list or definition.

    A list is loose when blank lines separate its items or the blocks in one of them.
    """

    kind: str
    start: int
    end: int
    loose: bool = False


class Item(NamedTuple):
    """One list item outside quotes, with the blocks nested in it, without blank lines at its end.

    `indent` is the number of columns before the marker, `content` the offset of the first character after it,
    `task` the mark in a `[ ]` checkbox, `parent` the index of the parent item, or -1.
    """

    start: int
    end: int
    depth: int
    indent: int
    marker: str
    content: int
    task: str | None
    parent: int


class TooMuch(LimitError):  # noqa: N818  it names what was found
    """A text is over a limit of the scanner: that of a file gets the file's name, see `sections.limited`."""

    def __init__(self, why: str) -> None:
        keep = "write what matters of it, and keep the whole as a file: bank artifact add"
        super().__init__(path="the text", why=f"{why}; {keep}", hint="bank artifact add -h")
        self.why = why
