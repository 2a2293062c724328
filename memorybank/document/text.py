"""Prepare text for a document: check it, fold it, make whole lines, use the file's own line endings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.source import lines_of, with_eol, without_eol
from memorybank.errors import UnsupportedTextError
from memorybank.patterns import later

if TYPE_CHECKING:
    from memorybank.document.sections import Document, Section

_FOLD = later(r"[ \t]*(?:\r\n|\n|\r)[ \t\r\n]*")
# control characters (except tab and line ends), line separators that some programs split at, and invisible marks: they
# can reorder or hide the text that a person approves. Joiners are allowed: scripts and emoji need them.
_HIDDEN = later(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)

_WORD = later(r"\w+")
# a first line whose next lines are indented because of it: an item, a block of code
_GOES_ON = later(r"\A\s*(?:[-*+]|\d{1,9}[.)])\s|[:{(\[,\\]\s*\Z")
_STRAY = later("[\ud800-\udfff]")


def check_text(text: str) -> str:
    """Return the text unchanged if all its characters are visible and can be stored.

    Raises:
        UnsupportedTextError: it contains a control or hidden character, or bytes that are not UTF-8.
    """
    found = _HIDDEN.search(text)
    if found:
        code = f"U+{ord(found.group()):04X}"
        raise UnsupportedTextError(why=f"it contains the hidden character {code}", hint=f"remove {code}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedTextError(why="it is not valid UTF-8", hint="encode the text as UTF-8") from error
    return text


def without_hidden(text: str) -> tuple[str, int]:
    """Return a text that `check_text` accepts, and the number of characters that were changed.

    Hidden characters are removed, bytes that are not UTF-8 become U+FFFD, and every line ends with LF.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean, lost = _HIDDEN.subn("", text)
    clean, stray = _STRAY.subn("\N{REPLACEMENT CHARACTER}", clean)
    return clean, lost + stray


def has_words(text: str, wanted: str) -> bool:
    """Check whether a text has every word of another as a whole word, in any order and case; no words are in none."""
    words = set(_WORD.findall(wanted.casefold()))
    return bool(words) and words <= set(_WORD.findall(text.casefold()))


def dedented(text: str) -> str:
    """Return a text without the indentation that it has only because the program around it is indented.

    That is so if its first line is blank, as after an opening quote, or if it ends with a line of blanks, as before a
    closing one. Indentation that means something stays: code, nested items, the lines of an item.
    """
    first, *rest = text.split("\n")
    margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in rest if line.strip()]
    if first.strip():
        # the closing quote is as deep as the program; a line that goes on below itself may be deeper on purpose
        is_closed = bool(rest) and bool(rest[-1]) and not rest[-1].strip()
        if not is_closed or _GOES_ON.search(first):
            return text
        margins.append(rest[-1])
    least, most = min(margins, default=""), max(margins, default="")
    size = next((at for at, (one, other) in enumerate(zip(least, most, strict=False)) if one != other), len(least))
    if not size:
        return text
    return "\n".join([first, *(line[size:] if line.strip() else "" for line in rest)])


def one_line(text: str) -> str:
    """Join lines into one: an item of a contract is one line, and a new line could begin a Markdown block."""
    return _FOLD.sub(" ", text.strip())


def block(text: str, eol: str) -> str:
    """Return text as whole lines with the file's line ending, without blank lines around it."""
    lines = lines_of(text)
    written = [at for at, line in enumerate(lines) if line.strip()]
    if not written:
        return ""
    return with_eol(without_eol("".join(lines[written[0] : written[-1] + 1])), eol) + eol


def is_blank_at(shadow: str, at: int) -> bool:
    """Whether a blank line begins at an offset; the end of the text does not count."""
    end = shadow.find("\n", at)
    return end >= 0 and not shadow[at:end].strip(" \t")


def is_blank_before(shadow: str, at: int) -> bool:
    """Whether the line that ends at an offset is blank; the start of the text counts as blank."""
    return not shadow[shadow.rfind("\n", 0, max(at - 1, 0)) + 1 : at].strip(" \t\n")


def blank_lead(text: str) -> str:
    """Return the blank lines at the beginning of a text."""
    lead = ""
    for line in lines_of(text[:4096]):
        if line.strip(" \t\r\n"):
            break
        lead += line
    return lead


def blank_tail(text: str) -> str:
    """Return the blank lines at the end of a text."""
    stripped = text.rstrip(" \t\r\n")
    lines = lines_of(text[len(stripped) :])
    return "".join(lines[1:]) if stripped else ""


def content_end(document: Document, section: Section) -> int:
    """Return the offset after the last line that is not blank in a section's own text (or after its heading)."""
    end = section.own_end
    text = document.source.text[section.body : end]
    stripped = text.rstrip(" \t\r\n")
    if not stripped:
        return section.body
    newline = document.source.shadow.find("\n", section.body + len(stripped), end)
    return end if newline < 0 else newline + 1


def joined(document: Document, at: int, text: str) -> str:
    """Return lines to insert at an offset; if the file's last line has no ending, the new last line has none either."""
    source = document.source
    if at == 0 or source.shadow[at - 1] == "\n":
        return text
    eol = source.eol_near(at)
    return eol + (without_eol(text) if at == len(source.text) else text)


def fit(document: Document, end: int, text: str) -> str:
    """Return lines to put before `end`; if the file's last line has no ending, the new last line has none either."""
    source = document.source
    if end == len(source.text) and not source.shadow.endswith("\n"):
        return without_eol(text)
    return text
