"""How much weight each correction has kept until now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.listing import Listing
from memorybank.records.corrections.accepted import known_corrections
from memorybank.records.corrections.correction import DROPPED
from memorybank.records.corrections.decay import age_in_days, decay_of
from memorybank.records.corrections.settings import read_settings

if TYPE_CHECKING:
    from datetime import datetime

    from memorybank.store.folder import BankFolder


class Decayed(NamedTuple):
    """A correction, its age in days, None without a date, and the weight that it has kept, from 0 to 1."""

    id: str
    tier: str
    status: str
    is_pinned: bool
    age_days: float | None
    decay: float


class DecayedList(Listing[Decayed]):
    """Corrections, the one that has kept most of its weight first; and how many are below a threshold."""

    __slots__ = ("below", "below_count", "profile")
    plural = "corrections"
    beside = ("profile", "below", "below_count")
    profile: str
    below: float
    below_count: int


def decayed(bank: BankFolder, now: datetime, *, below: float, limit: int = 0) -> DecayedList:
    """Return the weight of each correction that was not dropped; nothing is stored.

    Raises:
        FieldError: the threshold is not from 0 to 1.
        BankError: the corrections or the settings cannot be read.
    """
    if not 0 <= below <= 1:
        why = "it is a number from 0 to 1"
        raise FieldError(field="below", why=why, hint="bank corrections decay --below 0.1")
    settings = read_settings(bank)
    rows = []
    for each in known_corrections(bank):
        if each.status == DROPPED:
            continue
        age = age_in_days(each.origin.at, now)
        rows.append(
            Decayed(
                each.id,
                each.effective_tier,
                each.status,
                each.is_pinned,
                None if age is None else round(age, 2),
                round(decay_of(each, age, settings), 4),
            )
        )
    rows.sort(key=lambda row: row.id)
    rows.sort(key=lambda row: -row.decay)
    found = DecayedList(rows[: limit or None], total=len(rows))
    found.profile, found.below = settings.decay, below
    found.below_count = sum(row.decay < below for row in rows)
    return found
