"""What the bank knows of a session at the end of a turn: is there news to save, was anything written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.store.journal.log import read_operations
from memorybank.times import moment_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from memorybank.store.folder import BankFolder

# the points of the end of a session that are asked for; one of them is settled as soon as a line is noted
ASKED = ("changes", "decisions", "learnings")
# what a hook or a start writes is not what an agent noted
_NOT_NOTED = ("session", "checkpoint", "notes ingest", "init", "migrate")
# each save is an operation that `undo` sees, so not every turn makes one
_BETWEEN = timedelta(minutes=15)


def has_news(bank: BankFolder, session: str, now: datetime) -> bool:
    """Whether something was written in a session since its record was saved, a while ago."""
    rows = [
        operation.receipt
        for operation in read_operations(bank)
        if operation.receipt.session == session and not _is_kept_out(operation.receipt.verb)
    ]
    if not rows:
        # most turns write nothing, and the record is not read for them
        return False
    from memorybank.records.sessions.sessions import find_session

    try:
        record = find_session(bank, session)
    except BankError:
        return False
    saved = str(record.updated or record.created)
    moment = moment_of(saved)
    if moment is not None and now - moment < _BETWEEN:
        return False
    return any(receipt.at > saved for receipt in rows)


def has_written(bank: BankFolder, sessions: Collection[str], since: str) -> bool:
    """Whether one of these sessions wrote to the bank since a time, other than what hooks write."""
    return any(
        operation.receipt.at >= since
        and operation.receipt.session in sessions
        and not _is_kept_out(operation.receipt.verb)
        for operation in read_operations(bank)
        if operation.state != "aborted"
    )


def _is_kept_out(verb: str) -> bool:
    return verb.startswith(_NOT_NOTED)
