"""The closing lines of a section: a rule, comments, definitions, a link to the top. New text goes above them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.text import content_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.items import Body
    from memorybank.document.scanner.blocks import Block
    from memorybank.document.sections import Document, Section

# patterns as text: most sections end with words, and then no pattern is compiled
_COMMENT = r"(?s)<!--.*?-->"
_TAGS = r"(?:</[A-Za-z][\w-]*\s*>|<[bh]r\s*/?>|<a\s+(?:name|id)=[^>]*>(?:</a>)?|\s)*"
_ANY_TAG = r"<[^>]*>"
_BACK = r"<a\s[^>]*href=[\"']?#"
_NOTE = r" {0,3}\[\^[^\]\s]+\]:"
_LINK = r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\((?P<to>[^()\s]*)\)|\[[^\]]*\])?"
_UP = r"(?i)\b(?:top|back|up|toc|contents|readme|home)\b|[↑⬆⇧▲🔝]"
# characters; a link to the top is a few words, not a paragraph with a link in it
_SHORT = 60


class InsertPoint(NamedTuple):
    """Where new text goes: the offset, the block before it, and whether closing lines are below it."""

    at: int
    behind: Block | None
    closed: bool


def spot_of(document: Document, section: Section, body: Body, *, item: bool) -> InsertPoint:
    """Return where text added at a section's end goes: above the closing lines.

    An item goes to the last list, even if there is more than closing lines below a rule.
    """
    shadow = document.source.shadow
    own = own_blocks(section, body)
    kinds = [_kind(shadow, each) for each in own]
    lists = [at for at, each in enumerate(own) if each.kind == "list"]
    if item and lists and _closes(kinds[lists[-1] + 1 :]):
        last = lists[-1]
        return InsertPoint(own[last].end, own[last], closed=True)
    first = len(own)
    while first and kinds[first - 1] not in ("", "link"):
        first -= 1
    if all(kind == "comment" for kind in kinds[first:]):
        return InsertPoint(content_end(document, section), own[-1] if own else None, closed=False)
    # a comment directly after the text is about the text, or describes what to write here
    while kinds[first] == "comment":
        first += 1
    behind = own[first - 1] if first else None
    return InsertPoint(behind.end if behind else section.body, behind, closed=True)


def own_blocks(section: Section, body: Body) -> list[Block]:
    """Return the blocks of a section's own text, without those of its subsections."""
    return [block for block in body.blocks if block.start < section.own_end]


def is_closing(shadow: str, blocks: Sequence[Block]) -> bool:
    """Return whether all blocks are closing lines of a section."""
    return bool(blocks) and all(_kind(shadow, block) not in ("", "link") for block in blocks)


def between_closings(shadow: str, blocks: list[Block]) -> list[Block]:
    """Return the blocks without leading comments and without the closing lines."""
    kinds = [_kind(shadow, block) for block in blocks]
    first, last = 0, len(blocks)
    while last and kinds[last - 1] not in ("", "link"):
        last -= 1
    while first < last and kinds[first] == "comment":
        first += 1
    return blocks[first:last]


def is_note(text: str) -> bool:
    """Return whether a line would define a footnote, which Markdown does not show in that place."""
    return re.match(_NOTE, text) is not None


def _closes(kinds: list[str]) -> bool:
    for kind in kinds:
        if kind == "rule":
            return True
        if not kind:
            return False
    return bool(kinds)


def _kind(shadow: str, block: Block) -> str:
    """Return the kind of closing line that a block is; "" for text, "link" for a link alone on its lines."""
    if block.kind in ("rule", "definition"):
        return block.kind
    text = shadow[block.start : block.end].strip()
    if block.kind == "html":
        text = re.sub(_COMMENT, "", text).strip()
        if not text:
            return "comment"
        words = re.sub(_ANY_TAG, "", text).strip()
        return "tag" if re.fullmatch(_TAGS, text) or (re.search(_BACK, text) and len(words) <= _SHORT) else ""
    if block.kind != "paragraph":
        return ""
    if re.match(_NOTE, text):
        return "definition"
    links = list(re.finditer(_LINK, text))
    rest = re.sub(_LINK, "", text)
    if not links or any(char.isalnum() for char in rest) or "!" in rest or text.startswith(("!", "|")):
        return ""
    leads_up = len(links) == 1 and (links[0]["to"] or "#").startswith("#") and re.search(_UP, text)
    return "back" if leads_up and len(text) <= _SHORT * 2 else "link"
