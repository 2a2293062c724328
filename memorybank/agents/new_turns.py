"""Whether a session's log has a new turn of its user: from its bytes, before anything reads it.

At the end of each turn a client asks a hook, and most of what was added to the log by then are answers and tools.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.files.read import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

CLAUDE_CODE, CODEX, GEMINI = "claude-code", "codex", "gemini"
CLIENTS = frozenset((CLAUDE_CODE, CODEX, GEMINI))
# of a longer piece of a log nothing is read by a hook: `bank corrections mine` does it
MOST_BYTES = 32 * 1024 * 1024
# what a line has that the client wrote in the user's name
_NOT_TYPED = (
    b'"isMeta":true',
    b'"isCompactSummary":true',
    b'"rowSource":"local"',
    b'"rowSource":"harness"',
    b'"kind":"task-notification"',
)
# a denial with the user's words
_DENIED = (b'"userFeedback"', b"the user said:")


class NewPart(NamedTuple):
    """What was added to a log: where it ends, after a whole line, and whether a correction may be in it."""

    end: int
    may_correct: bool


def new_part(path: str, start: int, client: str) -> NewPart | None:
    """Return what was added to a log since a byte; None if there is nothing, or too much for a hook.

    The first turn of a session corrects nothing, unless a tool was denied with words.
    """
    if not os.path.isabs(path):  # noqa: PTH117  most events come here
        return None
    try:
        with open(open_regular(os.path.realpath(path)), "rb") as file:  # noqa: PTH123  a descriptor, not a path
            size = os.fstat(file.fileno()).st_size
            # a log that is shorter now is another one
            start = start if start <= size else 0
            if not 0 < size - start <= MOST_BYTES:
                return None
            file.seek(start)
            data = file.read(size - start)
    except (BankError, OSError, ValueError):
        return None
    turns = list(_turns(data, client))
    is_first = not start and len(turns) == 1
    may_correct = bool(turns) and (not is_first or any(sign in turns[0] for sign in _DENIED))
    return NewPart(start + data.rfind(b"\n") + 1, may_correct)


def _turns(data: bytes, client: str) -> Iterator[bytes]:
    """Yield the lines that may be a turn of the user."""
    if client == CODEX:
        yield from _lines_with(data, b'"UserMessage"')
        yield from _lines_with(data, b'"user_message"')
        return
    for line in _lines_with(data, b'"type":"user"'):
        if client == GEMINI:
            if b'"functionResponse"' not in line and not line.startswith(b'{"$set"'):
                yield line
        elif any(sign in line for sign in _DENIED) or (
            b'"tool_use_id"' not in line and not any(sign in line for sign in _NOT_TYPED)
        ):
            yield line
    yield from _lines_with(data, b'"queued_command"')


def _lines_with(data: bytes, sign: bytes) -> Iterator[bytes]:
    at = data.find(sign)
    while at >= 0:
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        yield data[data.rfind(b"\n", 0, at) + 1 : end]
        at = data.find(sign, end)
