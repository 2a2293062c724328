"""Sessions: spans of work, what was said in them, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.errors import NoRecordError
from memorybank.facade.face import CURRENT, Face, check_limit
from memorybank.records.sessions.answers import AddedMessage, SessionList, SessionView
from memorybank.records.sessions.answers import minutes_of as minutes_of  # noqa: PLC0414  for the commands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from memorybank.facade.groups import Groups
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.record import Record
    from memorybank.records.sessions.sessions import LoadedSession

NAMED = "MEMORYBANK_SESSION"


class SessionMethods(Face):
    """The sessions and groups of a bank, and the methods that an agent calls most."""

    __slots__ = ()

    @property
    def sessions(self) -> Sessions:
        """The sessions: `start`, `message`, `end`, `save`, `resume`, `list`, `show`, `load`, `update`, `delete`."""
        return Sessions(self._folder, self._caller)

    @property
    def groups(self) -> Groups:
        """The groups of sessions on one goal: `create`, `list`, `add`, `set_status`, `summarize`, `context`."""
        from memorybank.facade.groups import Groups

        return Groups(self._folder, self._caller)

    def start_session(self, tool: str = "", label: str | None = None, *, goal: str = "") -> SavedRecord:
        """Start a session, which becomes the current one; `sessions.start` takes more fields.

        Raises:
            BankError: a field cannot have its value, or the write is refused.
        """
        return self.sessions.start(label=label, goal=goal, tool=tool)

    def add_message(self, role: str, content: str, *, session_id: str = "") -> AddedMessage:
        """Add a message to a session, to the current one when none is named; as `sessions.message`.

        Raises:
            NoRecordError: there is no session with such an id, or none is current.
            BankError: the role or the text is refused.
        """
        return self.sessions.message(role, content, session_id=session_id)

    def end_session(
        self,
        session_id: str = "",
        achievements: Sequence[str] = (),
        challenges: Sequence[str] = (),
        next_steps: Sequence[str] = (),
        *,
        estimate: str = "",
        summary: str = "",
        generate_summary: bool = False,
    ) -> SavedRecord:
        """End a session, the current one when none is named; as `sessions.end`.

        Raises:
            NoRecordError: there is no such session.
            FieldError: it has ended already.
        """
        return self.sessions.end(
            session_id,
            achievements=achievements,
            challenges=challenges,
            next_steps=next_steps,
            estimate=estimate,
            summary=summary,
            generate_summary=generate_summary,
        )

    def list_sessions(self, limit: int = 20, *, tool: str = "", label: str = "") -> SessionList:
        """Return the newest sessions first; `sessions.list` takes more filters.

        Raises:
            FieldError: the limit is below 0.
        """
        return self.sessions.list(limit=limit, tool=tool, label=label)

    def load_session(self, session_id: str = "", *, label: str = "", max_messages: int | None = None) -> LoadedSession:
        """Return a session, by id, prefix or label, with its last messages; as `sessions.load`.

        Raises:
            NoRecordError: there is no such session.
        """
        return self.sessions.load(session_id or label, max_messages=max_messages)


class Sessions(Face):
    """Sessions. A session is named by its id, a prefix of it, or its label; "" and "current" are the current one.

    The current session is the one that MEMORYBANK_SESSION names, else the agent's own, else that of this worktree.
    What is written while there is one is bound to it.
    """

    __slots__ = ()

    def current(self) -> str:
        """Return the id of the current session, "" when there is none."""
        return self._current_session()

    def start(
        self,
        *,
        label: str | None = None,
        goal: str = "",
        tool: str = "",
        groups: Sequence[str] = (),
        context: Sequence[str] = (),
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> SavedRecord:
        """Start a session, which becomes the current one.

        `context` names what was loaded for it, `groups` the groups it belongs to, `tool` the tool that works in it
        (without one it is read from the environment). Without a label it gets the one that MEMORYBANK_SESSION names,
        if no session has it yet.

        Raises:
            NoRecordError: a group is not there.
            BankError: a field cannot have its value, or the write is refused; nothing is written.
        """
        from memorybank.records.sessions.current import agent_session_of, bind
        from memorybank.records.sessions.groups import start_session

        environ = self._caller.environ
        if label is None:
            named = environ.get(NAMED, "")
            label = "" if named.startswith("ses-") or self._current_session() else named
        saved = start_session(
            self._folder,
            self._way(),
            groups=groups,
            label=label,
            goal=goal,
            tool=tool,
            agent_session=agent_session_of(environ),
            tags=tags,
            context=context,
            metadata=metadata,
        )
        if not saved.receipt.dry_run:
            bind(self._folder, saved.record.id, environ, self._caller.here)
        return self._saved(saved)

    def message(self, role: str, text: str, *, session_id: str = "") -> AddedMessage:
        """Add a message to a session; `role` is user, assistant, system, tool or another word.

        A label that no session has yet starts a session, as does a message of an agent that has none. Messages are only
        added: `undo` does not take them back.

        Raises:
            NoRecordError: there is no session with such an id, or none is current.
            FieldError: the role is not one word, or the name cannot be a label.
            UnsupportedTextError, SecretError: the text is refused.
        """
        from memorybank.records.sessions.current import found_or_started
        from memorybank.records.sessions.messages import checked_message, say_message

        way = self._way()
        checked_message(role, text, way)
        named = "" if session_id == CURRENT else session_id
        # a session that was started is not the whole command: after a crash the message is still to be written
        starting = way._replace(options=way.options._replace(request=""))
        ident, saved = found_or_started(self._folder, named, starting, self._caller.environ, self._caller.here)
        if saved is not None:
            self._saved(saved)
        message, was_there = say_message(self._folder, ident, role, text, way)
        return AddedMessage(*message, ident, saved is not None, was_there)

    def end(
        self,
        session_id: str = "",
        *,
        achievements: Sequence[str] = (),
        challenges: Sequence[str] = (),
        next_steps: Sequence[str] = (),
        estimate: str = "",
        summary: str = "",
        generate_summary: bool = False,
    ) -> SavedRecord:
        """End a session, and write down what came of it; it is no longer the current one.

        Its record gets what was done and when, what was decided, finished and met, and the next steps, taken from the
        journal and the memory files. `achievements` and `challenges` are added to those, `next_steps` replace
        the bank's; `estimate` is how long the next session may take, in minutes or as `3h`. A generated summary repeats
        what is recorded, and quotes a few sentences of the messages.

        Raises:
            NoRecordError: there is no such session.
            FieldError: it has ended already, or the estimate is not a length of time.
        """
        from memorybank.records.sessions.current import unbind
        from memorybank.records.sessions.end_notes import end_notes_of
        from memorybank.workflow.outcome.close import end

        notes = end_notes_of(achievements, challenges, next_steps, estimate)
        ident = self._session_of(session_id, option="--session")
        saved = end(self._folder, ident, self._way(), summary=summary, generate_summary=generate_summary, notes=notes)
        if not saved.receipt.dry_run:
            unbind(self._folder, saved.record.id)
        return self._saved(saved)

    def save(
        self,
        session_id: str = "",
        *,
        label: str | None = None,
        achievements: Sequence[str] = (),
        challenges: Sequence[str] = (),
        next_steps: Sequence[str] = (),
        estimate: str = "",
        summary: str = "",
        generate_summary: bool = False,
    ) -> SavedRecord:
        """Write down what came of a session so far, with a label to find it by; it goes on. Arguments as for `end`.

        Raises:
            NoRecordError: there is no such session.
            FieldError: the label cannot be one, or the estimate is not a length of time.
        """
        from memorybank.records.sessions.end_notes import end_notes_of
        from memorybank.workflow.outcome.close import save

        notes = end_notes_of(achievements, challenges, next_steps, estimate)
        ident = self._session_of(session_id, option="--session")
        saved = save(
            self._folder,
            ident,
            self._way(),
            label=label,
            summary=summary,
            generate_summary=generate_summary,
            notes=notes,
        )
        return self._saved(saved)

    def resume(self, session_id: str) -> SavedRecord:
        """Continue a session that was left or ended; it becomes the current one.

        Raises:
            NoRecordError: there is no such session.
        """
        from memorybank.records.sessions.current import bind
        from memorybank.records.sessions.sessions import resume

        saved = resume(self._folder, self._session_of(session_id), self._way())
        if not saved.receipt.dry_run:
            bind(self._folder, saved.record.id, self._caller.environ, self._caller.here)
        return self._saved(saved)

    def list(
        self,
        *,
        limit: int = 20,
        label: str = "",
        tool: str = "",
        group: str = "",
        tags: Sequence[str] = (),
        any_tags: Sequence[str] = (),
        status: str = "",
        since: str | datetime = "",
    ) -> SessionList:
        """Return the newest sessions first; a limit of 0 means no limit.

        All `tags` must be there, and one of `any_tags`. `status` is active or ended. `since` is a day or time, or `7d`
        for a week ago.

        Raises:
            NoRecordError: there is no such group.
            FieldError: `since` is not a day or time, or the limit is below 0.
        """
        from memorybank.records.filter import Filter
        from memorybank.records.sessions.sessions import list_sessions

        check_limit(limit, least=0)
        group_id = ""
        if group:
            from memorybank.records.sessions.groups import find_group

            group_id = find_group(self._folder, group).id
        wanted = Filter(
            tags=tuple(tags),
            any_tags=tuple(any_tags),
            source_tool=tool,
            status=status,
            since=self._moment(since, "since"),
        )
        found = list_sessions(self._folder, wanted, label=label, group=group_id)
        shown = found.records[:limit] if limit else found.records
        return SessionList(shown, total=len(found.records), current=self._current_session(), broken=found.broken)

    def find(self, session_id: str = "") -> Record:
        """Return the session that a change would be made to; of several with one label the active one.

        Raises:
            NoRecordError: no session, or several, match.
        """
        from memorybank.records.sessions.sessions import find_session

        return find_session(self._folder, self._session_of(session_id))

    def show(self, session_id: str = "") -> SessionView:
        """Return a session with its activity and what was saved in it: the current one, or the one that ended last.

        Words for a time, as for `load`, are understood.

        Raises:
            NoRecordError: there is no such session.
        """
        from memorybank.records.filter import Filter, select
        from memorybank.records.sessions.activity import operations_of, span_of
        from memorybank.records.sessions.sessions import find_session, last_ended

        named = session_id or self._current_session() or last_ended(self._folder)
        session = find_session(self._folder, self._session_of(named), newest=True, now=self._local_now())
        span = span_of(self._folder, session, operations_of(self._folder, [session.id])[session.id])
        return SessionView(session, span, tuple(select(self._folder, Filter(session=session.id)).records))

    def load(self, session_id: str = "", *, max_messages: int | None = None) -> LoadedSession:
        """Return a session with its last messages; without a name the last one before the current session.

        If no session has such a name, words for a time are understood, with or without a subject: `yesterday`, `last
        week about database design`, `on monday`, `two days ago`.

        Raises:
            NoRecordError: there is no such session.
        """
        from memorybank.records.sessions.sessions import list_sessions, load

        if not session_id:
            current = self._current_session()
            session_id = next((record.id for record in list_sessions(self._folder).records if record.id != current), "")
            if not session_id:
                raise NoRecordError(ident="the last one", kind="session", hint="bank session start")
        if max_messages is not None:
            check_limit(max_messages, least=0, field="max_messages")
        return load(self._folder, self._session_of(session_id), limit=max_messages, now=self._local_now())

    def update(
        self,
        session_id: str = "",
        *,
        label: str | None = None,
        goal: str | None = None,
        summary: str | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> SavedRecord:
        """Change a session: only the lines of what is given. Tags are +a and -b to add and remove, or all of them.

        Raises:
            NoRecordError: there is no such session.
            FieldError: a field cannot have its value.
        """
        from memorybank.records.sessions.sessions import update

        ident = self._session_of(session_id)
        saved = update(
            self._folder, ident, self._way(), label=label, goal=goal, summary=summary, tags=tags, metadata=metadata
        )
        return self._saved(saved)

    def label(self, session_id: str, label: str) -> SavedRecord:
        """Set a session's label.

        Raises:
            NoRecordError: there is no such session.
            FieldError: the label cannot be one.
        """
        from memorybank.records.sessions.sessions import update

        return self._saved(
            update(self._folder, self._session_of(session_id), self._way(), label=label, verb="session label")
        )

    def delete(self, session_id: str, *, hard: bool = False) -> SavedRecord:
        """Move a session and its messages to the archive, or with `hard` remove the files; `undo` brings both back.

        Raises:
            NoRecordError: there is no such session.
        """
        from memorybank.records.sessions.sessions import delete

        # it stays bound: without its file it is nobody's current session, and an undo makes it current again
        return self._saved(delete(self._folder, self._session_of(session_id), self._way(), hard=hard))
