"""What was done in a session: its operations in the journal, and its first and last activity."""

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

# operations that only manage the sessions themselves do not count as work
_HOUSEKEEPING = ("session ", "group ")


class Span(NamedTuple):
    """A session's first and last activity (ISO 8601), the minutes between them, and the number of entries."""

    first: str
    last: str
    minutes: int
    operation_count: int
    message_count: int


def operations_of(bank: BankFolder, sessions: Iterable[str]) -> dict[str, list[Operation]]:
    """Return the operations of sessions still in effect, oldest first, without those that only manage sessions."""
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
    """Return the time span of a session's activity: its start, its operations, its messages.

    The times in the record itself are used too, because the journal is local and its old part is deleted.
    """
    messages = read_messages(bank, record.id)
    times = [
        str(record.fields.get("started") or record.created),
        str(record.fields.get("last_activity") or ""),
        *(operation.receipt.at for operation in operations),
        *(row.at for row in messages.rows),
    ]
    first, last = bounds_of(times)
    return Span(first, last, minutes_between(first, last), len(operations), messages.message_count)


def bounds_of(times: Iterable[str]) -> tuple[str, str]:
    """Return the first and last of several times; ("", "") if none is valid."""
    found = sorted(((moment, time) for time in times if (moment := _moment(time)) is not None), key=lambda row: row[0])
    return (found[0][1], found[-1][1]) if found else ("", "")


def minutes_between(first: str, last: str) -> int:
    """Return the whole minutes between two times; 0 if one is not valid."""
    one, other = _moment(first), _moment(last)
    return int((other - one).total_seconds() // 60) if one and other else 0


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: `1 message`, `2 messages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
