"""Why something counts as a correction, and what it weighs today, term by term."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.rules import DENIED, RULES
from memorybank.records.corrections.accepted import known_corrections
from memorybank.records.corrections.find_correction import find_entry
from memorybank.records.corrections.score import score_all, weights_of
from memorybank.records.corrections.settings import read_settings

if TYPE_CHECKING:
    from datetime import datetime

    from memorybank.records.corrections.correction import Correction
    from memorybank.store.folder import BankFolder

_DENIED_PAGE = """\
Find the comment with which the user refused a call of a tool.

Clients store it inside the result of the call. It is the surest sign there is: the premise is the call itself, and the
text says what to do instead."""


class Term(NamedTuple):
    """One part of a score: the signal from 0 to 1, None if it is not known, its weight, and both multiplied."""

    name: str
    signal_value: float | None
    signal_weight: float
    part: float


class Reason(NamedTuple):
    """Why a correction is one: the manual page of its rule; and its score: the terms added, times the decay.

    `rule_text` is "" for a rule that this version does not have.
    """

    correction: Correction
    rule_text: str
    score: float
    decay: float
    terms: list[Term]


def rule_page(name: str) -> str:
    """Return the manual page of a rule; "" if there is no such rule."""
    if name == DENIED:
        return _DENIED_PAGE
    rule = RULES.get(name)
    return cleandoc(rule.__doc__ or "") if rule else ""


def why(bank: BankFolder, ident: str, now: datetime) -> Reason:
    """Return why a correction is one, and what it weighs among all others.

    Raises:
        NoRecordError: no correction or several match.
        ConfigError: a setting is invalid.
    """
    found = find_entry(bank, ident).correction
    settings = read_settings(bank)
    others = [each for each in known_corrections(bank) if each.id != found.id]
    scored = next(each.score for each in score_all([found, *others], now, settings) if each.correction is found)
    weights = weights_of("", settings)._asdict()
    terms = [
        Term(name, signal, weights.get(name, 0.0), scored.terms.get(name, 0.0))
        for name, signal in scored.signals.items()
    ]
    return Reason(found, rule_page(found.rule), scored.total, scored.decay, terms)
