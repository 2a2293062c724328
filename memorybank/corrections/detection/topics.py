"""Topics of a session: runs of turns that share words, and where in its topic a correction was said."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from memorybank.times import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.records.corrections.correction import Correction

_GAP = 3 * 3600  # seconds; after a longer pause a new topic begins
_RECENT = 6
_MOST_TURNS = 200


class Topics:
    """Keeps the corrections of the current topic until it ends, as their positions are known only then."""

    def __init__(self) -> None:
        self._recent: deque[frozenset[str]] = deque(maxlen=_RECENT)
        self._count = 0
        self._at = ""
        self._waiting: list[tuple[int, Correction]] = []

    def turn(self, words: frozenset[str], around: frozenset[str], at: str) -> list[Correction]:
        """Note a turn with its words and those of what it is about; return the corrections of a topic that ended."""
        is_new = bool(self._count) and (
            self._count >= _MOST_TURNS or _is_far(self._at, at) or self._is_other(words, around)
        )
        ended = self.end() if is_new else []
        self._recent.append(words | around)
        self._count += 1
        self._at = at or self._at
        return ended

    def _is_other(self, words: frozenset[str], around: frozenset[str]) -> bool:
        """Check whether a turn shares no word with the last ones, nor with what it answers."""
        return bool(words) and words.isdisjoint(around) and all(words.isdisjoint(each) for each in self._recent)

    def add(self, corrections: Iterable[Correction]) -> None:
        """Add corrections of the current turn."""
        self._waiting += ((self._count, each) for each in corrections)

    def end(self) -> list[Correction]:
        """End the topic and return its corrections with their positions, from 0 to 1."""
        last = self._count
        ended = [each._replace(position=_position(number, last)) for number, each in self._waiting]
        self._recent.clear()
        self._waiting, self._count = [], 0
        return ended


def _position(number: int, last: int) -> float:
    return round((number - 1) / (last - 1), 3) if last > 1 else 1.0


def _is_far(before: str, now: str) -> bool:
    one, other = (moment_of(each) if each else None for each in (before, now))
    return one is not None and other is not None and abs((other - one).total_seconds()) > _GAP
