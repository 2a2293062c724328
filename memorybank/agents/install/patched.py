"""A text with its changes: each is a span of the original that was cut, and the text that came there.

So a later uninstall can take out exactly what an install put in, without a copy of the user's file.
"""

from __future__ import annotations

from typing import NamedTuple

from memorybank.document.sections import Splice
from memorybank.document.trail import reverse


class Patch(NamedTuple):
    """At an offset of the new text: what was added there, and what was cut."""

    at: int
    added: str
    cut: str


class Patched:
    """A text that is changed by spans, and knows its changes."""

    __slots__ = ("_original", "_parts", "text")

    def __init__(self, original: str) -> None:
        self._original = original
        # spans of the original as (start, stop), and added texts
        self._parts: list[tuple[int, int] | str] = [(0, len(original))]
        self.text = original

    def splice(self, start: int, stop: int, new: str) -> None:
        """Replace a span of the text as it is now."""
        before, rest = _split(self._parts, start)
        _, after = _split(rest, stop - start)
        self._parts = [*before, *([new] if new else []), *after]
        self.text = self.text[:start] + new + self.text[stop:]

    def patches(self) -> tuple[Patch, ...]:
        """Return the changes from the original to the text, in their order."""
        made: list[Patch] = []
        at = seen = 0
        added = ""
        for part in [*self._parts, (len(self._original), len(self._original))]:
            if isinstance(part, str):
                added += part
                continue
            start, stop = part
            if added or start > seen:
                made.append(Patch(at, added, self._original[seen:start]))
            at += len(added) + stop - start
            added, seen = "", stop
        return tuple(made)


def _split(
    parts: list[tuple[int, int] | str], offset: int
) -> tuple[list[tuple[int, int] | str], list[tuple[int, int] | str]]:
    for number, part in enumerate(parts):
        length = len(part) if isinstance(part, str) else part[1] - part[0]
        if offset < length or (offset == 0 and number == 0):
            if offset == 0:
                return parts[:number], parts[number:]
            if isinstance(part, str):
                return [*parts[:number], part[:offset]], [part[offset:], *parts[number + 1 :]]
            middle = part[0] + offset
            return [*parts[:number], (part[0], middle)], [(middle, part[1]), *parts[number + 1 :]]
        offset -= length
    return parts, []


def reverted(text: str, patches: tuple[Patch, ...]) -> str | None:
    """Return the text without the changes; None if it does not have them where they were made."""
    return reverse(text, [Splice(patch.at, patch.cut, patch.added) for patch in patches])
