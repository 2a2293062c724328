"""Find unresolved merges: the text has both sides and git's markers until someone chooses. They are not edited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.scanner.blocks import parse_leaves
from memorybank.document.scanner.nodes import TooMuch
from memorybank.document.source import each_line, without_eol
from memorybank.errors import RefusedError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.sections import Document

# compiled only when a text has a marker: few do
_MARKER = r"(<{7}|>{7}|\|{7})(?: |\Z)|={7}\Z"


class MergeConflict(NamedTuple):
    """One unresolved merge: the offsets and line numbers from its first marker line to its last."""

    start: int
    end: int
    first: int
    last: int


class UnresolvedMergeError(RefusedError):
    """The edit would change lines of an unresolved merge."""

    code = "unresolved-merge"

    def __init__(self, *, path: str, conflicts: Sequence[MergeConflict]) -> None:
        lines = lines_told([conflict[2:] for conflict in conflicts])
        super().__init__(
            f"{path} has an unresolved merge on {lines}, and the edit would change it",
            hint=f"resolve the merge in {quoted(path)}, then try again",
            where=f"{path}:{conflicts[0].first}",
            lines=[[conflict.first, conflict.last] for conflict in conflicts],
        )


def lines_told(lines: Sequence[Sequence[int]]) -> str:
    """Return the lines of merges as text for a message: `line 3`, `lines 3-9 and 20-24`."""
    words = [f"{first}-{last}" if last > first else str(first) for first, last in lines]
    return f"line{'s' if len(words) > 1 or '-' in words[0] else ''} {' and '.join(words)}"


def find_conflicts(document: Document) -> tuple[MergeConflict, ...]:
    """Find the unresolved merges of a document; an example inside a code fence does not count."""
    return tuple(each for each in _marked(document) if not _is_example(document, each))


def find_examples(document: Document) -> tuple[MergeConflict, ...]:
    """Find the merges inside code fences, which a text only shows."""
    return tuple(each for each in _marked(document) if _is_example(document, each))


def _marked(document: Document) -> Sequence[MergeConflict]:
    text = document.source.text
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return ()
    found: list[MergeConflict] = []
    begun: MergeConflict | None = None
    at = 0
    for number, line in enumerate(each_line(text), 1):
        end = at + len(line)
        match = re.match(_MARKER, without_eol(line)) if line[0] in "<>=|" else None
        kind = match.group()[0] if match else ""
        here = MergeConflict(at, end, number, number)
        if kind == "<":
            # a merge inside another, or one whose end is missing: report it separately
            found += [begun] if begun is not None else []
            begun = here
        elif kind and begun is not None:
            begun = begun._replace(end=end, last=number)
            if kind == ">":
                found.append(begun)
                begun = None
        elif kind == ">":
            found.append(here)
        at = end
    found += [begun] if begun is not None else []
    return found


def check_merges(before: Document, after: Document, *, whole: Sequence[tuple[int, int]] = ()) -> None:
    """Check that no unresolved merge was changed; one inside a span that was replaced as a whole may be gone.

    Raises:
        UnresolvedMergeError: a merge was changed.
    """
    torn = [each for each in _torn(before, after) if not any(s <= each.start and each.end <= e for s, e in whole)]
    if torn:
        raise UnresolvedMergeError(path=before.path, conflicts=torn)


def check_whole(before: Document, after: Document) -> None:
    """Check that in a whole new text each merge is either unchanged or completely gone.

    Raises:
        UnresolvedMergeError: a part of a merge is left.
    """
    torn = _torn(before, after)
    old, new = before.source.text, after.source.text
    for mark in ("<<<<<<<", ">>>>>>>"):
        gone = sum(old.count(mark, each.start, each.end) for each in torn)
        if gone and new.count(mark) > old.count(mark) - gone:
            raise UnresolvedMergeError(path=before.path, conflicts=torn)


def _torn(before: Document, after: Document) -> list[MergeConflict]:
    """Return the merges that are no longer in the text unchanged."""
    old, new = before.source.text, after.source.text
    found = []
    for conflict in find_conflicts(before):
        text = old[conflict.start : conflict.end]
        if new.count(text) < old.count(text):
            found.append(conflict)
    return found


def _is_example(document: Document, conflict: MergeConflict) -> bool:
    """Return whether a merge is inside one code fence, from its first line to its last."""
    around = [section for section in document.sections if section.body <= conflict.start]
    if not around:
        return False
    try:
        _, leaves = parse_leaves(document.source.shadow, around[-1].body, around[-1].own_end)
    except TooMuch:
        return False
    return any(leave.kind == "fence" and leave.start < conflict.start and conflict.end < leave.end for leave in leaves)
