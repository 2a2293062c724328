"""The values that reading a document's structure gives; offsets are characters, on line boundaries."""

from __future__ import annotations

from typing import NamedTuple


class Heading(NamedTuple):
    """One heading that stands in no container; `end` is just after its last line, `text` its raw content."""

    start: int
    end: int
    level: int
    text: str


class OpenBlock(NamedTuple):
    """A fence (kind "fence") or HTML block ("comment", "html") that nothing closes before the end."""

    kind: str
    start: int


class Block(NamedTuple):
    """One top-level block: paragraph, heading, fence, html, code, rule, quote, list or definition.

    A list is loose when blank lines part its items or the blocks of one of them.
    """

    kind: str
    start: int
    end: int
    loose: bool = False


class Item(NamedTuple):
    """One list item that stands in no quote, with what is nested in it, without blank lines at its end.

    `indent` counts the columns before the marker, `content` is the offset of the first character after it,
    `task` the mark of a `[ ]` box, `parent` the index of the item around this one, or -1.
    """

    start: int
    end: int
    depth: int
    indent: int
    marker: str
    content: int
    task: str | None
    parent: int


class TooMuch(ValueError):  # noqa: N818  it names what was found
    """A text is beyond what is read: the message says of what there is too much."""
