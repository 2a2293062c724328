"""Groups: sessions with one goal. A session can be in several; both records name each other, and one is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from memorybank.document.text import one_line
from memorybank.errors import FieldError, NoRecordError
from memorybank.ids import slug_of
from memorybank.records.body import filled, with_lead
from memorybank.records.change import Target, archived_change, target_of
from memorybank.records.draft import NewRecord, draft
from memorybank.records.fields import TEXT_LENGTH, check_line
from memorybank.records.filter import Filter, select
from memorybank.records.find import RecordHeaders
from memorybank.records.memories.memories import SavedRecord
from memorybank.records.sessions.sessions import KIND as SESSION
from memorybank.records.sessions.sessions import (
    find_or_start,
    find_session,
    groups_of,
    list_sessions,
    now_of,
    stamped,
    start,
    unused_label,
)
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import commit, retried
from memorybank.store.several import none_or_several
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

KIND = "group"
ACTIVE, CLOSED = "active", "closed"


def create(
    bank: BankFolder,
    name: str,
    way: Way,
    *,
    description: str = "",
    tags: Sequence[str] = (),
    sessions: Sequence[str] = (),
    status: str = ACTIVE,
) -> SavedRecord:
    """Create a group, with sessions in it; a label that no session has yet starts one.

    Raises:
        FieldError: there is a group of that name, or a field has an invalid value.
        NoRecordError: there is no session with such an id.
    """
    name = check_line("name", name)
    if not name:
        raise FieldError(field="name", why="it is empty", hint="bank group create NAME")
    tags = tuple(tags)
    fresh = [each for each in dict.fromkeys(sessions) if unused_label(bank, each)]

    def make() -> tuple[Record, list[FileChange]]:
        # if two processes create it at once, the second one finds the first one's group here
        taken = [each.id for each in list_groups(bank).records if each.title.casefold() == name.casefold()]
        if taken:
            raise FieldError(field="name", why=f"{taken[0]} has this name", hint=f"bank group summary {taken[0]}")
        idents = [find_session(bank, session).id for session in sessions if session not in fresh]
        new = NewRecord(
            kind=KIND,
            title=name,
            status=status,
            summary=one_line(description)[:TEXT_LENGTH],
            tags=tags,
            fields={"sessions": idents} if idents else {},
        )
        made = filled(draft(bank, new, way), [("Description", description)])
        members = [_membership(bank, ident, made.record.id, way, member=True) for ident in idents]
        return made.record, [made.change, *members]

    record, receipt = retried(make, bank, "group create", way)
    if fresh and not way.options.dry_run:
        return SavedRecord(add(bank, record.id, fresh, way).record, receipt)
    return SavedRecord(record, receipt)


def start_session(bank: BankFolder, way: Way, *, groups: Sequence[str] = (), **given: Any) -> SavedRecord:
    """Start a session that is in groups from the start; the other arguments are those of `sessions.start`.

    Raises:
        NoRecordError: a group does not exist.
    """
    idents = list(dict.fromkeys(find_group(bank, group).id for group in groups))

    def more(session: str) -> list[FileChange]:
        return [_joined(bank, ident, [session], way, member=True) for ident in idents]

    return start(bank, way, groups=idents, more=more, **given)


def find_group(bank: BankFolder, ident: str) -> Record:
    """Return the group with an id, a unique prefix or a name.

    Raises:
        NoRecordError: no group or several match.
    """
    try:
        return target_of(bank, ident, kinds=(KIND,)).record
    except NoRecordError as error:
        if error.instead[0]:
            raise
        groups = list_groups(bank).records
        found = [group for group in groups if group.title.casefold() == ident.strip().casefold()] or [
            group for group in groups if slug_of(group.title) == slug_of(ident)
        ]
        if len(found) == 1 and ident.strip():
            return target_of(bank, found[0].id, kinds=(KIND,)).record
        from memorybank.document.addresses import near

        close = near(ident, [group.title for group in groups])
        several = [each.id for each in found]
        raise none_or_several(ident=ident, kind=KIND, found=several, near=close, hint="bank group list") from None


def list_groups(bank: BankFolder, wanted: Filter | None = None) -> RecordHeaders:
    """Return the groups, newest first, and those whose record could not be read."""
    found = select(bank, (wanted or Filter())._replace(kinds=(KIND,)))
    return RecordHeaders(found.records, found.broken)


def add(bank: BankFolder, group: str, sessions: Sequence[str], way: Way) -> SavedRecord:
    """Add sessions to a group, in one operation on all their records.

    A label that no session has yet starts a session in the group, each in an operation of its own.

    Raises:
        NoRecordError: the group does not exist, or a session with such an id.
        FieldError: a name cannot be a label.
    """
    found = find_group(bank, group)
    fresh = [each for each in dict.fromkeys(sessions) if unused_label(bank, each)]
    there = [each for each in sessions if each not in fresh]
    if not fresh:
        return _change_members(bank, found.id, there, way, member=True)
    saved = _change_members(bank, found.id, there, way, member=True) if there else None
    for each in fresh:
        record, started = find_or_start(
            bank, each, way, groups=[found.id], more=lambda ident: [_joined(bank, found.id, [ident], way, member=True)]
        )
        if started is None:
            # another writer was faster
            started = _change_members(bank, found.id, [record.id], way, member=True)
        saved = SavedRecord(find_group(bank, found.id), started.receipt)
    return cast("SavedRecord", saved)  # there is at least one name in `fresh`


def remove(bank: BankFolder, group: str, sessions: Sequence[str], way: Way) -> SavedRecord:
    """Remove sessions from a group; this also works with the id of a session that no longer exists.

    Raises:
        NoRecordError: the group does not exist, or the session neither exists nor is in the group.
    """
    return _change_members(bank, group, sessions, way, member=False)


def _change_members(bank: BankFolder, group: str, sessions: Sequence[str], way: Way, *, member: bool) -> SavedRecord:

    def make() -> tuple[Record, list[FileChange]]:
        found = find_group(bank, group)
        named = set() if member else set(_named(found))
        idents = list(
            dict.fromkeys(session if session in named else find_session(bank, session).id for session in sessions)
        )
        there = {each.id for each in list_sessions(bank).records}
        records = [_membership(bank, ident, found.id, way, member=member) for ident in idents if ident in there]
        return found, [_joined(bank, found.id, idents, way, member=member), *records]

    record, receipt = retried(make, bank, f"group {'add' if member else 'remove'}", way)
    return SavedRecord(target_of(bank, record.id, kinds=(KIND,)).record, receipt)


def _joined(bank: BankFolder, group: str, sessions: Sequence[str], way: Way, *, member: bool) -> FileChange:
    target = target_of(bank, group, kinds=(KIND,))
    named = [each for each in _named(target.record) if each not in sessions]
    if member:
        named = list(dict.fromkeys([*_named(target.record), *sessions]))
    return target.changed(stamped(target, target.source, {"sessions": named}, way).text)


def _membership(bank: BankFolder, session: str, group: str, way: Way, *, member: bool) -> FileChange:
    target = target_of(bank, session, kinds=(SESSION,))
    groups = [each for each in groups_of(target.record) if each != group]
    if member:
        groups = list(dict.fromkeys([*groups_of(target.record), group]))
    if not groups and not groups_of(target.record):
        return target.changed(target.source.text)
    return target.changed(stamped(target, target.source, {"groups": groups}, way).text)


def _named(group: Record) -> list[str]:
    value = group.fields.get("sessions")
    return [str(each) for each in value] if isinstance(value, list) else []


def members_of(bank: BankFolder, group: Record) -> tuple[list[Record], list[str]]:
    """Return a group's sessions in the order they were started, and the ids of those that no longer exist."""
    sessions = {record.id: record for record in list_sessions(bank).records}
    named = dict.fromkeys(
        [*_named(group), *(session.id for session in sessions.values() if group.id in groups_of(session))], None
    )
    found = [sessions[each] for each in named if each in sessions]
    # for two sessions started in the same second, the one that joined first comes first
    found.sort(key=lambda each: str(each.fields.get("started") or each.created))
    return found, [each for each in named if each not in sessions]


def set_status(bank: BankFolder, group: str, status: str, way: Way, *, summary: str = "") -> SavedRecord:
    """Close, archive or reopen a group; `summary` describes the result.

    Raises:
        NoRecordError: no group or several match the name.
        FieldError: the status cannot follow the current one.
    """
    ident = find_group(bank, group).id
    kind = load_type(bank, KIND)
    order = [section.name for section in kind.sections]

    def make() -> tuple[Target, list[FileChange]]:
        target = target_of(bank, ident, kinds=(KIND,))
        if status != target.record.status and status not in kind.steps_from(target.record.status):
            why = f"it is {target.record.status}; choose from {', '.join(kind.steps_from(target.record.status))}"
            raise FieldError(field="status", why=why, hint=f"bank group reopen {ident}")
        values: dict[str, Any] = {"status": status}
        if status == CLOSED and target.record.status != CLOSED:
            values["closed"] = stamp_of(way.author.now())
        source = target.source
        if summary.strip():
            values["summary"] = check_line("summary", one_line(summary)[:TEXT_LENGTH])
            was = target.record.summary
            source = with_lead(source, "Summary", summary, was=was, order=order, name=target.record.file)
        return target, [target.changed(stamped(target, source, values, way).text)]

    target, receipt = retried(make, bank, f"group {status}", way)
    return SavedRecord(target.record if way.options.dry_run else now_of(target), receipt)


def delete(bank: BankFolder, group: str, way: Way) -> SavedRecord:
    """Move a group to the archive; its sessions stay, but no longer name it. An undo restores it.

    Raises:
        NoRecordError: no group or several match the name.
    """
    found = find_group(bank, group)

    def make() -> list[FileChange]:
        target = target_of(bank, found.id, kinds=(KIND,))
        members = members_of(bank, target.record)[0]
        return [
            *archived_change(bank, target),
            *(_membership(bank, member.id, found.id, way, member=False) for member in members),
        ]

    return SavedRecord(found, commit(bank, make, "group delete", way))
