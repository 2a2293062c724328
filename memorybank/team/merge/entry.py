"""Merge one file: choose how by its name, put the merge to the test, and fall back to a coarser conflict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from memorybank.document.source import BOM, with_eol
from memorybank.errors import LimitError
from memorybank.patterns import later
from memorybank.team.merge.accounting import faults_in, faults_of
from memorybank.team.merge.json_merge import merge_json
from memorybank.team.merge.line_merge import LinesMerged, Markers, merge_lines
from memorybank.team.merge.sides import MARKER_SIZE, SIDES, Clash, Conflict, Labels, Merged
from memorybank.team.merge.structure import ONE_DELETED, Structured, merge_trees
from memorybank.team.merge.units import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.contracts.contract import Contract

_LONG = 300_000
# new lines of one side that are compared with those of the other
_MOST_PAIRS = 10_000
_WORD = later(r"\w+")
MARKDOWN = (".md", ".markdown", ".mdc")


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
    if theirs in (ours, base):
        return Merged(ours, ())
    if base == ours:
        return Merged(theirs, ())
    bom = _chosen(base is not None and base.startswith(BOM), ours.startswith(BOM), theirs.startswith(BOM))
    texts = _text(base or b""), _text(ours), _text(theirs)
    eol = _ending(base is not None, texts)
    b, o, t = texts if eol is None else (with_eol(text, "\n") if "\r" in text else text for text in texts)
    merged = merge_texts(b, o, t, Markers(labels, marker_size), name, contract)
    text = merged.text if eol in {None, "\n"} else with_eol(merged.text, eol or "\n")
    data = text.encode("utf-8", "surrogateescape")
    return Merged(BOM + data if bom else data, _placed(merged))


def merge_texts(
    base: str, ours: str, theirs: str, markers: Markers, name: str, contract: Contract | None
) -> LinesMerged:
    """Merge three texts by the format that the name says; what cannot be proven becomes a coarser conflict."""
    if name.casefold().endswith(".json"):
        made = merge_json(base, ours, theirs, markers)
        if made is not None:
            return made
    records = name.casefold().endswith((".jsonl", ".ndjson"))
    is_markdown = contract is not None or name.casefold().endswith(MARKDOWN)
    by_lines = None if records else _by_lines(base, ours, theirs, markers)
    # no worse than git: what lines decide stays where it was written
    is_clear = by_lines is not None and not by_lines.clashes and not (is_markdown and _have_alike(base, ours, theirs))
    if by_lines is not None and is_clear and contract is None:
        return by_lines
    if records or is_markdown:
        structured = _structured(base, ours, theirs, markers, contract, records=records)
        if structured is not None:
            if by_lines is not None and is_clear and _same_lines(by_lines.text, structured.text):
                return by_lines
            return LinesMerged(structured.text, structured.clashes)
    by_lines = _by_lines(base, ours, theirs, markers) if records else by_lines
    if by_lines is not None:
        return by_lines
    text, blocks = markers.blocks(ours, theirs, apart=True)
    return LinesMerged(text, tuple(Clash("", block, "the two sides cannot be merged line by line") for block in blocks))


def _by_lines(base: str, ours: str, theirs: str, markers: Markers) -> LinesMerged | None:
    """Merge as git does; None if a line would be lost, doubled or revived."""
    merged = merge_lines(base, ours, theirs, markers)
    return None if faults_of(base, ours, theirs, merged.text, blocks=merged.blocks) else merged


def _same_lines(one: str, other: str) -> bool:
    """Return whether two texts have the same lines in any order; blank ones do not count."""
    counts = [Counter(line for line in text.split("\n") if line.strip()) for text in (one, other)]
    return counts[0] == counts[1]


def _have_alike(base: str, ours: str, theirs: str) -> bool:
    """Return whether both sides have a new line that may be the same thing in other words: the structure decides."""
    known = _words_of_lines(base)
    ones, others = _words_of_lines(ours) - known, _words_of_lines(theirs) - known
    if len(ones) * len(others) > _MOST_PAIRS:
        return True
    return any(2 * len(one & other) >= min(len(one), len(other)) for one in ones for other in others)


def _words_of_lines(text: str) -> set[frozenset[str]]:
    return {words for line in text.split("\n") if (words := frozenset(_WORD.findall(line.casefold())))}


def _structured(
    base: str, ours: str, theirs: str, markers: Markers, contract: Contract | None, *, records: bool
) -> Structured | None:
    """Merge by structure; None if no such merge can be proven.

    In long files moves to another section are only looked for when something seems to be deleted and edited.
    """
    is_long = len(ours) > _LONG
    ways = (False,) if records else (False, True) if is_long else (True, False)
    try:
        b, o, t = (Tree(text, contract=contract is not None, records=records) for text in (base, ours, theirs))
        for with_moves in ways:
            merged = merge_trees(b, o, t, markers, contract, with_moves=with_moves)
            if is_long and with_moves != ways[-1] and any(clash.why == ONE_DELETED for clash in merged.clashes):
                continue
            if not faults_in(base, ours, theirs, merged, markdown=not records):
                return merged
    except LimitError:
        return None
    return None


def _text(data: bytes) -> str:
    return data.removeprefix(BOM).decode("utf-8", "surrogateescape")


def _chosen(base: bool, ours: bool, theirs: bool) -> bool:  # noqa: FBT001  three sides of one fact
    return theirs if ours == base else ours


def _ending(has_base: bool, texts: Sequence[str]) -> str | None:  # noqa: FBT001  a fact, not a choice
    """Return the line ending of the merge: of the side that changed it; None if a text has several kinds."""
    kinds = []
    for text in texts:
        pairs = text.count("\r\n")
        counts = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
        kinds.append([kind for kind, count in counts.items() if count])
    if any(len(each) > 1 for each in kinds):
        return None
    base, ours, theirs = ("".join(each) for each in kinds)
    if not has_base or not base:
        return ours or theirs or "\n"
    return (theirs if ours in {"", base} else ours) or base


def _placed(merged: LinesMerged) -> tuple[Conflict, ...]:
    """Return the conflicts with their lines: the blocks are in the text in this order."""
    placed = []
    at, line = 0, 1
    for each in merged.clashes:
        start = merged.text.index(each.block, at)
        line += merged.text.count("\n", at, start)
        last = line + each.block.removesuffix("\n").count("\n")
        placed.append(Conflict(each.place, line, last, each.why))
        line += each.block.count("\n")
        at = start + len(each.block)
    return tuple(placed)
