"""Collapse what all three sides have alike in a long section to single units, so that only the rest is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.team.merge.align import align
from memorybank.team.merge.quick import LONG, lumps, spans_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.merge.units import Unit

# so many equal lumps stay single next to a change: they show where it is
_MARGIN = 3


def collapse(base: Unit, ours: Unit, theirs: Unit) -> None:
    """Set the parts of three versions of one long unit; equal stretches of it are one unit each."""
    sides = base, ours, theirs
    bodies = [side.body for side in sides]
    if min(end - start for start, end in bodies) < LONG:
        return
    cuts = [_cuts(side, body) for side, body in zip(sides, bodies, strict=True)]
    texts = [[side.tree.text[a:b] for a, b in cut] for side, cut in zip(sides, cuts, strict=True)]
    pairs = dict(align(texts[0], texts[1])), dict(align(texts[0], texts[2]))
    for side, cut, runs in zip(sides, cuts, _runs(*pairs, len(texts[0])), strict=True):
        side.leave_whole([*_parts(side, cut, runs), *side.sections])


def _cuts(side: Unit, body: tuple[int, int]) -> list[tuple[int, int]]:
    if side.tree.records:
        return list(side.tree.rows(*body))
    return list(spans_of(lumps(side.tree.shadow, *body), body[1]))


def _runs(in_ours: dict[int, int], in_theirs: dict[int, int], count: int) -> tuple[list[tuple[int, int]], ...]:
    """Return the stretches to collapse on each side: as many lumps, equal and next to each other on all three."""
    runs: tuple[list[tuple[int, int]], ...] = ([], [], [])
    at = 0
    while at < count:
        end = at
        while (
            end < count
            and end in in_ours
            and end in in_theirs
            and in_ours[end] - in_ours[at] == end - at == in_theirs[end] - in_theirs[at]
        ):
            end += 1
        if end - at > 2 * _MARGIN + 1:
            first, last = at + _MARGIN, end - _MARGIN
            for found, shift in zip(runs, (0, in_ours[at] - at, in_theirs[at] - at), strict=True):
                found.append((first + shift, last + shift))
        at = max(end, at + 1)
    return runs


def _parts(side: Unit, cuts: Sequence[tuple[int, int]], runs: Sequence[tuple[int, int]]) -> list[Unit]:
    tree = side.tree
    parts: list[Unit] = []
    at = 0
    for first, last in [*runs, (len(cuts), len(cuts))]:
        for start, end in cuts[at:first]:
            parts += tree.split_lump(start, end)
        if first < last:
            parts.append(tree.whole(cuts[first][0], cuts[last - 1][1]))
        at = last
    return parts
