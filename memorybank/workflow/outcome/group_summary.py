"""The outcome of a group of sessions: duration, decisions, open ends, last messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.records.body import items_in, section_text
from memorybank.records.find import scan
from memorybank.records.sessions.activity import Span, bounds_of, minutes_between, operations_of, span_of
from memorybank.records.sessions.groups import find_group, members_of
from memorybank.records.sessions.messages import Message, read_messages
from memorybank.records.sessions.sessions import ACTIVE
from memorybank.workflow.outcome.story import Story, story_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Annotated, NotRequired, TypedDict

    from memorybank.records.record import Record
    from memorybank.records.record_answer import RecordWire
    from memorybank.store.folder import BankFolder

    class GroupMemberWire(TypedDict):
        """A session of a group, and its activity."""

        record: RecordWire
        span: Annotated[Any, Span]

    class GroupSummaryWire(TypedDict):
        """The JSON form of a group summary."""

        record: RecordWire
        sessions: list[GroupMemberWire]
        count: int
        first: str
        last: str
        minutes: int
        decisions: list[str]
        open_ends: list[str]
        missing_sessions: list[str]

    class SessionExcerptWire(TypedDict):
        """A session of a group, with its last messages."""

        record: RecordWire
        messages: list[Annotated[Any, Message]]
        count: int
        total: NotRequired[int]


_OPEN = ("open", "in-progress")


class GroupMember(NamedTuple):
    """A session of a group, and the time span of its activity."""

    session: Record
    span: Span

    def to_wire(self) -> GroupMemberWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {"record": self.session.to_wire(), "span": to_wire(self.span)}


class GroupSummary(NamedTuple):
    """The state of a group; `minutes` is the time from the first to the last activity of all its sessions.

    `missing` are the ids of deleted sessions.
    """

    group: Record
    sessions: tuple[GroupMember, ...]
    first: str
    last: str
    minutes: int
    decisions: tuple[str, ...]
    open_ends: tuple[str, ...]
    missing: tuple[str, ...]

    def to_wire(self) -> GroupSummaryWire:
        """Return the JSON form: the group's record, its sessions with their spans, and what came of them."""
        sessions = [each.to_wire() for each in self.sessions]
        return {
            "record": self.group.to_wire(),
            "sessions": sessions,
            "count": len(sessions),
            "first": self.first,
            "last": self.last,
            "minutes": self.minutes,
            "decisions": list(self.decisions),
            "open_ends": list(self.open_ends),
            "missing_sessions": list(self.missing),
        }


class SessionExcerpt(NamedTuple):
    """A session of a group with its last messages, and its total number of messages."""

    session: Record
    messages: tuple[Message, ...]
    message_count: int

    def to_wire(self) -> SessionExcerptWire:
        """Return the JSON form: the session's record, and its messages as a list."""
        from memorybank.wire import to_wire

        wire: SessionExcerptWire = {
            "record": self.session.to_wire(),
            "messages": to_wire(self.messages),
            "count": len(self.messages),
        }
        if self.message_count > len(self.messages):
            wire["total"] = self.message_count
        return wire


def summarize(bank: BankFolder, group: str) -> GroupSummary:
    """Return the outcome of a group.

    Raises:
        NoRecordError: none or several groups match the name.
    """
    found = find_group(bank, group)
    sessions, missing = members_of(bank, found)
    operations = operations_of(bank, [session.id for session in sessions])
    members = tuple(GroupMember(session, span_of(bank, session, operations[session.id])) for session in sessions)
    first, last = bounds_of(time for member in members for time in (member.span.first, member.span.last))
    stories = [
        story_of(bank, operations[session.id], after=str(session.fields.get("told") or "")) for session in sessions
    ]
    idents = {session.id for session in sessions}
    records = [record for record in scan(bank).records if record.session in idents]
    decisions = [
        *(f"{record.title} ({record.id})" for record in records if record.type == "decision"),
        *(row for session in sessions for row in _told(bank, session, "Decisions")),
        *(row for story in stories for row in story.decisions),
    ]
    return GroupSummary(
        found,
        members,
        first,
        last,
        minutes_between(first, last),
        tuple(dict.fromkeys(decisions)),
        tuple(_open_ends(bank, sessions, stories, records)),
        tuple(missing),
    )


def context_of(bank: BankFolder, group: str, *, limit: int) -> list[SessionExcerpt]:
    """Return the sessions of a group in their order, each with its last messages.

    Raises:
        NoRecordError: none or several groups match the name.
    """
    rows = []
    for member in members_of(bank, find_group(bank, group))[0]:
        found = read_messages(bank, member.id, limit=limit)
        rows.append(SessionExcerpt(member, tuple(found.rows), found.message_count))
    return rows


def _open_ends(
    bank: BankFolder, sessions: Sequence[Record], stories: Sequence[Story], records: Iterable[Record]
) -> list[str]:
    """Return the active sessions, the open bugs, and the next steps of the last session."""
    rows = [f"{session.title} ({session.id}) is active" for session in sessions if session.status == ACTIVE]
    rows += [f"{record.title} ({record.id})" for record in records if record.type == "bug" and record.status in _OPEN]
    if sessions:
        rows += stories[-1].next if sessions[-1].status == ACTIVE else _told(bank, sessions[-1], "Next")
    return list(dict.fromkeys(rows))


def _told(bank: BankFolder, session: Record, section: str) -> list[str]:
    try:
        data = bank.read(bank.place_of(session.file)[0])
    except BankError:
        return []
    return items_in(section_text(Source(data), section))
