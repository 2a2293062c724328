"""The kinds of lines in a log of Claude Code, seen from their first bytes."""

from __future__ import annotations

from memorybank.corrections.transcripts.line_heads import head_pattern

_HEAD = head_pattern(
    rb'FIELDS"(?:type"~:~"([^"\\\n]++)"|attachment"~:~\{~"type"~:~"([^"\\\n]++)")', rb"type|attachment"
)
_MESSAGES = frozenset([b"user", b"assistant", b"system", b"summary", b"queue-operation", b"attachment"])
_ATTACHED = frozenset([b"queued_command"])


def look(block: bytes, begin: int, end: int) -> str:
    """Return the kind of a line that has no message; "" if it may have one, or its beginning does not show it."""
    found = _HEAD.match(block, begin, end)
    if not found:
        return ""
    kind, attached = found.groups()
    if kind is not None:
        return "" if kind in _MESSAGES else kind.decode("utf-8", "replace")
    return "" if attached in _ATTACHED else "attachment"
