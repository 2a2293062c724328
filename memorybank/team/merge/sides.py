"""What a merge takes and returns."""

from __future__ import annotations

from typing import NamedTuple

MARKER_SIZE = 7


class Labels(NamedTuple):
    """The names of the two sides in conflict markers: a branch, a machine, a commit."""

    ours: str = "ours"
    theirs: str = "theirs"


SIDES = Labels()


class Conflict(NamedTuple):
    """One place where the two sides cannot both be kept without a choice.

    `place` is the path of its section, "" outside of sections; `first` and `last` are the lines of the markers in the
    merged text, from 1. `why` is one short sentence.
    """

    place: str
    first: int
    last: int
    why: str


class Merged(NamedTuple):
    """The merged bytes, and the conflicts in them; without conflicts the merge is clean."""

    data: bytes
    conflicts: tuple[Conflict, ...]


class Clash(NamedTuple):
    """A conflict while the text is still being put together: its place, its block with markers, and why."""

    place: str
    block: str
    why: str


class Block(NamedTuple):
    """The text of a conflict, and the text of each side in it."""

    whole: str
    ours: str
    theirs: str


class Combined(NamedTuple):
    """Lines of the three texts that became one new line: a tick on one side and new words on the other."""

    base: str
    ours: str
    theirs: str
    merged: str
