"""Measures reconstruction fidelity: fills the contexts, asks the judges, and counts.

The protocol is in docs/evaluation.md. The same logs, settings and seed give the same report.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.evaluation.agreement import ENOUGH, Agreement, agreement_of
from memorybank.corrections.evaluation.cases import LAGS, Case, cases_of
from memorybank.corrections.evaluation.fidelity import FidelityReport, LagFigures, StrategyFigures, Verdict
from memorybank.corrections.evaluation.intervals import Resampling
from memorybank.corrections.evaluation.judges import (
    DETERMINISTIC,
    SECONDS,
    JudgeError,
    Model,
    answer_prompt,
    judge_prompt,
    question_of,
    verdict_of,
)
from memorybank.corrections.evaluation.recovery import is_recovered
from memorybank.corrections.evaluation.strategies import LOG, RECENCY, Context, Moment, Strategy
from memorybank.corrections.repetition import counts_of
from memorybank.records.corrections.score import MIXTURE
from memorybank.times import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from memorybank.corrections.evaluation.cases import Session
    from memorybank.corrections.evaluation.intervals import Interval
    from memorybank.records.corrections.correction import Correction

# in points of a hundred: the source's rule for a change of the weights
GAIN = 5.0
# a judge that says neither yes nor no this many times in a row is not one
_MOST_FAILED = 5
_DAWN = datetime(1970, 1, 1, tzinfo=UTC)


class Judges(NamedTuple):
    """Who judges beside the deterministic judge, and what answers the question; without it the context is judged."""

    models: tuple[Model, ...] = ()
    answers: Model | None = None
    environ: Mapping[str, str] = {}
    seconds: float = SECONDS


class Extent(NamedTuple):
    """The size of a context in characters, how many cases are judged at most, and of the bootstrap seed and rounds."""

    budget: int
    most: int
    seed: int
    resamples: int


class _Outcome(NamedTuple):
    """What a judge said of a case: the mean over all contexts, and of the first one; None if it did not say."""

    mean: float
    first: bool


class _Bench:
    """The judges at work; each prompt is asked once."""

    def __init__(self, judges: Judges) -> None:
        self.judges = judges
        self.failed = 0
        self._row = 0
        self._asked: dict[tuple[str, str], str] = {}

    def deterministic(self, contexts: Sequence[Context], case: Case, question: str) -> _Outcome:
        found = [self._holds(each, case, question) for each in contexts]
        return _Outcome(sum(found) / len(found), found[0])

    def _holds(self, context: Context, case: Case, question: str) -> bool:
        if self.judges.answers is not None:
            return is_recovered(self._answer(context, question), case.wanted)
        return is_recovered(context.text, case.wanted, after=context.said, order=case.order)

    def model(self, judge: Model, context: Context, case: Case, question: str) -> _Outcome | None:
        is_answer = self.judges.answers is not None
        text = self._answer(context, question) if is_answer else context.text
        prompt = judge_prompt(text, question, case.correction.text, is_answer=is_answer)
        verdict = verdict_of(self._ask(judge, prompt))
        if verdict is None:
            self.failed += 1
            self._row += 1
            if self._row >= _MOST_FAILED:
                why = f"{_MOST_FAILED} answers in a row had no line that begins with YES or NO"
                raise JudgeError(name=judge.name, why=why)
            return None
        self._row = 0
        return _Outcome(float(verdict), verdict)

    def _answer(self, context: Context, question: str) -> str:
        model = self.judges.answers
        return self._ask(model, answer_prompt(context.text, question)) if model else ""

    def _ask(self, model: Model, prompt: str) -> str:
        key = model.name, prompt
        if key not in self._asked:
            self._asked[key] = model.ask(prompt, self.judges.environ, seconds=self.judges.seconds)
        return self._asked[key]


def measure(
    sessions: Sequence[Session],
    known: Sequence[Sequence[Correction]],
    strategies: Sequence[Strategy],
    judges: Judges,
    extent: Extent,
    *,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> FidelityReport:
    """Return how much each strategy keeps of the known pairs of some sessions, which are in the order of time.

    Strategies select among what was found in the sessions; `known` are the pairs that are asked about. Of more cases
    than the extent has as many are drawn.

    Raises:
        JudgeError: a program could not be used.
    """
    cases, unasked = cases_of(sessions, known)
    if len(cases) > extent.most:
        # statistics, not a secret
        cases = [cases[at] for at in sorted(random.Random(extent.seed).sample(range(len(cases)), extent.most))]  # noqa: S311
    moments = _moments(sessions, {case.moment for case in cases})
    bench = _Bench(judges)
    names = [DETERMINISTIC, *(each.name for each in judges.models)]
    said: dict[tuple[str, str], list[_Outcome | None]] = {}
    sizes: dict[str, float] = {}
    filled: dict[str, list[str]] = {}
    done, whole = 0, len(strategies) * len(cases)
    for strategy in strategies:
        blind: dict[int, list[Context]] = {}
        characters = 0
        for case in cases:
            premise = _premise(case.correction)
            question = question_of(premise)
            if strategy.is_asked:
                contexts = strategy.fill(moments[case.moment], premise)
            else:
                # filled once for all cases of a moment: it cannot depend on one of them
                if case.moment not in blind:
                    blind[case.moment] = strategy.fill(moments[case.moment], "")
                contexts = blind[case.moment]
            characters += len(contexts[0].text)
            said.setdefault((DETERMINISTIC, strategy.name), []).append(bench.deterministic(contexts, case, question))
            for judge in judges.models:
                said.setdefault((judge.name, strategy.name), []).append(bench.model(judge, contexts[0], case, question))
            done += 1
            if on_progress is not None:
                on_progress("judged", done, whole)
        sizes[strategy.name] = characters / len(cases) if cases else 0.0
        filled[strategy.name] = [context.text for at in blind for context in blind[at]]
    figures = _Figures(cases, said, extent)
    rows = tuple(figures.row(judge, strategy, sizes[strategy.name]) for judge in names for strategy in strategies)
    agreement = tuple(_agreement(one, two, said, strategies) for one, two in combinations(names, 2))
    return FidelityReport(
        budget_chars=extent.budget,
        session_count=len(sessions),
        longer_count=sum(each.size > extent.budget for each in sessions),
        pair_count=sum(map(len, known)),
        unasked_count=unasked,
        case_count=len(cases),
        seed=extent.seed,
        resamples=extent.resamples,
        families=tuple(dict.fromkeys(each.family for each in judges.models)),
        unclear_count=bench.failed,
        strategies=rows,
        agreement=agreement,
        verdict=_verdict(rows, agreement, names),
        notes=tuple(_notes(filled, cases)),
    )


def _premise(correction: Correction) -> str:
    return "\n".join(filter(None, (correction.premise.text, correction.premise.tool)))


def _moments(sessions: Sequence[Session], wanted: set[int]) -> dict[int, Moment]:
    """Return the moments at the ends of these sessions: nothing of a later session is in any of them."""
    found: dict[int, Moment] = {}
    pool: list[Correction] = []
    homes: dict[str, int] = {}
    now = _DAWN
    for at, session in enumerate(sessions):
        pool += session.corrections
        homes.update((each.id, at) for each in session.corrections)
        now = moment_of(session.ended) or now
        if at in wanted:
            found[at] = Moment(sessions[: at + 1], tuple(_as_known(pool)), dict(homes), now)
    return found


def _as_known(pool: Sequence[Correction]) -> Iterator[Correction]:
    """Yield corrections as they are known among these only: without what was found or decided later."""
    for each, (similar, sessions) in zip(pool, counts_of(pool), strict=True):
        yield each._replace(similar=similar, sessions=sessions, misstep=None, label="", is_pinned=False)


class _Figures:
    """The figures of all strategies, over the same draws."""

    def __init__(
        self, cases: Sequence[Case], said: Mapping[tuple[str, str], list[_Outcome | None]], extent: Extent
    ) -> None:
        self._cases, self._said = cases, said
        self._rounds, self._seed = extent.resamples, extent.seed
        self._resamplings: dict[tuple[int, ...], Resampling] = {}

    def row(self, judge: str, strategy: Strategy, characters: float) -> StrategyFigures:
        mine = self._means(judge, strategy.name)
        base = self._means(judge, RECENCY)
        log = self._means(judge, LOG)
        retention = self._interval(mine)
        paired = [None if one is None or two is None else one - two for one, two in zip(mine, base, strict=True)]
        return StrategyFigures(
            strategy=strategy.name,
            judge=judge,
            is_asked=strategy.is_asked,
            case_count=sum(each is not None for each in mine),
            retention=retention,
            against_recency=self._interval(paired),
            times_log=self._ratio(mine, log),
            characters=round(characters, 1),
            lags=tuple(self._lag(mine, lag) for lag in LAGS if any(each.lag == lag for each in self._cases)),
        )

    def _means(self, judge: str, strategy: str) -> list[float | None]:
        said = self._said.get((judge, strategy))
        # a strategy that was not measured
        return [None if each is None else each.mean for each in said or [None] * len(self._cases)]

    def _lag(self, values: Sequence[float | None], lag: int) -> LagFigures:
        only = [value if case.lag == lag else None for value, case in zip(values, self._cases, strict=True)]
        return LagFigures(lag, sum(each is not None for each in only), self._interval(only))

    def _interval(self, values: Sequence[float | None]) -> Interval | None:
        """Return the mean of the values that there are; the corrections of one session are drawn together."""
        sums, sizes = self._sums(values)
        return self._resampling(sizes).interval(sums)

    def _ratio(self, values: Sequence[float | None], base: Sequence[float | None]) -> Interval | None:
        both = [one is not None and two is not None for one, two in zip(values, base, strict=True)]
        mine, sizes = self._sums([value if is_there else None for value, is_there in zip(values, both, strict=True)])
        other, _ = self._sums([value if is_there else None for value, is_there in zip(base, both, strict=True)])
        return self._resampling(sizes).ratio(mine, other)

    def _sums(self, values: Sequence[float | None]) -> tuple[tuple[float, ...], tuple[int, ...]]:
        """Return the sums of some values in each session, and how many values each of them has."""
        sums: dict[int, float] = {}
        counts: dict[int, int] = {}
        for case, value in zip(self._cases, values, strict=True):
            if value is not None:
                sums[case.home] = sums.get(case.home, 0.0) + value
                counts[case.home] = counts.get(case.home, 0) + 1
        return tuple(sums.values()), tuple(counts.values())

    def _resampling(self, sizes: tuple[int, ...]) -> Resampling:
        found = self._resamplings.get(sizes)
        if found is None:
            found = self._resamplings[sizes] = Resampling(sizes, rounds=self._rounds, seed=self._seed)
        return found


def _agreement(
    one: str, two: str, said: Mapping[tuple[str, str], list[_Outcome | None]], strategies: Sequence[Strategy]
) -> Agreement:
    pairs = [
        (first.first, second.first)
        for strategy in strategies
        for first, second in zip(said.get((one, strategy.name), ()), said.get((two, strategy.name), ()), strict=True)
        if first is not None and second is not None
    ]
    return agreement_of(one, two, pairs)


def _verdict(rows: Sequence[StrategyFigures], agreement: Sequence[Agreement], names: Sequence[str]) -> Verdict:
    judge = names[min(1, len(names) - 1)]
    of_mixture = next((row for row in rows if row.strategy == MIXTURE and row.judge == judge), None)
    difference = of_mixture.against_recency if of_mixture else None
    gain = None if difference is None else 100 * difference.mean
    kappas = [each.kappa for each in agreement]
    kappa = None if not kappas or None in kappas else min(each for each in kappas if each is not None)
    missing = []
    if gain is None:
        missing.append("the mixture was not measured")
    elif gain <= GAIN:
        missing.append(f"the mixture is {gain:+.1f} points against recency, not more than {GAIN:+.0f}")
    if not kappas:
        missing.append("only one judge ran, so there is no kappa")
    elif kappa is None:
        missing.append("kappa is not defined: a judge always said the same")
    elif kappa <= ENOUGH:
        missing.append(f"kappa is {kappa:.2f}, not more than {ENOUGH}")
    why = "; ".join(missing) or "the judges agree, and the mixture keeps more than recency"
    return Verdict(judge, gain, kappa, not missing, why)


def _notes(filled: Mapping[str, list[str]], cases: Sequence[Case]) -> list[str]:
    notes = []
    same = [name for name, texts in filled.items() if name != RECENCY and texts and texts == filled.get(RECENCY)]
    if same:
        notes.append(f"the same contexts as recency: {', '.join(same)}")
    homes = len({case.home for case in cases})
    if homes == 1:
        notes.append("all pairs are of one session: there is no interval")
    elif 1 < homes < 20:  # noqa: PLR2004  a bootstrap of few clusters is too narrow
        notes.append(f"the pairs are of {homes} sessions only: read the intervals as too narrow")
    return notes
