"""Queue the notes that are found in an agent's output."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.secrets.scan import redacted
from memorybank.store.journal.commit import retried
from memorybank.store.roles import READ_ONLY, ROUTER, WRITE_AGENT
from memorybank.workflow.artifact import active_id
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.notes.queue import draft_note, row_of, waiting
from memorybank.workflow.notes.said_notes import said_in
from memorybank.workflow.notes.workflow_notes import artifact_changes, by_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way
    from memorybank.workflow.artifact import SkippedWire
    from memorybank.workflow.notes.queued import QueuedNote, QueuedNoteWire
    from memorybank.workflow.notes.said_notes import AgentNote

    class IngestWire(TypedDict):
        """The JSON form of an ingest."""

        notes: list[QueuedNoteWire]
        count: int
        skipped: list[SkippedWire]
        redacted_count: int
        receipt: ReceiptWire


_MOST = 200


class IngestResult(NamedTuple):
    """The queued notes; the skipped texts (`passed`), each with the reason; how many secrets were redacted."""

    notes: list[QueuedNote]
    passed: list[tuple[str, str]]
    redacted_count: int
    receipt: Receipt

    def to_wire(self) -> IngestWire:
        """Return the JSON form."""
        return {
            "notes": [note.to_wire() for note in self.notes],
            "count": len(self.notes),
            "skipped": [{"text": text, "why": why} for text, why in self.passed],
            "redacted_count": self.redacted_count,
            "receipt": self.receipt.to_wire(),
        }


def ingest(bank: BankFolder, text: str, way: Way, *, workflow: str = "", agent: str = "") -> IngestResult:
    """Queue the notes in an agent's output, as one operation; notes already queued are skipped.

    Without `workflow` they are for the active workflow. A note belongs to the agent, also if the router hands it in:
    to a write-agent if it is from a contract, to a read-only one if it is from a Markdown block. Secrets are redacted.

    Raises:
        BankError: the queue cannot be written.
    """
    return queue_said(bank, said_in(text), way, workflow=workflow, agent=agent)


def queue_said(
    bank: BankFolder, said: Sequence[AgentNote], way: Way, *, workflow: str = "", agent: str = ""
) -> IngestResult:
    """Queue notes that were found in an agent's output; see `ingest`."""

    def make() -> tuple[tuple[list[QueuedNote], list[tuple[str, str]], int], list[FileChange]]:
        planned = plan_ingest(bank, said, way, workflow=workflow or active_id(bank), agent=agent)
        return planned[:3], [*planned[3], *artifact_changes(bank, map(row_of, planned[0]), way)]

    notes, receipt = retried(make, bank, "notes ingest", by_program(way))
    return IngestResult(*notes, receipt)


def plan_ingest(
    bank: BankFolder, said: Sequence[AgentNote], way: Way, *, workflow: str = "", agent: str = ""
) -> tuple[list[QueuedNote], list[tuple[str, str]], int, list[FileChange]]:
    """Plan to queue notes: return the notes, the skipped ones with the reason, the redaction count, the changes."""
    there = {(each.kind, plain_of(each.text), each.workflow) for each in waiting(bank).notes}
    notes: list[QueuedNote] = []
    passed: list[tuple[str, str]] = []
    changes: list[FileChange] = []
    secrets = 0
    for each in said:
        line, findings = redacted(each.text)
        secrets += len(findings)
        if not each.kind or len(notes) == _MOST:
            passed.append((line[:200], f"at most {_MOST} are queued at once" if each.kind else each.why))
            continue
        if (each.kind, plain_of(line), workflow) in there:
            passed.append((line, "already queued"))
            continue
        author = (
            way.author.actor.role
            if way.author.actor.role != ROUTER
            else WRITE_AGENT
            if each.form == "yaml"
            else READ_ONLY
        )
        try:
            note, change = draft_note(bank, line, way, kind=each.kind, role=author, workflow=workflow, agent=agent)
        except BankError as error:
            passed.append((line[:200], error.message))
            continue
        there.add((each.kind, plain_of(line), workflow))
        notes.append(note)
        changes.append(change)
    return notes, passed, secrets, changes
