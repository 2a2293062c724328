"""What the methods of `bank.corrections` return, where it is not a value of the rooms below."""

from __future__ import annotations

from typing import NamedTuple

from memorybank.listing import Listing
from memorybank.records.corrections.correction import Correction


class CorrectionList(Listing[Correction]):
    """Corrections, the newest first."""

    __slots__ = ()
    plural = "corrections"


class ShownCorrection(NamedTuple):
    """One correction: when it was found, when and why it was decided, and the file of its record, if it is one."""

    correction: Correction
    found_at: str
    decided_at: str
    reason: str
    record_file: str
