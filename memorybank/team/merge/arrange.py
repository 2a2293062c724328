"""Put the units of one level in order: what stands where in the merge, and which of the three versions decide on it.

Units that both sides still have, and none moved, keep the base's order. Between two of them stands what ours has there,
then what theirs has there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from memorybank.team.merge.align import align
from memorybank.team.merge.moves import key_of_unit
from memorybank.team.merge.pairing import is_extended
from memorybank.team.merge.units import FIELD, FRONT, ITEM, RECORD, SECTION, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from memorybank.team.merge.moves import Moves
    from memorybank.team.merge.pairing import Pairs

Span = tuple[int, int]
# so many new entries are compared each with each
_MOST = 2_500


class Step(NamedTuple):
    """One unit, or a stretch of them, of the merged level: its index in the base, its spans in ours and theirs.

    both: merge it; ours, theirs: new on that side; edited: the side with a span changed it, the other deleted it;
    rival: both sides wrote something else in the place of the same units; placed: moved here from another parent.
    """

    action: Literal["both", "ours", "theirs", "edited", "rival", "placed"]
    base: int = -1
    ours: Span | None = None
    theirs: Span | None = None


class Level(NamedTuple):
    """The units of one level on the three sides, and how they are paired."""

    base: Sequence[Unit]
    ours: Sequence[Unit]
    theirs: Sequence[Unit]
    in_ours: Pairs
    in_theirs: Pairs
    is_placeholder: Callable[[Unit], bool]
    moves: Moves


def arrange(level: Level) -> list[Step]:
    """Return the steps of a level, in the order of the merge: text before the first section stays above it."""
    arranger = _Arranger(level)
    return sorted(arranger.steps(), key=arranger.is_section)


def _one(at: int) -> Span:
    return at, at + 1


class _Arranger:
    def __init__(self, level: Level) -> None:
        self.level = level
        self.from_ours = {at: i for i, at in enumerate(level.in_ours.to) if at >= 0}
        self.from_theirs = {at: i for i, at in enumerate(level.in_theirs.to) if at >= 0}
        moved = level.in_ours.moved | level.in_theirs.moved
        both = zip(level.in_ours.to, level.in_theirs.to, strict=True)
        # the units that both have in the base's order: what stands between them is arranged for itself
        self.anchors = [i for i, (o, t) in enumerate(both) if i not in moved and o >= 0 and t >= 0]
        self.twins = dict(self._twins())
        self.paired = set(self.twins.values())

    def steps(self) -> Iterator[Step]:
        ours, theirs = self.level.in_ours, self.level.in_theirs
        b = o = t = 0
        for i in self.anchors:
            yield from self._between((b, i), (o, ours.to[i]), (t, theirs.to[i]))
            yield Step("both", i, _one(ours.to[i]), _one(theirs.to[i]))
            b, o, t = i + 1, ours.to[i] + 1, theirs.to[i] + 1
        ends = len(self.level.base), len(self.level.ours), len(self.level.theirs)
        yield from self._between((b, ends[0]), (o, ends[1]), (t, ends[2]))

    def _twins(self) -> Iterator[tuple[int, int]]:
        """Yield the entries that both sides added and one of them then moved or extended."""
        level = self.level
        new = [i for i in range(len(level.ours)) if i not in self.from_ours and self._is_entry(level.ours[i])]
        others = [i for i in range(len(level.theirs)) if i not in self.from_theirs and self._is_entry(level.theirs[i])]
        if not new or not others or len(new) * len(others) > _MOST:
            return
        places = [level.in_ours.to[i] for i in self.anchors], [level.in_theirs.to[i] for i in self.anchors]
        free = set(others)
        for i in new:
            for j in others:
                one, other = level.ours[i], level.theirs[j]
                if j not in free or not is_extended(one, other):
                    continue
                if one.plain != other.plain or bisect_left(places[0], i) != bisect_left(places[1], j):
                    yield i, j
                free.discard(j)
                break

    def _is_entry(self, unit: Unit) -> bool:
        moves = self.level.moves
        key = key_of_unit(unit)
        return unit.kind == ITEM and key not in moves.placed and key not in moves.dropped

    def _between(self, base: Span, ours: Span, theirs: Span) -> Iterator[Step]:
        """Yield what stands between two units that all have in the same order."""
        one = [step for at in range(*ours) if (step := self._of_ours(at))]
        other = [step for at in range(*theirs) if (step := self._of_theirs(at))]
        if not one or not other:
            yield from one
            yield from other
            return
        names, others = [self._name(step) for step in one], [self._name(step) for step in other]
        pairs = align(names, others)
        new = self._new(one, {i for i, _ in pairs}), self._new(other, {j for _, j in pairs})
        if all(new) and self._is_plain([*one, *other]) and any(self._is_gone(i) for i in range(*base)):
            yield from _rival(one, other, pairs)
            return
        # a section or entry that both sides added, but in another order
        free = {others[j]: j for j in reversed(new[1])}
        crossed = {i: free.pop(names[i]) for i in new[0] if names[i] in free and self._is_one_of_a_kind(one[i])}
        a = b = 0
        for i, j in [*pairs, (len(one), len(other))]:
            for k in range(a, i):
                yield _joined(one[k], other[crossed[k]]) if k in crossed else one[k]
            yield from (other[k] for k in range(b, j) if k not in crossed.values())
            if i < len(one):
                yield _joined(one[i], other[j])
            a, b = i + 1, j + 1

    def _of_ours(self, at: int) -> Step | None:
        i = self.from_ours.get(at, -1)
        level = self.level
        if i < 0:
            if at in self.twins:
                return Step("both", -1, _one(at), _one(self.twins[at]))
            return self._new_one(level.ours[at], Step("ours", -1, _one(at)))
        there = level.in_theirs.to[i]
        if there < 0:
            return self._one_sided(i, at, in_ours=True)
        return Step("both", i, _one(at), _one(there)) if i in level.in_ours.moved else None

    def _of_theirs(self, at: int) -> Step | None:
        i = self.from_theirs.get(at, -1)
        level = self.level
        if i < 0:
            return None if at in self.paired else self._new_one(level.theirs[at], Step("theirs", -1, None, _one(at)))
        there = level.in_ours.to[i]
        if there < 0:
            return self._one_sided(i, at, in_ours=False)
        moved_here = i in level.in_theirs.moved and i not in level.in_ours.moved
        return Step("both", i, _one(there), _one(at)) if moved_here else None

    def _new_one(self, unit: Unit, step: Step) -> Step | None:
        moves = self.level.moves
        key = key_of_unit(unit)
        if key in moves.dropped:
            return None
        return step._replace(action="placed") if key in moves.placed else step

    def _one_sided(self, i: int, at: int, *, in_ours: bool) -> Step | None:
        """Return what becomes of a unit that the other side deleted: gone if nothing in it is new here."""
        level = self.level
        unit = (level.ours if in_ours else level.theirs)[at]
        spans = (_one(at), None) if in_ours else (None, _one(at))
        if i in (level.in_ours if in_ours else level.in_theirs).guessed:
            return self._new_one(unit, Step("ours" if in_ours else "theirs", -1, *spans))
        if key_of_unit(level.base[i]) in level.moves.away[1 if in_ours else 0] or level.moves.is_left(
            level.base[i], unit
        ):
            return None
        return None if _is_reduced(level.base[i], unit) else Step("edited", i, *spans)

    def _name(self, step: Step) -> object:
        """Return what makes two new units the same one; an object that equals nothing else if it is not new."""
        if step.action not in {"ours", "theirs"}:
            return step
        unit = self._unit(step)
        if unit.kind == FRONT:
            return FRONT
        if unit.kind == SECTION and unit.level == 1 and not self.level.base:
            return SECTION
        if unit.key and unit.kind in {SECTION, FIELD, ITEM, RECORD, "value", "paragraph"}:
            return unit.kind, unit.level, unit.key
        return unit.kind, unit.plain

    def _unit(self, step: Step) -> Unit:
        if step.ours:
            return self.level.ours[step.ours[0]]
        return self.level.theirs[step.theirs[0]] if step.theirs else self.level.base[step.base]

    def _is_one_of_a_kind(self, step: Step) -> bool:
        unit = self._unit(step)
        return self.is_section(step) or (unit.kind == ITEM and is_extended(unit, unit))

    def _is_gone(self, i: int) -> bool:
        """Whether both sides took a unit away, to write something else or nothing in its place."""
        level = self.level
        ours, theirs = level.in_ours, level.in_theirs
        in_ours = ours.to[i] >= 0 and not (i in ours.guessed and theirs.to[i] < 0)
        in_theirs = theirs.to[i] >= 0 and not (i in theirs.guessed and ours.to[i] < 0)
        key = key_of_unit(level.base[i])
        if key in level.moves.away[0] or key in level.moves.away[1]:
            return False
        return not in_ours and not in_theirs and not level.is_placeholder(level.base[i])

    def _is_plain(self, steps: list[Step]) -> bool:
        """Whether there is only new text, without sections and records, which can stand in one conflict."""
        return all(
            step.action in {"ours", "theirs"} and self._unit(step).kind not in {SECTION, RECORD} for step in steps
        )

    def is_section(self, step: Step) -> bool:
        """Whether a step is about a section."""
        return self._unit(step).kind == SECTION

    @staticmethod
    def _new(steps: list[Step], paired: set[int]) -> list[int]:
        return [i for i, step in enumerate(steps) if step.action in {"ours", "theirs"} and i not in paired]


def _is_reduced(base: Unit, unit: Unit) -> bool:
    """Return whether a unit is as it was, or has less of its lines: who deleted it wanted that, too."""
    old, new = ([line for line in each.plain.split("\n") if line.strip()] for each in (base, unit))
    return not Counter(new) - Counter(old)


def _joined(one: Step, other: Step) -> Step:
    return Step("both", -1, one.ours, other.theirs)


def _rival(one: list[Step], other: list[Step], pairs: list[tuple[int, int]]) -> Iterator[Step]:
    """Yield what both sides wrote in the place of units that both deleted; equal ends stand outside the conflict."""
    head = 0
    while head < len(pairs) and pairs[head] == (head, head):
        head += 1
    tail = 0
    while tail < len(pairs) - head and pairs[-1 - tail] == (len(one) - 1 - tail, len(other) - 1 - tail):
        tail += 1
    yield from (_joined(one[i], other[i]) for i in range(head))
    spans = (
        _span([step.ours for step in one[head : len(one) - tail]]),
        _span([step.theirs for step in other[head : len(other) - tail]]),
    )
    yield Step("rival", -1, *spans)
    yield from (_joined(one[i], other[i - len(one)]) for i in range(len(one) - tail, len(one)))


def _span(spans: Sequence[Span | None]) -> Span | None:
    known = [span for span in spans if span]
    return (known[0][0], known[-1][1]) if known else None
