"""Find units that one side moved to another section or parent while the other side edited, moved or deleted them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.items import plain_key, split_marker
from memorybank.document.sections import place_at
from memorybank.team.merge.collapse import collapse
from memorybank.team.merge.pairing import MUCH_ALIKE, is_extended, likeness, pair
from memorybank.team.merge.units import FILE, ITEM, NESTED, PARAGRAPH, SECTION, TABLE, Tree, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOVABLE = frozenset({ITEM, PARAGRAPH, SECTION, TABLE, "fence"})
# so many comparisons of words at most
_MOST = 10_000

Key = tuple[int, int, str]


class Placed(NamedTuple):
    """A unit at its new place: what it was in the base, and what the other side made of it; None if it deleted it."""

    base: Unit
    other: Unit | None


class Moves:
    """The moves of both sides from one parent to another, as far as the other side touched what was moved."""

    def __init__(self) -> None:
        # units at their new place; units that are written at another place
        self.placed: dict[Key, Placed] = {}
        self.dropped: set[Key] = set()
        self.claimed: set[Key] = set()
        # units of the base that a side moved away, by side
        self.away: tuple[set[Key], set[Key]] = (set(), set())
        self._starts: dict[int, list[int]] = {}

    @property
    def is_any(self) -> bool:
        """Whether there are any."""
        return bool(self.placed or self.dropped or self.away[0] or self.away[1])

    def touch(self, unit: Unit) -> bool:
        """Return whether a unit has a moved one in it, or is one."""
        starts = self._starts.get(id(unit.tree))
        if not starts:
            return False
        at = bisect_left(starts, unit.start)
        return at < len(starts) and starts[at] < unit.end

    def is_left(self, base: Unit, other: Unit) -> bool:
        """Return whether nothing of a unit was changed but what was moved out of it."""
        away = self.away[0] | self.away[1]
        return bool(away) and base.kind in NESTED and _rest(base, away) == _rest(other, self.claimed)

    def sort(self) -> None:
        """Prepare `touch`, when all moves are known."""
        for tree, start, _ in (*self.placed, *self.dropped):
            self._starts.setdefault(tree, []).append(start)
        for starts in self._starts.values():
            starts.sort()


def key_of_unit(unit: Unit) -> Key:
    """Return what names a unit: its text, its place in it, its kind."""
    return id(unit.tree), unit.start, unit.kind


def find_moves(base: Tree, ours: Tree, theirs: Tree) -> Moves:
    """Find the moves that matter."""
    one, other = _Difference(base.root, ours.root), _Difference(base.root, theirs.root)
    found = one.moves_with(other), other.moves_with(one)
    moves = Moves()
    for key, (old, new) in found[0].items():
        twin = found[1].get(key)
        there = twin[1] if twin else other.edited.get(key)
        _place(moves, old, new, there)
        moves.away[0].add(key)
        if twin:
            moves.away[1].add(key)
            moves.dropped.add(key_of_unit(twin[1]))
    for key, (old, new) in found[1].items():
        if key not in found[0]:
            _place(moves, old, new, one.edited.get(key))
            moves.away[1].add(key)
    for unit in _twins(one.new, other.new):
        moves.dropped.add(key_of_unit(unit))
    moves.sort()
    return moves


def _twins(ours: list[Unit], theirs: list[Unit]) -> Iterator[Unit]:
    """Yield the entries of theirs that ours has, too, but in another section: both had them before one moved them."""
    mine: dict[str, list[Unit]] = {}
    for each in ours:
        if each.kind == ITEM and is_extended(each, each):
            mine.setdefault(_bare(each), []).append(each)
    yours = Counter(_bare(each) for each in theirs if each.kind == ITEM)
    for each in theirs:
        bare = _bare(each)
        twins = mine.get(bare, []) if each.kind == ITEM else []
        if len(twins) == yours[bare] == 1 and _parent(twins[0]) != _parent(each):
            yield each


def _parent(unit: Unit) -> str:
    document = unit.tree.document
    return place_at(document, unit.start)


def _place(moves: Moves, old: Unit, new: Unit, other: Unit | None) -> None:
    if other is None and _bare(old) == _bare(new):
        # moved here, deleted there: it is gone
        moves.dropped.add(key_of_unit(new))
        return
    moves.placed[key_of_unit(new)] = Placed(old, other)
    if other is not None:
        moves.claimed.add(key_of_unit(other))


class _Difference:
    """What one side did to the base: units gone from their parent, edited in it, new in theirs."""

    def __init__(self, base: Unit, side: Unit) -> None:
        self.gone: dict[Key, Unit] = {}
        self.edited: dict[Key, Unit] = {}
        self.new: list[Unit] = []
        self._compare(base, side)

    def moves_with(self, other: _Difference) -> dict[Key, tuple[Unit, Unit]]:
        """Return what this side moved and the other touched, as old and new unit, by the old one's key."""
        wanted = [
            unit
            for key, unit in self.gone.items()
            if (key in other.edited or key in other.gone) and unit.kind in _MOVABLE and not _is_placeholder(unit)
        ]
        if not wanted or not self.new:
            return {}
        found: dict[Key, tuple[Unit, Unit]] = {}
        taken: set[Key] = set()
        by_text: dict[str, list[Unit]] = {}
        for unit in self.new:
            by_text.setdefault(_bare(unit), []).append(unit)
        for unit in wanted:
            twins = by_text.get(_bare(unit), [])
            if len(twins) == 1 and key_of_unit(twins[0]) not in taken:
                found[key_of_unit(unit)] = unit, twins[0]
                taken.add(key_of_unit(twins[0]))
        if len(wanted) * len(self.new) <= _MOST:
            self._by_words(wanted, found, taken)
        return _outermost(found)

    def _by_words(self, wanted: list[Unit], found: dict[Key, tuple[Unit, Unit]], taken: set[Key]) -> None:
        rest = [unit for unit in wanted if key_of_unit(unit) not in found]
        free = [unit for unit in self.new if key_of_unit(unit) not in taken]
        rated = ((likeness(one, other), -i, -j) for i, one in enumerate(rest) for j, other in enumerate(free))
        for _, i, j in sorted((each for each in rated if each[0] >= MUCH_ALIKE), reverse=True):
            one, other = rest[-i], free[-j]
            if key_of_unit(one) not in found and key_of_unit(other) not in taken:
                found[key_of_unit(one)] = one, other
                taken.add(key_of_unit(other))

    def _compare(self, base: Unit, side: Unit) -> None:
        if base.kind in {FILE, SECTION} and side.kind == base.kind:
            collapse(base, side, side)
        pairs = pair(base.parts, side.parts, _is_placeholder)
        kept = set()
        for i, (old, at) in enumerate(zip(base.parts, pairs.to, strict=True)):
            if at < 0 or i in pairs.guessed:
                self.gone.update((key_of_unit(each), each) for each in _all(old))
                continue
            kept.add(at)
            new = side.parts[at]
            if old.text != new.text:
                self.edited[key_of_unit(old)] = new
                if old.kind in NESTED and new.kind == old.kind:
                    self._compare(old, new)
        for at, new in enumerate(side.parts):
            if at not in kept:
                self.new += _all(new)


def _all(unit: Unit) -> Iterator[Unit]:
    yield unit
    if unit.kind in {SECTION, ITEM}:
        for part in unit.parts:
            yield from _all(part)


def _outermost(found: dict[Key, tuple[Unit, Unit]]) -> dict[Key, tuple[Unit, Unit]]:
    """Leave out what was moved as a part of something that was moved."""
    result: dict[Key, tuple[Unit, Unit]] = {}
    end = -1
    for key, (old, new) in sorted(found.items(), key=lambda each: (each[1][0].start, -each[1][0].end)):
        if old.start >= end:
            result[key] = old, new
            end = old.end
    return result


def _bare(unit: Unit) -> str:
    """Return the text without the space around its lines: a new parent has another indent."""
    return "\n".join(line.strip() for line in unit.plain.split("\n"))


def _rest(unit: Unit, without: set[Key]) -> list[str]:
    return [unit.own, *(part.plain for part in unit.parts if key_of_unit(part) not in without)]


def _is_placeholder(unit: Unit) -> bool:
    return unit.kind == ITEM and plain_key(split_marker(unit.text)[2].strip()) == plain_key(NONE)
