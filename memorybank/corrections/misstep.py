"""Predicts which corrections have to be said again, from what the user had to say again before.

A logistic regression on the user's own history, with the extra `mining`. It is used only where it is better than
recency on sessions that it did not see; else no correction has a chance, and the signal has no part in any score.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.corrections.decide import refuse_reader
from memorybank.corrections.repetition import alike_in, session_of
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.records.corrections.accepted import known_corrections
from memorybank.records.corrections.ledger import append_decisions
from memorybank.records.corrections.signals import density_of, weight_of_tier
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.corrections.correction import Correction
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# fewer say nothing: corrections with a later session, those of them that were said again or not, and sessions
FEWEST, FEWEST_OF_A_KIND, FEWEST_SESSIONS = 50, 10, 10
_FOLDS = 5
_ROUNDS = 200


class MisstepFit(NamedTuple):
    """What a fit of the predictor came to.

    `example_count` corrections had a later session in which to be said again, `repeated_count` of them were. `auc` is
    that of the predictor on sessions that it did not see, `recency_auc` that of recency, `low` and `high` bound the
    difference of the two with 95 %; null where there was too little to fit. `is_used` is whether corrections have the
    chance in their score; `why` says why not.
    """

    is_used: bool
    why: str
    correction_count: int
    example_count: int
    repeated_count: int
    auc: float | None = None
    recency_auc: float | None = None
    low: float | None = None
    high: float | None = None


class Example(NamedTuple):
    """A correction as the predictor sees it when it is said, its session and time, and whether it was said again."""

    features: tuple[float, ...]
    session: str
    order: int
    is_repeated: bool


def fit(bank: BankFolder, way: Way) -> MisstepFit:
    """Fit the predictor, and write the chance of each correction to the ledger, or take all away if it is no use.

    Raises:
        MissingExtraError: the packages of the extra `mining` are not installed.
        RoleError: a reader may not decide.
        BankError: the ledger cannot be read or written.
    """
    refuse_reader(way)
    if find_spec("sklearn") is None:
        raise MissingExtraError(extra="mining", needs="scikit-learn")
    known = known_corrections(bank)
    alike = alike_in(known)
    features = features_of(known, alike)
    examples = examples_of(known, features, alike)
    found = judged(examples, len(known))
    chances: Sequence[float | None] = _chances(examples, features) if found.is_used else [None] * len(known)
    changed = [
        (each.id, {"misstep": chance}) for each, chance in zip(known, chances, strict=True) if each.misstep != chance
    ]
    if not way.options.dry_run:
        append_decisions(bank, changed, at=stamp_of(way.author.now()))
    return found


def features_of(corrections: Sequence[Correction], alike: Sequence[Sequence[int]]) -> list[tuple[float, ...]]:
    """Return what is known of each correction when it is said, nothing that comes later; `alike` as of `alike_in`."""
    rules = sorted({each.rule for each in corrections})
    found = []
    for each, others in zip(corrections, alike, strict=True):
        before = sum(_is_before(corrections[other], each) for other in others)
        found.append(
            (
                math.log1p(before),
                weight_of_tier(each.tier),
                density_of(each),
                math.log1p(len(each.text)),
                each.position,
                math.log1p(len(each.values)),
                float(bool(each.premise.tool)),
                math.log1p(len(each.files)),
                *(float(each.rule == rule) for rule in rules),
            )
        )
    return found


def examples_of(
    corrections: Sequence[Correction], features: Sequence[tuple[float, ...]], alike: Sequence[Sequence[int]]
) -> list[Example]:
    """Return the corrections with a date that have a later session, the earliest first."""
    dated = [number for number, each in enumerate(corrections) if each.origin.at]
    dated.sort(key=lambda number: (corrections[number].origin.at, corrections[number].id))
    ends = corrections[dated[-1]] if dated else None
    found = []
    for order, number in enumerate(dated):
        each = corrections[number]
        session = session_of(each)
        if ends is None or session == session_of(ends):
            continue
        is_repeated = any(
            _is_before(each, corrections[other]) and session_of(corrections[other]) != session
            for other in alike[number]
        )
        found.append(Example(features[number], session, order, is_repeated))
    return found


def judged(examples: Sequence[Example], count: int) -> MisstepFit:
    """Compare the predictor with recency on sessions that it did not see."""
    repeated = sum(each.is_repeated for each in examples)
    none = MisstepFit(
        is_used=False, why="", correction_count=count, example_count=len(examples), repeated_count=repeated
    )
    sessions = len({each.session for each in examples})
    for number, least, what in (
        (len(examples), FEWEST, "corrections with a later session"),
        (sessions, FEWEST_SESSIONS, "sessions"),
        (repeated, FEWEST_OF_A_KIND, "corrections that were said again"),
        (len(examples) - repeated, FEWEST_OF_A_KIND, "corrections that were not said again"),
    ):
        if number < least:
            return none._replace(why=f"too little to learn from: {number} {what}, and {least} are needed")
    truth = [each.is_repeated for each in examples]
    predicted = _held_out(examples)
    if predicted is None:
        return none._replace(why="too little to learn from: the sessions that had to be said again are too few")
    recency = [float(each.order) for each in examples]
    if auc_of(truth, recency) < 0.5:  # noqa: PLR2004  chance
        # the rule may be taken either way
        recency = [-each for each in recency]
    auc, other = auc_of(truth, predicted), auc_of(truth, recency)
    low, high = _interval(examples, predicted, recency)
    told = none._replace(auc=round(auc, 3), recency_auc=round(other, 3), low=round(low, 3), high=round(high, 3))
    if low <= 0:
        return told._replace(why="it is not better than recency on sessions that it did not see")
    return told._replace(is_used=True)


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def _held_out(examples: Sequence[Example]) -> list[float] | None:
    """Return the chance of each example by a model that saw no example of its session; None if one cannot be fitted."""
    from sklearn.model_selection import StratifiedGroupKFold

    rows = [each.features for each in examples]
    truth = [each.is_repeated for each in examples]
    groups = [each.session for each in examples]
    found = [0.0] * len(rows)
    for seen, unseen in StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0).split(rows, truth, groups):
        if len({truth[number] for number in seen}) == 1:
            return None
        model = _model().fit([rows[number] for number in seen], [truth[number] for number in seen])
        for number, (_, chance) in zip(unseen, model.predict_proba([rows[number] for number in unseen]), strict=True):
            found[number] = float(chance)
    return found


def _interval(examples: Sequence[Example], predicted: list[float], recency: list[float]) -> tuple[float, float]:
    """Return the bounds of the difference of the two, by drawing sessions again."""
    by_session: dict[str, list[int]] = {}
    for number, each in enumerate(examples):
        by_session.setdefault(each.session, []).append(number)
    sessions = list(by_session)
    chance = random.Random(0)  # noqa: S311  no secret
    found = []
    for _ in range(_ROUNDS):
        drawn = [number for name in chance.choices(sessions, k=len(sessions)) for number in by_session[name]]
        truth = [examples[number].is_repeated for number in drawn]
        if len(set(truth)) == 1:
            continue
        one, other = (auc_of(truth, [scores[number] for number in drawn]) for scores in (predicted, recency))
        found.append(one - other)
    found.sort()
    return found[int(0.025 * len(found))], found[min(int(0.975 * len(found)), len(found) - 1)]


def auc_of(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """Return the chance that a true one has a higher score than another one; an equal score counts half."""
    ranks: dict[float, float] = {}
    place = 0
    for score, count in sorted(Counter(scores).items()):
        ranks[score] = place + (count + 1) / 2
        place += count
    true = sum(truth)
    summed = sum(ranks[score] for score, is_true in zip(scores, truth, strict=True) if is_true)
    return (summed - true * (true + 1) / 2) / (true * (len(truth) - true))


def _chances(examples: Sequence[Example], features: Sequence[tuple[float, ...]]) -> list[float]:
    model = _model().fit([each.features for each in examples], [each.is_repeated for each in examples])
    return [round(float(chance), 3) for _, chance in model.predict_proba(list(features))]


def _is_before(one: Correction, other: Correction) -> bool:
    return bool(one.origin.at and other.origin.at) and (one.origin.at, one.id) < (other.origin.at, other.id)
