"""The report of reconstruction fidelity: what each strategy kept, with intervals, and what the judges agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from memorybank.corrections.evaluation.agreement import Agreement
    from memorybank.corrections.evaluation.intervals import Interval


class LagFigures(NamedTuple):
    """Retention when the question is asked this many sessions after the correction; 0 is the end of its own session."""

    lag: int
    case_count: int
    retention: Interval | None


class StrategyFigures(NamedTuple):
    """What one strategy kept, by one judge.

    `is_asked` is whether it sees the question before it selects, as a search does. `against_recency` is the difference
    of its retention to that of recency over the same cases. `times_log` is its retention as a multiple of that of the
    truncated log, None where that is 0. `characters` is the mean length of its contexts.
    """

    strategy: str
    judge: str
    is_asked: bool
    case_count: int
    retention: Interval | None
    against_recency: Interval | None
    times_log: Interval | None
    characters: float
    lags: tuple[LagFigures, ...]


class Verdict(NamedTuple):
    """Whether the mixture is worth more than recency, by the rule of the source: kappa > 0.6 and more than 5 % better.

    `gain` is the difference in retention in points of a hundred. `is_kept` is whether both hold; then the weights are
    worth to go on with. `why` says what is missing.
    """

    judge: str
    gain: float | None
    kappa: float | None
    is_kept: bool
    why: str


class FidelityReport(NamedTuple):
    """How much of what users had to correct is still known in a context of a given size.

    Counted are the sessions in which a person spoke, those that do not fit in the budget (`longer_count`), the hidden
    pairs, those that say nothing to ask about (`unasked_count`), the pairs at each moment (`case_count`), and the
    answers of judges that were neither yes nor no (`unclear_count`).
    """

    budget_chars: int
    session_count: int
    longer_count: int
    pair_count: int
    unasked_count: int
    case_count: int
    seed: int
    resamples: int
    families: tuple[str, ...]
    unclear_count: int
    strategies: tuple[StrategyFigures, ...]
    agreement: tuple[Agreement, ...]
    verdict: Verdict
    notes: tuple[str, ...]
