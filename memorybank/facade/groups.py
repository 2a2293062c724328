"""Groups: sessions on one goal, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.facade.face import Face, check_choice, check_limit
from memorybank.ids import chosen
from memorybank.listing import Listing

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterable, Sequence
    from typing import TypedDict

    from memorybank.records.find import BrokenRecord
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.record import Record
    from memorybank.records.record_answer import RecordWire
    from memorybank.workflow.outcome.group_summary import GroupSummary, SessionExcerpt, SessionExcerptWire

    class GroupContextWire(TypedDict):
        """The JSON form of a group context."""

        record: RecordWire
        sessions: list[SessionExcerptWire]
        count: int


_STATUSES = ("active", "closed", "archived")


class GroupList(Listing["Record"]):
    """Groups, newest first; `broken` names the records that could not be read."""

    __slots__ = ("broken",)
    plural = "groups"
    beside = ("broken",)

    broken: builtins.list[BrokenRecord]

    def __init__(self, groups: Iterable[Record], *, broken: builtins.list[BrokenRecord]) -> None:
        super().__init__(groups)
        self.broken = broken


class GroupContext(NamedTuple):
    """A group, and its sessions in their order, each with its last messages."""

    group: Record
    sessions: tuple[SessionExcerpt, ...]

    def to_wire(self) -> GroupContextWire:
        """Return the JSON form: the group's record, and each session with its messages."""
        sessions = [each.to_wire() for each in self.sessions]
        return {"record": self.group.to_wire(), "sessions": sessions, "count": len(sessions)}


class Groups(Face):
    """Groups of sessions. A group is named by its id, a prefix of it, or its name. A session can be in several."""

    __slots__ = ()

    def create(
        self,
        name: str,
        *,
        description: str = "",
        tags: Sequence[str] = (),
        sessions: Sequence[str] = (),
        status: str = "active",
    ) -> SavedRecord:
        """Make a group, with sessions in it; a label that no session has yet starts one.

        `status` is active, closed or archived.

        Raises:
            FieldError: there is a group of that name, or a field cannot have its value.
            NoRecordError: there is no session with such an id.
        """
        from memorybank.records.sessions.groups import create

        status = chosen(status, _STATUSES)
        check_choice(status, _STATUSES, field="status")
        saved = create(
            self._folder, name, self._way(), description=description, tags=tags, sessions=sessions, status=status
        )
        return self._saved(saved)

    def list(self, *, tags: Sequence[str] = (), any_tags: Sequence[str] = (), status: str = "") -> GroupList:
        """Return the groups, newest first; with all `tags`, and one of `any_tags`.

        `status` is active, closed or archived.

        Raises:
            FieldError: the status is another one.
        """
        choices = ("", *_STATUSES)
        status = chosen(status, choices)
        check_choice(status, choices, field="status")
        from memorybank.records.filter import Filter
        from memorybank.records.sessions.groups import list_groups

        found = list_groups(self._folder, Filter(tags=tuple(tags), any_tags=tuple(any_tags), status=status))
        return GroupList(found.records, broken=found.broken)

    def show(self, group: str) -> Record:
        """Return the record of a group.

        Raises:
            NoRecordError: no group, or several, match.
        """
        from memorybank.records.sessions.groups import find_group

        return find_group(self._folder, group)

    def add(self, group: str, sessions: Sequence[str]) -> SavedRecord:
        """Put sessions into a group, as one operation; "current" is the current session.

        A label that no session has yet starts a session in the group.

        Raises:
            NoRecordError: the group is not there, or a session with such an id.
            FieldError: a name cannot be a label.
        """
        from memorybank.records.sessions.groups import add

        return self._saved(add(self._folder, group, [self._session_of(session) for session in sessions], self._way()))

    def remove(self, group: str, sessions: Sequence[str]) -> SavedRecord:
        """Take sessions out of a group, as one operation; the id of a session that is gone can be taken out too.

        Raises:
            NoRecordError: the group is not there, or neither the session nor its id in the group.
        """
        from memorybank.records.sessions.groups import remove

        return self._saved(
            remove(self._folder, group, [self._session_of(session) for session in sessions], self._way())
        )

    def set_status(self, group: str, status: str, *, summary: str = "") -> SavedRecord:
        """Set a group to active, closed or archived; the summary says what came of it.

        Raises:
            NoRecordError: no group, or several, match.
            FieldError: the status cannot follow the one it has.
        """
        from memorybank.records.sessions.groups import set_status

        return self._saved(set_status(self._folder, group, status, self._way(), summary=summary))

    def delete(self, group: str) -> SavedRecord:
        """Move a group to the archive; its sessions stay. `undo` brings it back.

        Raises:
            NoRecordError: no group, or several, match.
        """
        from memorybank.records.sessions.groups import delete

        return self._saved(delete(self._folder, group, self._way()))

    def summarize(self, group: str) -> GroupSummary:
        """Return what came of a group: its sessions, how long they took, what was decided, what is still open.

        Raises:
            NoRecordError: no group, or several, match.
        """
        from memorybank.workflow.outcome.group_summary import summarize

        return summarize(self._folder, group)

    def context(self, group: str, *, max_messages_per_session: int = 20) -> GroupContext:
        """Return a group's sessions, each with its last messages.

        Raises:
            NoRecordError: no group, or several, match.
        """
        from memorybank.records.sessions.groups import find_group
        from memorybank.workflow.outcome.group_summary import context_of

        check_limit(max_messages_per_session, least=0, field="max_messages_per_session")
        excerpts = context_of(self._folder, group, limit=max_messages_per_session)
        return GroupContext(find_group(self._folder, group), tuple(excerpts))
