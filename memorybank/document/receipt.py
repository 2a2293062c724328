"""Receipts: the record of a write, for the caller and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from memorybank.document.sections import Splice


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


class Receipt(NamedTuple):
    """One operation: what was done, by whom, when, and to which files; `waited` is the seconds spent on the lock.

    `lost_links` reports links that the operation broke: without their definition, footnote or folder.
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

    def to_wire(self) -> dict[str, object]:
        """Return the fields that `--json` shows; the changes are only in the journal, here the diff shows them."""
        return {
            "operation": self.operation,
            "verb": self.verb,
            "at": self.at,
            "tool": self.tool,
            "session": self.session,
            "dry_run": self.dry_run,
            "waited": round(self.waited, 3),
            "lost_links": list(self.lost_links),
            "files": [
                {
                    "file": file.file,
                    "before": file.before,
                    "after": file.after,
                    "sections": [{"address": address, "digest": digest} for address, digest in file.sections],
                    "healed": list(file.healed),
                    "diff": file.diff,
                    "unresolved_merges": [list(lines) for lines in file.merges],
                }
                for file in self.files
            ],
        }
