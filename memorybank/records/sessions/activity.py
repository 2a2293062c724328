"""What was done in a session: the operations of the journal that are bound to it, and from when to when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.sessions.messages import read_messages
from memorybank.store.journal.log import read_operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation

# what only keeps the sessions themselves is no work that was done in one
_HOUSEKEEPING = ("session ", "group ")


class Span(NamedTuple):
    """A session's first and last activity (ISO 8601), the minutes between, and how much there was."""

    first: str
    last: str
    minutes: int
    operation_count: int
    message_count: int


def operations_of(bank: BankFolder, sessions: Iterable[str]) -> dict[str, list[Operation]]:
    """Give the operations of sessions that still stand, oldest first: neither undone nor keeping the sessions."""
    found: dict[str, list[Operation]] = {each: [] for each in sessions}
    undone: set[str] = set()
    for operation in reversed(read_operations(bank)):
        if operation.state == "aborted" or operation.id in undone:
            continue
        if operation.undoes:
            undone.add(operation.undoes)
        elif operation.receipt.session in found and not operation.receipt.verb.startswith(_HOUSEKEEPING):
            found[operation.receipt.session].append(operation)
    return {session: rows[::-1] for session, rows in found.items()}


def span_of(bank: BankFolder, record: Record, operations: Sequence[Operation]) -> Span:
    """Tell from when to when there was activity in a session: its start, its operations, its messages.

    What the record itself tells stands beside it, since a journal is local and ages.
    """
    messages = read_messages(bank, record.id)
    times = [
        str(record.fields.get("started") or record.created),
        str(record.fields.get("last_activity") or ""),
        *(each.receipt.at for each in operations),
        *(each.at for each in messages.rows),
    ]
    first, last = bounds_of(times)
    return Span(first, last, minutes_between(first, last), len(operations), messages.message_count)


def bounds_of(times: Iterable[str]) -> tuple[str, str]:
    """Give the first and the last of some times; ("", "") when none of them is one."""
    found = sorted(((moment, each) for each in times if (moment := _moment(each)) is not None), key=lambda row: row[0])
    return (found[0][1], found[-1][1]) if found else ("", "")


def minutes_between(first: str, last: str) -> int:
    """Count the whole minutes from one time to another; 0 when one of them is none."""
    one, other = _moment(first), _moment(last)
    return int((other - one).total_seconds() // 60) if one and other else 0


def counted(count: int, noun: str) -> str:
    """Write a number with what is counted: `1 message`, `2 messages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
