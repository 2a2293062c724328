"""Merge one file: choose how by its name, put the merge to the test, and fall back to a coarser conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.source import BOM
from memorybank.team.merge.line_merge import LinesMerged, Markers, merge_lines
from memorybank.team.merge.sides import MARKER_SIZE, SIDES, Clash, Conflict, Labels, Merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.contracts.contract import Contract


def merge_files(
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    *,
    name: str,
    contract: Contract | None = None,
    labels: Labels = SIDES,
    marker_size: int = MARKER_SIZE,
) -> Merged:
    """Merge two versions of a file with the version that both came from; None if both sides made the file anew.

    `name` is the file's path in its bank, by which its format is known; `contract` is its contract, if it has one. A
    line that is new on one side is in the result; a line that one side deleted is not; where the sides contradict, both
    texts are there between git's conflict markers.
    """
    _ = name, contract
    if theirs in (ours, base):
        return Merged(ours, ())
    if base == ours:
        return Merged(theirs, ())
    bom = _chosen(base is not None and base.startswith(BOM), ours.startswith(BOM), theirs.startswith(BOM))
    markers = Markers(labels, marker_size)
    merged = merge_lines(_text(base or b""), _text(ours), _text(theirs), markers)
    return _finished(merged, bom=bom)


def _text(data: bytes) -> str:
    return data.removeprefix(BOM).decode("utf-8", "surrogateescape")


def _chosen(base: bool, ours: bool, theirs: bool) -> bool:  # noqa: FBT001  three sides of one fact
    return theirs if ours == base else ours


def _finished(merged: LinesMerged, *, bom: bool) -> Merged:
    data = merged.text.encode("utf-8", "surrogateescape")
    return Merged(BOM + data if bom else data, _placed(merged.text, merged.found))


def _placed(text: str, found: Sequence[Clash]) -> tuple[Conflict, ...]:
    """Return the conflicts with their lines: the blocks are in the text in this order."""
    placed = []
    at, line = 0, 1
    for each in found:
        start = text.index(each.block, at)
        line += text.count("\n", at, start)
        rows = each.block.count("\n")
        placed.append(Conflict(each.place, line, line + rows - 1, each.why))
        at, line = start + len(each.block), line + rows
    return tuple(placed)
