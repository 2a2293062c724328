"""The first line of a text as a title: its plain words, without emphasis, links, code marks and escapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.source import each_line, without_eol
from memorybank.patterns import later

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

# a line without any of these is plain already
_MARKS = frozenset("`*_~[<\\")
_CODE = later(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ESCAPE = later(r"\\([!-/:-@\[-`{-~])")
_LINK = later(
    r"!?\[([^\[\]]*)\](?:\((?:<[^<>]*>|(?:[^()\s]|\([^()\s]*\))*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)|\[[^\[\]]*\])"
)
_AUTOLINK = later(r"<((?:https?|ftp|mailto):[^\s<>]+|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>")
# a mark must stand at the edge of a word: `2*3*4`, `snake_case` and `*.py, *.md` are no emphasis
_STARS = later(r"(?<![\w*])(\*{1,3})(?=[^\s*])(.+?)(?<=[^\s*])\1(?![\w*])")
_LINES = later(r"(?<!\w)(_{1,3})(?=[^\s_])(.+?)(?<=[^\s_])\1(?!\w)")
_STRUCK = later(r"(?<!~)~~(?=[^\s~])(.+?)(?<=[^\s~])~~(?!~)")
# names of Python such as `__init__` and `_private_`, typed without code marks
_DUNDER = later(r"[a-z][a-z0-9_]*\Z")
# marks of blocks, one in another: a quote, a list item with its checkbox, a heading
_BLOCK_MARKS = later(r"(?:>[ \t]?|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}(?:[ \t]+|\Z))*[ \t]*")
_RULE = later(r"[-*_=#>+ \t]+\Z")
# characters of a title
TITLE_LENGTH = 200
# NUL cannot be in a text: a number between two stands for what is taken out
_HELD = later("\0(\\d+)\0")


def first_line(text: str) -> str:
    """Return the first line with words, cut to a title's length, without the marks of a heading, quote or list."""
    for line in each_line(text[:8192]):
        words = _BLOCK_MARKS.sub("", without_eol(line).strip(), count=1).strip()
        if words and words[:3] not in {"```", "~~~"} and not _RULE.match(words):
            return words if len(words) <= TITLE_LENGTH else f"{words[: TITLE_LENGTH - 1]}…"
    return ""


def title_in(text: str) -> str:
    """Return the first line of a text as a title: its plain words, without the marks of Markdown."""
    line = first_line(text)
    return plain_words(line) or line


def plain_words(line: str) -> str:
    """Return a line as it reads when Markdown is shown; what only looks like a mark stays."""
    if _MARKS.isdisjoint(line):
        return line
    held: list[str] = []

    def hold(text: str) -> str:
        held.append(text)
        return f"\0{len(held) - 1}\0"

    text = _CODE.sub(lambda found: hold(_code(found[2])), line)
    text = _ESCAPE.sub(lambda found: hold(found[1]), text)
    text = _AUTOLINK.sub(lambda found: hold(found[1]), text)
    # a picture in a link is read first
    text = _all(_LINK, lambda found: found[1], text)
    text = _all(_STARS, lambda found: found[2], text)
    text = _all(_LINES, _without_lines, text)
    text = _STRUCK.sub(lambda found: found[1], text)
    return " ".join(_HELD.sub(lambda found: held[int(found[1])], text).split())


def _all(mark: re.Pattern[str], inside: Callable[[re.Match[str]], str], text: str) -> str:
    """Take marks away until none is left: one may be inside another."""
    for _ in range(4):
        text, count = mark.subn(inside, text)
        if not count:
            break
    return text


def _without_lines(found: re.Match[str]) -> str:
    return found[0] if len(found[1]) > 1 and _DUNDER.match(found[2]) else found[2]


def _code(text: str) -> str:
    return text[1:-1] if text[:1] == text[-1:] == " " and text.strip() else text
