"""The notes queue: notes from roles that may not write the contracts, until they are applied.

Each note is one small file, so that parallel agents do not conflict, and branches merge.
"""

from __future__ import annotations

import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from memorybank.document.addresses import parse_address
from memorybank.document.source import digest_of
from memorybank.errors import BankError, ContractError
from memorybank.files.write import resolve
from memorybank.ids import new_id
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.roles import QUEUE, ROUTER, RoleError
from memorybank.store.several import none_or_several
from memorybank.store.view import address_in, find, open_document
from memorybank.times import stamp_of
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.note import line_of, planned
from memorybank.workflow.lines.placement import Placement, place_of
from memorybank.workflow.lines.similarity import SAME, is_same, likeness, plain_of, words_of
from memorybank.workflow.lines.together import together
from memorybank.workflow.notes.queued import AppliedNote, ApplyResult, NotesQueue, QueuedNote, QueueReceipt
from memorybank.workflow.notes.workflow_notes import Row, artifact_changes, by_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

VERSION = 1
_FIELDS = ("id", "at", "role", "tool", "session", "workflow", "agent", "kind", "text", "address", "digest")


def draft_note(
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    kind: str,
    to: str = "",
    role: str = "",
    workflow: str = "",
    agent: str = "",
) -> tuple[QueuedNote, FileChange]:
    """Return a note for the queue and the change that adds it; write nothing.

    Raises:
        BankError: the text cannot be a line, or no section accepts its kind.
    """
    line = line_of(text)
    place = _place(bank, kind, to)
    now = way.author.now()
    note = QueuedNote(
        new_id("note", now, way.author.random_bytes),
        stamp_of(now),
        role or way.author.actor.role,
        way.author.actor.tool,
        way.author.actor.session,
        workflow,
        agent,
        kind,
        line,
        f"{place.file}#{place.section}",
        _digest(bank, place),
    )
    path = bank.folder / QUEUE / f"{note.id}.json"
    resolve(path, bank.roots)
    return note, FileChange(path, text=_rendered(note))


def enqueue(
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    kind: str,
    to: str = "",
    workflow: str | Callable[[], str] = "",
    agent: str = "",
) -> QueueReceipt:
    """Add a note to the queue and to the artifact of its workflow, as one operation.

    `workflow` may be a function that returns it, which is called when the note is written.

    Raises:
        BankError: the text cannot be a line, or no section accepts its kind.
    """

    def make() -> tuple[QueuedNote, list[FileChange]]:
        named = workflow if isinstance(workflow, str) else workflow()
        note, change = draft_note(bank, text, way, kind=kind, to=to, workflow=named, agent=agent)
        return note, [change, *artifact_changes(bank, [row_of(note)], way)]

    note, receipt = retried(make, bank, "queue", by_program(way))
    return QueueReceipt(note, receipt)


def row_of(note: QueuedNote, outcome: str = "queued", address: str = "") -> Row:
    """Return the row of a note for the artifact of its workflow."""
    return Row(note.id, note.workflow, note.kind, note.text, note.role, note.agent, outcome, address)


def waiting(bank: BankFolder, *, workflow: str = "") -> NotesQueue:
    """Read the queue, oldest first; with `workflow`, only the notes for that workflow."""
    found = NotesQueue([], [])
    try:
        names = sorted(os.listdir(bank.folder / QUEUE))  # noqa: PTH208  names are all that is wanted
    except (FileNotFoundError, NotADirectoryError):
        return found
    for name in names:
        if not name.endswith(".json"):
            continue
        try:
            data = bank.read(bank.folder / QUEUE / name)
            note = _parsed(json.loads(data), digest_of(data))
        except (BankError, ValueError, RecursionError) as error:
            from memorybank.records.find import BrokenRecord

            found.broken.append(
                BrokenRecord(f"{QUEUE}{name}", 1, error.message if isinstance(error, BankError) else str(error))
            )
            continue
        if note.id != name.removesuffix(".json"):
            from memorybank.records.find import BrokenRecord

            found.broken.append(
                BrokenRecord(f"{QUEUE}{name}", 1, f"its id is {note.id!r}, which does not match the file name")
            )
        elif not workflow or note.workflow == workflow:
            found.notes.append(note)
    found.notes.sort(key=lambda each: (each.at, each.id))
    return found


def _parsed(value: Any, base: str) -> QueuedNote:
    if not isinstance(value, dict) or value.get("schema_version") != VERSION:
        raise ValueError("not a note in a known format")
    missing = [name for name in _FIELDS if not isinstance(value.get(name), str)]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    return QueuedNote(**{name: value[name] for name in _FIELDS}, base=base)


def _rendered(note: QueuedNote, others: Mapping[str, Any] = MappingProxyType({})) -> str:
    fields = {**others, "schema_version": VERSION, **note.to_wire()}
    return f"{json.dumps(fields, ensure_ascii=False, indent=2)}\n"


def find_note(bank: BankFolder, ident: str) -> QueuedNote:
    """Find a note by its id, or by the start or end of its id.

    Raises:
        NoRecordError: none or several match.
    """
    notes = waiting(bank).notes
    found = [note for note in notes if note.id == ident] or [
        note for note in notes if ident and (note.id.startswith(ident) or note.id.endswith(ident))
    ]
    if len(found) == 1:
        return found[0]
    raise none_or_several(ident=ident, kind="note", found=[each.id for each in found], hint="bank notes list")


def apply_notes(bank: BankFolder, idents: Sequence[str], way: Way, *, workflow: str = "") -> ApplyResult:
    """Write notes to their sections and remove them from the queue, as one operation; without ids, all of them.

    A note that equals a line of its section is removed from the queue but not written. A note similar to a line is
    written, and the line is reported. A note that can no longer be written stays queued, with the reason.

    Raises:
        RoleError: only the router applies notes, and never its own.
        NoRecordError: no note matches.
    """
    if way.author.actor.role != ROUTER:
        raise RoleError(role=way.author.actor.role, why="only the router can apply notes", hint="bank notes list")

    def make() -> tuple[tuple[list[AppliedNote], list[tuple[str, str]]], list[FileChange]]:
        notes = [find_note(bank, ident) for ident in idents] or waiting(bank, workflow=workflow).notes
        settled, stuck, changes = plan_notes(bank, notes, way)
        return (settled, stuck), [*changes, *artifact_changes(bank, rows_of(settled), way, "notes")]

    applied, receipt = retried(make, bank, "notes apply", way)
    return ApplyResult(*applied, receipt)


def rows_of(settled: Iterable[AppliedNote]) -> list[Row]:
    """Return the artifact rows of notes that left the queue."""
    return [
        row_of(each.note, "duplicate" if each.same_as else "applied", each.address)
        for each in settled
        if each.note.base
    ]


def plan_notes(
    bank: BankFolder, notes: Sequence[QueuedNote], way: Way, *, stays: Mapping[str, list[str]] | None = None
) -> tuple[list[AppliedNote], list[tuple[str, str]], list[FileChange]]:
    """Plan to apply notes; `stays` has the remaining lines of the sections (addresses) that the operation renews.

    Raises:
        RoleError: a note was queued by the same role that applies it.
    """
    from memorybank.store.journal.steps import step_of
    from memorybank.workflow.contradictions.former import replaced_changes, strikes

    own = next((each for each in notes if each.role == way.author.actor.role), None)
    if own is not None:
        why = f"{own.id} was queued by the same role"
        raise RoleError(role=way.author.actor.role, why=why, hint=f"bank notes drop {own.id}")
    settled: list[AppliedNote] = []
    stuck: list[tuple[str, str]] = []
    written: list[FileChange] = []
    gone: list[FileChange] = []
    struck: list[FileChange] = []
    said: dict[str, list[str]] = {}
    for note in dict.fromkeys(notes):
        try:
            place = _place(bank, note.kind, note.address if parse_address(note.address).file else "")
            address = f"{place.file}#{place.section}"
            if address not in said:
                said[address] = list(stays[address]) if stays and address in stays else _texts(bank, place, note.kind)
            same = next((each for each in said[address] if is_same(each, note.text)), "")
            near = next((each for each in said[address] if not same and _is_near(each, note.text)), "")
            if note.kind == "decision" and not same:
                struck += replaced_changes(bank, note.text)
            change = planned(bank, place, line_of(note.text), note.kind, way) if not same else None
            if change is not None:
                # tried on its own, so that one which the file refuses does not stop the others
                step_of(bank, change, way, way.author.now(), None)
        except BankError as error:
            stuck.append((note.id, error.message))
            continue
        if change is not None:
            written.append(change)
            said[address].append(note.text)
        settled.append(AppliedNote(note, address, plain_of(same), plain_of(near)))
        if not note.base:
            # the router's own note, kept in a workflow: it never had a file
            continue
        gone.append(_gone(bank, note))
    # the lines first: after a crash a note may still be queued, but it is never lost
    struck += strikes(bank, (each.note.text for each in settled if not each.same_as))
    return settled, stuck, [*together([*struck, *written]), *gone]


def _texts(bank: BankFolder, place: Placement, kind: str) -> list[str]:
    """Return the lines that an equal note would repeat: top-level lines, and only tasks in the same state."""
    try:
        lines = lines_in(bank, place.file, place.section)
    except BankError:
        # the edit adds a missing section
        return []
    done = kind == "done" or (place.spec is not None and place.spec.notes == ("done",))
    return [line.text for line in lines if line.depth == 0 and (line.done is None or line.done is done)]


def _is_near(one: str, other: str) -> bool:
    return likeness(words_of(one), words_of(other)) >= SAME


def drop_notes(bank: BankFolder, idents: Sequence[str], way: Way) -> tuple[list[QueuedNote], Receipt]:
    """Remove notes from the queue without writing them, as one operation; `bank undo` brings them back.

    Raises:
        NoRecordError: no note matches.
        RoleError: only the router may drop the notes of others.
    """

    def make() -> tuple[list[QueuedNote], list[FileChange]]:
        named = [_own(find_note(bank, ident), way) for ident in idents]
        notes = list(dict.fromkeys(named))
        gone = [_gone(bank, note) for note in notes]
        rows = [row_of(note, "dropped") for note in notes]
        return named, [*gone, *artifact_changes(bank, rows, way, "notes")]

    return retried(make, bank, "notes drop", by_program(way))


def edit_note(bank: BankFolder, ident: str, way: Way, *, text: str = "", kind: str = "") -> QueueReceipt:
    """Change the text or the kind of a queued note; its author stays.

    Raises:
        NoRecordError: no note matches.
        RoleError: only the router may change the notes of others.
    """

    def make() -> tuple[QueuedNote, list[FileChange]]:
        note = _own(find_note(bank, ident), way)
        place = _place(bank, kind or note.kind, "" if kind else note.address)
        changed = note._replace(
            text=line_of(text) if text.strip() else note.text,
            kind=kind or note.kind,
            address=f"{place.file}#{place.section}",
            digest=_digest(bank, place),
        )
        gone = _gone(bank, note)
        # what another program wrote beside our fields stays; the base refuses a file that is another one by now
        others = json.loads(bank.read(gone.path))
        change = gone._replace(text=_rendered(changed, others), gone=False)
        return changed, [change, *artifact_changes(bank, [row_of(changed)], way, "notes")]

    note, receipt = retried(make, bank, "notes edit", by_program(way))
    return QueueReceipt(note, receipt)


def _gone(bank: BankFolder, note: QueuedNote) -> FileChange:
    return FileChange(bank.folder / QUEUE / f"{note.id}.json", base=note.base, gone=True)


def has_moved(bank: BankFolder, note: QueuedNote) -> bool:
    """Check whether the section of a note changed since the note was queued."""
    place = parse_address(note.address)
    return _digest(bank, Placement(place.file, place.section, None)) != note.digest


def _own(note: QueuedNote, way: Way) -> QueuedNote:
    actor = way.author.actor
    if actor.role != ROUTER and (note.role, note.session) != (actor.role, actor.session):
        raise RoleError(role=actor.role, why=f"{note.id} was queued by someone else", hint="bank notes list")
    return note


def _place(bank: BankFolder, kind: str, to: str) -> Placement:
    """Return the place of a kind, or a named place; both must be in the memory files."""
    if not to or to == (default := _default(bank, kind)):
        return place_of(bank, kind)
    address = address_in(bank, to)
    _, name = bank.locate(address.file)
    if name not in bank.main_files or not address.section:
        why = f"{to} is not a section of a memory file"
        raise ContractError(address=to, why=why, hint=f"bank note TEXT --to {quoted(default)}")
    contract = bank.contract_of(name)
    return Placement(name, address.section, contract.spec_of(address.section) if contract else None)


def _default(bank: BankFolder, kind: str) -> str:
    place = place_of(bank, kind)
    return f"{place.file}#{place.section}"


def _digest(bank: BankFolder, place: Placement) -> str:
    try:
        document = open_document(bank, place.file)
        return document.digest_of(find(bank, document, place.section))
    except BankError:
        return ""
