"""Sessions in the order of time, and the cases made of them: a hidden pair, and a moment at which it is asked about."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.evaluation.recovery import Requirement, Statement, wanted_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.corrections.transcripts.event import Event
    from memorybank.records.corrections.correction import Correction

# how many sessions later the question is asked; 0 is the end of the session in which the correction was said
LAGS = (0, 1, 5, 20)
# what a program that sums up gets to read, and how much of one piece is kept
KEPT = 120_000
_PIECE = 20_000
_USER, _ASSISTANT = "User: ", "Assistant: "
_HARNESS = frozenset({"harness", "subagent"})


class Piece(NamedTuple):
    """One thing that stood in the context of the assistant, as text; `is_talk` unless a tool was used."""

    line: int
    text: str
    is_talk: bool
    is_human: bool


class Session(NamedTuple):
    """One log: its end as text, and the corrections that were found in it.

    `pieces` are its last ones; `size` is how many characters all of them have.
    """

    name: str
    ended: str
    pieces: tuple[Piece, ...]
    size: int
    corrections: tuple[Correction, ...]


class Case(NamedTuple):
    """A pair that is hidden, and after which session the question is asked. `home` is the session it was said in."""

    correction: Correction
    wanted: Requirement
    home: int
    moment: int
    lag: int

    @property
    def order(self) -> tuple[int, int]:
        """When the correction was said."""
        return self.home, self.correction.origin.line


class Recorder:
    """Hands events on, and remembers the end of what the assistant had before it."""

    def __init__(self) -> None:
        self.pieces: deque[Piece] = deque()
        self.size = self._held = 0
        self.ended = self.session = ""
        self.has_human = False

    def through(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the same events."""
        for event in events:
            self.ended = max(self.ended, event.at)
            self.session = self.session or event.session
            text = piece_text(event)
            if text:
                is_human = event.speaker == "human"
                self.has_human = self.has_human or is_human
                self._keep(Piece(event.line, text, event.kind in {"said", "denied"}, is_human))
            yield event

    def _keep(self, piece: Piece) -> None:
        self.size += len(piece.text)
        piece = piece._replace(text=piece.text[:_PIECE])
        self.pieces.append(piece)
        self._held += len(piece.text)
        while self._held - len(self.pieces[0].text) > KEPT:
            self._held -= len(self.pieces.popleft().text)


def piece_text(event: Event) -> str:
    """Return what of an event stood in the main assistant's context; "" for harness text and sub-agents."""
    if event.kind == "result" and event.speaker != "subagent":
        return f"Result: {event.text}" if event.text.strip() else ""
    if event.speaker in _HARNESS:
        return ""
    if event.kind == "said" and event.text.strip():
        return f"{_USER if event.speaker == 'human' else _ASSISTANT}{event.text}"
    if event.kind == "call":
        return f"Call: {event.tool} {json.dumps(dict(event.arguments), ensure_ascii=False, default=str)}"
    if event.kind == "denied":
        return f"User denied {event.tool or 'the call'}: {event.text}" if event.text.strip() else "User denied the call"
    return ""


def in_order(sessions: Iterable[Session]) -> list[Session]:
    """Return sessions by the time of their end, those without a time first; a pair that stands twice counts once.

    A resumed or forked session repeats earlier turns under the same ids.
    """
    seen: set[str] = set()
    ordered = []
    for session in sorted(sessions, key=lambda each: (each.ended, each.name)):
        fresh = tuple(each for each in session.corrections if each.id not in seen)
        seen.update(each.id for each in fresh)
        ordered.append(session._replace(corrections=fresh))
    return ordered


def cases_of(sessions: Sequence[Session], known: Sequence[Sequence[Correction]]) -> tuple[list[Case], int]:
    """Return the cases, and how many known pairs say nothing that could be asked about.

    `known` are the pairs of each session, in the order of the sessions.
    """
    cases: list[Case] = []
    unasked = 0
    for home, pairs in enumerate(known):
        for correction in pairs:
            wanted = wanted_of(correction)
            if not wanted.is_askable:
                unasked += 1
                continue
            cases += [Case(correction, wanted, home, home + lag, lag) for lag in LAGS if home + lag < len(sessions)]
    return cases, unasked


def tail_of(sessions: Sequence[Session], budget: int, *, talk_only: bool = False) -> tuple[str, tuple[Statement, ...]]:
    """Return the last characters of what was said and done in some sessions, and what the user said in them."""
    parts: list[str] = []
    said: list[Statement] = []
    room = budget
    for at in range(len(sessions) - 1, -1, -1):
        for piece in reversed(sessions[at].pieces):
            if talk_only and not piece.is_talk:
                continue
            if room <= 1:
                return "\n".join(reversed(parts)), tuple(said)
            text = piece.text[-(room - 1) :]
            parts.append(text)
            room -= len(text) + 1
            if piece.is_human:
                said.append(Statement((at, piece.line), text.removeprefix(_USER)))
    return "\n".join(reversed(parts)), tuple(said)
