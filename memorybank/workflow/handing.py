"""A note is written where it belongs by who may write there, and handed in to the queue by everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.anchors import parse_address
from memorybank.store.role import ROUTER
from memorybank.workflow.notes import DEFAULT_KIND, line_of, note

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way


def hand_in(
    bank: Bank, text: str, way: Way, *, kind: str = DEFAULT_KIND, to: str = "", file: str = "", why: str = ""
) -> Receipt:
    """Put one line where its kind belongs, or at an address; in another role than the router's, into the queue.

    Raises:
        BankError: the text cannot be one line, nothing takes its kind, or the edit is refused.
    """
    if way.actor.role == ROUTER or (to and bank.locate(parse_address(to).file)[1] not in bank.main_files):
        return note(bank, text, way, kind=kind, to=to, file=file, why=why)
    from memorybank.workflow.queue import enqueue

    return enqueue(bank, line_of(text, why=why, file=file), way, kind=kind, to=to).receipt
