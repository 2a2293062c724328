"""The signals of a correction: each is one feature of it as a number from 0 to 1, None where it is not known."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.corrections.correction import TIERS
from memorybank.times import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from memorybank.records.corrections.correction import Correction

MIN_MAX = "min-max"
# this many neighbours or further sessions give half of the signal
_HALF = 2.0


class Times(NamedTuple):
    """When the corrections of a set were said, in seconds: by id, None without a date; and each time once, in order."""

    said: Mapping[str, float | None] = {}
    ordered: tuple[float, ...] = ()

    @classmethod
    def of(cls, corrections: Iterable[Correction], now: datetime) -> Times:
        """Return the times of a set; a time in the future is now."""
        said = {each.id: seconds_of(each.origin.at, now) for each in corrections}
        return cls(said, tuple(sorted({each for each in said.values() if each is not None})))


def seconds_of(at: str, now: datetime) -> float | None:
    """Return a stored time in seconds, at most now; None for a text that is no time."""
    moment = moment_of(at) if at else None
    return None if moment is None else min(moment, now).timestamp()


def recency_of(correction: Correction, times: Times, how: str = "") -> float:
    """Return how late a correction was said among others: 1 for the last, 0 without a date.

    By rank it is the share of the times up to its own, so that one very old correction does not make all others equal;
    with `MIN_MAX` it is the share of the time from the first to the last.
    """
    said = times.said.get(correction.id)
    if said is None:
        return 0.0
    first, last = times.ordered[0], times.ordered[-1]
    if how == MIN_MAX:
        return 1.0 if last <= first else (said - first) / (last - first)
    return (bisect_left(times.ordered, said) + 1) / len(times.ordered)


def density_of(correction: Correction) -> float:
    """Return how long a correction is against its premise: 0.5 at the same length, and never above 1."""
    text, premise = len(correction.text), len(correction.premise.text)
    ratio = text / max(1, premise)
    return ratio / (1 + ratio)


def weight_of_tier(tier: str, tiers: tuple[str, ...] = TIERS) -> float:
    """Return what a tier is worth: 1 for the first of the tiers, 0 for the last and for one that is not among them."""
    if tier not in tiers:
        return 0.0
    return 1.0 if len(tiers) == 1 else 1 - tiers.index(tier) / (len(tiers) - 1)


def signals_of(
    correction: Correction, times: Times, *, recency: str = "", tiers: tuple[str, ...] = TIERS
) -> tuple[float | None, ...]:
    """Return the signals of a correction, one of those with these times, in the order of their weights.

    These are recency, tier, repetition, density, position, neighbourhood, misstep and label.
    """
    misstep = correction.misstep
    return (
        recency_of(correction, times, recency),
        weight_of_tier(correction.label or correction.tier, tiers),
        _saturating(correction.sessions - 1),
        density_of(correction),
        min(max(correction.position, 0.0), 1.0),
        _saturating(correction.similar),
        None if misstep is None else min(max(misstep, 0.0), 1.0),
        weight_of_tier(correction.label, tiers) if correction.label else None,
    )


def _saturating(count: float) -> float:
    """Return a count as a number below 1: each further one adds less."""
    return count / (count + _HALF) if count > 0 else 0.0
