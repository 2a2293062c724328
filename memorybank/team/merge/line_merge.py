"""Merge texts line by line, as git does: for files without structure, and when a structural merge must not be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.team.merge.align import align
from memorybank.team.merge.sides import MARKER_SIZE, SIDES, Clash, Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class LinesMerged(NamedTuple):
    """The merged text and its conflicts, in order."""

    text: str
    clashes: tuple[Clash, ...]


class Chunk(NamedTuple):
    """A stretch of the three sequences between two elements that all have; `stable` ones are equal in all."""

    base: tuple[int, int]
    ours: tuple[int, int]
    theirs: tuple[int, int]
    stable: bool


class Markers(NamedTuple):
    """How conflict blocks are written."""

    labels: Labels = SIDES
    size: int = MARKER_SIZE

    def block(self, ours: str, theirs: str, *, apart: bool = False) -> str:
        """Return a conflict block; with `apart`, a blank line keeps `=======` from making a heading of a paragraph."""
        blank = "\n" if apart else ""
        first = f"{'<' * self.size} {self.labels.ours}\n"
        middle = f"{'=' * self.size}\n"
        return f"{first}{_ended(ours)}{blank}{middle}{_ended(theirs)}{'>' * self.size} {self.labels.theirs}\n"

    def sides_of(self, block: str) -> tuple[str, str]:
        """Return the text of each side in a block that `block` made."""
        inner = block[block.index("\n") + 1 : block.rindex("\n", 0, len(block) - 1) + 1]
        ours, _, theirs = f"\n{inner}".partition(f"\n{'=' * self.size}\n")
        return ours, theirs


def _ended(text: str) -> str:
    return text if not text or text.endswith(("\n", "\r")) else f"{text}\n"


def chunks_of(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Chunk]:
    """Split three sequences into stretches that are equal in all, and stretches that one or both sides changed."""
    in_ours, in_theirs = dict(align(base, ours)), dict(align(base, theirs))
    b = o = t = run = 0
    for at in sorted(in_ours.keys() & in_theirs.keys()):
        o1, t1 = in_ours[at], in_theirs[at]
        if (b + run, o + run, t + run) == (at, o1, t1):
            run += 1
            continue
        if run:
            yield Chunk((b, b + run), (o, o + run), (t, t + run), stable=True)
            b, o, t = b + run, o + run, t + run
        yield Chunk((b, at), (o, o1), (t, t1), stable=False)
        b, o, t, run = at, o1, t1, 1
    if run:
        yield Chunk((b, b + run), (o, o + run), (t, t + run), stable=True)
        b, o, t = b + run, o + run, t + run
    if (b, o, t) != (len(base), len(ours), len(theirs)):
        yield Chunk((b, len(base)), (o, len(ours)), (t, len(theirs)), stable=False)


def merge_lines(base: str, ours: str, theirs: str, markers: Markers) -> LinesMerged:
    """Merge three texts by lines: a change of one side is taken, different changes of the same lines are a conflict."""
    rows = lines_of(base), lines_of(ours), lines_of(theirs)
    out: list[str] = []
    found: list[Clash] = []
    for chunk in chunks_of(*rows):
        b, o, t = (row[start:end] for row, (start, end) in zip(rows, chunk[:3], strict=True))
        if t in (o, b):
            out += o
        elif o == b:
            out += t
        else:
            head, tail = _common(o, t)
            block = markers.block("".join(o[head : len(o) - tail]), "".join(t[head : len(t) - tail]))
            found.append(Clash("", block, "both sides changed these lines"))
            out += [*o[:head], block, *o[len(o) - tail :]]
    return LinesMerged(_joined(out), tuple(found))


def _joined(rows: list[str]) -> str:
    """Join lines; one that has lost its ending because it was the last of its text gets one, if others follow."""
    for i, row in enumerate(rows[:-1]):
        if row == without_eol(row):
            rows[i] = f"{row}\n"
    return "".join(rows)


def _common(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Return how many elements two sequences have in common at their start and at their end."""
    limit = min(len(one), len(other))
    head = next((i for i in range(limit) if one[i] != other[i]), limit)
    tail = next((i for i in range(limit - head) if one[-1 - i] != other[-1 - i]), limit - head)
    return head, tail
