"""How a correction loses weight with its age: by a half-life, by steps, or not at all. Nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.times import moment_of

if TYPE_CHECKING:
    from datetime import datetime

    from memorybank.records.corrections.correction import Correction
    from memorybank.records.corrections.settings import CorrectionSettings

STEPS, NONE = "steps", "none"
DAY = 86_400.0
_WEEK = 7.0


def age_in_days(at: str, now: datetime) -> float | None:
    """Return how many days ago a time was; 0 for one in the future, as clocks differ, and None for no time."""
    moment = moment_of(at) if at else None
    return None if moment is None else max((now - moment).total_seconds() / DAY, 0.0)


def decay_of(correction: Correction, age: float | None, settings: CorrectionSettings) -> float:
    """Return how much of its score a correction keeps at an age in days, from 0 to 1; a pinned one keeps all of it.

    One without a date counts as one half-life old, with steps as up to a week old: it is neither new nor forgotten.
    """
    if correction.is_pinned or settings.decay == NONE:
        return 1.0
    if settings.decay == STEPS:
        if age is None:
            return settings.steps.week
        return settings.steps.day if age <= 1 else settings.steps.week if age <= _WEEK else settings.steps.month
    return 0.5 if age is None else float(0.5 ** (age / settings.half_life_days))
