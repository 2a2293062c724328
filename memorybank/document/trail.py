"""Trails: the changes from one text to another. Reverse them, combine them, follow them through later changes.

A trail is what one operation did to a file: changes of whole lines, in order, each with its offset at that moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.sections import Splice
from memorybank.document.source import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# roles of a change, by its place and not by its words: the date that every edit sets, and a line that replaced the
# template's placeholder
STAMP, PLACEHOLDER = "stamp", "placeholder"
# beyond this many lines a difference is one block, because comparing line by line is quadratic
COMPARED_LINES = 2000


class OverlapError(Exception):
    """A later change touched the lines that are followed. Never leaves the store."""


def reverse(text: str, changes: Sequence[Splice]) -> str | None:
    """Return the text with changes reversed, last one first; None if the text is not the result of the changes."""
    for change in reversed(changes):
        end = change.start + len(change.new)
        if text[change.start : end] != change.new:
            return None
        text = text[: change.start] + change.old + text[end:]
    return text


def replay(text: str, changes: Iterable[Splice]) -> str | None:
    """Return the text with changes applied again, in order; None if it is not the text they were made in."""
    for change in changes:
        end = change.start + len(change.old)
        if text[change.start : end] != change.old:
            return None
        text = text[: change.start] + change.new + text[end:]
    return text


def changes_between(before: str, after: str) -> tuple[Splice, ...]:
    """Return the changes of whole lines from one text to another, in order, in the form that `reverse` needs."""
    if not before or not after:
        return (Splice(0, before, after, "", ""),)
    from difflib import SequenceMatcher

    old, new = lines_of(before), lines_of(after)
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    rows: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old_middle), 0, len(new_middle))]
    if max(len(old_middle), len(new_middle)) <= COMPARED_LINES:
        rows = SequenceMatcher(None, old_middle, new_middle, autojunk=False).get_opcodes()
    changes = []
    at, done = len("".join(new[:head])), 0
    for tag, i, j, k, n in rows:
        at += len("".join(new_middle[done:k]))
        done = k
        if tag != "equal":
            last = next((m for m in reversed(range(head + k)) if new[m].strip()), 0)
            above = "".join(new[last : head + k])
            changes.append(Splice(at, "".join(old_middle[i:j]), "".join(new_middle[k:n]), above, ""))
    return tuple(changes)


def net_of(changes: Iterable[Splice]) -> list[Splice]:
    """Combine a trail into changes that do not overlap, in text order, each with its offset after the whole trail.

    Lines that a change has unchanged on both sides are left out.
    """
    parts: list[Splice] = []
    for each in changes:
        change = trimmed(each)
        end = change.start + len(change.old)
        ahead = [part for part in parts if part.start + len(part.new) <= change.start]
        over = [part for part in parts[len(ahead) :] if part.start < end]
        behind = [_moved(part, change) for part in parts[len(ahead) + len(over) :]]
        parts = [*ahead, _joined(over, change) if over else change, *behind]
    return [part for each in parts if (part := trimmed(each)).old != part.new]


def trimmed(change: Splice) -> Splice:
    """Return a change without the whole lines that are equal on both sides, at its beginning and its end."""
    old, new = lines_of(change.old), lines_of(change.new)
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    if not head and not tail:
        return change
    last = next((i for i in reversed(range(head)) if new[i].strip()), None)
    above = change.above + "".join(new[:head]) if last is None else "".join(new[last:head])
    return change._replace(
        start=change.start + len("".join(new[:head])),
        old="".join(old[head : len(old) - tail]),
        new="".join(new[head : len(new) - tail]),
        above=above,
    )


def _joined(over: Sequence[Splice], change: Splice) -> Splice:
    """Join a later change and the parts that it overlaps into one change."""
    end = change.start + len(change.old)
    first, last = over[0], over[-1]
    lead = first.new[: max(change.start - first.start, 0)]
    rest = last.new[end - last.start :] if last.start + len(last.new) > end else ""
    start = min(first.start, change.start)
    old = lead + change.old + rest
    for part in reversed(over):
        at = part.start - start
        old = old[:at] + part.old + old[at + len(part.new) :]
    roles = {each.role for each in (*over, change)}
    role = roles.pop() if len(roles) == 1 else PLACEHOLDER if over[0].role == PLACEHOLDER and len(over) == 1 else ""
    above = first.above if first.start <= change.start else change.above
    return Splice(start, old, lead + change.new + rest, above, role, first.place)


def _moved(part: Splice, change: Splice) -> Splice:
    return part._replace(start=part.start + len(change.new) - len(change.old))


class Drift(NamedTuple):
    """Lines followed through later changes, and their current state.

    `change` leads from the original lines to the current ones. `parts` are the changes that wrote the lines, each with
    its offset in the original lines.
    """

    change: Splice
    parts: tuple[tuple[int, Splice], ...]


def drifting(parts: Iterable[Splice]) -> list[Drift]:
    """Return new changes as drifts, ready to be followed."""
    return [Drift(part._replace(old=part.new), ((0, part),)) for part in parts]


def followed(drifts: Sequence[Drift], changes: Iterable[Splice]) -> list[Drift]:
    """Follow lines through a later trail. The date is dropped once it was set again or changed by hand."""
    for each in changes:
        change = trimmed(each)
        end = change.start + len(change.old)
        if each.role == STAMP:
            drifts = [drift for drift in drifts if drift.change.role != STAMP]
        if change.old == change.new:
            continue
        ahead = [drift for drift in drifts if drift.change.start + len(drift.change.new) <= change.start]
        over = [drift for drift in drifts[len(ahead) :] if drift.change.start < end]
        behind = [drift._replace(change=_moved(drift.change, change)) for drift in drifts[len(ahead) + len(over) :]]
        over = [drift for drift in over if drift.change.role != STAMP]
        drifts = [*ahead, *([_overlapped(over, change)] if over else ()), *behind]
    return [*drifts]


def _overlapped(over: Sequence[Drift], change: Splice) -> Drift:
    first = over[0].change
    if change.role == PLACEHOLDER and (first.start, first.new) == (change.start, change.old) and first.old == first.new:
        offset, part = over[0].parts[0]
        if not offset and part.new == first.new:
            # the part had put a placeholder back, and the placeholder was replaced since
            return Drift(change._replace(old="", new="", role=""), ((0, part._replace(new="")),))
    joined = _joined([each.change for each in over], change)
    parts: list[tuple[int, Splice]] = []
    grown = 0
    for each in over:
        at = each.change.start - joined.start + grown
        parts += [(at + offset, part) for offset, part in each.parts]
        grown += len(each.change.old) - len(each.change.new)
    return Drift(joined._replace(role=""), tuple(parts))


def is_settled(drifts: Iterable[Drift]) -> bool:
    """Whether all lines are unchanged."""
    return all(drift.change.old == drift.change.new for drift in drifts)


def settled(drifts: Iterable[Drift]) -> list[Splice]:
    """Return the changes that wrote the lines, each with the current offset of its lines.

    Raises:
        OverlapError: some lines were changed since.
    """
    drifts = [*drifts]
    if not is_settled(drifts):
        raise OverlapError
    return [part._replace(start=drift.change.start + at) for drift in drifts for at, part in drift.parts]
