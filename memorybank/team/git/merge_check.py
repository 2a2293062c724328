"""What a check of a merge found, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import TypedDict

    class LineFaultWire(TypedDict):
        """A line that a merge as text loses, doubles or brings back."""

        kind: str
        line: str

    class CheckedFileWire(TypedDict):
        """The JSON form of a file in a checked merge."""

        file: str
        conflict: bool
        text_merge: str
        conflict_lines: list[list[int]]
        faults: list[LineFaultWire]

    class MergeCheckWire(TypedDict):
        """The JSON form of a check of a merge."""

        merge: str
        ours: str
        theirs: str
        ok: bool
        files: list[CheckedFileWire]


# a merge that would be made, one that was made, and nothing to merge
MERGE, MADE, NOTHING = "would-be", "made", "nothing"
SAME, CONFLICT, WRONG = "same", "conflict", "wrong"


class LineFault(NamedTuple):
    """A line that is `lost`, `doubled` or `revived`: deleted on one side and back again."""

    kind: str
    line: str


class CheckedFile(NamedTuple):
    """A file that needs a look: whether the structural merge has a conflict, and what git's text merge makes of it.

    `text_merge` is `same`, `conflict` (git stops, and nothing is wrong yet) or `wrong`, with the lines in `faults`. In
    a merge that was made, it is the merge itself.
    """

    file: str
    conflict: bool
    text_merge: str
    lines: tuple[tuple[int, int], ...]
    faults: tuple[LineFault, ...]

    def to_wire(self) -> CheckedFileWire:
        """Return the JSON form."""
        return {
            "file": self.file,
            "conflict": self.conflict,
            "text_merge": self.text_merge,
            "conflict_lines": [list(each) for each in self.lines],
            "faults": [{"kind": each.kind, "line": each.line} for each in self.faults],
        }


class MergeCheck(NamedTuple):
    """A check of a merge: of which two commits, and the files that need a look."""

    merge: str
    ours: str
    theirs: str
    files: tuple[CheckedFile, ...]

    @property
    def is_ok(self) -> bool:
        """Whether nothing is in conflict, lost, doubled or revived; a place where only git stops is fine."""
        return not any(each.conflict or each.faults for each in self.files)

    def to_wire(self) -> MergeCheckWire:
        """Return the JSON form."""
        return {
            "merge": self.merge,
            "ours": self.ours,
            "theirs": self.theirs,
            "ok": self.is_ok,
            "files": [each.to_wire() for each in self.files],
        }
