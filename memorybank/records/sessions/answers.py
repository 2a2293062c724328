"""What is answered about sessions: a list of them, one with what was saved in it, and a message that was added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Annotated, Literal, NotRequired, TypedDict

    from memorybank.records.find import BrokenRecord
    from memorybank.records.record import Record
    from memorybank.records.record_answer import RecordWire
    from memorybank.records.sessions.activity import Span
    from memorybank.records.sessions.messages import Message

    class SessionViewWire(TypedDict):
        """The JSON form of a session view."""

        record: RecordWire
        span: Annotated[Any, Span]
        saved: list[str]

    class AddedMessageWire(TypedDict):
        """The JSON form of a message that was added."""

        message: Annotated[Any, Message]
        session: str
        started: bool
        already_done: NotRequired[Literal[True]]
        receipt: None


class SessionList(Listing["Record"]):
    """Sessions, newest first.

    `total` is how many there are without the limit, `current` the id of the current session, "" for none, and `broken`
    names the records that could not be read.
    """

    __slots__ = ("broken", "current")
    plural = "sessions"
    beside = ("current", "broken")

    current: str
    broken: list[BrokenRecord]

    def __init__(self, sessions: Iterable[Record], *, total: int, current: str, broken: list[BrokenRecord]) -> None:
        super().__init__(sessions, total=total)
        self.current = current
        self.broken = broken


class SessionView(NamedTuple):
    """A session, its first and last activity, and the records that were saved in it."""

    session: Record
    span: Span
    records: tuple[Record, ...]

    def to_wire(self) -> SessionViewWire:
        """Return the JSON form: the session's record, its span, and the ids of the records that were saved in it."""
        from memorybank.wire import to_wire

        saved = [record.id for record in self.records]
        return {"record": self.session.to_wire(), "span": to_wire(self.span), "saved": saved}


class AddedMessage(NamedTuple):
    """A message as written, the id of its session, and whether the message started that session.

    `already_done` is true if an interrupted run of the same command had written it; it is not written again.
    """

    at: str
    role: str
    text: str
    session: str
    started: bool
    already_done: bool = False

    def to_wire(self) -> AddedMessageWire:
        """Return the JSON form; there is no receipt, as an undo does not remove messages."""
        wire: AddedMessageWire = {
            "message": {"at": self.at, "role": self.role, "text": self.text},
            "session": self.session,
            "started": self.started,
            "receipt": None,
        }
        if self.already_done:
            wire["already_done"] = True
        return wire


def minutes_of(session: Record) -> int | None:
    """Return the minutes from a session's start to its last activity, as its record says; None where it does not."""
    from memorybank.records.sessions.activity import minutes_between

    last = str(session.fields.get("last_activity") or "")
    return minutes_between(str(session.fields.get("started") or session.created), last) if last else None
