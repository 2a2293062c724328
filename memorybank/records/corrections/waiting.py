"""How many corrections wait for a decision: cheap enough to tell whenever the bank is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.corrections.correction import LEDGER, PROPOSED

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


class CorrectionQueue(NamedTuple):
    """How many corrections wait for a decision, and how many of these were proposed."""

    waiting_count: int
    proposed_count: int

    def __str__(self) -> str:
        """Return it as one line, with the command that lists them."""
        told = "correction waits" if self.waiting_count == 1 else "corrections wait"
        return f"{self.waiting_count} {told}: bank corrections list"


def queue_of(bank: BankFolder) -> CorrectionQueue | None:
    """Return how many corrections wait; None if none does. Without a ledger nothing is read."""
    if not os.path.isfile(bank.state / LEDGER):  # noqa: PTH113  asked at each load
        return None
    from memorybank.records.corrections.ledger import undecided

    told = list(undecided(bank).values())
    return CorrectionQueue(len(told), told.count(PROPOSED)) if told else None
