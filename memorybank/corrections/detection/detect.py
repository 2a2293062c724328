"""Find corrections in the events of one session log, in one pass with bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.conversation import Conversation, call_of
from memorybank.corrections.detection.cues import Cue, strongest_cue
from memorybank.corrections.detection.exact_values import texts_of, values_in
from memorybank.corrections.detection.premises import Chosen, of_call, premise_of
from memorybank.corrections.detection.rules import DENIED, INTERRUPTED, UNDONE, Case, rule_of
from memorybank.corrections.detection.tiers import tier_of
from memorybank.corrections.detection.topics import Topics
from memorybank.corrections.detection.turns import CUT, turn_of
from memorybank.document.source import digest_of
from memorybank.ids import CROCKFORD
from memorybank.records.corrections.correction import PREFIX, Correction, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.detection.turns import Turn
    from memorybank.corrections.transcripts.event import Event

LONGEST = 800  # characters of a correction; of a longer text the part around the telling sentence
_BEFORE = 200
_UNDATED = "00000000"
# texts of the client that a reader without fields for it could take for a person's
_OF_CLIENT = (
    "<command-",
    "<local-command",
    "<system-reminder>",
    "<task-notification>",
    "<bash-",
    "<user-prompt-submit-hook>",
    "<hook_prompt",
    "<environment_context>",
    "<user_instructions>",
    "Caveat: The messages below",
    "[Request interrupted",
    "This session is being continued",
    "# AGENTS.md instructions",
)


class _Pending(NamedTuple):
    """A turn that is a correction only if the assistant takes an edit back on it."""

    event: Event
    turn: Turn
    cue: Cue
    chosen: Chosen
    number: int


def find_corrections(events: Iterable[Event], markers: Markers, *, client: str, file: str = "") -> Iterator[Correction]:
    """Yield the corrections of a session's events, in their order; no text of them has a secret.

    They are returned when their topic ends, as `position` is their place in it. A turn that stands in the events twice,
    as in a resumed session, or once in the queue and once where it was read, is found once.
    """
    finder = _Finder(markers, client, file)
    for event in events:
        yield from finder.event(event)
    yield from finder.end()


class _Finder:
    """The state of `find_corrections`."""

    def __init__(self, markers: Markers, client: str, file: str) -> None:
        self._markers, self._client, self._file = markers, client, file
        self._talk = Conversation(markers)
        self._topics = Topics()
        self._pending: _Pending | None = None
        self._is_reverted = self._has_answer = False
        self._turns: set[int] = set()  # the idents that were seen
        self._found: set[str] = set()

    def event(self, event: Event) -> list[Correction]:
        """Take in one event; return the corrections of a topic that it ended."""
        match event.kind:
            case "said" if event.speaker == "assistant" and not event.is_error:
                self._talk.say(event.text)
                self._has_answer = True
            case "call" if event.speaker == "assistant":
                self._call(event)
            case "denied":
                self._denied(event)
            case "interrupted":
                self._talk.is_interrupted = True
            case "rewound":
                self._talk.is_rewound = True
            case "reverted":
                self._is_reverted = True
            case "compacted":
                return self._topics.end()
            case "said" if event.speaker == "human" and event.text.strip():
                return self._said(event)
            case _:
                pass
        return []

    def end(self) -> list[Correction]:
        """Return the corrections of the last topic."""
        return self._topics.end()

    def _call(self, event: Event) -> None:
        is_back = self._talk.call(event)
        self._has_answer = True
        if self._pending is not None and is_back:
            self._add(UNDONE, *self._pending)
            self._pending = None

    def _denied(self, event: Event) -> None:
        if not event.text.strip() or event.text.startswith(_OF_CLIENT):
            return
        known = self._talk.setting(is_mid_turn=False)
        if event.tool or event.arguments:
            chosen = of_call(call_of(event.tool, event.arguments))
        else:
            chosen = of_call(known.calls[-1]) if known.calls else Chosen(premise_of(turn_of(""), known).premise)
        turn = turn_of(event.text, event.ident)
        cue = strongest_cue(turn, known, self._markers)
        self._add(DENIED, event, turn, cue, chosen, max(self._talk.number, 1))

    def _said(self, event: Event) -> list[Correction]:
        text = event.text.lstrip()
        if text.startswith(_OF_CLIENT) or self._is_seen(event):
            return []
        turn = turn_of(event.text, event.ident)
        setting = self._talk.setting(is_mid_turn=event.is_mid_turn)
        before = tuple(self._talk.turns)
        if any(each.text == turn.text for each in before[-4:]) and (event.is_mid_turn or not self._has_answer):
            return []  # once in the queue and once where it was read
        ended = self._topics.turn(turn.words, setting.words, event.at)
        cue = strongest_cue(turn, setting, self._markers)
        can_correct = self._talk.has_answer or setting.is_interrupted
        case = Case(
            turn, setting, cue, before, self._markers, self._has_answer, self._talk.is_rewound, self._is_reverted
        )
        rule = rule_of(case) if can_correct else ""
        chosen = premise_of(turn, setting, is_call=setting.is_interrupted)
        self._talk.begin(turn, is_mid_turn=event.is_mid_turn)
        self._pending = None
        self._is_reverted = self._has_answer = False
        if rule:
            self._add(rule, event, turn, cue, chosen, self._talk.number)
        elif can_correct and cue.points:
            self._pending = _Pending(event, turn, cue, chosen, self._talk.number)
        return ended

    def _is_seen(self, event: Event) -> bool:
        """Check whether a turn is a copy, as resumed and forked sessions have them."""
        key = hash(event.ident) if event.ident else None
        if key is None or key not in self._turns:
            self._turns |= {key} if key is not None else set()
            return False
        return True

    def _add(self, rule: str, event: Event, turn: Turn, cue: Cue, chosen: Chosen, number: int) -> None:
        text = _kept(turn.text, cue.sentence)
        values = values_in(text)
        ident = _ident(event, text, chosen)
        if ident in self._found:
            return
        self._found.add(ident)
        tier = tier_of(
            text,
            chosen.premise.tool,
            self._markers,
            has_values=bool(values),
            is_denied=rule == DENIED,
            is_stopped=rule == INTERRUPTED,
            is_order=cue.reason == "order",
        )
        origin = Origin(self._client, event.session, self._file, event.line, number, event.at)
        self._topics.add([
            Correction(
                ident, rule, text, chosen.premise, origin, texts_of(values), chosen.files, chosen.commands, tier
            )
        ])  # fmt: skip


def _ident(event: Event, text: str, chosen: Chosen) -> str:
    """Return an id that is the same whenever the turn is read again, in whichever log it stands.

    A text that was typed while the assistant worked may be at two places with two times, so only its session counts.
    """
    where = event.session if event.is_mid_turn else event.ident or event.at
    premise = "" if event.is_mid_turn else f"{chosen.premise.text}\0{chosen.premise.tool}"
    data = bytes.fromhex(digest_of(f"{premise}\0{text}\0{where}".encode("utf-8", "replace")))
    day = event.at[:10].replace("-", "")
    return f"{PREFIX}-{day or _UNDATED}-{''.join(CROCKFORD[byte & 31] for byte in data[:5])}"


def _kept(text: str, sentence: str) -> str:
    """Return a text, of a long one the part around a sentence."""
    if len(text) <= LONGEST:
        return text
    at = max(text.find(sentence[:200]), 0) if sentence else 0
    start = 0 if at <= _BEFORE else at - _BEFORE
    if start:
        start = text.find(" ", start, at) + 1 or at
    part = text[start : start + LONGEST].rstrip()
    return f"{CUT + ' ' if start else ''}{part}{' ' + CUT if start + LONGEST < len(text) else ''}"
