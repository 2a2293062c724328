"""Put merged units together: known neighbors keep the gap between them, new ones get that of their kinds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from memorybank.team.merge.units import FIELD, FRONT, ITEM, ROW, SECTION, TABLE, Unit
from memorybank.team.merge.word_merge import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.merge.arrange import Step

# lines below these would be read as a part of them
_RUNS_ON = frozenset({"paragraph", TABLE, ITEM, "clash", "quote", "text"})
_TEXT = frozenset({"paragraph", TABLE, "definition", "text", "code"})
_TIGHT = frozenset({ROW, FIELD, "value", "line"})


class Piece(NamedTuple):
    """One unit of the merged level: its text and kind, where it comes from, one of its units."""

    text: str
    kind: str
    step: Step
    unit: Unit | None

    def first(self, side: int) -> int | None:
        """Return the index of its first unit on a side: 0 is the base, 1 ours, 2 theirs."""
        spans = self.step.ours, self.step.theirs
        if not side:
            return self.step.base if self.step.base >= 0 else None
        span = spans[side - 1]
        return span[0] if span else None

    def after(self, side: int) -> int | None:
        """Return the index after its last unit on a side."""
        spans = self.step.ours, self.step.theirs
        if not side:
            return self.step.base + 1 if self.step.base >= 0 else None
        span = spans[side - 1]
        return span[1] if span else None


def joined(written: Sequence[Piece], base: Unit | None, ours: Unit, theirs: Unit) -> str:
    """Return the text of a level: gaps and units, from the end of the head to the end of the whole."""
    sides = base, ours, theirs
    out: list[str] = []
    row: list[Piece | None] = [None, *written, None]
    for one, other in pairwise(row):
        out.append(_gap(one, other, sides))
        if other is not None:
            out.append(other.text)
    return "".join(out)


def _gap(one: Piece | None, other: Piece | None, sides: tuple[Unit | None, Unit, Unit]) -> str:
    found: list[str | None] = []
    for side, unit in enumerate(sides):
        if unit is None:
            found.append(None)
            continue
        after = one.after(side) if one else 0
        before = other.first(side) if other else len(unit.parts)
        found.append(unit.gap(after) if after is not None and after == before else None)
    base, ours, theirs = found
    if ours is not None and theirs is not None:
        chosen = choose(base if base is not None else "", ours, theirs)
        gap = ours if chosen is None else chosen
    elif ours is not None or theirs is not None:
        gap = (ours or "") + (theirs or "")
    else:
        return _parted(_near(one, other, sides), one, other, sides[1])
    return _parted(gap, one, other, sides[1]) if "clash" in {_kind(one), _kind(other)} else gap


def _kind(each: Piece | None) -> str:
    return each.kind if each else ""


def _near(one: Piece | None, other: Piece | None, sides: tuple[Unit | None, Unit, Unit]) -> str:
    """Return the gap that new neighbors get: as between two of their kinds on their own sides."""
    if other is None:
        ends = [unit.gap(len(unit.parts)) if unit and unit.parts else "" for unit in sides]
        chosen = choose(ends[0], ends[1], ends[2])
        return ends[1] if chosen is None else chosen
    kinds = _kind(one), _kind(other)
    near: list[tuple[bool, str]] = []
    for side, unit in enumerate((sides[1], sides[2]), 1):
        after = one.after(side) if one else 0
        if after is not None and after < len(unit.parts):
            near.append(((_kind(one), unit.parts[after].kind) == kinds, unit.gap(after)))
        before = other.first(side)
        if before is not None:
            above = unit.parts[before - 1].kind if before else ""
            near.append(((above, _kind(other)) == kinds, unit.gap(before)))
    alike = [gap for is_alike, gap in near if is_alike and gap]
    if alike:
        return alike[0]
    if kinds == (ITEM, ITEM):
        return "\n"
    return max((gap for _, gap in near), key=lambda gap: gap.count("\n"), default="")


def _parted(gap: str, one: Piece | None, other: Piece | None, unit: Unit) -> str:
    """Return a gap that keeps two neighbors apart, with a blank line where the lower one would run on."""
    if one is None and unit.head == unit.start:
        return gap
    if other is None:
        return gap
    above, below = _kind(one), _kind(other)
    least = 1
    if below not in _TIGHT and unit.kind != FRONT and above not in _TIGHT:
        runs_on = above in _RUNS_ON and below in _TEXT
        after_clash = above == "clash" and (below == SECTION or _is_numbered(other))
        at_heading = one is None and unit.kind == SECTION and below != SECTION and not gap
        least = 2 if runs_on or after_clash or at_heading or (below == SECTION and gap.count("\n") == 0) else 1
    return gap + "\n" * max(0, least - gap.count("\n"))


def _is_numbered(each: Piece) -> bool:
    return each.kind == ITEM and each.text.lstrip()[:1].isdigit()
