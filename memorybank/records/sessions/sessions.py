"""Sessions: periods of work, each a record in `sessions/` with its messages in a file next to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import first_line, title_in
from memorybank.document.source import Source
from memorybank.errors import FieldError, NoRecordError
from memorybank.files.write import read
from memorybank.records.body import filled, item_of, with_lead
from memorybank.records.change import Target, archived_change, next_status, target_of, with_fields, with_title
from memorybank.records.draft import NewRecord, draft
from memorybank.records.fields import change_tags, check_line, check_metadata
from memorybank.records.filter import Filter, select
from memorybank.records.find import ARCHIVE, RecordHeaders
from memorybank.records.memories.memories import SavedRecord
from memorybank.records.record import Record, parse
from memorybank.records.sessions.messages import FOLDER, Message, append_message, messages_path, read_messages
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import FileChange, commit, retried
from memorybank.store.several import none_or_several
from memorybank.times import minute_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import Annotated, NotRequired, TypedDict

    from memorybank.records.record_answer import RecordWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class LoadedSessionWire(TypedDict):
        """The JSON form of a loaded session."""

        record: RecordWire
        messages: list[Annotated[Any, Message]]
        count: int
        total: NotRequired[int]
        broken_count: int


KIND = "session"
ACTIVE, ENDED = "active", "ended"
CURRENT = "current"
LABEL_LENGTH = 80


class LoadedSession(NamedTuple):
    """A session with its last messages, and the total number; `broken_count` lines are not messages."""

    record: Record
    messages: list[Message]
    message_count: int
    broken_count: int

    def to_wire(self) -> LoadedSessionWire:
        """Return the JSON form: the record, its messages as a list, and how many lines are not messages."""
        from memorybank.wire import to_wire

        wire: LoadedSessionWire = {
            "record": self.record.to_wire(),
            "messages": to_wire(self.messages),
            "count": len(self.messages),
            "broken_count": self.broken_count,
        }
        if self.message_count > len(self.messages):
            wire["total"] = self.message_count
        return wire


# words that could be the label of any session
_VAGUE_WORDS = """
bug bugfix bugs code coding day debug dev development feature fix general label main meeting misc my new notes now other
session stuff task tasks temp test testing tests the things thing tmp today todo untitled various wip work working
"""
_VAGUE = frozenset(_VAGUE_WORDS.split())


def advice_on_label(label: str, ident: str) -> tuple[str, ...]:
    """Return advice on a label that says nothing about its session, such as `work` or `session-2`."""
    words = re.findall(r"[^\W\d_]+", label.casefold())
    if not label or not set(words) <= _VAGUE:
        return ()
    return (f"the label {label!r} could be any session's; bank session label {ident} auth-refactor names its subject",)


class _LabelTakenError(FieldError):
    """Another writer started a session with this label a moment ago."""


def check_label(label: str) -> str:
    """Return a label as one line that cannot be mistaken for an id.

    Raises:
        FieldError: it is too long, looks like an id, or is a reserved word.
    """
    label = check_line("label", label)
    if len(label) > LABEL_LENGTH or label == CURRENT or label.startswith("ses-"):
        why = f"{label[:LABEL_LENGTH]!r} is an id, a reserved word, or longer than {LABEL_LENGTH} characters"
        raise FieldError(field="label", why=why, hint="--label auth-refactor")
    return label


def start(  # noqa: PLR0913  each is a field of a session
    bank: BankFolder,
    way: Way,
    *,
    label: str = "",
    goal: str = "",
    tool: str = "",
    agent_session: str = "",
    tags: Sequence[str] = (),
    context: Sequence[str] = (),
    groups: Sequence[str] = (),
    metadata: Mapping[str, Any] | None = None,
    more: Callable[[str], Sequence[FileChange]] | None = None,
    is_only: bool = False,
) -> SavedRecord:
    """Start a session; `context` lists what was loaded for it.

    `agent_session` is the agent's own id of it. `groups` are the ids of its groups. `more` returns further changes of
    the same operation for the session's id. With `is_only` there must be no other session with its label.

    Raises:
        BankError: a field has an invalid value, or the write is refused; then nothing is written.
    """
    label = check_label(label)
    now = way.author.now()
    fields = {
        "label": label,
        "goal": first_line(goal),
        "tool": tool,
        "agent_session": agent_session,
        "started": stamp_of(now),
        "groups": list(groups),
    }
    sections = [("Goal", goal), ("Context Loaded", "\n".join(item_of(check_line("context", each)) for each in context))]
    new = NewRecord(
        kind=KIND,
        title=label or title_in(goal) or f"Session of {minute_of(now)}",
        tags=tags,
        fields={name: value for name, value in fields.items() if value},
        metadata=metadata,
        # it is not part of another session, and belongs to itself from the first operation on
        overrides={"session": "", **({"source_tool": tool} if tool else {})},
    )
    made = draft(bank, new, way)
    way = way.with_actor(way.author.actor._replace(session=made.record.id))
    made = filled(made, sections, ("Goal", "Context Loaded"))

    def make() -> list[FileChange]:
        taken = list_sessions(bank, label=label).records if is_only and label else []
        if taken:
            raise _LabelTakenError(field="label", why=f"{taken[0].id} has it", hint=f"bank session show {taken[0].id}")
        return [made.change, *(more(made.record.id) if more else ())]

    receipt = commit(bank, make, "session start", way)
    return SavedRecord(made.record, receipt, advice_on_label(label, made.record.id))


def last_ended(bank: BankFolder) -> str:
    """Return the id of the session that ended last, "" if none has."""
    ended = list_sessions(bank, Filter(status=ENDED)).records
    newest = max((str(each.fields.get("ended")) for each in ended), default="")
    last = [each for each in ended if str(each.fields.get("ended")) == newest]
    # of several in one second, the one whose file was written last
    last.sort(key=lambda each: bank.place_of(each.file)[0].lstat().st_mtime_ns)
    return last[-1].id if last else ""


class NoCurrentSessionError(NoRecordError):
    """No session was named, and there is no current one."""

    def __init__(self, *, open_sessions: Sequence[str], option: str = "") -> None:
        named = f"; these are open: {', '.join(open_sessions[:3])}" if open_sessions else ""
        hint = "bank session list --status active" if open_sessions else "bank session start"
        super(NoRecordError, self).__init__(
            f"there is no current session{named}", hint=hint, where=CURRENT, open=list(open_sessions)
        )
        if option and open_sessions:
            self.options = {option: open_sessions[0]}


def no_current_session(bank: BankFolder, option: str = "") -> NoCurrentSessionError:
    """Return the error for a command that needs a session where none is current; `option` names one on the command."""
    found = list_sessions(bank, Filter(status=ACTIVE))
    return NoCurrentSessionError(open_sessions=[session.id for session in found.records], option=option)


def list_sessions(bank: BankFolder, wanted: Filter | None = None, *, label: str = "", group: str = "") -> RecordHeaders:
    """Return the sessions, newest first, and those whose record could not be read."""
    found = select(bank, (wanted or Filter())._replace(kinds=(KIND,)))
    rows = [
        record
        for record in found.records
        if (not label or record.fields.get("label") == label) and (not group or group in groups_of(record))
    ]
    return RecordHeaders(rows, found.broken)


def groups_of(record: Record) -> tuple[str, ...]:
    """Return the ids of the groups listed in a session's record."""
    value = record.fields.get("groups")
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def find_session(bank: BankFolder, ident: str, *, newest: bool = False, now: datetime | None = None) -> Record:
    """Return the session with an id, a unique prefix or a label; of several with one label, the active one.

    With `newest`, for reading only, it is the one started last. With `now`, for reading only, words for a time before
    it are understood if nothing has such a name.

    Raises:
        NoRecordError: no session or several match.
    """
    try:
        return target_of(bank, ident, kinds=(KIND,)).record
    except NoRecordError as error:
        named = list_sessions(bank, label=ident.strip()).records if ident.strip() else []
        active = [each for each in named if each.status == ACTIVE]
        found = named[:1] if newest else active if len(active) == 1 else named
        if not found and now is not None:
            from memorybank.records.sessions.spoken import find_spoken

            spoken = find_spoken(bank, ident, now, list_sessions(bank).records)
            found = [spoken] if spoken else []
        if len(found) == 1:
            return target_of(bank, found[0].id, kinds=(KIND,)).record
        near = close if isinstance(close := error.details.get("near"), list) else []
        several = [each.id for each in named] or (near if error.instead[0] else [])
        raise none_or_several(ident=ident, kind=KIND, found=several, near=near, hint="bank session list") from None


def find_or_start(bank: BankFolder, name: str, way: Way, **given: Any) -> tuple[Record, SavedRecord | None]:
    """Return the session that `find_session` finds; a label that no session has yet starts one, the second value.

    The other arguments are those of `start`. Of two writers at once, one starts it and the other finds it.

    Raises:
        NoRecordError: the name is an id that does not exist, or several sessions match.
        FieldError: the name cannot be a label.
    """
    label = unused_label(bank, name)
    if not label:
        return find_session(bank, name), None
    try:
        saved = start(bank, way, label=label, is_only=True, **given)
    except _LabelTakenError:
        return find_session(bank, label), None
    return saved.record, saved


def unused_label(bank: BankFolder, name: str) -> str:
    """Return the label of a session that has not started yet; "" if `find_session` finds one.

    Raises:
        NoRecordError: the name is an id that does not exist, or several sessions match.
        FieldError: the name cannot be a label.
    """
    try:
        find_session(bank, name)
    except NoRecordError as error:
        label = name.strip()
        near = error.details.get("near")
        is_prefix = isinstance(near, list) and any(str(each).startswith(label) for each in near)
        if not label or label.startswith("ses-") or is_prefix or list_sessions(bank, label=label).records:
            raise
        return check_label(label)
    return ""


def load(bank: BankFolder, ident: str, *, limit: int | None = None, now: datetime | None = None) -> LoadedSession:
    """Return a session, by id, prefix or label, with its last messages; of several with one label, the newest.

    With `now`, words for a time before it are understood.

    Raises:
        NoRecordError: there is no such session.
    """
    record = find_session(bank, ident, newest=True, now=now)
    found = read_messages(bank, record.id, limit=limit)
    return LoadedSession(record, found.rows, found.message_count, found.broken_count)


def add_message(bank: BankFolder, ident: str, role: str, text: str, way: Way) -> Message:
    """Add a message to the session with an id, prefix or label.

    Raises:
        NoRecordError: there is no such session.
        BankError: `append_message` refuses the message.
    """
    return append_message(bank, find_session(bank, ident).id, role, text, way)


def update(  # noqa: PLR0913  each is a field of a session
    bank: BankFolder,
    ident: str,
    way: Way,
    *,
    label: str | None = None,
    goal: str | None = None,
    summary: str | None = None,
    tags: Sequence[str] | None = None,
    status: str = "",
    metadata: Mapping[str, Any] | None = None,
    verb: str = "session update",
) -> SavedRecord:
    """Change fields of a session; only their lines change. The title changes with the label if it was the label.

    Raises:
        NoRecordError: no session or several match the id.
        FieldError: a value is not valid.
    """
    ident = find_session(bank, ident).id

    def make() -> tuple[Target, list[FileChange]]:
        target = target_of(bank, ident, kinds=(KIND,))
        record = target.record
        values: dict[str, Any] = {}
        source = target.source
        if label is not None:
            source = relabelled(target, label)
        if goal is not None:
            values["goal"] = first_line(goal)
            was = str(record.fields.get("goal") or "")
            source = with_lead(source, "Goal", goal, was=was, order=("Goal",), name=record.file)
        if summary is not None:
            values["summary"] = check_line("summary", summary)
        if tags is not None:
            values["tags"] = list(change_tags(record.tags, tags))
        if status:
            values["status"] = next_status(record, load_type(bank, KIND), status)
            if status == ACTIVE and record.fields.get("next_given"):
                # what was said at its end was for the session after it
                values |= {"next_given": False, "estimated_minutes": 0}
        for name, value in check_metadata(metadata or {}).items():
            values[f"metadata.{name}"] = value
        return target, [target.changed(stamped(target, source, values, way).text)]

    target, receipt = retried(make, bank, verb, way)
    advice = advice_on_label(label or "", ident)
    return SavedRecord(target.record if way.options.dry_run else now_of(target), receipt, advice)


def relabelled(target: Target, label: str) -> Source:
    """Return a session's text with another label; the title changes too if it was the label or the default one."""
    label, old = check_label(label), target.record.fields.get("label")
    is_own = target.record.title == old or target.record.title.startswith("Session of ")
    source = with_title(target, target.source, label) if label and is_own else target.source
    return with_fields(source, {"label": label}, target.record.file)


def resume(bank: BankFolder, ident: str, way: Way) -> SavedRecord:
    """Make an ended session active again.

    Raises:
        NoRecordError: no session or several match the id.
    """
    return update(bank, ident, way, status=ACTIVE, verb="session resume")


def stamped(target: Target, source: Source, values: Mapping[str, Any], way: Way) -> Source:
    """Return a record's text with fields set, and `updated` if that changed anything."""
    changed = with_fields(source, values, target.record.file)
    if changed.data == target.source.data:
        return changed
    return with_fields(changed, {"updated": stamp_of(way.author.now())}, target.record.file)


def now_of(target: Target) -> Record:
    """Return a record as it is in its file now."""
    return parse(read(target.path), target.record.file, target.record.type)


def delete(bank: BankFolder, ident: str, way: Way, *, hard: bool = False) -> SavedRecord:
    """Move a session and its messages to the archive, or with `hard` delete them; an undo restores both.

    Raises:
        NoRecordError: no session or several match the id.
    """
    ident = find_session(bank, ident).id

    def make() -> tuple[Record, list[FileChange]]:
        target = target_of(bank, ident, kinds=(KIND,))
        changes = (
            [FileChange(target.path, base=target.source.digest, gone=True)] if hard else archived_change(bank, target)
        )
        path, name = messages_path(bank, ident), f"{FOLDER}{ident}.jsonl"
        if path.exists():
            source = Source(read(path))
            if not hard:
                changes.insert(0, FileChange(bank.folder / ARCHIVE / name, text=source.whole))
            changes.append(FileChange(path, base=source.digest, gone=True))
        return target.record, changes

    record, receipt = retried(make, bank, "session delete", way)
    return SavedRecord(record, receipt)
