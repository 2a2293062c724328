"""Find headings with markdown-it-py, the reference parser: used by `bank check`, and by tests of the scanner.

It is too slow to import for every edit; the scanner that edits use must agree with it.
"""

from __future__ import annotations

MAX_CHARACTERS = 256 * 1024
MAX_NESTING = 100


def headings_by_authority(shadow: str, start: int = 0) -> list[tuple[int, int]] | None:
    """Return the line (from 1) and level of every top-level heading from an offset on.

    None if the text is too long or too deeply nested for the reference parser.
    """
    if len(shadow) - start > MAX_CHARACTERS:
        return None
    from markdown_it import MarkdownIt

    # the preset stops at 20 levels and skips the rest of the text; 100 levels are below Python's recursion limit
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    # parsing inline text takes most of the time, and is not needed for headings
    parser.core.ruler.enableOnly(["normalize", "block"])
    text = shadow[start:]
    # without a last line ending, version 4.3 drops a last line of spaces, and fails on an open list in a quote
    text = text if text.endswith("\n") else text + "\n"
    first = shadow.count("\n", 0, start) + 1
    tokens = parser.parse(text)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return None
    return [
        (token.map[0] + first, int(token.tag[1:]))
        for token in tokens
        if token.type == "heading_open" and token.level == 0 and token.map
    ]
