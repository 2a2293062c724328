"""Decide what becomes of one file of which two sides have a version, or have deleted it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from memorybank.document.frontmatter import find_block
from memorybank.document.source import Source
from memorybank.patterns import later
from memorybank.team.merge.entry import merge_files
from memorybank.team.merge.line_merge import Markers, marked_spans, split_marked
from memorybank.team.merge.sides import SIDES, Conflict, Labels

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract

_DELETED = " (deleted)"
_BY_OURS = later(r"<{7} ([^\n]*) \(deleted\)\r?\n\r?\n={7}\r?\n(.*)^>{7} ([^\n]*?)\r?\n?\Z", re.DOTALL | re.MULTILINE)
_BY_THEIRS = later(r"<{7} ([^\n]*?)\r?\n(.*?)\r?\n={7}\r?\n>{7} ([^\n]*) \(deleted\)\r?\n?\Z", re.DOTALL)

Action = Literal["same", "keep", "take", "merged", "conflict", "removed"]


class Outcome(NamedTuple):
    """What to do with our file, its new bytes (None: there is no file), and the conflicts in them.

    same: both sides have it alike; keep: ours stays; take: theirs becomes ours; merged, conflict: `data` is new;
    removed: the file goes.
    """

    action: Action
    data: bytes | None
    conflicts: tuple[Conflict, ...] = ()


def reconcile(
    base: bytes | None,
    ours: bytes | None,
    theirs: bytes | None,
    *,
    name: str,
    contract: Contract | None = None,
    labels: Labels = SIDES,
) -> Outcome:
    """Decide on one file; None means that the file is not there.

    A file that one side deleted and the other edited stays, with git's markers around its text.
    """
    if ours == theirs:
        return Outcome("same", ours)
    if theirs == base:
        return Outcome("keep", ours)
    if ours == base:
        return Outcome("take" if theirs is not None else "removed", theirs)
    if ours is None or theirs is None:
        kept, _ = _unmarked(ours if ours is not None else theirs)
        half = Labels(labels.ours, labels.theirs + _DELETED) if theirs is None else None
        return _half_deleted(kept or b"", half or Labels(labels.ours + _DELETED, labels.theirs))
    (old, was), (one, mine), (other, yours) = (_unmarked(side) for side in (base, ours, theirs))
    merged = merge_files(old, one or b"", other or b"", name=name, contract=contract, labels=labels)
    # a side that still says that the file was deleted, or says it anew
    half = yours if bool(mine) == bool(was) else mine
    if half:
        return _half_deleted(merged.data, half)
    if merged.conflicts:
        return Outcome("conflict", merged.data, merged.conflicts)
    if merged.data == ours:
        return Outcome("keep", ours)
    return Outcome("take" if merged.data == theirs else "merged", merged.data)


def _half_deleted(kept: bytes, labels: Labels) -> Outcome:
    """Return a text with markers around it, below its front matter; in it unresolved merges stay as they are."""
    source = Source(kept)
    block = find_block(source.shadow)
    at = block.end if block else 0
    body = source.text[at:]
    sides = ("", body) if labels.ours.endswith(_DELETED) else (body, "")
    marked, _ = Markers(labels).blocks(*sides, apart=True)
    if source.eol_near(0) != "\n":
        marked = marked.replace("\r\n", "\n").replace("\n", source.eol_near(0))
    text = source.text[:at] + marked
    rows = [[text.count("\n", 0, each) for each in (start, end - 1)] for start, end in marked_spans(text, at)]
    why = "one side deleted the file, the other edited it"
    return Outcome("conflict", source.to_bytes(text), tuple(Conflict("", a + 1, b + 1, why) for a, b in rows))


def _unmarked(data: bytes | None) -> tuple[bytes | None, Labels | None]:
    """Return a text without the markers that say that one side deleted the file, and their labels."""
    if data is None or _DELETED.encode() not in data:
        return data, None
    source = Source(data)
    labels = None
    parts = split_marked(source.text)
    for at in range(1, len(parts), 2):
        if found := _BY_OURS.match(parts[at]):
            labels = Labels(found[1] + _DELETED, found[3])
        elif found := _BY_THEIRS.match(parts[at]):
            labels = Labels(found[1], found[3] + _DELETED)
        parts[at] = found[2] if found else parts[at]
    return (source.to_bytes("".join(parts)), labels) if labels else (data, None)
