"""Texts that an agent's program puts among what a person says: instructions, the environment, notices."""

from __future__ import annotations

import re
from typing import NamedTuple

_TAGS = frozenset(
    [
        "apps_instructions",
        "codex_internal_context",
        "collaboration_mode",
        "environment_context",
        "goal_context",
        "hook_context",
        "hook_prompt",
        "instructions",
        "model_switch",
        "multi_agent_mode",
        "permissions",
        "personality_spec",
        "plugins_instructions",
        "realtime_conversation",
        "recommended_plugins",
        "session_context",
        "skill",
        "skills_instructions",
        "state_snapshot",
        "subagent_notification",
        "turn_aborted",
        "user_action",
        "user_instructions",
        "user_shell_command",
    ]
)
_TAG = re.compile(r"\s*<([a-z][\w-]{0,60})((?:\s[^<>]{0,200})?)>", re.IGNORECASE)
_AGENTS = re.compile(r"\s*# AGENTS\.md instructions(?: for [^\n]*)?\s*<INSTRUCTIONS>")
_AGENTS_END = "</INSTRUCTIONS>"
# a prompt has a few of them; a text of nothing but tags must not take long
_MOST = 50
_IDE = "# Context from my IDE setup:"
_FILES = "# Files mentioned by the user:"
_REQUEST = "## My request for Codex:"
_IMAGE = re.compile(r"\s*</?(?:local_)?image(?: name=[^<>]*)?>\s*", re.IGNORECASE)


class Spoken(NamedTuple):
    """What is left of a text as speech, and the injected texts in it with their kinds."""

    text: str
    injected: tuple[tuple[str, str], ...] = ()


def spoken_in(text: str, *, any_tag: bool = False) -> Spoken:
    """Return what a person said in a text; with `any_tag`, a text in one unknown tag is injected, too."""
    if _IMAGE.fullmatch(text):
        return Spoken("", (("image marks", text),))
    injected: list[tuple[str, str]] = []
    while len(injected) < _MOST and (found := _first(text, any_tag=any_tag)):
        kind, end = found
        injected.append((f"injected texts ({kind})", text[:end]))
        text = text[end:]
    if text.lstrip().startswith((_IDE, _FILES)) and _REQUEST in text:
        before, mark, text = text.partition(_REQUEST)
        injected.append(("injected texts (ide context)", before + mark))
    return Spoken(text.strip() if injected else text, tuple(injected))


def _first(text: str, *, any_tag: bool) -> tuple[str, int] | None:
    """Return the kind and the end of an injected text at the beginning."""
    agents = _AGENTS.match(text)
    if agents:
        end = _end_of(text, "<INSTRUCTIONS>", _AGENTS_END, agents.end())
        return ("AGENTS.md", end) if end else None
    tag = _TAG.match(text)
    if not tag:
        return None
    name = tag[1].lower()
    end = _end_of(text, f"<{name}", f"</{name}{tag[2] if name == 'permissions' else ''}>", tag.end())
    if end and (name in _TAGS or (any_tag and not text[end:].strip())):
        return name, end
    return None


def _end_of(text: str, opening: str, closing: str, start: int) -> int:
    """Return where a tag ends; one that contains its own closing tag ends at the end of the text."""
    low, opening, closing = text.lower(), opening.lower(), closing.lower()
    end = low.find(closing, start)
    if end < 0:
        return 0
    end += len(closing)
    if text[end:].strip() and low.rstrip().endswith(closing) and opening not in low[end:]:
        return len(text)
    return end
