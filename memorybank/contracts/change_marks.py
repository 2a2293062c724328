"""The role of each change under a contract: a new date of the last update, or a placeholder that was replaced.

Pure. An edit marks its own changes when it makes them. This module marks the changes of a text that was replaced as a
whole, and those that an older version recorded without a mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.addresses import find_named
from memorybank.document.items import plain_key, split_marker
from memorybank.document.sections import Splice, key_of, outline, place_at
from memorybank.document.source import Source, Span, lines_of, without_eol
from memorybank.document.trail import PLACEHOLDER, STAMP, changes_between
from memorybank.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.contracts.contract import Contract, SectionSpec
    from memorybank.document.sections import Document


def trail_between(old: Source, text: str, name: str, contract: Contract | None) -> tuple[Splice, ...]:
    """Return the changes that lead from a file to its new text, each with its role and its section."""
    try:
        before = outline(old, name, contract=contract is not None)
        after = outline(Source(old.to_bytes(text)), name, contract=contract is not None)
    except LimitError:
        return changes_between(old.text, text)
    return _marked(before, after, contract)


def _marked(before: Document, after: Document, contract: Contract | None) -> tuple[Splice, ...]:
    return tuple(
        change._replace(
            role=change.role or (PLACEHOLDER if _gave_way(before, change, contract) else ""),
            # where lines were removed, the line above them is in the same section
            place=place_at(after, change.start if change.new else max(change.start - 1, 0)),
        )
        for change in _changes(before, after, contract)
    )


def _changes(before: Document, after: Document, contract: Contract | None) -> tuple[Splice, ...]:
    old, new = before.source.text, after.source.text
    was, now = (_whole_date_line(each, contract) for each in (before, after))
    if was is None or now is None:
        return changes_between(old, new)
    stamp = Splice(now.start, old[slice(*was)], new[slice(*now)], "", STAMP)
    above = _between(old[: was.start], new[: now.start], 0)
    below = _between(old[was.end :], new[now.end :], now.end)
    return (*above, *([stamp] if stamp.old != stamp.new else ()), *below)


def _between(old: str, new: str, at: int) -> tuple[Splice, ...]:
    if old == new:
        return ()
    return tuple(each._replace(start=each.start + at) for each in changes_between(old, new))


def _whole_date_line(document: Document, contract: Contract | None) -> Span | None:
    if contract is None:
        return None
    from memorybank.contracts.preview import date_line

    span = date_line(document, contract)
    if span is None:
        return None
    rest = document.source.text[span.end : span.end + 2]
    return Span(span.start, span.end + (2 if rest == "\r\n" else 1 if rest else 0))


def _gave_way(before: Document, change: Splice, contract: Contract | None) -> bool:
    """Whether a change replaced the whole text of its section, and that text was a placeholder of the template."""
    if contract is None or not change.new.strip() or not change.old.strip():
        return False
    for spec in contract.sections:
        if not is_stand_in(change.old, spec):
            continue
        for section in (found for name in (spec.name, *spec.other_names) for found in find_named(before, name)):
            own = before.source.text[section.body : section.own_end]
            if own.strip() == change.old.strip():
                return True
    return False


def is_stand_in(text: str, spec: SectionSpec) -> bool:
    """Whether a text has only lines that the template puts into an empty section."""
    known = {plain_key(placeholder) for placeholder in spec.placeholders}
    lines = [line.strip() for line in lines_of(text) if line.strip()]
    return bool(lines) and all(plain_key(split_marker(without_eol(line))[2]) in known for line in lines)


def recalled(changes: Sequence[Splice], contract: Contract | None) -> tuple[Splice, ...]:
    """Return changes of the journal with their roles; a role that was not recorded is found by the heading above."""
    if all(change.role is not None for change in changes):
        return tuple(changes)
    specs = contract.sections if contract is not None else ()
    return tuple(
        change if change.role is not None else change._replace(role=_old_role(change, specs)) for change in changes
    )


def _old_role(change: Splice, specs: Iterable[SectionSpec]) -> str:
    heading = key_of(without_eol(lines_of(change.above)[0]).lstrip("#")) if change.above.startswith("#") else ""
    for spec in specs:
        names = {key_of(name) for name in (spec.name, spec.heading, *spec.other_names)}
        if spec.kind == "stamp" and heading in names:
            return STAMP
        if heading in names and change.new.strip() and is_stand_in(change.old, spec):
            return PLACEHOLDER
    return ""
