"""What was found while a log was read: events by kind, lines that were not read, and where reading ended."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container

    from memorybank.corrections.transcripts.event import Event

# so many turns of the user are read again when a log goes on: what they say may be corrected next
CONTEXT_TURNS = 4
# of a turn that is very long, the answers that are read again
_CONTEXT_ANSWERS = 20
# of so many names that a log may invent, the rest are counted together
_NAMES = 200
_LONGEST_NAME = 60


class Start(NamedTuple):
    """Where reading begins: at a byte, which is the first one of a line, and the number of that line."""

    offset: int = 0
    line: int = 1


class LogCounts:
    """What one or several logs have; `end`, `tail`, `turns` and `answers` are of the log that was read last.

    `lines` counts whole lines, `read` those that may have a message. `unread` has kinds of lines that never have one,
    `unknown` kinds of lines, blocks and events that no version is known to write. `broken` lines are not JSON, `long`
    ones have more bytes than are read of a line, `repeated` entries stand elsewhere, too. `refused` names logs that
    could not be read, with the reason. `tail` are the last bytes before `end`.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.events: Counter[str] = Counter()
        self.lines = 0
        self.read = 0
        self.unread: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.broken = 0
        self.long = 0
        self.repeated = 0
        self.refused: dict[str, str] = {}
        self.end = Start()
        self.turns: deque[Start] = deque(maxlen=CONTEXT_TURNS)
        self.answers: deque[Start] = deque(maxlen=_CONTEXT_ANSWERS)
        self.tail = b""

    def begin(self, start: Start) -> None:
        """Note that a log is read from here."""
        self.end, self.tail = start, b""
        self.turns.clear()
        self.answers.clear()

    def take(self, event: Event) -> None:
        """Count an event, and note where turns of the user and answers to them are."""
        self.events[event.kind] += 1
        places = self.answers if event.speaker == "assistant" else self.turns if event.kind == "said" else None
        if places is not None and event.speaker in ("human", "assistant"):
            places.append(Start(event.offset, event.line))

    def leave(self, kind: str, known: Container[str]) -> None:
        """Count a line that has no message; one of an unknown kind is counted as such."""
        if kind in known:
            self.unread[kind] += 1
        else:
            _count(self.unknown, kind)

    def miss(self, kind: object) -> None:
        """Count something of a kind that is not known."""
        _count(self.unknown, kind)


def _count(counter: Counter[str], kind: object) -> None:
    name = kind if isinstance(kind, str) and kind else "(no type)"
    name = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name[:_LONGEST_NAME])
    if name not in counter and len(counter) >= _NAMES:
        name = "(others)"
    counter[name] += 1
