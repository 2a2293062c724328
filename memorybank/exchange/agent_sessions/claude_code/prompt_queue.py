"""Prompts that were typed while Claude Code worked: queued, and then delivered in some other line, or only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from memorybank.exchange.agent_sessions.claude_code.speakers import is_harness_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

_ABSORBED = "absorbed_mid_turn"
# a prompt that was taken from the queue stands in another line before the assistant has answered so often
_ANSWERS = 3
_MOST = 50


class _Queued(Generic[T]):
    def __init__(self, value: T, text: str) -> None:
        self.value = value
        self.text = text
        self.is_taken = False
        self.answers = 0


class Queue(Generic[T]):
    """The prompts that wait, each as a value of the caller; those that come in no other line are given back."""

    def __init__(self) -> None:
        """Start with no prompt."""
        self._waiting: list[_Queued[T]] = []

    def take(self, row: Mapping[str, Any], text: str, make: Callable[[str], T]) -> Iterator[T]:
        """Take a line about the queue, with its text; `make` gives the value of a new prompt."""
        operation, text = row.get("operation"), text.strip()
        if operation in ("enqueue", None):
            if text and not is_harness_text(text):
                self._waiting.append(_Queued(make(text), _same(text)))
            if len(self._waiting) > _MOST:
                yield self._waiting.pop(0).value
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

    def answered(self) -> Iterator[T]:
        """Note that the assistant said something; yield what was taken from the queue and stands nowhere else."""
        for each in list(self._waiting):
            each.answers += each.is_taken
            if each.answers > _ANSWERS:
                self._waiting.remove(each)
                yield each.value

    def rest(self) -> Iterator[T]:
        """Yield what was taken from the queue before the assistant answered, and stands nowhere else.

        What still waits at the end of the log is not given: a running session delivers it later, in another line.
        """
        for each in self._waiting:
            if each.answers:
                yield each.value
        self._waiting = []

    def _first(self, text: str) -> _Queued[T] | None:
        open_ones = [each for each in self._waiting if not each.is_taken]
        return next((each for each in open_ones if each.text == text), open_ones[0] if open_ones and not text else None)


def _same(text: str) -> str:
    return " ".join(text.split())
