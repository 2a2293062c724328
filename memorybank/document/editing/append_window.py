"""The part of a long section that must be read to add to it, so that a large file costs little more than a small one.

Reading may begin, or stop, before a line that ends whatever is open: outside a fence and an HTML block, a bullet at
the margin, or a word at the margin after a blank line. It ends every quote and nested list and joins no paragraph,
so whatever stands before it, what follows reads as it does in a reading of the whole section.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.items import Body, body_end
from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.scanner.outline import scan
from memorybank.document.sections import limited
from memorybank.document.source import Span

if TYPE_CHECKING:
    from memorybank.document.sections import Document, Section

# shorter sections are read whole
LONG = 4 * 1024
# enough to see how the items are written
ENOUGH = 2 * 1024

_FRESH = re.compile(r"\n(?:(?=[-+] [^\s-]|\* [^\s*])|[ \t]*\n(?=[^\W_]))")
_OPENER = re.compile(r"\n {0,3}(?:```|~~~|<)")
_BLANK = re.compile(r"\n[ \t]*\n")


def read_window(document: Document, window: Span) -> Body:
    """Parse the part of a section that a window shows."""
    with limited(document.path):
        return Body(*parse_blocks(document.source.shadow, window.start, window.end))


def window_of(document: Document, section: Section, *, at_top: bool, long: int = LONG, enough: int = ENOUGH) -> Span:
    """Give the part of a section's text to read before adding at its end, or at its top; all of it where unsure."""
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
    """Say whether a fence or an HTML block that was opened from `start` on cannot reach `at`."""
    opener = -1
    for found in _OPENER.finditer(shadow, start - 1, at):
        opener = found.start() + 1
    if opener < 0:
        return True
    # what begins with a tag ends at a blank line; the rest is for the scan to say
    return bool(_BLANK.search(shadow, opener, at)) and scan(shadow[:at], start).unterminated is None
