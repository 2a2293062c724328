"""The text of a file with git's markers: the sides that were merged, and what is chosen where they differ. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.conflicts import find_examples
from memorybank.document.sections import outline
from memorybank.document.source import Source, each_line, without_eol

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS, THEIRS, BOTH = "ours", "theirs", "both"
TAKEN = (OURS, THEIRS, BOTH)


class Block(NamedTuple):
    """One conflict: its two sides, the text before both where git wrote it, and what git calls the sides."""

    ours: str
    theirs: str
    base: str | None
    labels: tuple[str, str]


# text that both sides have, or a conflict
Part = str | Block


def parts_of(text: str, marker_size: int = 7) -> list[Part] | None:
    """Return the parts of a text; None if a marker has no counterpart, so that the sides are not certain."""
    mark = re.compile(rf"(<{{{marker_size}}}|>{{{marker_size}}}|\|{{{marker_size}}}|={{{marker_size}}})(?: (.*))?\Z")
    parts: list[Part] = []
    common: list[str] = []
    # the sides of the conflict that is open: ours, base, theirs
    sides: list[list[str]] | None = None
    at, label, has_base = 0, "", False
    for line in each_line(text):
        found = mark.match(without_eol(line))
        kind = found[1][0] if found else ""
        if kind == "<":
            if sides is not None:
                return None
            parts.append("".join(common))
            common, sides, at, has_base = [], [[], [], []], 0, False
            label = (found[2] if found else "") or OURS
        elif sides is None:
            if kind == ">":
                return None
            common.append(line)
        elif kind == "|" and at == 0:
            at, has_base = 1, True
        elif kind == "=" and at < len(sides) - 1:
            at = 2
        elif kind == ">" and at == len(sides) - 1:
            ours, base, theirs = ("".join(each) for each in sides)
            named = (label, (found[2] if found else "") or THEIRS)
            parts.append(Block(ours, theirs, base if has_base else None, named))
            sides = None
        else:
            sides[at].append(line)
    if sides is not None:
        return None
    parts.append("".join(common))
    return parts


def side(parts: Sequence[Part], name: str) -> str:
    """Return the text of one side, or with both sides of each conflict, ours first."""
    return "".join(each if isinstance(each, str) else _taken(each, name) for each in parts)


def base_of(parts: Sequence[Part]) -> str | None:
    """Return the text before both sides, if git wrote it into each conflict."""
    texts = [each if isinstance(each, str) else each.base for each in parts]
    return None if any(each is None for each in texts) else "".join(each or "" for each in texts)


def without_labels(data: bytes, marker_size: int = 7) -> bytes:
    """Return a text whose markers have no words, as two merges of the same sides may be called differently."""
    pattern = rb"(?m)^([<>|])\1{%d} [^\r\n]*" % (marker_size - 1)
    return re.sub(pattern, lambda match: match[1] * marker_size, data)


def parts_in(data: bytes, *, is_merge: bool = False) -> list[Part] | None:
    """Return the parts of a file's bytes, without a byte order mark; an example in a code fence is text.

    With `is_merge` there is a merge for certain, so that a block in a fence counts where there is no other.
    """
    source = Source(data)
    text = source.text
    parts: list[Part] = []
    at = 0
    for example in find_examples(outline(source)):
        before = parts_of(text[at : example.start])
        if before is None:
            return None
        parts += [*before, text[example.start : example.end]]
        at = example.end
    rest = parts_of(text[at:])
    if rest is None:
        return None
    parts += rest
    if is_merge and all(isinstance(each, str) for each in parts):
        return parts_of(text)
    return parts


def _taken(block: Block, name: str) -> str:
    if name == OURS:
        return block.ours
    if name == THEIRS:
        return block.theirs
    first = block.ours
    if first and block.theirs and not first.endswith("\n"):
        first += "\n"
    return first + block.theirs
