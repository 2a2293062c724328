"""The premise of a correction: the text or the exact call that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.turns import CUT, Turn, content_words, sentences_of
from memorybank.records.corrections.correction import Premise

if TYPE_CHECKING:
    from memorybank.corrections.detection.conversation import Call, Setting

LONGEST = 600
_MOST = 8
_VALUE = 3  # a value or a file in common says more than a word


class Chosen(NamedTuple):
    """A premise, with the files and the commands of the calls that it is about."""

    premise: Premise
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


def premise_of(turn: Turn, setting: Setting, *, is_call: bool = False) -> Chosen:
    """Return what a turn corrects: the call with most words, values and files in common, else the last text.

    `is_call` is whether only a call can be meant, as after an interrupt.
    """
    values = [value.text for value in turn.values()]
    calls = [(_shared(turn, values, call.line), call) for call in setting.calls]
    best = max(reversed(calls), key=lambda each: each[0], default=None)
    is_about_call = best is not None and (is_call or not setting.said or best[0] > _shared(turn, values, setting.said))
    if best is not None and is_about_call:
        return _of_call(best[1])
    about = [call for shared, call in calls if shared] or [call for _, call in calls]
    return Chosen(Premise(about_of(setting.said, turn)), _files(about), _commands(about))


def of_call(call: Call) -> Chosen:
    """Return a call as a premise."""
    return _of_call(call)


def about_of(text: str, turn: Turn) -> str:
    """Return a text, of a long one the part that shares most with a turn."""
    if len(text) <= LONGEST:
        return text
    parts = [sentence.text for sentence in sentences_of(text)]
    best = max(range(len(parts)), key=lambda i: (len(content_words(parts[i]) & turn.words), i), default=0)
    first = last = best
    length = len(parts[best]) if parts else 0
    while length < LONGEST and (first > 0 or last + 1 < len(parts)):
        if last + 1 < len(parts):
            last += 1
            length += len(parts[last])
        if first > 0 and length < LONGEST:
            first -= 1
            length += len(parts[first])
    kept = " ".join(parts[first : last + 1])[:LONGEST]
    return f"{CUT + ' ' if first else ''}{kept} {CUT}"


def _of_call(call: Call) -> Chosen:
    return Chosen(Premise(tool=call.line), _files([call]), _commands([call]))


def _shared(turn: Turn, values: list[str], text: str) -> int:
    return len(turn.words & content_words(text)) + _VALUE * sum(value in text for value in values)


def _files(calls: list[Call]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(call.file for call in calls if call.file))[-_MOST:]


def _commands(calls: list[Call]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(call.command for call in calls if call.command))[-_MOST:]
