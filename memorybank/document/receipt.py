"""Receipts: the proof of a write, as the caller gets it and the journal keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from memorybank.document.sections import Splice


class FileReceipt(NamedTuple):
    """What one file was and is; `before` is empty for a new file, `after` for a deleted one (digests).

    `sections` gives each touched section's address and its digest now, ready for the next `--expect`. `merges` are the
    first and last lines of merges that nobody has resolved yet.
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
    """One operation: what was done, by whom, when, and to which files; `waited` is seconds spent on the lock.

    `lost_links` says which links no longer find what they need: a definition, a footnote, the folder of a path.
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
        """Give the fields that `--json` shows; changes stay in the journal, the diff tells them."""
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
                    "file": each.file,
                    "before": each.before,
                    "after": each.after,
                    "sections": [{"address": address, "digest": digest} for address, digest in each.sections],
                    "healed": list(each.healed),
                    "diff": each.diff,
                    "unresolved_merges": [list(lines) for lines in each.merges],
                }
                for each in self.files
            ],
        }
