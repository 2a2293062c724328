"""The proof of an edit: the result is parsed, and only what was meant may differ from what was there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.items import body_end
from memorybank.errors import SpillError, UnterminatedError

if TYPE_CHECKING:
    from memorybank.document.anchors import Address
    from memorybank.document.sections import Document, Section


class Applied(NamedTuple):
    """The document that results from one edit, and the section it touched as it stands there now."""

    document: Document
    address: Address
    section: Section | None


def outline_of(document: Document) -> list[tuple[int, str]]:
    """Give the headings by level and text: what an edit of a body must leave as it is."""
    return [(each.level, each.text) for each in document.headings]


def same_headings(before: Document, after: Document, address: Address) -> None:
    """Refuse a result whose headings are not those that were there."""
    if len(before.headings) != len(after.headings) or outline_of(before) != outline_of(after):
        raise SpillError(address=str(address), why=what_changed(before, after))
    still_closed(before, after, address)


def still_closed(before: Document, after: Document, address: Address) -> None:
    """Refuse a result in which something opened is never closed."""
    if after.unterminated is not None and before.unterminated is None:
        raise SpillError(address=str(address), why=f"it opens a {after.unterminated.kind} that is never closed")


def what_changed(before: Document, after: Document) -> str:
    """Say in words which heading would come or go."""
    old, new = outline_of(before), outline_of(after)
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    if at < len(new) and (at >= len(old) or len(new) > len(old)):
        return f"it makes a heading, {new[at][1]!r}"
    return f"the heading {old[at][1]!r} would no longer be one" if at < len(old) else "the headings would change"


def refuse_open(document: Document, section: Section) -> None:
    """Refuse an edit of a section in which something opened is never closed: nothing after it has a safe place."""
    opened = document.unterminated
    if opened is not None and section.start <= opened.start < body_end(document, section):
        line = document.source.line_of(opened.start)
        raise UnterminatedError(path=document.path, line=line, kind=opened.kind)


def _again(document: Document, section: Section) -> Section:
    return document.sections[section.number]


def checked(
    before: Document, after: Document, section: Section, address: Address, *, nested: bool, removed: int = 0
) -> Applied:
    """Hold the result against the rule: only the body changed, and it holds no heading it may not hold."""
    own = next((i for i, each in enumerate(before.headings) if each.start >= section.body), len(before.headings))
    old = outline_of(before)
    new = outline_of(after)
    kept_tail = old[own + removed :]
    added = len(new) - own - len(kept_tail)
    intact = added >= 0 and new[:own] == old[:own] and (not kept_tail or new[-len(kept_tail) :] == kept_tail)
    inside = new[own : own + added] if intact else []
    if not intact or any(not nested or level <= max(section.level, 1) for level, _ in inside):
        raise SpillError(address=str(address), why=what_changed(before, after))
    still_closed(before, after, address)
    return Applied(after, address, _again(after, section))
