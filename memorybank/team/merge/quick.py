"""Split long texts without a full parse: at lines where a new block begins whatever stands above."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator

# shorter texts are parsed as they are
SHORT = 1_500
LONG = 20_000

# below one of these lines a new block need not begin: they open fences and HTML
_HAZARD = later(r"^[ \t>*+\-0-9.)]*(?:`{3}|~{3}|<[A-Za-z!?/])", re.MULTILINE)
# an item with text, or the first line after a blank one, if it is not indented
_BEGIN = later(r"^(?:[-*+] (?=\S)|(?<=\n\n)(?=[^\s]))", re.MULTILINE)
# words, or a box and words: nothing that opens a block inside the item
_ITEM = later(r"[-*+] (?:\[[ xX]\] )?(?:[^\W\d_]|\*\*[^\W_]|\d{4}-)[^\n]*\n*\Z")
_NOT_WORDS = later(r"^(?![^\W\d_])", re.MULTILINE)


def lumps(shadow: str, start: int, end: int) -> list[int]:
    """Return where a text can be cut so that each lump has the same blocks alone as in the whole; the first is `start`.

    What follows the first fence or HTML stays in one lump.
    """
    hazard = _HAZARD.search(shadow, start, end)
    stop = hazard.start() if hazard else end
    cuts = [found.start() for found in _BEGIN.finditer(shadow, start, stop)]
    # the pattern does not see a line above the first: it begins there in any case
    return cuts if cuts and cuts[0] == start else [start, *cuts]


def spans_of(cuts: list[int], end: int) -> Iterator[tuple[int, int]]:
    """Yield the lumps between the cuts."""
    yield from zip(cuts, [*cuts[1:], end], strict=True)


def kind_of(shadow: str, start: int, end: int) -> str:
    """Return the kind of a lump that is one simple block: item, fence or paragraph; "" if it must be parsed."""
    lump = shadow[start:end]
    if lump[:1] in {"-", "*", "+"}:
        return "item" if _ITEM.match(lump) else ""
    if end - start < LONG:
        return ""
    body = lump.strip("\n")
    fence = body[:3]
    if fence in {"```", "~~~"}:
        first = body.find("\n")
        close = re.compile(rf"^ {{0,3}}{re.escape(fence)}", re.MULTILINE).search(body, first)
        is_whole = close is not None and body[close.start() :].strip() == fence and "`" not in body[3:first]
        return "fence" if is_whole else ""
    return "" if _NOT_WORDS.search(body) else "paragraph"
