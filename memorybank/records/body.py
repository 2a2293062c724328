"""The sections of a record's body, changed where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.anchors import address_of, find_sections
from memorybank.document.edits import InsertSection, Replace
from memorybank.document.plan import apply
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.records.draft import Draft
from memorybank.records.model import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.sections import Document

# where a list item's text would begin something else than words
_OPENS = re.compile(r"\A(?:[#>~`<|=+*-](?!\*)|\d+[.)](?=\s))")
_STAND_IN = "- [None]"
_ESCAPED = re.compile(r"\A(\d*)\\([#>~`<|=+*.)-])")
_MARKER = re.compile(r"\A(?:[-*+]\s+)?(?:\[[ xX]\]\s+)?")


def section_text(source: Source, name: str) -> str:
    """Give a section's own text, "" where there is none; of several with that name the first."""
    document = outline(source)
    found = find_sections(document, name)
    return source.text[found[0].body : found[0].own_end].strip("\r\n") if found else ""


def filled(made: Draft, sections: Sequence[tuple[str, str]], order: Sequence[str] = ()) -> Draft:
    """Give a new record with sections filled; empty ones are left out.

    Raises:
        SpillError: a text would change the structure around it.
    """
    source = Source((made.change.text or "").encode("utf-8", "surrogateescape"))
    source = with_sections(source, [each for each in sections if each[1].strip()], order)
    record = parse(source.data, made.record.file, made.record.type)
    return Draft(record, made.change._replace(text=source.text))


def with_sections(source: Source, sections: Sequence[tuple[str, str]], order: Sequence[str] = ()) -> Source:
    """Give a text with sections filled; one that is not there is put behind those before it in `order`.

    Raises:
        SpillError: a text would change the structure around it.
        DuplicateAnchorError: there are several sections of that name.
    """
    document = outline(source)
    for name, text in sections:
        if not find_sections(document, name):
            document = _with_new(document, name, order)
        # put into a section that is there, a text is held to stay in it
        document = apply(document, Replace(name, text)).document
    return document.source


def _with_new(document: Document, name: str, order: Sequence[str]) -> Document:
    place = order.index(name) if name in order else len(order)
    for each in (*reversed(order[:place]), *order[place + 1 :]):
        found = find_sections(document, each)
        if found:
            before = each in order[place + 1 :]
            edit = InsertSection(address_of(document, found[0]).section, name, _STAND_IN, before=before)
            return apply(document, edit).document
    source = document.source
    eol = source.eol_near(len(source.text))
    return outline(Source(source.to_bytes(f"{source.text.rstrip()}{eol}{eol}## {name}{eol}{eol}{_STAND_IN}{eol}")))


def plain_of(text: str) -> str:
    """Give a text's words in one line, without the marker or checkbox it begins with."""
    return _MARKER.sub("", " ".join(text.split()), count=1)


def item_of(text: str) -> str:
    """Make one line of a list, whatever the text begins with: it is words, and opens no block."""
    return f"- {_OPENS.sub(_escape, plain_of(text), count=1)}"


def _escape(match: re.Match[str]) -> str:
    return f"{match.group()[:-1]}\\{match.group()[-1]}"


def items_in(text: str) -> list[str]:
    """Give the words of a section's top-level list items; `[None]` and other placeholders are none."""
    found = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line[:2] in {"- ", "* ", "+ "}:
            words = _ESCAPED.sub(r"\1\2", line[2:].strip(), count=1)
            if words and f"- {words}" != _STAND_IN:
                found.append(words)
    return found
