"""The containers that are open around a line: quotes and list items."""

from __future__ import annotations

# markers nested deeper are read as text, so that a line of markers cannot take quadratic time
MAX_DEPTH = 40


class ListRun:
    """One list during the parse: the last character of its markers, where it begins, whether it is loose."""

    __slots__ = ("char", "loose", "start")

    def __init__(self, char: str, start: int) -> None:
        self.char = char
        self.start = start
        self.loose = False


class Container:
    """A quote (`list` is None) or an item, with markdown-it's blkIndent and listIndent inside it."""

    __slots__ = ("empty_until", "indent", "item", "list", "list_indent", "start", "used")

    def __init__(self, start: int, indent: int, list_indent: int, of: ListRun | None, item: int) -> None:
        self.start = start
        self.indent = indent
        self.list_indent = list_indent
        self.list = of
        self.item = item
        # for a quote: its last line was empty; for an item: where the line after its empty first line begins
        self.empty_until = -1
        self.used = False
