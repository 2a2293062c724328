"""Trails: the changes that lead from one text to another, taken back, put together, and followed through later ones.

A trail is what one operation did to a file: changes in whole lines, in order, each at its offset at that moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.sections import Splice
from memorybank.document.source import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# what a change is by its place, whatever its words are: the date that every edit sets, and a line that took the
# place of the template's stand-in
STAMP, PLACEHOLDER = "stamp", "placeholder"
# beyond this many lines a difference is one block: comparing line by line is quadratic
COMPARED_LINES = 2000


class OverlapError(Exception):
    """A later change touched the very lines that are followed. Never leaves the store."""


def reverse(text: str, changes: Sequence[Splice]) -> str | None:
    """Take changes back from a text, last one first; None when the text is not what they made."""
    for change in reversed(changes):
        end = change.start + len(change.new)
        if text[change.start : end] != change.new:
            return None
        text = text[: change.start] + change.old + text[end:]
    return text


def replay(text: str, changes: Iterable[Splice]) -> str | None:
    """Make changes again in a text, in order; None when the text is not what they were made in."""
    for change in changes:
        end = change.start + len(change.old)
        if text[change.start : end] != change.old:
            return None
        text = text[: change.start] + change.new + text[end:]
    return text


def changes_between(before: str, after: str) -> tuple[Splice, ...]:
    """Return the changes in whole lines that lead from one text to another, in order, as `reverse` takes them back."""
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
    """Put a trail together: parts that do not overlap, in the order of the text, each where it stands after all of it.

    Lines that a change only carried along are left out of it.
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
    """Leave out the whole lines that a change has on both sides, at its beginning and its end."""
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
    """Make one change of a later one and the parts that it overlaps."""
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
    """Lines on their way through later changes, and what these made of them meanwhile.

    `change` leads from the lines as they were to the lines as they are. `parts` are the changes that wrote them, each
    with its offset in the lines as they were.
    """

    change: Splice
    parts: tuple[tuple[int, Splice], ...]


def drifting(parts: Iterable[Splice]) -> list[Drift]:
    """Return changes that were just made, ready to be followed."""
    return [Drift(each._replace(old=each.new), ((0, each),)) for each in parts]


def followed(drifts: Sequence[Drift], changes: Iterable[Splice]) -> list[Drift]:
    """Follow lines through a later trail. The date is left out once it was set again, or changed by hand."""
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
            # the part had put a stand-in back, and its place is taken
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
    """Whether all lines are as they were."""
    return all(each.change.old == each.change.new for each in drifts)


def settled(drifts: Iterable[Drift]) -> list[Splice]:
    """Return the changes that wrote the lines, each where its lines stand now.

    Raises:
        OverlapError: some lines are not as they were.
    """
    drifts = [*drifts]
    if not is_settled(drifts):
        raise OverlapError
    return [part._replace(start=each.change.start + at) for each in drifts for at, part in each.parts]
