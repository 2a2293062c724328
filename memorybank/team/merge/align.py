"""Align two sequences: which elements are the same ones, in order. Near linear time, also for repeated elements."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

# up to this many comparisons the longest common subsequence is computed exactly
_EXACT = 16_384


class _Range(NamedTuple):
    a0: int
    a1: int
    b0: int
    b1: int


def align(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return pairs of indexes of equal elements, rising on both sides.

    Elements that are unique on both sides are aligned first, as patience diff does: a repeated rule or fence is
    aligned by its neighbors, not with any other rule.
    """
    pairs: list[tuple[int, int]] = []
    pending = [_Range(0, len(one), 0, len(other))]
    while pending:
        a0, a1, b0, b1 = pending.pop()
        while a0 < a1 and b0 < b1 and one[a0] == other[b0]:
            pairs.append((a0, b0))
            a0, b0 = a0 + 1, b0 + 1
        while a0 < a1 and b0 < b1 and one[a1 - 1] == other[b1 - 1]:
            a1, b1 = a1 - 1, b1 - 1
            pairs.append((a1, b1))
        if a0 == a1 or b0 == b1:
            continue
        found = rising(_unique_pairs(one, other, _Range(a0, a1, b0, b1)))
        if found:
            ends = [*found, (a1, b1)]
            at = (a0, b0)
            for a, b in ends:
                if a > at[0] and b > at[1]:
                    pending.append(_Range(at[0], a, at[1], b))
                at = (a + 1, b + 1)
            pairs += found
        elif (a1 - a0) * (b1 - b0) <= _EXACT:
            pairs += _longest(one, other, _Range(a0, a1, b0, b1))
        else:
            pairs += rising(_nth_pairs(one, other, _Range(a0, a1, b0, b1)))
    return sorted(pairs)


def rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, given in the order of the first index, whose second index rises."""
    if all(one[1] < other[1] for one, other in pairwise(pairs)):
        return list(pairs)
    tops: list[int] = []
    last: list[int] = []
    back: list[int] = []
    for i, (_, b) in enumerate(pairs):
        at = bisect_left(tops, b)
        if at == len(tops):
            tops.append(b)
            last.append(i)
        else:
            tops[at], last[at] = b, i
        back.append(last[at - 1] if at else -1)
    found = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = back[at]
    return found[::-1]


def _unique_pairs(one: Sequence[Hashable], other: Sequence[Hashable], span: _Range) -> list[tuple[int, int]]:
    left, right = one[span.a0 : span.a1], other[span.b0 : span.b1]
    counts, others = Counter(left), Counter(right)
    at = dict(zip(right, range(span.b0, span.b1), strict=True))
    # the counts first: most elements of long texts are unique on both sides
    return [(i, at[key]) for i, key in enumerate(left, span.a0) if counts[key] == 1 and others.get(key) == 1]


def _nth_pairs(one: Sequence[Hashable], other: Sequence[Hashable], span: _Range) -> list[tuple[int, int]]:
    """Pair the first with the first, the second with the second of equal elements: not the best, but linear."""
    ours = _places(one, span.a0, span.a1)
    theirs = _places(other, span.b0, span.b1)
    return sorted(pair for key, at in ours.items() for pair in zip(at, theirs.get(key, ()), strict=False))


def _places(elements: Sequence[Hashable], start: int, end: int) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for i in range(start, end):
        found[elements[i]].append(i)
    return found


def _longest(one: Sequence[Hashable], other: Sequence[Hashable], span: _Range) -> list[tuple[int, int]]:
    a0, a1, b0, b1 = span
    width = b1 - b0 + 1
    best = [[0] * width for _ in range(a1 - a0 + 1)]
    for i in range(a1 - a0 - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(width - 2, -1, -1):
            row[j] = below[j + 1] + 1 if one[a0 + i] == other[b0 + j] else max(below[j], row[j + 1])
    found = []
    i = j = 0
    while i < a1 - a0 and j < b1 - b0:
        if one[a0 + i] == other[b0 + j]:
            found.append((a0 + i, b0 + j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
