"""What each client reads as an answer, and what it cannot be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.serve.hooks.glance import AGENT, BEFORE, COMPACT, PROMPT, START, STOP
from memorybank.serve.hooks.payload import CLAUDE, CODEX, COPILOT, CURSOR, GEMINI, OPENCODE, VSCODE

if TYPE_CHECKING:
    from collections.abc import Callable

# a client cuts a longer context, and shows the model a preview of it
LIMIT = 9_900


class Reply(NamedTuple):
    """What is answered: text for the model, why a tool may not run, or what to do before the agent ends."""

    context: str = ""
    deny: str = ""
    ask: str = ""

    def __bool__(self) -> bool:
        """Whether anything is answered."""
        return bool(self.context or self.deny or self.ask)


_NAMES = {START: "SessionStart", PROMPT: "UserPromptSubmit", BEFORE: "PreToolUse", STOP: "Stop", AGENT: "SubagentStop"}


def _specific(kind: int, **values: str) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": _NAMES[kind], **values}}


def _claude(kind: int, reply: Reply) -> dict[str, Any] | str:
    if kind == COMPACT:
        # plain text is added to the prompt of the compaction; JSON would be too, as it is
        return reply.context
    if reply.deny:
        return _specific(kind, permissionDecision="deny", permissionDecisionReason=reply.deny)
    if reply.ask:
        return {"decision": "block", "reason": reply.ask}
    return _specific(kind, additionalContext=reply.context)


def _codex(kind: int, reply: Reply) -> dict[str, Any] | str:
    # its compaction takes no text, and other output is a failed hook
    return "" if kind == COMPACT else _claude(kind, reply)


def _gemini(kind: int, reply: Reply) -> dict[str, Any] | str:
    if kind == COMPACT:
        return ""
    if reply.deny or reply.ask:
        return {"decision": "deny", "reason": reply.deny or reply.ask}
    if kind == BEFORE:
        # before a tool only the user can be told something
        return {"systemMessage": reply.context}
    name = "BeforeAgent" if kind == PROMPT else _NAMES[kind]
    return {"hookSpecificOutput": {"hookEventName": name, "additionalContext": reply.context}}


def _copilot(kind: int, reply: Reply) -> dict[str, Any] | str:
    if kind == COMPACT:
        return ""
    if reply.deny:
        return {"permissionDecision": "deny", "permissionDecisionReason": reply.deny}
    if reply.ask:
        return {"decision": "block", "reason": reply.ask}
    return {"additionalContext": reply.context}


def _vscode(kind: int, reply: Reply) -> dict[str, Any] | str:
    if kind in {COMPACT, PROMPT}:
        return ""
    if reply.ask:
        # some versions read it here, others there
        block = {"decision": "block", "reason": reply.ask}
        return {**block, **_specific(kind, **block)}
    return _claude(kind, reply)


def _cursor(kind: int, reply: Reply) -> dict[str, Any] | str:
    if reply.deny:
        return {"permission": "deny", "user_message": reply.deny, "agent_message": reply.deny}
    if reply.ask:
        return {"followup_message": reply.ask}
    if kind == START:
        return {"additional_context": reply.context}
    # without a permission: to allow a tool here would spare the user's question
    return {"agent_message": reply.context} if kind == BEFORE else ""


def _opencode(_: int, reply: Reply) -> dict[str, Any] | str:
    return {name: text for name, text in reply._asdict().items() if text}


_FORMS: dict[str, Callable[[int, Reply], dict[str, Any] | str]] = {
    CLAUDE: _claude,
    CODEX: _codex,
    GEMINI: _gemini,
    COPILOT: _copilot,
    VSCODE: _vscode,
    CURSOR: _cursor,
    OPENCODE: _opencode,
}


def render(form: str, kind: int, reply: Reply) -> bytes:
    """Return an answer as a client reads it; empty where it reads none."""
    if not reply:
        return b""
    cut = reply._replace(context=reply.context[:LIMIT], deny=reply.deny[:LIMIT], ask=reply.ask[:LIMIT])
    answer = _FORMS[form](kind, cut)
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return f"{text}\n".encode("utf-8", "replace") if text else b""
