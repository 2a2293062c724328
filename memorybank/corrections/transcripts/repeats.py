"""Entries that stand in several logs, or several times in one: each is news once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.corrections.transcripts.event import Event

# so many events of the assistant are kept as the premise of what is new
_MOST = 200


class Repeats:
    """Keeps back what another log has; what the assistant said in it last comes again, before the first new event."""

    def __init__(self, counts: LogCounts, seen: set[str]) -> None:
        """Start a log; `seen` has the ids of the entries of other logs."""
        self._counts = counts
        self._seen = seen
        self._premise: list[Event] = []

    def is_seen(self, ident: str) -> bool:
        """Return whether another log has an entry; it is counted."""
        if not ident or ident not in self._seen:
            return False
        self._counts.repeated += 1
        return True

    def keep(self, events: Iterator[Event]) -> None:
        """Keep events that another log has as a premise."""
        for event in events:
            if event.speaker == "human":
                self._premise.clear()
            else:
                self._premise.append(event)
        del self._premise[:-_MOST]

    def news(self, events: Iterator[Event]) -> Iterator[Event]:
        """Yield new events, and before the first of them its premise."""
        for event in events:
            yield from self._premise
            self._premise.clear()
            yield event
