"""Split a decision record into its title, the text above and below it, and its sections."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.links import CODE
from memorybank.document.names import plain_of
from memorybank.document.scanner.line_rules import atx_text, unshielded
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.exchange.adr.clause import read_clause
from memorybank.exchange.adr.file_names import number_in
from memorybank.exchange.adr.vocabulary import BELOW, FIELDS, SAME, by_name
from memorybank.exchange.markdown_entries import trimmed
from memorybank.patterns import later

if TYPE_CHECKING:
    from memorybank.document.scanner.nodes import Heading

_BEFORE_COLON = later(r"(?P<name>[^:\uff1a\n]{2,60}?)\s*(?:[:\uff1a]|\s[\u2013\u2014-]\s)\s*\S")
_REMARK = later(r"(?P<name>[^()\uff08\uff09]{2,60}?)\s*[(\uff08][^()\uff08\uff09]*[)\uff09]\s*\Z")
_NUMBERED = later(
    r"(?:(?<=\n\n)|\A) {0,3}(?P<name>\d{1,4}(?:\.\d+)*[.)][ \t]+[^\n]+)\n {0,3}(?P<line>={2,}|-{2,})[ \t]*(?:\n|\Z)"
)
_STATUS_LINE = later(r"^[ \t>*+-]*(?:\*\*|__)?status(?:\*\*|__)?[ \t]*[:|]", re.MULTILINE | re.IGNORECASE)
_TOP = 2


class Part(NamedTuple):
    """A heading with its level and words, and the text below it."""

    level: int
    heading: str
    text: str


class Page(NamedTuple):
    """A file: the text above its title, the title, the text below it, and its sections.

    `level` is the level of its sections.
    """

    above: str
    title: str
    head: str
    parts: tuple[Part, ...]
    level: int


class Meaning(NamedTuple):
    """What a heading means: a section of ours or a field, and whether it says no more than our name."""

    name: str
    is_same: bool


@cache
def _known() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for table, is_same in ((SAME, True), (BELOW, False)):
        for name, meaning in by_name(table).items():
            found.setdefault(plain_of(name).words, Meaning(meaning, is_same))
    return found


@cache
def _fields() -> dict[str, str]:
    return {plain_of(name).words: meaning for name, meaning in by_name(FIELDS).items()}


def field_of(name: str) -> str:
    """Return the field (status, date, deciders, tags, title) that a name means; "" if none."""
    return _fields().get(plain_of(name).words, "") if len(name) <= 80 else ""  # noqa: PLR2004  a name is short


def field_in(heading: str) -> tuple[str, str]:
    """Return the field that a heading means, and its value in the heading: `Status: rejected`."""
    field = field_of(heading)
    start = None if field else _BEFORE_COLON.match(heading)
    if start and field_of(start["name"]) == "status" and read_clause(heading[start.end() - 1 :]).name:
        return "status", heading[start.end() - 1 :]
    return field, ""


def meaning_of(heading: str) -> Meaning | None:
    """Return what a heading means for a section; `Decision: use Kafka`, `Decision (final)` belong to the Decision."""
    found = _known().get(plain_of(heading).words)
    if found is None and (start := _BEFORE_COLON.match(heading) or _REMARK.match(heading)):
        found = _known().get(plain_of(start["name"]).words)
        return Meaning(found.name, is_same=False) if found and found.is_same else None
    return found


def _is_section(heading: str) -> bool:
    return bool(field_in(heading)[0] not in ("", "title", "tags") or meaning_of(heading))


def split_page(text: str, level: int = 0) -> Page:
    """Split the text of a file, without its front matter and with LF at its line ends.

    The title is a heading that is no section and stands above the sections. Sections are at the level at which the
    first known ones are, or at `level`; deeper headings stay in their text.

    Raises:
        LimitError: the file has too many headings.
    """
    text = _with_numbered(text)
    # a blank line first, so that a text that starts with a rule is not read as front matter
    source = Source(f"\n{text}".encode("utf-8", "surrogateescape"))
    headings = outline(source).headings
    words = [_words(source.text, each) for each in headings]
    title = _title_at(headings, words)
    first = headings[title].start if title >= 0 else 0
    others = [number for number in range(len(headings)) if number != title and headings[number].start >= first]
    level = level or _level_of(headings, words, others)
    cuts = [number for number in others if headings[number].level <= level]
    begin = headings[title].end if title >= 0 else 0
    ends = [*(headings[number].start for number in cuts[1:]), len(source.text)]
    parts = tuple(
        Part(headings[number].level, words[number], trimmed(source.text[headings[number].end : end]))
        for number, end in zip(cuts, ends, strict=False)
    )
    head = source.text[begin : headings[cuts[0]].start if cuts else len(source.text)]
    above = source.text[:first] if title >= 0 else ""
    return Page(trimmed(above), words[title] if title >= 0 else "", trimmed(head), parts, level)


def split_log(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Split a file with several decisions, each below a heading with a number, into the text above and each of them.

    Every one must have a status or a known section of its own; else the file is one record, and the list is empty.

    Raises:
        LimitError: the file has too many headings.
    """
    source = Source(f"\n{text}".encode("utf-8", "surrogateescape"))
    headings = outline(source).headings
    words = [_words(source.text, each) for each in headings]
    for level in range(1, 4):
        cuts = [
            number
            for number, each in enumerate(headings)
            if each.level == level and number_in(words[number])[0] and not _is_section(words[number])
        ]
        ends = [*(headings[number].start for number in cuts[1:]), len(source.text)]
        pieces = [source.text[headings[number].start : end] for number, end in zip(cuts, ends, strict=False)]
        if len(cuts) > 1 and all(map(_is_decision, pieces)):
            numbers = [number_in(words[number])[0] for number in cuts]
            return source.text[: headings[cuts[0]].start], list(zip(numbers, pieces, strict=True))
    return text, []


def _is_decision(text: str) -> bool:
    headings = outline(Source(f"\n{text}".encode("utf-8", "surrogateescape"))).headings
    inner = [_words(f"\n{text}", each) for each in headings if each.level > headings[0].level]
    return any(map(_is_section, inner)) or _STATUS_LINE.search(text) is not None


def _with_numbered(text: str) -> str:
    """Return a text in which underlined headings with a number are headings: `1. Context` is a list item otherwise."""
    code = [each.span() for each in CODE.finditer(text)] if _NUMBERED.search(text) else []

    def marked(found: re.Match[str]) -> str:
        name = found["name"].strip()
        is_known = _is_section(name) or (found["line"][0] == "=" and not text[: found.start()].strip())
        is_code = any(start <= found.start() < end for start, end in code)
        return f"{'#' if found['line'][0] == '=' else '##'} {name}\n" if is_known and not is_code else found[0]

    return _NUMBERED.sub(marked, text)


def _words(text: str, heading: Heading) -> str:
    line = text[heading.start : heading.end].strip("\n")
    bare = line.lstrip(" ")
    if bare.startswith("#"):
        at = len(bare) - len(bare.lstrip("#"))
        return unshielded(atx_text(bare, at, len(bare)))
    return " ".join(each.strip() for each in line.split("\n")[:-1])


def _title_at(headings: tuple[Heading, ...], words: list[str]) -> int:
    """Return the number of the heading that is the title; -1 if there is none."""
    sections = [number for number, each in enumerate(words) if _is_section(each)]
    before = range(sections[0] if sections else len(headings))
    tops = [number for number in before if headings[number].level == 1]
    if tops:
        return tops[0]
    if not sections:
        return 0 if headings and all(each.level > headings[0].level for each in headings[1:]) else -1
    level = min(headings[number].level for number in sections)
    return next((number for number in before if headings[number].level < level), -1)


def _level_of(headings: tuple[Heading, ...], words: list[str], others: list[int]) -> int:
    known = [headings[number].level for number in others if _is_section(words[number])]
    if known.count(1) == 1 and len(known) > 1:
        # one heading of a second page in the file
        known.remove(1)
    return min(known or [headings[number].level for number in others if headings[number].level > 1] or [_TOP])
