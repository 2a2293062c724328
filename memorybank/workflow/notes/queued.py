"""Queued notes as values, and what was done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.records.find import BrokenRecord

    class QueuedNoteWire(TypedDict):
        """The JSON form of a queued note."""

        id: str
        at: str
        role: str
        tool: str
        session: str
        workflow: str
        agent: str
        kind: str
        text: str
        address: str
        digest: str

    class AppliedNoteWire(TypedDict):
        """A note that left the queue, and where it went."""

        note: QueuedNoteWire
        address: str
        same_as: str
        similar: str

    class StuckNoteWire(TypedDict):
        """A note that is still queued, and why."""

        id: str
        why: str

    class ApplyWire(TypedDict):
        """The JSON form of an apply."""

        settled: list[AppliedNoteWire]
        stuck: list[StuckNoteWire]
        receipt: ReceiptWire


class QueuedNote(NamedTuple):
    """One queued note: who added it, its text, where it goes, and the digest of that section at that time."""

    id: str
    at: str
    role: str
    tool: str
    session: str
    workflow: str
    agent: str
    kind: str
    text: str
    address: str
    digest: str
    base: str = ""

    def to_wire(self) -> QueuedNoteWire:
        """Return the JSON form, which is also that of its file."""
        return {
            "id": self.id,
            "at": self.at,
            "role": self.role,
            "tool": self.tool,
            "session": self.session,
            "workflow": self.workflow,
            "agent": self.agent,
            "kind": self.kind,
            "text": self.text,
            "address": self.address,
            "digest": self.digest,
        }


class NotesQueue(NamedTuple):
    """The notes of a queue, oldest first, and the files in it that are not valid notes."""

    notes: list[QueuedNote]
    broken: list[BrokenRecord]


class QueueReceipt(NamedTuple):
    """The queued note, and the receipt."""

    note: QueuedNote
    receipt: Receipt


class AppliedNote(NamedTuple):
    """One note that left the queue: where it went, or the equal line already there; `near` is a similar line."""

    note: QueuedNote
    address: str
    same_as: str = ""
    near: str = ""

    def to_wire(self) -> AppliedNoteWire:
        """Return the JSON form."""
        return {
            "note": self.note.to_wire(),
            "address": self.address,
            "same_as": self.same_as,
            "similar": self.near,
        }


class ApplyResult(NamedTuple):
    """The applied notes; those in `stuck` are still queued, each with the reason."""

    settled: list[AppliedNote]
    stuck: list[tuple[str, str]]
    receipt: Receipt

    def to_wire(self) -> ApplyWire:
        """Return the JSON form."""
        return {
            "settled": [each.to_wire() for each in self.settled],
            "stuck": [{"id": ident, "why": why} for ident, why in self.stuck],
            "receipt": self.receipt.to_wire(),
        }
