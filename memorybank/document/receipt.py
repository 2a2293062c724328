"""Receipts: the record of a write, for the caller and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.document.sections import Splice

    class ChangedSectionWire(TypedDict):
        """A section that was changed."""

        address: str
        digest: str

    class LinesWire(TypedDict):
        """A range of lines."""

        first_line: int
        last_line: int

    class FileReceiptWire(TypedDict):
        """One file of an operation, before and after."""

        file: str
        digest_before: str
        digest: str
        sections: list[ChangedSectionWire]
        healed: list[str]
        diff: str
        unresolved_merges: list[LinesWire]

    class SupersededWire(TypedDict):
        """What a decision replaced."""

        kind: str
        id: str
        address: str
        text: str

    class ReceiptWire(TypedDict):
        """The JSON form of a receipt."""

        operation: str
        verb: str
        at: str
        tool: str
        session: str
        dry_run: bool
        waited: float
        lost_links: list[str]
        already: str
        superseded: list[SupersededWire]
        files: list[FileReceiptWire]

    class ReceiptAnswer(TypedDict):
        """The answer that has a receipt."""

        receipt: ReceiptWire


class FileReceipt(NamedTuple):
    """One file before and after a write, as digests; `before` is empty for a new file, `after` for a deleted one.

    `sections` has the address and the new digest of each changed section, ready for the next `--expect`. `merges` are
    the first and last lines of unresolved merges.
    """

    file: str
    before: str
    after: str
    size: int
    sections: tuple[tuple[str, str], ...]
    healed: tuple[str, ...]
    changes: tuple[Splice, ...]
    diff: str = ""
    merges: tuple[tuple[int, int], ...] = ()

    def to_wire(self) -> FileReceiptWire:
        """Return the JSON form, with both digests; the changes are only in the journal, here the diff shows them."""
        return {
            "file": self.file,
            "digest_before": self.before,
            "digest": self.after,
            "sections": [{"address": address, "digest": digest} for address, digest in self.sections],
            "healed": list(self.healed),
            "diff": self.diff,
            "unresolved_merges": [{"first_line": first, "last_line": last} for first, last in self.merges],
        }


class Superseded(NamedTuple):
    """What a decision replaced: `kind` is record, line or paf; a line without a record has no id."""

    kind: str
    ident: str
    address: str
    text: str

    def to_wire(self) -> SupersededWire:
        """Return the JSON form."""
        return {"kind": self.kind, "id": self.ident, "address": self.address, "text": self.text}


class Receipt(NamedTuple):
    """One operation: what was done, by whom, when, and to which files; `waited` is the seconds spent on the lock.

    `lost_links` reports links that the operation broke: without their definition, footnote or folder. `already` is the
    place of a line that was not written, because it is there. `superseded` is what a decision replaced.
    """

    operation: str
    verb: str
    at: str
    tool: str
    session: str
    files: tuple[FileReceipt, ...]
    waited: float = 0.0
    dry_run: bool = False
    lost_links: tuple[str, ...] = ()
    already: str = ""
    superseded: tuple[Superseded, ...] = ()

    def to_wire(self) -> ReceiptWire:
        """Return the JSON form."""
        return {
            "operation": self.operation,
            "verb": self.verb,
            "at": self.at,
            "tool": self.tool,
            "session": self.session,
            "dry_run": self.dry_run,
            "waited": round(self.waited, 3),
            "lost_links": list(self.lost_links),
            "already": self.already,
            "superseded": [each.to_wire() for each in self.superseded],
            "files": [file.to_wire() for file in self.files],
        }

    def to_answer(self) -> ReceiptAnswer:
        """Return the answer of a command that makes nothing but a change."""
        return {"receipt": self.to_wire()}
