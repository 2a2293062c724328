"""The Python face of records: memories, checkpoints, the summary, artifacts, and other programs' files.

As in `api`, each function is a command: the clock, chance and the environment are filled in where no `way` is given.
What would be `list`, `recall`, `export` and `import` has a longer name: these are taken by Python or by rooms of ours.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from memorybank.api import default_way

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.exchange.module71.writer import ExportResult
    from memorybank.exchange.write_records import ImportResult
    from memorybank.recall.search import Hit
    from memorybank.records.memories.cleanup import CleanupResult
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.memories.relations import RelationChange
    from memorybank.records.memories.tags import TagRename
    from memorybank.records.record import Record
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder
    from memorybank.store.manage.known_banks import KnownBank
    from memorybank.store.way import Way
    from memorybank.workflow.progress.attachments import AttachResult
    from memorybank.workflow.progress.checkpoints import CheckpointResult
    from memorybank.workflow.progress.summary import SummaryChange


def save(
    bank: BankFolder, content: str = "", *, kind: str = "fact", way: Way | None = None, **given: Any
) -> SavedRecord:
    """Save a memory of a type; further arguments are those of `records.draft.draft`.

    Among them `title`, `summary`, `tags`, `project`, `status`, `metadata`, `links` and `sections` (name and text).

    Raises:
        BankError: a text or field cannot be kept; nothing is written then.
    """
    from memorybank.records.memories.memories import save as put

    return put(bank, content, way or default_way(bank), kind=kind, **given)


def recall_memory(bank: BankFolder, ident: str, *, archived: bool = False, everywhere: bool = False) -> Record:
    """Give the whole record that an id or a unique prefix stands for; with `everywhere` in other banks too.

    Raises:
        NoRecordError: none or several answer to it.
        FrontMatterError: it cannot be read; the line and the reason are told.
    """
    if everywhere:
        from memorybank.records.memories.other_banks import recall_everywhere
        from memorybank.store.home import home_of

        return recall_everywhere(bank, home_of(os.environ), ident, archived=archived).record
    from memorybank.records.memories.memories import recall as find

    return find(bank, ident, archived=archived)


def list_memories(
    bank: BankFolder,
    *,
    since: str | datetime = "",
    until: str | datetime = "",
    archived: bool = False,
    everywhere: bool = False,
    limit: int = 0,
    **wanted: Any,
) -> list[Record]:
    """Give memories without their text, newest first; further arguments are the fields of `records.filter.Filter`.

    With `everywhere` those of the other banks too that this machine has seen. Memories that cannot be read are left
    out: `bank check` names them.

    Raises:
        FieldError: `since` or `until` is no day or time, or `limit` is below 0.
        NoTypeError: a type is unknown.
    """
    from memorybank.records.filter import Filter, select

    _check_limit(limit, least=0)
    taken = Filter(since=_moment(since, "since"), until=_moment(until, "until"), **_tuples(wanted))
    if everywhere:
        from memorybank.records.memories.other_banks import select_everywhere
        from memorybank.store.home import home_of

        found = select_everywhere(bank, home_of(os.environ), taken, archived=archived, limit=limit)
        return [each.record for each in found.records]
    return select(bank, taken, archived=archived, limit=limit).records


def search(
    bank: BankFolder,
    query: str,
    *,
    since: str | datetime = "",
    until: str | datetime = "",
    limit: int = 10,
    semantic: bool = False,
    **wanted: Any,
) -> tuple[Hit, ...]:
    """Find what was written down, best first; further arguments are the fields of `Filter` and of `HitFilter`.

    With `semantic`, what is near in meaning counts too.

    Raises:
        FieldError: `since` or `until` is no day or time, or `limit` is below 1.
        MissingExtraError: `semantic` needs `pip install 'memorybank[semantic]'`.
    """
    from memorybank.recall.search import HitFilter, Query, search_bank
    from memorybank.records.filter import Filter

    _check_limit(limit, least=1)
    given = _tuples(wanted)
    of_hits = {name: given.pop(name) for name in HitFilter._fields if name in given}
    records = Filter(since=_moment(since, "since"), until=_moment(until, "until"), **given)
    asked = Query(query, HitFilter(records, **of_hits), limit, semantic=semantic)
    return search_bank(bank, asked, now_ns=time.time_ns()).hits


def update(bank: BankFolder, ident: str, *, way: Way | None = None, **given: Any) -> SavedRecord:
    """Change a record: only the lines of what is given; further arguments are those of `records.memories.update`.

    Raises:
        BankError: a value cannot be, or the record is not as `expect` says; nothing is written then.
    """
    from memorybank.records.memories.memories import update as change

    return change(bank, ident, way or default_way(bank), **given)


def delete(bank: BankFolder, ident: str, *, hard: bool = False, way: Way | None = None) -> SavedRecord:
    """Move a record to the archive, or with `hard` remove its file; `undo` brings it back either way.

    Raises:
        NoRecordError: no single record answers to the id.
    """
    from memorybank.records.memories.memories import delete as move

    return move(bank, ident, way or default_way(bank), hard=hard)


def supersede(bank: BankFolder, old: str, new: str, *, way: Way | None = None) -> RelationChange:
    """Put a record in the place of another: status, links both ways, and the lines that cite the old one are struck.

    Raises:
        SupersededError: the old one has another successor already.
        NoRecordError: no single record answers to one of the ids.
    """
    from memorybank.records.memories.relations import supersede as put

    return put(bank, old, new, way or default_way(bank))


def deprecate(bank: BankFolder, ident: str, *, see: str = "", way: Way | None = None) -> RelationChange:
    """Say that a record no longer holds, and with `see` what to read instead.

    Raises:
        FieldError: the status cannot follow the one it has.
        NoRecordError: no single record answers to an id.
    """
    from memorybank.records.memories.relations import deprecate as mark

    return mark(bank, ident, way or default_way(bank), see=see)


def link(
    bank: BankFolder, one: str, rel: str, other: str, *, remove: bool = False, way: Way | None = None
) -> RelationChange:
    """Note how a record stands to another one, to a file of the project, or to an address on the web.

    Raises:
        FieldError: there is no such relation, or such a link to be removed.
        NoRecordError: there is nothing of that name.
    """
    from memorybank.records.memories.relations import link as note

    return note(bank, one, rel, other, way or default_way(bank), remove=remove)


def rename_tag(bank: BankFolder, old: str, new: str, *, way: Way | None = None) -> TagRename:
    """Put one tag in place of another in every record, as one operation.

    Raises:
        FieldError: the new one is no tag, or no record has the old one.
    """
    from memorybank.records.memories.tags import rename_tag as rename

    return rename(bank, old, new, way or default_way(bank))


def cleanup(bank: BankFolder, *, older_than: int, kinds: Sequence[str], way: Way | None = None) -> CleanupResult:
    """Archive memories of some types that were neither made nor changed within so many days.

    Raises:
        NoTypeError: a type is unknown.
    """
    from memorybank.records.memories.cleanup import cleanup as archive

    return archive(bank, way or default_way(bank), days=older_than, kinds=kinds)


def types(bank: BankFolder) -> dict[str, RecordType]:
    """Give the types of records by name: the shipped ones and the bank's own."""
    from memorybank.records.templates import load_types

    return load_types(bank)


def checkpoint(
    bank: BankFolder,
    note: str = "",
    *,
    phase: str = "",
    progress: Mapping[str, Any] | None = None,
    way: Way | None = None,
) -> CheckpointResult:
    """Mark how the work stands; `progress` (completed, in_progress, todo, current_task) instead of progress.md's.

    Raises:
        BankError: a text cannot be kept; nothing is written then.
    """
    from memorybank.workflow.progress.checkpoints import save_checkpoint
    from memorybank.workflow.progress.progress import Progress

    rows = {name: each if isinstance(each, str) else tuple(each) for name, each in (progress or {}).items()}
    known = Progress._make(rows.get(name, own) for name, own in Progress._field_defaults.items()) if rows else None
    return save_checkpoint(bank, way or default_way(bank), note=note, phase=phase, progress=known)


def summary(bank: BankFolder) -> dict[str, Any]:
    """Give what summary.json says of the project.

    Raises:
        NoFileError: there is none yet.
    """
    from memorybank.workflow.progress.summary import read_summary

    return dict(read_summary(bank).value)


def set_summary(
    bank: BankFolder, values: Mapping[str, Any], *, unset: Sequence[str] = (), way: Way | None = None
) -> SummaryChange:
    """Set fields of the summary, a part of one by its path (`tech_stack.backend`), and take others out.

    Raises:
        FieldError: a name or value cannot be, or a number is told that is counted.
    """
    from memorybank.workflow.progress.summary import set_summary as put

    return put(bank, values, way or default_way(bank), unset=unset)


def refresh_summary(bank: BankFolder, *, way: Way | None = None) -> SummaryChange:
    """Count the summary's numbers anew; nothing is written when nothing changed."""
    from memorybank.workflow.progress.summary import refresh_summary as count

    return count(bank, way or default_way(bank))


def add_artifact(
    bank: BankFolder, file: Path | str, *, folder: str = "", note: str = "", way: Way | None = None
) -> AttachResult:
    """Copy a file into artifacts/, with its line under References.

    Raises:
        BankError: there is no such file, it is too large, or another one of that name is there.
    """
    from pathlib import Path

    from memorybank.workflow.progress.attachments import attach

    return attach(bank, Path(file), way or default_way(bank), folder=folder, note=note)


def export_bank(bank: BankFolder, to: Path | str, *, overwrite: bool = False, dry_run: bool = False) -> ExportResult:
    """Write the memory as the tree of Module 71 into a folder.

    Raises:
        ArtifactError: a file is there already with another text, and may not be overwritten.
    """
    from pathlib import Path

    from memorybank.exchange.module71.writer import export_tree

    return export_tree(bank, Path(to), dry_run=dry_run, overwrite=overwrite)


def import_from(bank: BankFolder, form: str, source: Path | str, *, way: Way | None = None) -> ImportResult:
    """Take in another program's memory: `module71`, `conversation`, `adr`, `contextfs` or `claude-memory`.

    Raises:
        ForeignError: there is no such format, or the source is not of it.
        BankError: it cannot be read, or the bank cannot be written.
    """
    from pathlib import Path

    from memorybank.exchange.formats import import_from as take

    return take(bank, form, Path(source), way or default_way(bank))


def list_banks() -> list[KnownBank]:
    """List the banks that this machine has seen, those whose folder is gone too."""
    from memorybank.store.home import home_of
    from memorybank.store.manage.known_banks import known_banks

    return known_banks(home_of(os.environ))


def update_session(bank: BankFolder, session: str, *, way: Way | None = None, **given: Any) -> SavedRecord:
    """Change a session's `label`, `goal`, `summary`, `tags`, `status` or `metadata`.

    Raises:
        NoRecordError: there is no such session.
        FieldError: a value cannot be.
    """
    from memorybank.records.sessions.sessions import update as change

    return change(bank, session, way or default_way(bank), **given)


def delete_session(bank: BankFolder, session: str, *, hard: bool = False, way: Way | None = None) -> SavedRecord:
    """Move a session and its messages to the archive; `undo` brings them back.

    Raises:
        NoRecordError: there is no such session.
    """
    from memorybank.records.sessions.sessions import delete as move

    return move(bank, session, way or default_way(bank), hard=hard)


def remove_from_group(bank: BankFolder, group: str, *sessions: str, way: Way | None = None) -> SavedRecord:
    """Take sessions out of a group.

    Raises:
        NoRecordError: the group is not there, or a session is not in it.
    """
    from memorybank.records.sessions.groups import remove

    return remove(bank, group, sessions, way or default_way(bank))


def _moment(given: str | datetime, field: str) -> str:
    from datetime import UTC, datetime

    from memorybank.records.filter import parse_moment

    text = given.isoformat() if isinstance(given, datetime) else given
    return parse_moment(text, datetime.now(UTC), field=field) if text else ""


def _check_limit(limit: int, *, least: int) -> None:
    if limit < least:
        from memorybank.errors import FieldError

        why = f"{limit} is less than {least}"
        raise FieldError(field="limit", why=why, hint=f"give a number of at least {least}")


def _tuples(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Bring lists to tuples, and one word to a tuple of it where several can be given."""
    several = {"kinds", "tags", "scopes"}
    return {
        name: ((value,) if isinstance(value, str) else tuple(value)) if name in several else value
        for name, value in wanted.items()
    }
