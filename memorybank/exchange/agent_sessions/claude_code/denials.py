"""A call of a tool that the user refused, as Claude Code stores it: in the result of the call, with the comment.

Today's lines have fields for it. In older ones there is only the text, and a tool can write such a text itself, so it
counts only where no tool of an MCP server wrote it and the client's own copy of the result does not contradict.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.exchange.agent_sessions.claude_code.speakers import has_field

if TYPE_CHECKING:
    from collections.abc import Mapping

REJECTED = "user-rejected"
# what the client writes as the result of a call that was refused, in its versions; calls beside it, which then did not
# run, have another text: "The user doesn't want to take this action right now"
_REFUSED = re.compile(
    r"(?:Error: )?(?:The user doesn't want to proceed with this tool use"
    r"|The agent proposed a plan that was rejected by the user)"
)
_COMMENT = re.compile(
    r"(?:the user said|(?:the user )?provided the following reason for the rejection|The user's feedback)\s*:[ \t]*\n?",
    re.IGNORECASE,
)
# what it adds behind the comment, for the model
_ADVICE = re.compile(r"\nNote: The user's next message may contain a correction.*\Z", re.DOTALL)
_OWN_RESULTS = ("Error: ", "User rejected tool use")


class Refusal(NamedTuple):
    """A refused call: the user's comment, and whether fields say so."""

    comment: str
    is_sure: bool


def refusal_in(
    row: Mapping[str, Any], text: str, tool: str, version: tuple[int, ...], *, is_error: bool
) -> Refusal | None:
    """Return the refusal that a result is; None if it is another result."""
    kind = row.get("toolDenialKind")
    if row.get("interruptedByShutdown") is True:
        return None
    if isinstance(kind, str):
        if kind != REJECTED:
            return None
        feedback = row.get("userFeedback")
        return Refusal(feedback.strip() if isinstance(feedback, str) else _comment_in(text), is_sure=True)
    if has_field(version, "toolDenialKind") or not is_error or tool.startswith("mcp__") or not _REFUSED.match(text):
        return None
    own = row.get("toolUseResult")
    if own is not None and not (isinstance(own, str) and own.startswith(_OWN_RESULTS)):
        return None
    return Refusal(_comment_in(text), is_sure=False)


def _comment_in(text: str) -> str:
    if not _REFUSED.match(text):
        return ""
    found = _COMMENT.search(text)
    return _ADVICE.sub("", text[found.end() :]).strip() if found else ""
