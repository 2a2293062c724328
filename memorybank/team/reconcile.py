"""Decide what becomes of one file of which two sides have a version, or have deleted it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from memorybank.document.frontmatter import find_block
from memorybank.document.source import Source
from memorybank.team.merge.entry import merge_files
from memorybank.team.merge.line_merge import Markers
from memorybank.team.merge.sides import SIDES, Conflict, Labels

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract

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
        return _half_deleted(ours, theirs, labels)
    merged = merge_files(base, ours, theirs, name=name, contract=contract, labels=labels)
    if merged.conflicts:
        return Outcome("conflict", merged.data, merged.conflicts)
    if merged.data == ours:
        return Outcome("keep", ours)
    return Outcome("take" if merged.data == theirs else "merged", merged.data)


def _half_deleted(ours: bytes | None, theirs: bytes | None, labels: Labels) -> Outcome:
    kept = ours if ours is not None else theirs
    source = Source(kept or b"")
    block = find_block(source.shadow)
    at = block.end if block else 0
    body = source.text[at:]
    if ours is None:
        marked = Markers(Labels(f"{labels.ours} (deleted)", labels.theirs)).block("", body, apart=True)
    else:
        marked = Markers(Labels(labels.ours, f"{labels.theirs} (deleted)")).block(body, "", apart=True)
    if source.eol_near(0) != "\n":
        marked = marked.replace("\r\n", "\n").replace("\n", source.eol_near(0))
    first = source.shadow.count("\n", 0, at) + 1
    conflict = Conflict("", first, first + marked.count("\n") - 1, "one side deleted the file, the other edited it")
    return Outcome("conflict", source.to_bytes(source.text[:at] + marked), (conflict,))
