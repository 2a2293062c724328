"""Find what block a line begins: the rules of CommonMark that need only one line."""

from __future__ import annotations

import re

from memorybank.patterns import later

CODE_INDENT = 4

# the characters that markdown-it strips: whitespace as in CommonMark, not as in `str.strip`
TRIM = (
    "\t\n\x0b\x0c\r \xa0\u1680\u2000\u2001\u2002\u2003"
    "\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

SPACE = later(r"[ \t]*+")
ATX = later(r"(#{1,6}+)(?![^ \t\n])")
FENCE = later(r"(`{3,}+)(?=[^`\n]*+(?:\n|\Z))|(~{3,}+)")
FENCE_END = later(r"(`{3,}+|~{3,}+)[ \t]*+(?:\n|\Z)")
UNDERLINE = later(r"(?:=++|-++)[ \t]*+(?:\n|\Z)")
MARKER = later(r"(?:[-+*]|([0-9]{1,9})[.)])(?![^ \t\n])")
# a checkbox with any mark: `[/]`, `[-]`, `[>]`; a formatter may have put backslashes before the brackets
BOX = r"\\?\[([ xX]|[^\w\s\[\]\\^])\\?\]"
TASK = later(rf"{BOX}[ \t]++(?=[^ \t\n])")
_BREAK_RUN = {mark: later(rf"[{re.escape(mark)} \t]+") for mark in "*-_"}

# the first characters of lines that can end a paragraph
STARTS = frozenset("#`~>*-_+<0123456789")
CONTAINER_STARTS = frozenset(">*-+0123456789")

_ATTRIBUTE = (
    r"\s+[a-zA-Z_:][a-zA-Z0-9:._-]*"
    # NUL is read as U+FFFD, so it may be in a value
    r"(?:\s*=\s*(?:[^\"'=<>`\x01-\x20]+|'[^']*'|\"[^\"]*\"))?"
)
_HTML = later(
    r"<(?:(?P<raw>(?ai:script|pre|style|textarea)(?=\s|>|$))"
    r"|(?P<comment>!--)|(?P<process>\?)|(?P<declaration>![A-Za-z])|(?P<cdata>!\[CDATA\[)"
    r"|/?(?P<block>[A-Za-z][A-Za-z0-9]*)(?=\s|/?>|$))"
)
_HTML_TAG = later(
    rf"<(?:[A-Za-z][A-Za-z0-9-]*(?:{_ATTRIBUTE})*\s*/?|/[A-Za-z][A-Za-z0-9-]*\s*)>\s*$",
)
_RAW_END = later(r"</(?ai:script|pre|style|textarea)>")
HTML_ENDS = {
    "raw": _RAW_END,
    "comment": later("-->"),
    "process": later(r"\?>"),
    "declaration": later(">"),
    "cdata": later(r"\]\]>"),
}
_RAW_NAMES = frozenset({"script", "pre", "style", "textarea"})
_BLOCK_NAMES = frozenset(
    (  # noqa: SIM905  one name a line would fill a page
        "address article aside base basefont blockquote body caption center col colgroup dd details dialog"
        " dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr"
        " html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section"
        " summary table tbody td tfoot th thead title tr track ul"
    ).split()
)
# the tags that can end a paragraph
HTML_NAMES = _RAW_NAMES | _BLOCK_NAMES


def width_of(space: str, column: int) -> int:
    """Return the number of columns that spaces and tabs take, starting at a column."""
    if "\t" not in space:
        return len(space)
    lead = column % 4
    return len((" " * lead + space).expandtabs(4)) - lead


def html_kind(text: str, at: int, eol: int) -> str:
    """Return the kind of HTML block that begins at a `<`: a key of HTML_ENDS, "block", "tag", or "" for none.

    "block" and "tag" end at a blank line, and "tag" alone cannot end a paragraph.
    """
    found = _HTML.match(text, at, eol)
    if found:
        kind = found.lastgroup or ""
        if kind != "block" or found["block"].lower() in _BLOCK_NAMES:
            return kind
    return "tag" if _HTML_TAG.match(text, at, eol) else ""


def html_interrupts(text: str, at: int, eol: int) -> bool:
    """Return whether an HTML block that can end a paragraph begins here."""
    found = _HTML.match(text, at, eol)
    return found is not None and (found.lastgroup != "block" or found["block"].lower() in _BLOCK_NAMES)


class LineRules:
    """The rules that need a whole line; all nested markers of a line are tested in linear time together."""

    __slots__ = ("_from", "_mark", "_stop", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._mark = ""
        self._from = self._stop = -1

    def is_break(self, at: int, eol: int) -> bool:
        """Return whether a thematic break begins at a mark: three or more of that mark, with only space between."""
        mark = self._text[at]
        # one other character ends every run of the same mark that begins before it
        if mark == self._mark and self._from <= at < self._stop:
            return False
        stop = _BREAK_RUN[mark].match(self._text, at, eol).end()  # type: ignore[union-attr]  # it begins with the mark
        if stop < eol:
            self._mark, self._from, self._stop = mark, at, stop
            return False
        return self._text.count(mark, at, eol) >= 3  # noqa: PLR2004  the specification's number

    def marker(self, at: int, eol: int) -> re.Match[str] | None:
        """Return the list marker that begins here, or None if there is none or the line is a thematic break."""
        found = MARKER.match(self._text, at, eol)
        return None if found and self._text[at] in "*-" and self.is_break(at, eol) else found

    def interrupts(
        self, at: int, eol: int, column: int, indent: int, list_indent: int, *, paragraph: bool = False
    ) -> bool:
        """Return whether a line ends a paragraph (or a quote's lazy continuation) by the block it begins.

        The indents are those of the innermost item's content and of the block around its list, -1 for none.
        """
        text = self._text
        char = text[at]
        if char not in STARTS or column - indent >= CODE_INDENT:
            return False
        if char == ">":
            return True
        if char == "#":
            return ATX.match(text, at, eol) is not None
        if char in "`~":
            return FENCE.match(text, at, eol) is not None
        if char == "<":
            return html_interrupts(text, at, eol)
        if char in "*-_" and self.is_break(at, eol):
            return True
        marker = MARKER.match(text, at, eol)
        if not marker or (list_indent >= 0 and column - list_indent >= CODE_INDENT and column < indent):
            return False
        if not paragraph or column < indent:
            return True
        # inside a paragraph a number is more likely only a number, and a single mark only a mark
        return (not marker[1] or int(marker[1]) == 1) and space_end(text, marker.end(), eol) < eol


def space_end(text: str, at: int, eol: int) -> int:
    """Return the offset after spaces and tabs."""
    return SPACE.match(text, at, eol).end()  # type: ignore[union-attr]  # an empty match is a match


def indent_of(text: str, start: int, eol: int) -> tuple[int, int]:
    """Return the offset of the first character of a line that is not space, and its column."""
    if start >= eol or text[start] not in " \t":
        return start, 0
    at = space_end(text, start, eol)
    return at, width_of(text[start:at], 0)


def enter_quote(text: str, at: int, column: int, base: int, eol: int) -> tuple[int, int, int]:
    """Return the offset after a `>`, the column inside the quote, and where tab stops are counted from."""
    at += 1
    offset = initial = column + 1
    spaced = at < eol and text[at] in " \t"
    stop = offset + base
    if spaced and (text[at] == " " or stop % 4 == 3):  # noqa: PLR2004  a tab one column wide
        at += 1
        offset = initial = offset + 1
        stop += 1
    elif spaced:
        # part of the tab belongs to the marker
        stop += 1
    content = space_end(text, at, eol)
    offset += width_of(text[at:content], stop)
    return content, offset - initial, column + 1 + spaced


def atx_text(text: str, at: int, eol: int) -> str:
    """Return the content of an ATX heading, after its opening marks and without closing marks and space."""
    body = text[at:eol].rstrip(" \t")
    inner = body.rstrip("#")
    if inner.endswith((" ", "\t")):
        body = inner
    return body.strip(TRIM)


_CLOSERS = later(r"(?:\A|(?<=[ \t]))(\\*)(#+)\Z")


def shielded(title: str) -> str:
    """Return a title escaped for a heading, so that no part of it is read as closing marks."""
    return _CLOSERS.sub(lambda found: f"{found[1] * 2}\\{found[2]}", title)


def unshielded(text: str) -> str:
    """Return the title of a heading's text, without the escapes of `shielded`."""
    found = _CLOSERS.search(text) if text.endswith("#") else None
    if found is None or len(found[1]) % 2 == 0:
        return text
    return f"{text[: found.start()]}{found[1][: len(found[1]) // 2]}{found[2]}"
