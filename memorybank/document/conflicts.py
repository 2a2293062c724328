"""Unresolved merges: both sides and git's markers stand in the text until someone chooses; none of it is edited."""

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

# compiled when a text holds one: few do
_MARKER = r"(<{7}|>{7}|\|{7})(?: |\Z)|={7}\Z"


class MergeConflict(NamedTuple):
    """One unresolved merge: its offsets from the first marker's line to the last one's end, and those lines."""

    start: int
    end: int
    first: int
    last: int


class UnresolvedMergeError(RefusedError):
    """The edit would change lines of an unresolved merge."""

    code = "unresolved-merge"

    def __init__(self, *, path: str, conflicts: Sequence[MergeConflict]) -> None:
        lines = lines_told([each[2:] for each in conflicts])
        super().__init__(
            f"{path} has an unresolved merge on {lines}, which the edit would change",
            hint=f"choose one side of the merge in {quoted(path)}, then try again",
            where=f"{path}:{conflicts[0].first}",
            lines=[[each.first, each.last] for each in conflicts],
        )


def lines_told(lines: Sequence[Sequence[int]]) -> str:
    """Write the lines of merges as a message has them: `line 3`, `lines 3-9 and 20-24`."""
    words = [f"{first}-{last}" if last > first else str(first) for first, last in lines]
    return f"line{'s' if len(words) > 1 or '-' in words[0] else ''} {' and '.join(words)}"


def find_conflicts(document: Document) -> tuple[MergeConflict, ...]:
    """Find the unresolved merges of a document; an example of one inside a code fence is text."""
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
            # one inside another, or one whose end is gone: told by itself
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
    return tuple(each for each in found if not _is_example(document, each))


def check_merges(before: Document, after: Document, *, whole: Sequence[tuple[int, int]] = ()) -> None:
    """Hold that no unresolved merge was changed in part; one in a span that was replaced whole may be gone.

    Raises:
        UnresolvedMergeError: one was.
    """
    torn = [each for each in _torn(before, after) if not any(s <= each.start and each.end <= e for s, e in whole)]
    if torn:
        raise UnresolvedMergeError(path=before.path, conflicts=torn)


def check_whole(before: Document, after: Document) -> None:
    """Hold the same for a whole new text: a merge stands in it as it did, or no part of it does.

    Raises:
        UnresolvedMergeError: a part is left.
    """
    torn = _torn(before, after)
    old, new = before.source.text, after.source.text
    for mark in ("<<<<<<<", ">>>>>>>"):
        gone = sum(old.count(mark, each.start, each.end) for each in torn)
        if gone and new.count(mark) > old.count(mark) - gone:
            raise UnresolvedMergeError(path=before.path, conflicts=torn)


def _torn(before: Document, after: Document) -> list[MergeConflict]:
    """List the merges that do not stand in the text any more as they did."""
    old, new = before.source.text, after.source.text
    found = []
    for each in find_conflicts(before):
        text = old[each.start : each.end]
        if new.count(text) < old.count(text):
            found.append(each)
    return found


def _is_example(document: Document, conflict: MergeConflict) -> bool:
    """Tell whether a merge stands in one code fence, from its first line to its last."""
    around = [each for each in document.sections if each.body <= conflict.start]
    if not around:
        return False
    try:
        _, leaves = parse_leaves(document.source.shadow, around[-1].body, around[-1].own_end)
    except TooMuch:
        return False
    return any(each.kind == "fence" and each.start < conflict.start and conflict.end < each.end for each in leaves)
