"""Prompts that were typed while Claude Code worked: queued, and then delivered in some other line, or only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.claude_code.speakers import is_harness_text
from memorybank.corrections.transcripts.event import Event
from memorybank.corrections.transcripts.log_values import name_of, text_of, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memorybank.corrections.transcripts.lines import Line

_ABSORBED = "absorbed_mid_turn"
# a prompt that was taken from the queue stands in another line before the assistant has answered so often
_ANSWERS = 3
_MOST = 50


class _Queued:
    def __init__(self, event: Event) -> None:
        self.event = event
        self.text = _same(event.text)
        self.is_taken = False
        self.answers = 0


class Queue:
    """The prompts that wait; those that never come in another line are events of their own."""

    def __init__(self) -> None:
        """Start with no prompt."""
        self._waiting: list[_Queued] = []

    def take(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        """Take a line about the queue."""
        operation, text = row.get("operation"), text_of(row.get("content")).strip()
        if operation in ("enqueue", None):
            if text and not is_harness_text(text):
                at, session = time_of(row.get("timestamp")), name_of(row.get("sessionId"))
                self._waiting.append(
                    _Queued(
                        Event(
                            "said",
                            "human",
                            text,
                            at,
                            session,
                            line=line.number,
                            offset=line.offset,
                            is_mid_turn=True,
                            is_sure=False,
                        )
                    )
                )
            if len(self._waiting) > _MOST:
                yield self._waiting.pop(0).event
        elif operation == "dequeue" or (operation == "remove" and row.get("reason") in (None, _ABSORBED)):
            each = self._first(_same(text))
            if each is not None:
                each.is_taken = True
        elif operation == "remove":
            each = self._first(_same(text))
            if each is not None:
                self._waiting.remove(each)
        elif operation == "popAll":
            # the user has them in the input again
            self._waiting = [each for each in self._waiting if each.is_taken]

    def delivered(self, text: str) -> bool:
        """Take out what stands in another line; return whether there was something."""
        if not self._waiting:
            return False
        key = _same(text)
        found = [each for each in self._waiting if each.text == key]
        found = found[:1] or [each for each in self._waiting if each.text and each.text in key]
        self._waiting = [each for each in self._waiting if each not in found]
        return bool(found)

    def answered(self, line: Line) -> Iterator[Event]:
        """Note that the assistant said something; yield what was taken from the queue and stands nowhere else.

        It is an event of this line: lines before it may have been read earlier.
        """
        for each in list(self._waiting):
            each.answers += each.is_taken
            if each.answers > _ANSWERS:
                self._waiting.remove(each)
                yield each.event._replace(line=line.number, offset=line.offset)

    def rest(self) -> Iterator[Event]:
        """Yield what was taken from the queue before the assistant answered, and stands nowhere else.

        What still waits at the end of the log is no event: a running session delivers it later, in another line.
        """
        for each in self._waiting:
            if each.answers:
                yield each.event
        self._waiting = []

    def _first(self, text: str) -> _Queued | None:
        open_ones = [each for each in self._waiting if not each.is_taken]
        return next((each for each in open_ones if each.text == text), open_ones[0] if open_ones and not text else None)


def _same(text: str) -> str:
    return " ".join(text.split())
