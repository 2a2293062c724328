"""Bootstrap intervals: whole sessions are drawn again, because the corrections of one session are not independent."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# the middle part of the resampled means that an interval holds
COVERED = 0.95


class Interval(NamedTuple):
    """A mean with its percentile interval; `low` and `high` are None with fewer than two sessions."""

    mean: float
    low: float | None
    high: float | None


class Resampling:
    """The same draws of sessions for every figure, so that a paired difference is paired in each draw.

    `sizes` is the number of cases in each session. The same seed gives the same draws on every machine.
    """

    def __init__(self, sizes: Sequence[int], *, rounds: int, seed: int) -> None:
        self._sizes = tuple(sizes)
        self._draws: list[list[int]] = []
        if len(self._sizes) > 1:
            # statistics, not a secret
            source = random.Random(seed)  # noqa: S311
            every = range(len(self._sizes))
            self._draws = [source.choices(every, k=len(self._sizes)) for _ in range(rounds)]
        self._totals = [sum(self._sizes[at] for at in draw) for draw in self._draws]

    def interval(self, sums: Sequence[float]) -> Interval | None:
        """Return the mean of a figure over all cases with its interval; `sums` are its sums in each session.

        None if there is no case.
        """
        total = sum(self._sizes)
        if not total:
            return None
        means = (sum(sums[at] for at in draw) / drawn for draw, drawn in zip(self._draws, self._totals, strict=True))
        return _interval(sum(sums) / total, means)

    def ratio(self, sums: Sequence[float], base: Sequence[float]) -> Interval | None:
        """Return how many times one figure is another one with the same sizes; None where the other one is 0.

        A draw in which the other one is 0 is left out, so the upper end is too low if there are many.
        """
        whole = sum(base)
        if not whole:
            return None
        drawn = ((sum(sums[at] for at in draw), sum(base[at] for at in draw)) for draw in self._draws)
        return _interval(sum(sums) / whole, (mine / other for mine, other in drawn if other))


def _interval(value: float, drawn: Iterable[float]) -> Interval:
    ordered = sorted(drawn)
    if not ordered:
        return Interval(value, None, None)
    return Interval(value, percentile(ordered, (1 - COVERED) / 2), percentile(ordered, (1 + COVERED) / 2))


def percentile(ordered: Sequence[float], part: float) -> float:
    """Return the value below which this part of some ordered values is, between two of them in proportion."""
    place = part * (len(ordered) - 1)
    at = int(place)
    after = min(at + 1, len(ordered) - 1)
    return ordered[at] + (ordered[after] - ordered[at]) * (place - at)
