"""What is answered about sessions: a list of them, one with what was saved in it, and a message that was added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.records.find import BrokenRecord
    from memorybank.records.record import Record
    from memorybank.records.sessions.activity import Span


class SessionList(list["Record"]):
    """Sessions, newest first.

    `total` is how many there are without the limit, `current` the id of the current session, and `broken` names the
    records that could not be read.
    """

    __slots__ = ("broken", "current", "total")

    def __init__(self, sessions: Iterable[Record], *, total: int, current: str, broken: list[BrokenRecord]) -> None:
        super().__init__(sessions)
        self.total = total
        self.current = current
        self.broken = broken

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form: the sessions with `count`, `current` and `broken` beside them."""
        from memorybank.wire import to_wire

        sessions = [each.to_wire() for each in self]
        return {"sessions": sessions, "count": self.total, "current": self.current, "broken": to_wire(self.broken)}


class SessionView(NamedTuple):
    """A session, its first and last activity, and the records that were saved in it."""

    session: Record
    span: Span
    records: tuple[Record, ...]

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form: the session, its span, and the ids of the records."""
        from memorybank.wire import to_wire

        ids = [record.id for record in self.records]
        return {"session": self.session.to_wire(), "span": to_wire(self.span), "records": ids}


class AddedMessage(NamedTuple):
    """A message as written, the id of its session, and whether the message started that session."""

    at: str
    role: str
    text: str
    session: str
    started: bool


def minutes_of(session: Record) -> int | None:
    """Return the minutes from a session's start to its last activity, as its record says; None where it does not."""
    from memorybank.records.sessions.activity import minutes_between

    last = str(session.fields.get("last_activity") or "")
    return minutes_between(str(session.fields.get("started") or session.created), last) if last else None
