"""Check the result of an edit: it is parsed, and only the intended part may differ from the old text."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.items import body_end, entries_of
from memorybank.document.scanner.blocks import parse_leaves
from memorybank.document.sections import limited
from memorybank.document.source import Span
from memorybank.errors import DuplicateAnchorError, SpillError, UnterminatedError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.document.addresses import Address
    from memorybank.document.scanner.blocks import Block, Item
    from memorybank.document.sections import Document, Section


class AppliedEdit(NamedTuple):
    """The document that results from one edit, and the edited section in it."""

    document: Document
    address: Address
    section: Section | None


def outline_of(document: Document) -> list[tuple[int, str]]:
    """Return the headings by level and text, which an edit of a body must not change."""
    return [(heading.level, heading.text) for heading in document.headings]


def same_headings(before: Document, after: Document, address: Address) -> None:
    """Refuse a result with other headings than before."""
    if len(before.headings) != len(after.headings) or outline_of(before) != outline_of(after):
        raise SpillError(address=str(address), why=what_changed(before, after))
    still_closed(before, after, address)


def still_closed(before: Document, after: Document, address: Address) -> None:
    """Refuse a result with a new block that is never closed."""
    if after.unterminated is not None and before.unterminated is None:
        raise SpillError(address=str(address), why=f"it opens a {after.unterminated.kind} that is never closed")


def refuse_second_ids(before: Document, after: Document) -> None:
    """Refuse a result where a section has an item's id (`^id`) once more: an address with it would mean neither item.

    The same id in another section refers to the item: `see ^k3f9a`.
    """
    if not any("^" in change.new for change in after.trail[len(before.trail) :]):
        return
    old = _ids_of(before)
    for (address, ident), lines in _ids_of(after).items():
        if len(lines) > 1 and len(lines) > len(old.get((address, ident), ())):
            line = min(old.get((address, ident)) or lines)
            hint = f"leave out ^{ident} or use another id; bank item list {quoted(address)} shows what has it"
            raise DuplicateAnchorError(file=after.path, section=f"^{ident}", lines=[line], hint=hint)


def _ids_of(document: Document) -> dict[tuple[str, str], set[int]]:
    """Return the lines of the items that have an id, for each section and id."""
    found: dict[tuple[str, str], set[int]] = {}
    for section in document.sections:
        address = f"{document.path}#{section.name}" if section.number else document.path
        for entry in entries_of(document, section):
            if entry.id:
                found.setdefault((address, entry.id), set()).add(entry.line)
    return found


def what_changed(before: Document, after: Document) -> str:
    """Return a description of the heading that would be added or removed."""
    old, new = outline_of(before), outline_of(after)
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    if at < len(new) and (at >= len(old) or len(new) > len(old)):
        return f"it would add the heading {new[at][1]!r}"
    return f"{old[at][1]!r} would no longer be a heading" if at < len(old) else "the headings would change"


def refuse_open(document: Document, section: Section) -> None:
    """Refuse an edit of a section with a block that is never closed: text after it has no safe place."""
    opened = document.unterminated
    if opened is not None and section.start <= opened.start < body_end(document, section):
        line = document.source.line_of(opened.start)
        raise UnterminatedError(path=document.path, line=line, kind=opened.kind)


def _again(document: Document, section: Section) -> Section:
    return document.sections[section.number]


def checked(
    before: Document, after: Document, section: Section, address: Address, *, nested: bool, removed: int = 0
) -> AppliedEdit:
    """Check that only the body changed, and that it contains no heading that is not allowed in it."""
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
    return AppliedEdit(after, address, _again(after, section))


def rest_is_same(before: Document, section: Section, applied: AppliedEdit, cut: Span, *, gone: bool) -> None:
    """Refuse a result in which a change of some lines also changed how the rest of the section is parsed.

    `cut` are the lines of an item that was changed or, with `gone`, removed. Every block and item outside them must be
    parsed as before: a removed item may have separated two paragraphs, or a rule from the words above it.
    """
    grown = len(applied.document.source.text) - len(before.source.text)
    now = Span(cut.start, cut.end + grown)
    old, new = leaves_of(before, section), leaves_of(applied.document, applied.section or section)
    left = (each for each in old[0] if not (gone and cut.start <= each.start < cut.end))
    was = ((each.depth, *_place(before, each, cut, grown)) for each in left)
    are = ((each.depth, *_place(applied.document, each, now, 0)) for each in new[0])
    if any(one != other for one, other in zip_longest(was, are)):
        raise SpillError(address=str(applied.address), why="the list around the item would change")
    texts = zip_longest(_leaves(before, old[1], cut, grown), _leaves(applied.document, new[1], now, 0))
    if any(one != other for one, other in texts):
        raise SpillError(address=str(applied.address), why="Markdown would read the text next to the item differently")


def leaves_of(document: Document, section: Section) -> tuple[tuple[Item, ...], tuple[Block, ...]]:
    """Return a section's items, and its text blocks at every depth."""
    with limited(document.path):
        return parse_leaves(document.source.shadow, section.body, body_end(document, section))


def _leaves(document: Document, leaves: tuple[Block, ...], cut: Span, grown: int) -> Iterator[tuple[str, int, int]]:
    for leave in leaves:
        start, stop = _place(document, leave, cut, grown)
        if not (start == cut.start and stop <= start):
            yield leave.kind, start, stop


def _place(document: Document, shape: Block | Item, cut: Span, grown: int) -> tuple[int, int]:
    """Return the span of a block or item as if the lines of the cut did not exist."""
    shadow = document.source.shadow
    start, stop = shape.start, _trimmed(shadow, shape.start, shape.end)
    if cut.start < stop <= cut.end:
        stop = _trimmed(shadow, start, cut.start)
    if start >= cut.end:
        start += grown
    elif start > cut.start:
        start = cut.start
    return start, stop + grown if stop > cut.end else stop


def _trimmed(shadow: str, start: int, stop: int) -> int:
    while stop > start and shadow[stop - 1] in " \t\n":
        stop -= 1
    return stop
