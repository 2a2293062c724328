"""Messages that stand in two files: of a session that went on in a new file, or that was forked from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.sessions.messages import Message

_REDACTED = "<redacted:"


def key_of(message: Message) -> tuple[str, str]:
    """Return what makes two messages the same: who said it, and its words."""
    return message.role, " ".join(message.text.split())


def common_beginning(before: Sequence[Message], messages: Sequence[Message]) -> int:
    """Return how many messages stand at the beginning of both; one that was redacted may be any."""
    number = 0
    for one, other in zip(before, messages, strict=False):
        is_redacted = one.role == other.role and one.text.startswith(_REDACTED)
        if not is_redacted and key_of(one) != key_of(other):
            break
        number += 1
    return number


def joined_lists(first: Sequence[Message], second: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """Return the messages of two files of a session as one list, and those that are in both.

    The second file repeats the first one from its beginning, or goes on where that ends.
    """
    both = common_beginning(first, second)
    if not both:
        both = _overlap([key_of(each) for each in first], [key_of(each) for each in second])
    return [*first, *second[both:]], list(second[:both])


def _overlap(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> int:
    """Return how many values at the end of the first list begin the second one."""
    if not first or not second:
        return 0
    # the failure function of Knuth, Morris and Pratt
    fallback = [0] * len(second)
    at = 0
    for place in range(1, len(second)):
        while at and second[place] != second[at]:
            at = fallback[at - 1]
        at += second[place] == second[at]
        fallback[place] = at
    at = 0
    for value in first:
        while at and (at == len(second) or value != second[at]):
            at = fallback[at - 1]
        at += at < len(second) and value == second[at]
    return at
