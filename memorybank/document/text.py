"""Text on its way into a document: folded, cut to whole lines, fitted to the file's own endings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.source import lines_of, with_eol, without_eol
from memorybank.errors import UnsupportedTextError

if TYPE_CHECKING:
    from memorybank.document.sections import Document, Section

_FOLD = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t\r\n]*")
# control characters (but tab and line ends), line separators some programs cut at, and marks no reader sees: they
# reorder or hide what a person approves. Joiners stay: scripts and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)

_STRAY = re.compile("[\ud800-\udfff]")


def check_text(text: str) -> str:
    """Give the text back if every character of it can be seen and stored.

    Raises:
        UnsupportedTextError: it holds a control or hidden character, or bytes that are not UTF-8.
    """
    found = _HIDDEN.search(text)
    if found:
        code = f"U+{ord(found.group()):04X}"
        raise UnsupportedTextError(why=f"it holds the hidden character {code}", hint=f"take {code} out")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedTextError(why="it is not valid UTF-8", hint="give the text as UTF-8") from error
    return text


def without_hidden(text: str) -> tuple[str, int]:
    """Give a text as `check_text` takes it, and how many characters it lost.

    Hidden characters are taken out, bytes that are no text become U+FFFD, and every line ends in LF.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean, lost = _HIDDEN.subn("", text)
    clean, stray = _STRAY.subn("\N{REPLACEMENT CHARACTER}", clean)
    return clean, lost + stray


def one_line(text: str) -> str:
    """Fold lines into one: an item of a contract is one line, and a line break could begin a structure."""
    return _FOLD.sub(" ", text.strip())


def block(text: str, eol: str) -> str:
    """Give text as whole lines in the file's line ending, without blank lines around it."""
    lines = lines_of(text)
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ""
    return with_eol(without_eol("".join(lines)), eol) + eol


def is_blank_at(shadow: str, at: int) -> bool:
    """Whether a blank line begins at an offset; the end of the text is none."""
    end = shadow.find("\n", at)
    return end >= 0 and not shadow[at:end].strip(" \t")


def is_blank_before(shadow: str, at: int) -> bool:
    """Whether the line that ends at an offset is blank; so is what stands before the text."""
    return not shadow[shadow.rfind("\n", 0, max(at - 1, 0)) + 1 : at].strip(" \t\n")


def blank_lead(text: str) -> str:
    """Give the blank lines a text begins with."""
    lead = ""
    for line in lines_of(text[:4096]):
        if line.strip(" \t\r\n"):
            break
        lead += line
    return lead


def blank_tail(text: str) -> str:
    """Give the blank lines a text ends with."""
    stripped = text.rstrip(" \t\r\n")
    lines = lines_of(text[len(stripped) :])
    return "".join(lines[1:]) if stripped else ""


def content_end(document: Document, section: Section) -> int:
    """Give the offset after the last line of a section's own text that is not blank (or after its heading)."""
    end = section.own_end
    text = document.source.text[section.body : end]
    stripped = text.rstrip(" \t\r\n")
    if not stripped:
        return section.body
    newline = document.source.shadow.find("\n", section.body + len(stripped), end)
    return end if newline < 0 else newline + 1


def joined(document: Document, at: int, text: str) -> str:
    """Fit lines in at a place whose line before may lack an ending: the file's last line keeps that habit."""
    source = document.source
    if at == 0 or source.shadow[at - 1] == "\n":
        return text
    eol = source.eol_near(at)
    return eol + (without_eol(text) if at == len(source.text) else text)


def fit(document: Document, end: int, text: str) -> str:
    """Fit lines to the end of a file: one whose last line has no ending keeps that habit."""
    source = document.source
    if end == len(source.text) and not source.shadow.endswith("\n"):
        return without_eol(text)
    return text
