"""Find links that depend on another place: on a definition, a footnote, or the folder of a relative path."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.scanner.blocks import parse_leaves
from memorybank.document.source import shadow_of
from memorybank.errors import SpillError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DEFINED = re.compile(
    r"^[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|>)[ \t]+)*\[((?:[^\[\]\\\n]|\\.)+)\]:[ \t]*(?:\n[ \t]*)?(<[^>\n]*>|[^\n]+)",
    re.MULTILINE,
)
# fenced code and code spans
CODE = re.compile(
    r"^ {0,3}(```+|~~~+)[^\n]*\n(?:.*?^ {0,3}\1[^\n]*$|.*)|(`+)(?!`)[^\n]*?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL
)
_USED = re.compile(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)+)\](?:\[((?:[^\[\]\\\n]|\\.)*)\])?(?![(:])")
_INLINE = re.compile(
    r"(?<!\\)\]\((?:<([^>\n]*)>|([^()\s]+))|<(?:a|img)\s[^>]*?\b(?:href|src)\s*=\s*[\"']?([^\"'>\s]+)", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\\")
# what a definition may point to; a single word is not an address
_ADDRESS = re.compile(r"[<./#:@?]")


class MovedFile(NamedTuple):
    """One file of an operation: its name and folder, its text before and after, the text removed and the text added."""

    name: str
    folder: str
    before: str
    after: str
    gone: str
    came: str


def definitions_in(text: str) -> dict[str, str]:
    """Return the definitions in a text by label, found without a full parse; the first of a label counts."""
    found: dict[str, str] = {}
    for match in _DEFINED.finditer(CODE.sub("", shadow_of(text))) if "]:" in text else ():
        found.setdefault(_label(match[1]), match[2].strip())
    return found


def refuse_hidden(address: str, text: str, *, old: str = "", around: Sequence[str] = ()) -> None:
    """Refuse text with a line that Markdown would read as a definition by accident, and so not show.

    A real definition points to an address, and no text `around` it defines the same label differently. Definitions of
    the `old` text may stay.

    Raises:
        SpillError: there is such a line.
    """
    if "]:" not in text:
        return
    known = definitions_in(old)
    others: dict[str, str] | None = None
    for label, target in _read(text):
        if known.get(label) == target:
            continue
        if others is None:
            others = {name: each for piece in around for name, each in definitions_in(piece).items()}
        if others.get(label, target) != target:
            raise SpillError(
                address=address,
                why=f"it would define [{label}] a second time and change where links point",
                hint="change the existing definition, or put a backslash before the bracket",
            )
        if not label.startswith("^") and not _ADDRESS.search(target):
            raise SpillError(
                address=address,
                why=f"the line '[{label}]: {target}' would be a link definition, which Markdown does not show",
                hint="put a backslash before the bracket",
            )


def lost_links(files: Sequence[MovedFile]) -> tuple[str, ...]:
    """Return the links that an operation breaks, one sentence for each.

    Each text is read a fixed number of times, however many files an operation has.
    """
    told: list[str] = []
    sources = [_Source(file) for file in files if file.before] if len(files) > 1 and any(map(_has_links, files)) else []
    labels, targets = _by_key(sources, "known"), _by_key(sources, "targets")
    for file in files:
        told += _undefined(file)
        if sources and _has_links(file):
            told += _left_behind(file, labels, targets)
    return tuple(dict.fromkeys(told))


def _has_links(file: MovedFile) -> bool:
    return "[" in file.came or "<" in file.came


class _Source:
    """A file from which text may have been moved: what it defines, and where its links lead."""

    def __init__(self, file: MovedFile) -> None:
        self.file = file
        self.known = definitions_in(file.before)
        self.targets = dict.fromkeys(_targets(file.before))

    @cached_property
    def used(self) -> set[str]:
        return set(_labels(self.file.before))


def _by_key(sources: Sequence[_Source], name: str) -> dict[str, list[_Source]]:
    found: dict[str, list[_Source]] = {}
    for source in sources:
        for key in getattr(source, name):
            found.setdefault(key, []).append(source)
    return found


def _undefined(file: MovedFile) -> Iterator[str]:
    """Report links whose definition was removed."""
    went = definitions_in(file.gone)
    gone = went.keys() - definitions_in(file.after).keys() if went else set()
    used = set(_labels(file.after)) if gone else set()
    for label in sorted(gone & used):
        yield f"{file.name}: [{label}] is used, but its definition is gone"


def _left_behind(file: MovedFile, labels: dict[str, list[_Source]], targets: dict[str, list[_Source]]) -> Iterator[str]:
    """Report links that were moved from another file without what they depend on."""
    used = dict.fromkeys(_labels(file.came)) if labels else {}
    here = definitions_in(file.after) if any(label in labels for label in used) else {}
    for label in used:
        for other in labels.get(label, ()):
            there = other.known[label]
            if other.file == file:
                continue
            if label not in here:
                yield f"{file.name}: [{label}] is not defined here; {other.file.name} has '[{label}]: {there}'"
            elif here[label] != there and label in other.used:
                yield f"{file.name}: [{label}] points to {here[label]} here; {other.file.name} has '[{label}]: {there}'"
    for target in dict.fromkeys(_targets(file.came)) if targets else ():
        for other in targets.get(target, ()):
            if other.file == file:
                continue
            if target.startswith("#"):
                yield f"{file.name}: the link to {target} points to a heading of {other.file.name}"
            elif _resolved(file.folder, target) != _resolved(other.file.folder, target):
                yield f"{file.name}: the link to {target} is relative to the folder of {other.file.name}"


def _read(text: str) -> Iterator[tuple[str, str]]:
    """Yield the definitions of a text, found by a full parse, so that only real ones count."""
    shadow = shadow_of(text)
    for leave in parse_leaves(shadow, 0, len(shadow))[1]:
        piece = shadow[leave.start : leave.end]
        found = _DEFINED.match(piece)
        if found and (leave.kind == "definition" or (leave.kind == "paragraph" and found[1].startswith("^"))):
            yield _label(found[1]), found[2].strip()


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def _labels(text: str) -> Iterable[str]:
    return (_label(match[2] or match[1]) for match in _USED.finditer(CODE.sub("", shadow_of(text))))


def _targets(text: str) -> Iterator[str]:
    plain = CODE.sub("", shadow_of(text))
    for match in _INLINE.finditer(plain):
        target = match[1] or match[2] or match[3] or ""
        if target and not _ELSEWHERE.match(target):
            yield target
    for target in definitions_in(text).values():
        words = target.strip("<>").split()
        if words and not _ELSEWHERE.match(words[0]) and _ADDRESS.search(words[0]):
            yield words[0]


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, target.partition("#")[0]))
