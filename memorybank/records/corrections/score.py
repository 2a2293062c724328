"""The score of a correction: its signals by their weights, times its decay; every part of it can be shown."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.records.corrections.decay import DAY, decay_of
from memorybank.records.corrections.settings import CorrectionSettings, Weights
from memorybank.records.corrections.signals import Times, signals_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from memorybank.records.corrections.correction import Correction

MIXTURE, RECENCY = "mixture", "recency"
STRATEGIES = (MIXTURE, *Weights._fields)


class Score(NamedTuple):
    """What a correction weighs today: `total` is the sum of the terms times the decay, plus the match with a query.

    `values` are the signals in the order of their weights.
    """

    total: float
    decay: float
    values: tuple[float | None, ...]
    weights: Weights
    query: float = 0.0

    @property
    def signals(self) -> dict[str, float | None]:
        """The features as they are, by name; None for one that is not known."""
        return dict(zip(Weights._fields, self.values, strict=True))

    @property
    def terms(self) -> dict[str, float]:
        """The signals that are known times their weights, by name."""
        rows = zip(Weights._fields, self.weights, self.values, strict=True)
        return {name: weight * value for name, weight, value in rows if value is not None}

    @property
    def explained(self) -> str:
        """The sum in words, the largest term first."""
        terms = sorted(self.terms.items(), key=lambda term: (-term[1], term[0]))
        summed = " + ".join(f"{name} {value:.3f}" for name, value in terms if value) or "0"
        query = f" + query {self.query:.3f}" if self.query else ""
        return f"({summed}) x decay {self.decay:.3f}{query} = {self.total:.3f}"


class Scored(NamedTuple):
    """A correction with its score."""

    correction: Correction
    score: Score


def weights_of(strategy: str, settings: CorrectionSettings) -> Weights:
    """Return the weights of a strategy: those of the settings for the mixture, else one signal alone.

    Without a strategy the settings choose between the mixture and recency.

    Raises:
        FieldError: there is no such strategy.
    """
    name = strategy or (MIXTURE if settings.mixture else RECENCY)
    if name == MIXTURE:
        return settings.weights
    if name not in Weights._fields:
        why = f"{name!r} is invalid: choose from {', '.join(STRATEGIES)}"
        raise FieldError(field="strategy", why=why, hint="bank corrections load --strategy recency")
    return Weights(**{field: float(field == name) for field in Weights._fields})


def score(
    correction: Correction,
    now: datetime,
    weights: Weights,
    *,
    times: Times,
    settings: CorrectionSettings | None = None,
    query: float = 0.0,
) -> Score:
    """Return the score of a correction among those whose times are given; `query` is how well it matches, 0 to 1.

    A signal that is not known has no term. The match with a query does not decay: what was asked for is wanted at any
    age.
    """
    settings = settings or CorrectionSettings()
    values = signals_of(correction, times, recency=settings.recency, tiers=settings.tiers)
    summed = sum(weight * value for weight, value in zip(weights, values, strict=True) if value is not None)
    said = times.said.get(correction.id)
    age = None if said is None else (now.timestamp() - said) / DAY
    decay = decay_of(correction, age, settings)
    return Score(summed * decay + query, decay, values, weights, query)


def score_all(
    corrections: Iterable[Correction],
    now: datetime,
    settings: CorrectionSettings | None = None,
    *,
    strategy: str = "",
    matches: Mapping[str, float] | None = None,
) -> list[Scored]:
    """Return corrections with their scores, the best first: pinned ones, then by score, time and id.

    `matches` is how well each matches a query, by its id; one that is not in it does not.

    Raises:
        FieldError: there is no such strategy.
    """
    settings = settings or CorrectionSettings()
    weights = weights_of(strategy, settings)
    rows = list(corrections)
    times = Times.of(rows, now)
    found = matches or {}
    scored = [
        Scored(each, score(each, now, weights, times=times, settings=settings, query=found.get(each.id, 0.0)))
        for each in rows
    ]
    # three sorts, each of which keeps the order of the one before: no sum of floats decides what two machines print
    scored.sort(key=attrgetter("correction.id"))
    scored.sort(key=lambda each: times.said[each.correction.id] or 0.0, reverse=True)
    scored.sort(key=lambda each: (not each.correction.is_pinned, -round(each.score.total, 9)))
    return scored
