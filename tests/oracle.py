"""markdown-it-py as the authority on block structure, for tests only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

# The preset stops at 20 levels and then skips the rest of the text, which CommonMark does not know.
_PARSER = MarkdownIt("commonmark", {"maxNesting": 300, "inline_definitions": True})
_PARSER.core.ruler.enableOnly(["normalize", "block"])

_KINDS = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "fence": "fence",
    "html_block": "html",
    "code_block": "code",
    "hr": "rule",
    "blockquote_open": "quote",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "definition": "definition",
}


class OracleItem(NamedTuple):
    """An item as the oracle sees it: first line, line after its last that is not blank, depth, marker."""

    first: int
    last: int
    depth: int
    marker: str
    parent: int


def tokens(shadow: str) -> list[Token]:
    """Parse blocks only: the inline rules cost most of the time and change no structure.

    A last line ending changes nothing in CommonMark, but without it markdown-it-py 4.3 drops a last line of
    spaces and fails with an IndexError on `>>- <!A`, newline, `>>`.
    """
    return _PARSER.parse(shadow if shadow.endswith("\n") else shadow + "\n")


def lines(shadow: str) -> list[str]:
    """Cut a shadow into lines, without endings."""
    found = shadow.split("\n")
    return found[:-1] if found[-1] == "" else found


def headings(shadow: str) -> list[tuple[int, int, int]]:
    """Give (first line, line after the last, level) of each top-level heading, lines counted from 0."""
    return [(first, last, level) for first, last, level, _ in heading_texts(shadow)]


def heading_texts(shadow: str) -> list[tuple[int, int, int, str]]:
    """Give each top-level heading with its raw content."""
    found = tokens(shadow)
    return [
        (*_map(token), int(token.tag[1]), found[i + 1].content)
        for i, token in enumerate(found)
        if token.type == "heading_open" and token.level == 0
    ]


def blocks(shadow: str) -> list[tuple[str, int, int]]:
    """Give (kind, first line, line after the last) of each top-level block.

    Blank lines at the end of a list or quote belong to its map, but not to it.
    """
    text = lines(shadow)
    result = []
    for token in tokens(shadow):
        kind = _KINDS.get(token.type)
        if kind is None or token.level:
            continue
        first, last = _map(token)
        result.append((kind, first, _trim(text, first, last) if kind in {"list", "quote"} else last))
    return result


def items(shadow: str) -> list[OracleItem]:
    """Give the items of lists that stand in no quote."""
    text = lines(shadow)
    result: list[OracleItem] = []
    quotes = 0
    open_items: list[int] = []
    for token in tokens(shadow):
        if token.type == "blockquote_open":
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif token.type == "list_item_open" and not quotes:
            first, last = _map(token)
            parent = open_items[-1] if open_items else -1
            open_items.append(len(result))
            last = max(_trim(text, first, last), first + 1)
            result.append(OracleItem(first, last, len(open_items) - 1, token.info + token.markup, parent))
        elif token.type == "list_item_close" and not quotes:
            open_items.pop()
    return result


def loose_lists(shadow: str) -> list[bool | None]:
    """Say of each top-level list whether its paragraphs are shown as such; None where it holds none itself."""
    result: list[bool | None] = []
    in_list = False
    for token in tokens(shadow):
        if token.level == 0 and token.nesting == 1:
            in_list = token.type in {"bullet_list_open", "ordered_list_open"}
            if in_list:
                result.append(None)
        elif in_list and token.level == 2 and token.type == "paragraph_open":
            result[-1] = not token.hidden
    return result


def _map(token: Token) -> tuple[int, int]:
    if token.map is None:
        message = f"{token.type} without lines"
        raise TypeError(message)
    return token.map[0], token.map[1]


def _trim(text: list[str], first: int, last: int) -> int:
    while last > first and last <= len(text) and re.fullmatch(r"[ \t]*", text[last - 1]):
        last -= 1
    return min(last, len(text))
