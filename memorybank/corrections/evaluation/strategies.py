"""The ways to fill a context, all with the same budget.

A strategy gets a moment, never a case: it cannot know which pair is asked about. Only those that search get the
question, which depends on nothing but the premise of the pair; they are marked as such.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.evaluation.cases import KEPT, tail_of
from memorybank.corrections.evaluation.judges import models_of, summary_prompt
from memorybank.corrections.evaluation.recovery import Statement
from memorybank.corrections.evaluation.word_rank import by_words
from memorybank.errors import FieldError
from memorybank.records.corrections.decay import NONE
from memorybank.records.corrections.pack import pack
from memorybank.records.corrections.score import MIXTURE, Score, Scored, score_all
from memorybank.records.corrections.settings import Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from memorybank.corrections.evaluation.cases import Session
    from memorybank.records.corrections.correction import Correction
    from memorybank.records.corrections.settings import CorrectionSettings

RECENCY, RANDOM, LOG, TALK, SUMMARY = "recency", "random", "truncated-log", "truncated-talk", "summary"
MOMENT_WORDS, QUESTION_WORDS = "bm25-moment", "bm25-question"
ONLY, WITHOUT = "only-", "without-"
# how many random orders are drawn for each moment: their mean is what chance gives
DRAWS = 20
# what was said last, as the query of a search that nobody asked for
_LAST = 6
_UNKNOWN = (None,) * len(Weights._fields)


class Context(NamedTuple):
    """A context as text, and what the user said in it with its place in time."""

    text: str
    said: tuple[Statement, ...] = ()


class Moment(NamedTuple):
    """What there is when a context is filled: the sessions until then, and the corrections that were found in them.

    `homes` has the session of each correction.
    """

    sessions: Sequence[Session]
    pool: tuple[Correction, ...]
    homes: Mapping[str, int]
    now: datetime


class Strategy(NamedTuple):
    """A named way to fill a context. `fill` gets a moment, and the question if `is_asked`, otherwise ""."""

    name: str
    fill: Callable[[Moment, str], list[Context]]
    is_asked: bool = False


def strategies_of(
    settings: CorrectionSettings, budget: int, seed: int, *, sum_up: Callable[[str], str] | None = None
) -> dict[str, Strategy]:
    """Return all strategies by name; the summary only with a program that makes it."""
    weights = settings.weights._asdict()
    settings = settings._replace(mixture=True)

    def ranked(name: str, given: Mapping[str, float], *, decay: str = settings.decay) -> Strategy:
        ways = settings._replace(weights=Weights(**given), decay=decay)
        return Strategy(name, lambda moment, _: [_packed(moment, score_all(moment.pool, moment.now, ways), budget)])

    def drawn(moment: Moment, _question: str) -> list[Context]:
        # statistics, not a secret
        source = random.Random(f"{seed}:{len(moment.sessions)}")  # noqa: S311
        draws = [{each.id: source.random() for each in moment.pool} for _ in range(DRAWS)]
        return [_packed(moment, _by_score(moment, scores), budget) for scores in draws]

    def by_moment(moment: Moment, _question: str) -> list[Context]:
        pieces = [each.text for each in moment.sessions[-1].pieces if each.is_talk][-_LAST:]
        return [_packed(moment, _by_score(moment, by_words("\n".join(pieces), moment.pool)), budget)]

    def by_question(moment: Moment, question: str) -> list[Context]:
        return [_packed(moment, _by_score(moment, by_words(question, moment.pool)), budget)]

    nothing = dict.fromkeys(weights, 0.0)
    found = [
        # one signal alone is measured without the decay, which is recency under another name
        ranked(RECENCY, {**nothing, RECENCY: 1.0}, decay=NONE),
        ranked(MIXTURE, weights),
        *(ranked(ONLY + name, {**nothing, name: 1.0}, decay=NONE) for name in weights if name != RECENCY),
        *(ranked(WITHOUT + name, {**weights, name: 0.0}) for name, weight in weights.items() if weight),
        ranked(f"{WITHOUT}decay", weights, decay=NONE),
        Strategy(MOMENT_WORDS, by_moment),
        Strategy(QUESTION_WORDS, by_question, is_asked=True),
        Strategy(RANDOM, drawn),
        Strategy(LOG, lambda moment, _: [Context(*tail_of(moment.sessions, budget))]),
        Strategy(TALK, lambda moment, _: [Context(*tail_of(moment.sessions, budget, talk_only=True))]),
    ]
    if sum_up is not None:
        found.append(Strategy(SUMMARY, lambda moment, _: [Context(sum_up(tail_of(moment.sessions, KEPT)[0])[:budget])]))
    return {each.name: each for each in found}


def summary_of(command: str, environ: Mapping[str, str], budget: int, seconds: float) -> Callable[[str], str]:
    """Return what sums up a log with a program of the user; each text once.

    Raises:
        FieldError: the command is not one.
    """
    model = models_of([f"{SUMMARY}={command}"], option="summary-command")[0]
    kept: dict[str, str] = {}

    def sum_up(text: str) -> str:
        if text not in kept:
            kept[text] = model.ask(summary_prompt(text, budget), environ, seconds=seconds)
        return kept[text]

    return sum_up


def chosen(every: Mapping[str, Strategy], names: Sequence[str]) -> list[Strategy]:
    """Return the strategies with these names, all without one; recency and the truncated log are always measured.

    Raises:
        FieldError: there is no such strategy.
    """
    for name in names:
        if name not in every:
            hint = "choose from " + ", ".join(every)
            more = " (it needs --summary-command)" if name == SUMMARY else ""
            raise FieldError(field="strategies", why=f"there is no strategy {name!r}{more}", hint=hint)
    return [each for name, each in every.items() if not names or name in names or name in {RECENCY, LOG}]


def _by_score(moment: Moment, scores: Mapping[str, float]) -> list[Scored]:
    """Return the corrections of a moment by these scores; of equal ones the newer one first."""
    found = [Scored(each, Score(scores[each.id], 1.0, _UNKNOWN, Weights())) for each in reversed(moment.pool)]
    return sorted(found, key=lambda each: -each.score.total)


def _packed(moment: Moment, scored: Sequence[Scored], budget: int) -> Context:
    packed = pack(scored, budget)
    said = (Statement((moment.homes[each.id], each.origin.line), each.text) for each, _ in packed.chosen)
    return Context(packed.text, tuple(said))
