"""Join new text to the block above it: rows of a table, items of a list, text nested in its last item."""

from __future__ import annotations

import re
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from memorybank.document.items import outdented, split_marker, style_of
from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.source import lines_of, shadow_of
from memorybank.errors import SpillError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.document.addresses import Address
    from memorybank.document.items import Body
    from memorybank.document.scanner.blocks import Block
    from memorybank.document.sections import Document

_CODE = r"(`+)(?:(?!`).)+?\1(?!`)"
_BAR = r"(?<!\\)\|"
_DELIMITER = r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*"
_BULLETS = "-*+"


def joining(document: Document, body: Body, behind: Block, text: str, *, whole: bool) -> Iterator[str]:
    """Yield the forms in which text continues the block above it, the form as typed first; none if it cannot."""
    shadow = shadow_of(text)
    if behind.kind == "paragraph":
        if is_table(document.source.shadow[behind.start : behind.end]) and _are_rows(shadow):
            yield text
        return
    marker = split_marker(shadow)[0]
    if behind.kind == "list" and not marker and _hangs_below_table(document, behind, shadow):
        yield text
    if behind.kind != "list" or not marker:
        return
    lines = lines_of(text)
    lead = shadow[: len(shadow) - len(shadow.lstrip(" \t"))].expandtabs(4)
    tops = [item for item in body.items if item.depth == 0 and behind.start <= item.start < behind.end]
    if lead and not whole:
        yield text
        if tops:
            last = tops[-1]
            width = len(document.source.shadow[last.start : last.content].expandtabs(4))
            yield "".join(" " * width + outdented(line, len(lead)) if line.strip() else line for line in lines)
        return
    style = style_of(document, body)
    if style.spaced:
        return
    if marker[-1:] == style.marker[-1:]:
        yield text
    elif not whole and marker in _BULLETS and style.marker in _BULLETS:
        blocks, items, _ = parse_blocks(shadow, 0, len(shadow))
        if [block.kind for block in blocks] == ["list"]:
            # use the same bullet in the whole list
            for each in reversed([item for item in items if item.depth == 0]):
                at = shadow.index(each.marker, each.start)
                text = f"{text[:at]}{style.marker}{text[at + 1 :]}"
            yield text


def goes_on(body: Body, behind: Block, at: int, text: str, address: Address) -> None:
    """Refuse a result in which the text at `at` does not continue the block it should join."""
    end = at + len(text)
    now = next((block for block in body.blocks if block.start == behind.start), None)
    if now is None or now.kind != behind.kind or now.loose != behind.loose or now.end < len(text.rstrip()) + at:
        raise SpillError(address=str(address), why="it would not continue the block above it")
    new = [item for item in body.items if at <= item.start < end]
    if behind.kind == "list" and split_marker(text)[0] and (not new or (text[0] in " \t" and new[0].depth == 0)):
        raise SpillError(address=str(address), why="it would not be nested in the last item")


def is_table(text: str) -> bool:
    """Return whether a paragraph contains a table: a row of dashes below a row with the same number of cells."""
    lines = text.rstrip("\n").split("\n")
    return any(
        "|" in one and re.fullmatch(_DELIMITER, row.rstrip()) and len(cells_of(one)) == len(cells_of(row))
        for one, row in pairwise(lines)
    )


def cells_of(row: str) -> list[str]:
    """Split a table's row into its cells; a bar after a backslash is text."""
    text = row.strip()
    text = text.removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    return [part.strip() for part in re.split(_BAR, text)]


def _hangs_below_table(document: Document, behind: Block, rows: str) -> bool:
    """Return whether indented rows continue a table at the end of a list's last item."""
    above = document.source.shadow[behind.start : behind.end].rstrip("\n").split("\n")
    width = len(above[-1]) - len(above[-1].lstrip(" \t"))
    table = list(takewhile(lambda line: line[:width].isspace() and line[width:].strip(), reversed(above)))
    is_deep = bool(width) and all(line[:width].isspace() for line in rows.strip("\n").split("\n"))
    return is_deep and is_table("\n".join(reversed(table))) and _are_rows(rows)


def _are_rows(text: str) -> bool:
    lines = text.strip("\n").split("\n")
    return not is_table(text) and all(re.search(_BAR, re.sub(_CODE, "", line)) and line.strip() for line in lines)
