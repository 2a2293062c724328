"""Items: the list entries of a section, and how a new entry must be written to match them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.scanner.blocks import Block, Item, parse_blocks
from memorybank.document.scanner.line_rules import BOX
from memorybank.document.sections import key_of, limited
from memorybank.document.source import digest_of
from memorybank.patterns import later

if TYPE_CHECKING:
    from memorybank.document.scanner.blocks import OpenBlock
    from memorybank.document.sections import Document, Section

_MARKER = later(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|(?=\n)|\Z)")
_LIKE_BOX = later(r"\A\\?\[(?:\w|[ \t]*)\\?\][ \t]+(?=\S)")
_TASK = later(rf"{BOX}(?:[ \t]+|(?=\n)|\Z)")
ID = later(r"[ \t]\^([0-9A-Za-z-]+)[ \t]*\Z")


class Entry(NamedTuple):
    """One item: its place, its text without marker and checkbox, and its id if it has one."""

    item: Item
    text: str
    id: str
    digest: str
    line: int


class Body(NamedTuple):
    """A section's own text as blocks and items."""

    blocks: tuple[Block, ...]
    items: tuple[Item, ...]
    open: OpenBlock | None


def read_body(document: Document, section: Section) -> Body:
    """Parse a section's text; in a contract all of it, elsewhere up to the first subsection."""
    with limited(document.path):
        return Body(*parse_blocks(document.source.shadow, section.body, body_end(document, section)))


def body_end(document: Document, section: Section) -> int:
    """Return where the text ends that an edit of this section may change."""
    return section.end if document.contract and section.level == 2 else section.own_end  # noqa: PLR2004  see Document


def entries_of(document: Document, section: Section) -> list[Entry]:
    """Return a section's items in order, nested ones after their parents."""
    source = document.source
    result = []
    line, at = source.line_of(section.body), section.body
    items = read_body(document, section).items
    for item in items:
        line += source.shadow.count("\n", at, item.start)
        at = item.start
        text = first_line(document, item)
        found = ID.search(text)
        raw = source.text[item.start : item.end]
        if not found and "^" in raw:
            found = ID.search(source.text[item.content : text_end(document, item, items)])
        digest = digest_of(raw.encode("utf-8", "surrogateescape"))
        result.append(Entry(item, text, found.group(1) if found else "", digest, line))
    return result


def first_line(document: Document, item: Item) -> str:
    """Return the item's first line without marker and checkbox."""
    end = document.source.shadow.find("\n", item.content)
    stop = item.end if end < 0 else min(end, item.end)
    text = document.source.text[min(item.content, stop) : stop]
    if item.task is not None:
        found = _TASK.match(text)
        text = text[found.end() :] if found else text
    return text.strip()


def text_end(document: Document, item: Item, items: tuple[Item, ...]) -> int:
    """Return where an item's own text ends, before its line ending: its paragraphs, without nested blocks.

    An item that does not begin with a paragraph counts as one line.
    """
    shadow = document.source.shadow
    inner = [each.start for each in items if item.start <= each.start < item.end and each.depth > item.depth]
    stop = min(inner, default=item.end)
    rows = 0
    lines = shadow[item.content : stop].split("\n")
    if len(lines) > 1:
        width = len(shadow[item.start : item.content].expandtabs(4))
        text = "\n".join((lines[0], *(outdented(line, width) for line in lines[1:])))
        end = 0
        for block in parse_blocks(text, 0, len(text))[0]:
            if block.kind != "paragraph":
                break
            end = block.end
        rows = text[:end].rstrip().count("\n")
    at = item.content + sum(len(line) + 1 for line in lines[:rows])
    at = shadow.find("\n", at)
    at = len(shadow) if at < 0 else at
    return at - 1 if document.source.text[at - 1 : at + 1] == "\r\n" else at


def outdented(line: str, width: int) -> str:
    """Remove up to `width` columns of whitespace from the start of a line; the rest of it becomes spaces."""
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(4)[width:] + text


class Style(NamedTuple):
    """How a new item is written: the indent, the marker, and whether blank lines separate the items."""

    indent: str
    marker: str
    spaced: bool


def style_of(document: Document, body: Body, *, at_top: bool = False) -> Style:
    """Return the style of the top-level list that a new item joins or follows; `-` if the section has no list.

    At the top, a numbered item gets the number its list begins with: Markdown counts on from the first number, so the
    order is right and no other line changes.
    """
    top = [each for each in body.items if each.depth == 0]
    lists = [block for block in body.blocks if block.kind == "list"]
    if not top or not lists:
        return Style("", "-", spaced=False)
    joins_first = at_top and body.blocks[0].kind == "list"
    near = lists[0] if joins_first else lists[-1]
    siblings = [each for each in top if near.start <= each.start < near.end] or top[-1:]
    shadow = document.source.shadow
    item = siblings[0] if joins_first else siblings[-1]
    # the indent is written as spaces: programs do not agree on a tab before a marker
    indent = " " * item.indent
    marker = item.marker
    if marker[:-1].isdigit() and not joins_first:
        same = len(siblings) > 1 and siblings[-2].marker == marker
        number = 1 if at_top else int(marker[:-1]) + (0 if same else 1)
        marker = f"{number}{marker[-1]}"
    spaced = len(siblings) > 1 and all(
        shadow[a.end : b.start].strip(" \t\n") == "" and b.start > a.end and _has_blank(shadow, a.end, b.start)
        for a, b in pairwise(siblings)
    )
    return Style(indent, marker, spaced)


def _has_blank(shadow: str, start: int, end: int) -> bool:
    # an item ends after its last line's ending, so only blank lines are before the next item
    return "\n" in shadow[start:end]


def split_marker(line: str) -> tuple[str, str | None, str]:
    """Split a line into its list marker (or ""), its checkbox state (or None) and its text."""
    found = _MARKER.match(line)
    if not found:
        return "", None, line
    rest = line[found.end() :]
    task = _TASK.match(rest)
    if task:
        return found.group().strip(), task.group(1), rest[task.end() :]
    return found.group().strip(), None, rest


def without_box(text: str) -> str:
    """Return a text without a mark that looks like a checkbox but is not one, so that it does not get two."""
    return _LIKE_BOX.sub("", text)


def ways_to_say(text: str) -> tuple[str, ...]:
    """Return the texts that name an item with this first line: with and without checkbox, with plain brackets."""
    words = split_marker(text)[2]
    return text, words, unescaped(text), unescaped(words)


def unescaped(text: str) -> str:
    """Return a text without the backslashes that a formatter, or this program, put before brackets."""
    return text.replace("\\[", "[").replace("\\]", "]")


def plain_key(text: str) -> str:
    """Return the form in which a line is compared with a template's line: case, space and backslashes do not matter."""
    return key_of(unescaped(text))


def done_of(mark: str | None) -> bool | None:
    """Return whether a checkbox is ticked; None without a checkbox, or with another mark in it."""
    return {" ": False, "x": True, "X": True}.get(mark or "")
