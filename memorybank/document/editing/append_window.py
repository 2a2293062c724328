"""Find the part of a long section to parse before adding to it, so that large files are almost as fast as small ones.

Parsing may begin, or stop, before a line that ends every open block: outside a fence and an HTML block, a bullet at
the margin, or a word at the margin after a blank line. Such a line ends every quote and nested list and continues no
paragraph. So the text after it parses the same as in a parse of the whole section.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.items import Body, body_end
from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.scanner.outline import scan
from memorybank.document.sections import limited
from memorybank.document.source import Span
from memorybank.patterns import later

if TYPE_CHECKING:
    from memorybank.document.sections import Document, Section

# characters; shorter sections are parsed whole
LONG = 4 * 1024
# characters; enough to see how the items are written
ENOUGH = 2 * 1024

_FRESH = later(r"\n(?:(?=[-+] [^\s-]|\* [^\s*])|[ \t]*\n(?=[^\W_]))")
_OPENER = later(r"\n {0,3}(?:```|~~~|<)")
_BLANK = later(r"\n[ \t]*\n")


def read_window(document: Document, window: Span) -> Body:
    """Parse the part of a section inside a window."""
    with limited(document.path):
        return Body(*parse_blocks(document.source.shadow, window.start, window.end))


def window_of(document: Document, section: Section, *, at_top: bool, long: int = LONG, enough: int = ENOUGH) -> Span:
    """Return the part of a section's text to parse before adding at its end or top; all of it if unsure."""
    shadow = document.source.shadow
    start, last = section.body, section.own_end
    whole = Span(start, body_end(document, section))
    if last - start <= long or start == 0:
        return whole
    found = _FRESH.search(shadow, start + enough if at_top else last - enough, last)
    if found is None or not _is_closed(shadow, start, found.end()) or shadow[start : found.end()].isspace():
        return whole
    return Span(start, found.end()) if at_top else Span(found.end(), whole.end)


def _is_closed(shadow: str, start: int, at: int) -> bool:
    """Return whether no fence or HTML block opened after `start` is still open at `at`."""
    opener = -1
    for found in _OPENER.finditer(shadow, start - 1, at):
        opener = found.start() + 1
    if opener < 0:
        return True
    # a block that begins with a tag ends at a blank line; for the rest, scan the text
    return bool(_BLANK.search(shadow, opener, at)) and scan(shadow[:at], start).unterminated is None
