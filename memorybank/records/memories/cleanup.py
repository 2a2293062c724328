"""Clean up: memories unchanged for long are archived, in one operation; none is deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.change import archived_change, target_in
from memorybank.records.filter import Filter, select
from memorybank.store.journal.commit import retried
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.records.record import Record
    from memorybank.records.record_answer import RecordWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

    class CleanupWire(TypedDict):
        """The JSON form of a cleanup."""

        records: list[RecordWire]
        count: int
        unchanged_since: str
        receipt: ReceiptWire


class CleanupResult(NamedTuple):
    """The records that were archived (or would be, in a dry run), the limit for their last change, and the receipt."""

    records: Sequence[Record]
    before: str
    receipt: Receipt

    def to_wire(self) -> CleanupWire:
        """Return the JSON form: the records and the receipt."""
        return {
            "records": [record.to_wire() for record in self.records],
            "count": len(self.records),
            "unchanged_since": self.before,
            "receipt": self.receipt.to_wire(),
        }


def cleanup(bank: BankFolder, way: Way, *, days: int, wanted: Filter) -> CleanupResult:
    """Archive the memories that match a filter and were neither created nor changed within this many days.

    A record without a date of creation or change stays.

    Raises:
        NoTypeError: a type is unknown.
    """
    before = stamp_of(way.author.now() - timedelta(days=days))

    def make() -> tuple[list[Record], list[FileChange]]:
        found = [record for record in select(bank, wanted).records if "" < max(record.created, record.updated) < before]
        found.sort(key=lambda each: (each.created, each.id))
        return found, [
            change
            for each in found
            for change in archived_change(bank, target_in(bank, *bank.place_of(each.file), each.type))
        ]

    records, receipt = retried(make, bank, "cleanup", way)
    return CleanupResult(records, before, receipt)
