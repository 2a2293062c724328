"""How good the detector is: its precision and recall on labelled turns, with bootstrap intervals."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.detect import find_corrections
from memorybank.corrections.detection.markers import load_markers
from memorybank.corrections.evaluation.event_rows import events_of
from memorybank.corrections.evaluation.labelled import CORRECTION, text_digest
from memorybank.records.corrections.ledger import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.evaluation.labelled import Label, Labelled

ROUNDS = 1000
_SHOWN = 200  # characters of a text in an error


class Figure(NamedTuple):
    """A share from 0 to 1, and its 95 % interval by bootstrap over logs; None if it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None


class RuleFigures(NamedTuple):
    """How often a rule found a correction, and how often something that is not one."""

    rule: str
    hit_count: int
    false_alarm_count: int


class DetectorError(NamedTuple):
    """A turn on which the detector and the label differ; `rule` is "" for a correction that was missed."""

    file: str
    line: int
    label: str
    rule: str
    text: str


class DetectorFigures(NamedTuple):
    """The figures of the detector on labelled turns.

    `stale_count` counts labels whose text is not at their line any more; they are left out of the figures.
    """

    turn_count: int
    correction_count: int
    hit_count: int
    false_alarm_count: int
    missed_count: int
    stale_count: int
    precision: Figure
    recall: Figure
    f1: Figure
    rules: tuple[RuleFigures, ...]
    errors: tuple[DetectorError, ...]


class _Counts(NamedTuple):
    hits: int
    false_alarms: int
    missed: int


def evaluate_detector(
    labelled: Labelled, markers: Markers | None = None, *, seed: int = 0, rounds: int = ROUNDS
) -> DetectorFigures:
    """Run the detector on the logs of labelled turns and compare.

    Only labelled turns count: what is found elsewhere in a log is neither right nor wrong. The intervals are over logs,
    as the turns of one log are alike; the same seed gives the same intervals.

    Raises:
        OSError: a log cannot be read.
    """
    markers = load_markers() if markers is None else markers
    by_file: dict[tuple[str, str], list[Label]] = defaultdict(list)
    for label in labelled.labels:
        by_file[label.client, label.file].append(label)
    counts: list[_Counts] = []
    rules: dict[str, Counter[bool]] = defaultdict(Counter)
    errors: list[DetectorError] = []
    turns = corrections = stale = 0
    for (client, file), labels in by_file.items():
        events = list(events_of(labelled.folder / file, client))
        found = {each.origin.line: each.rule for each in find_corrections(events, markers, client=client, file=file)}
        texts: dict[tuple[int, str], str] = {(event.line, text_digest(event.text)): event.text for event in events}
        here: Counter[str] = Counter()
        for label in labels:
            text = texts.get((label.line, label.digest))
            if text is None:
                stale += 1
                continue
            turns += 1
            is_correction = label.label == CORRECTION
            corrections += is_correction
            rule = found.get(label.line, "")
            if rule:
                rules[rule][is_correction] += 1
                here["hits" if is_correction else "false_alarms"] += 1
            elif is_correction:
                here["missed"] += 1
            if bool(rule) != is_correction:
                errors.append(DetectorError(file, label.line, label.label, rule, clean(text, _SHOWN)))
        counts.append(_Counts(here["hits"], here["false_alarms"], here["missed"]))
    whole = _Counts(*map(sum, zip(*counts, strict=True))) if counts else _Counts(0, 0, 0)
    precision, recall, f1 = _figures(whole, counts, seed, rounds)
    rows = tuple(RuleFigures(rule, each[True], each[False]) for rule, each in sorted(rules.items()))
    return DetectorFigures(turns, corrections, *whole, stale, precision, recall, f1, rows, tuple(errors))


def _figures(whole: _Counts, counts: Sequence[_Counts], seed: int, rounds: int) -> list[Figure]:
    chance = random.Random(seed)  # noqa: S311  a bootstrap, no secret
    drawn: list[list[float | None]] = [[], [], []]
    for _ in range(rounds if counts else 0):
        again = chance.choices(counts, k=len(counts))
        for values, value in zip(drawn, _shares(_Counts(*map(sum, zip(*again, strict=True)))), strict=True):
            values.append(value)
    return [_figure(value, values) for value, values in zip(_shares(whole), drawn, strict=True)]


def _shares(counts: _Counts) -> tuple[float | None, float | None, float | None]:
    """Return precision, recall and F1."""
    hits, false_alarms, missed = counts
    precision = hits / (hits + false_alarms) if hits + false_alarms else None
    recall = hits / (hits + missed) if hits + missed else None
    f1 = 2 * hits / (2 * hits + false_alarms + missed) if hits + false_alarms + missed else None
    return precision, recall, f1


def _figure(value: float | None, drawn: Iterable[float | None]) -> Figure:
    values = sorted(each for each in drawn if each is not None)
    if value is None or not values:
        return Figure(value)
    last = len(values) - 1
    return Figure(value, values[round(0.025 * last)], values[round(0.975 * last)])
