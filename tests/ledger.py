"""The ledger of corrections for tests: its corrections without their times, and one decision at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.records.corrections.ledger import append_decisions, read_entries

if TYPE_CHECKING:
    from memorybank.records.corrections.correction import Correction
    from memorybank.store.folder import BankFolder


def read_ledger(bank: BankFolder) -> list[Correction]:
    """Return the corrections of the ledger, in its order."""
    return [entry.correction for entry in read_entries(bank)]


def append_decision(bank: BankFolder, ident: str, *, at: str = "", why: str = "", **changes: Any) -> None:
    """Add what changed about one correction."""
    append_decisions(bank, [(ident, changes)], at=at, why=why)
