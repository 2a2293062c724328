"""Filling a record's sections where they stand: what a person wrote stays, what a template left empty is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.anchors import address_of, find_sections, several
from memorybank.document.edits import Append, InsertSection, Replace
from memorybank.document.plan import apply
from memorybank.document.sections import key_of, outline
from memorybank.document.source import Source
from memorybank.document.text import check_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.edits import Edit
    from memorybank.document.sections import Document, Section
    from memorybank.records.change import Target
    from memorybank.records.types import RecordType

# what a new section holds until its text takes the place: it makes the room that a template makes
_ROOM = "[…]"


def filled(target: Target, kind: RecordType, sections: Sequence[tuple[str, str]]) -> Source:
    """Give a record's text with sections filled: a stand-in is replaced, other text is added to.

    A section that is missing is made where its type has it. An empty text leaves its section alone.

    Raises:
        SpillError: a text would begin a section of its own, or leave something open.
        DuplicateAnchorError: a section stands there twice.
    """
    document = outline(target.source, target.record.file)
    order = [each.name for each in kind.sections]
    for name, text in sections:
        if text.strip():
            if not find_sections(document, name):
                document = apply(document, _new_section(document, order, name)).document
            document = apply(document, _edit(document, kind, name, check_text(text))).document
    return document.source


def _edit(document: Document, kind: RecordType, name: str, text: str) -> Edit:
    found = find_sections(document, name)
    if len(found) > 1:
        raise several(document, name, found)
    own = document.text_of(found[0])
    place = address_of(document, found[0]).section
    if own.strip() in {"", _ROOM} or key_of(own) == key_of(_stand_in(kind, name)):
        return Replace(place, text, nested=True)
    return Append(place, text, nested=True)


def _new_section(document: Document, order: Sequence[str], name: str) -> InsertSection:
    """Put a section behind those that its type has before it, else before those that come after it."""
    at = order.index(name) if name in order else len(order)
    for each in reversed(order[:at]):
        found = find_sections(document, each)
        if len(found) == 1:
            return InsertSection(address_of(document, found[0]).section, name, _ROOM)
    for each in order[at + 1 :]:
        found = find_sections(document, each)
        if len(found) == 1:
            return InsertSection(address_of(document, found[0]).section, name, _ROOM, before=True)
    last = document.sections[-1]
    return InsertSection(address_of(document, _outermost(document, last)).section if last.number else "", name, _ROOM)


def _outermost(document: Document, last: Section) -> Section:
    end = last.end
    return next(each for each in document.sections[1:] if each.end == end)


def _stand_in(kind: RecordType, name: str) -> str:
    template = outline(Source(kind.body.encode()))
    found = find_sections(template, name)
    return template.text_of(found[0]) if found else ""
