"""Read unified diffs as models write them: with wrong counts, with lines that have no mark, cut at the end."""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.document.source import lines_of, without_eol

NOWHERE = "/dev/null"
_HUNK = re.compile(r"@@ -\d{1,9}(?:,(?P<old>\d{1,9}))? \+\d{1,9}(?:,(?P<new>\d{1,9}))? @@(?P<text>.*)\Z")
# a header of a hunk whose numbers a model left out or made up
_LOOSE = re.compile(r"@@(?:[ \t].*)?\Z")
_GIT = re.compile(
    r"(?:diff --git|index [0-9a-f]+\.\.|(?:new|deleted) file mode|(?:old|new) mode|similarity index|Index: |={60,}\Z)"
)
_RENAME = re.compile(r"(?:rename|copy) (?:from|to) ")
_NO_NEWLINE = "\\"


class Hunk(NamedTuple):
    """One change of a file: its lines, and whether its header counts them right."""

    old: str
    new: str
    header: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    context: tuple[str, ...]
    is_exact: bool = True

    @property
    def is_new_file(self) -> bool:
        """Whether the file is not there before."""
        return self.old == NOWHERE

    @property
    def target(self) -> str:
        """The file that is changed."""
        return self.old if self.new == NOWHERE else self.new


class Diff(NamedTuple):
    """The hunks of a patch, the lines of heads that name files only, and lines that are in no hunk."""

    hunks: tuple[Hunk, ...]
    heads: tuple[str, ...]
    others: tuple[str, ...]


def read_diff(text: str) -> Diff:
    """Read a patch; every line of it is in a part of the result."""
    lines = [without_eol(line) for line in lines_of(text)]
    hunks: list[Hunk] = []
    heads: list[str] = []
    others: list[str] = []
    old = new = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        if _names_files(lines, at):
            old, new = _path(line), _path(lines[at + 1])
            heads += lines[at : at + 2]
            at += 2
        elif new and _LOOSE.match(line):
            hunk, unmarked, at = _hunk(lines, at, old, new)
            hunks.append(hunk)
            others += unmarked
        else:
            (heads if _GIT.match(line) or line.startswith(_NO_NEWLINE) else others).append(line)
            at += 1
    return Diff(tuple(hunks), tuple(heads), tuple(each for each in others if each.strip()))


def _names_files(lines: list[str], at: int) -> bool:
    return lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def _path(line: str) -> str:
    # a time may stand behind a tab
    return line[4:].partition("\t")[0].strip().strip('"')


def _hunk(lines: list[str], at: int, old: str, new: str) -> tuple[Hunk, list[str], int]:
    """Return a hunk, its lines without a mark, and where it ends."""
    found = _HUNK.match(lines[at])
    end = _counted_end(lines, at + 1, found) if found else -1
    is_exact = end >= 0
    if not is_exact:
        end = at + 1
        while end < len(lines) and not _begins_another(lines, end):
            end += 1
        while end > at + 1 and not lines[end - 1].strip():
            end -= 1
    added, removed, context, unmarked = [], [], [], []
    for line in lines[at + 1 : end]:
        if line.startswith("+"):
            added.append(line[1:])
        elif line.startswith("-"):
            removed.append(line[1:])
        elif line[:1] in {"", " "}:
            context.append(line[1:])
        elif not line.startswith(_NO_NEWLINE):
            unmarked.append(line)
    return Hunk(old, new, lines[at], tuple(added), tuple(removed), tuple(context), is_exact), unmarked, end


def _counted_end(lines: list[str], at: int, found: re.Match[str]) -> int:
    """Return where a hunk ends by the numbers of its header; -1 if its lines do not have these numbers."""
    old, new = int(found["old"] or 1), int(found["new"] or 1)
    while (old > 0 or new > 0) and at < len(lines):
        mark = lines[at][:1]
        if mark not in {"", " ", "+", "-", _NO_NEWLINE}:
            return -1
        old -= mark in {"", " ", "-"}
        new -= mark in {"", " ", "+"}
        at += 1
    while at < len(lines) and lines[at].startswith(_NO_NEWLINE):
        at += 1
    is_whole = old == new == 0 and (at == len(lines) or not lines[at].strip() or _begins_another(lines, at))
    return at if is_whole else -1


def _begins_another(lines: list[str], at: int) -> bool:
    is_file = _names_files(lines, at) and at + 2 < len(lines) and bool(_LOOSE.match(lines[at + 2]))
    return is_file or bool(_LOOSE.match(lines[at]) or _GIT.match(lines[at]) or _RENAME.match(lines[at]))
