"""Merge texts line by line, as git does: for files without structure, and when a structural merge must not be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.patterns import later
from memorybank.team.merge.align import align
from memorybank.team.merge.sides import MARKER_SIZE, SIDES, Block, Clash, Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPENS = later(r"^<{7,} [^\n]*\n", re.MULTILINE)


class LinesMerged(NamedTuple):
    """The merged text and its conflicts, in order; `blocks` are what is needed to count its lines."""

    text: str
    clashes: tuple[Clash, ...]
    blocks: tuple[Block, ...] = ()


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

    def blocks(self, ours: str, theirs: str, *, apart: bool = False) -> tuple[str, tuple[str, ...]]:
        """Return the text of a conflict, and the blocks in it.

        There are several if a side has unresolved merges: these stay as they are, since blocks within blocks could not
        be told apart.
        """
        one, other = split_marked(ours), split_marked(theirs)
        if len(one) == len(other) == 1:
            text = self.block(ours, theirs, apart=apart)
            return text, (text,)
        found: list[tuple[str, bool]] = []
        a = b = 0
        for i, j in [*align(one[1::2], other[1::2]), (len(one) // 2, len(other) // 2)]:
            end, stop = 2 * i + 1, 2 * j + 1
            found.append(self._beside(one[a], other[b], apart=apart))
            for at, part in enumerate(one[a + 1 : end]):
                found.append(self._beside(part, "", apart=apart) if at % 2 else (_ended(part), True))
            for at, part in enumerate(other[b + 1 : stop]):
                found.append(self._beside("", part, apart=apart) if at % 2 else (_ended(part), True))
            # an unresolved merge that both sides have
            found += [(_ended(part), False) for part in one[end : end + 1]]
            a, b = end + 1, stop + 1
        return "".join(text for text, _ in found), tuple(text for text, is_block in found if is_block)

    def _beside(self, ours: str, theirs: str, *, apart: bool) -> tuple[str, bool]:
        """Return a conflict, or the text if both sides have it or it is blank; and which of these it is."""
        if ours == theirs or not (ours + theirs).strip():
            return _ended(ours), False
        return self.block(ours, theirs, apart=apart), True


def marked_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """Return the spans of unresolved merges: from a line of `<<<<<<<` to its line of `>>>>>>>`, others within it."""
    if "<<<<<<< " not in text:
        return []
    spans = []
    at = start
    while (opens := _OPENS.search(text, at)) is not None:
        size = len(opens[0]) - len(opens[0].lstrip("<"))
        end = _end_of_marks(text, opens.end(), size)
        if end < 0:
            break
        spans.append((opens.start(), end))
        at = end
    return spans


def _end_of_marks(text: str, at: int, size: int) -> int:
    """Return the end of an unresolved merge, the first one if others in it are not closed; -1 if it has none."""
    first, depth = -1, 1
    for mark in re.compile(rf"^(?:<{{{size}}} [^\n]*\n|>{{{size}}} [^\n]*(?:\n|\Z))", re.MULTILINE).finditer(text, at):
        depth += 1 if mark[0][0] == "<" else -1
        first = mark.end() if first < 0 and mark[0][0] == ">" else first
        if not depth:
            return mark.end()
    return first


def split_marked(text: str) -> list[str]:
    """Split a text at its unresolved merges: text and merges by turns, text first and last."""
    parts = []
    at = 0
    for start, end in marked_spans(text):
        parts += [text[at:start], text[start:end]]
        at = end
    return [*parts, text[at:]]


def _rows(text: str) -> list[str]:
    """Split a text into lines; an unresolved merge is one."""
    return [row for at, part in enumerate(split_marked(text)) for row in ([part] if at % 2 else lines_of(part))]


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
    rows = _rows(base), _rows(ours), _rows(theirs)
    out: list[str] = []
    found: list[Clash] = []
    counted: list[Block] = []
    for chunk in chunks_of(*rows):
        b, o, t = (row[start:end] for row, (start, end) in zip(rows, chunk[:3], strict=True))
        if t in (o, b):
            out += o
        elif o == b:
            out += t
        else:
            head, tail = _common(o, t)
            sides = "".join(o[head : len(o) - tail]), "".join(t[head : len(t) - tail])
            text, blocks = markers.blocks(*sides)
            found += [Clash("", block, "both sides changed these lines") for block in blocks]
            counted.append(Block(text, *sides))
            out += [*o[:head], text, *o[len(o) - tail :]]
    return LinesMerged(_joined(out), tuple(found), tuple(counted))


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
