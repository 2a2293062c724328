"""Who speaks in a line of a log of Claude Code: by its fields, and by its text only where they are missing.

A prompt of `claude -p` has `promptSource: sdk`, whether a person typed it in a shell or a program made it. It counts as
a person's, because a log without a terminal has no other prompts, but not as sure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Speaker = Literal["human", "assistant", "subagent", "harness"]

# The first version that was seen to have each field, of 24 versions from 2.1.144 to 2.1.332 that were looked at.
# `isMeta`, `isCompactSummary`, `isSidechain` and `userType` are older.
SINCE = {
    "interruptedMessageId": (2, 1, 152),
    "promptSource": (2, 1, 169),
    "origin": (2, 1, 169),
    "toolDenialKind": (2, 1, 195),
    "userFeedback": (2, 1, 220),
    "turnOrigin": (2, 1, 276),
    "rowSource": (2, 1, 332),
}
# since these versions a line without the field is no such line; between the two only its presence says something
_ALWAYS = {"promptSource": (2, 1, 280), "toolDenialKind": (2, 1, 258)}
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_UNSURE = frozenset(["sdk"])
_TYPED = frozenset(["typed", "queued", "suggestion_accepted"])
_BY_HARNESS = frozenset(["harness", "hook", "recorded"])
_HARNESS_TEXT = re.compile(
    r"\s*(?:<(?:command-|local-command-|system-reminder|task-notification|bash-|ide_|teammate-message|agent-message"
    r"|cross-session-message|channel\b|user-prompt-submit-hook|session-|new-diagnostics|mcp-|tool-)"
    r"|Caveat: The messages below|\[Request interrupted by user|This session is being continued from a previous"
    r"|Stop hook feedback:|\[SYSTEM NOTIFICATION|API Error)"
)
_REMINDER = re.compile(r"<system-reminder>.*?(?:</system-reminder>|\Z)", re.DOTALL)
# a prompt has a few parts of the editor at most
_IDE, _IDE_PARTS = re.compile(r"<(ide_[a-z_]{1,40})>"), 10
_COMMAND = re.compile(r"\s*<command-(?:name|message)>")
_ARGUMENTS = re.compile(r"<command-args>([^<]*)</command-args>")
_INTERRUPTS = ("[Request interrupted by user]", "[Request interrupted by user for tool use]")
_MEMORY = re.compile(r"\s*<user-memory-input>(.*?)(?:</user-memory-input>\s*)?\Z", re.DOTALL)


class Voice(NamedTuple):
    """Who speaks, and whether a field says so."""

    speaker: Speaker
    is_sure: bool = True


class Speech(NamedTuple):
    """What a line says: by whom, whether a field says so, and of a person's line what the person typed."""

    speaker: Speaker
    text: str
    is_sure: bool = True


_HUMAN, _HARNESS = Voice("human"), Voice("harness")


def version_of(row: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the version of the client that wrote a line; empty if it does not say."""
    value = row.get("version")
    found = _VERSION.match(value) if isinstance(value, str) else None
    return tuple(map(int, found.groups())) if found else ()


def has_field(version: tuple[int, ...], name: str) -> bool:
    """Return whether a version writes a field wherever it applies, so that its absence says something."""
    return version >= _ALWAYS[name]


def is_interrupt(row: Mapping[str, Any], text: str) -> bool:
    """Return whether a text of a `user` line only says that the user stopped the assistant."""
    return text.strip() in _INTERRUPTS and row.get("isSidechain") is not True


def said_in(row: Mapping[str, Any], texts: Sequence[str]) -> Speech:
    """Return who said the texts of a `user` line, and what; there is at least one."""
    spoken = [text for text in map(spoken_text, texts) if text and not is_harness_text(text)]
    voice = speaker_of(row, spoken[0] if spoken else texts[0], version_of(row))
    if voice.speaker == "human" and (not spoken or voice.is_sure):
        words = command_words(texts[0])
        # a command of the user's own is one turn: what stands behind its name was typed
        spoken = spoken if words is None else [words] if words else []
    if voice.speaker == "human" and spoken:
        return Speech("human", "\n\n".join(spoken), voice.is_sure)
    return Speech("harness" if voice.speaker == "human" else voice.speaker, "\n\n".join(texts), voice.is_sure)


def said_in_queued(row: Mapping[str, Any], attached: Mapping[str, Any], text: str) -> Speech:
    """Return who said the text of an attachment `queued_command`: what was typed while the assistant worked, or not."""
    origin = attached.get("origin")
    has_origin = isinstance(origin, dict)
    if isinstance(origin, dict):
        is_human = origin.get("kind") == "human"
    else:
        is_human = attached.get("commandMode") in (None, "prompt") and not is_harness_text(text)
    if row.get("isSidechain") is True:
        return Speech("subagent", text)
    if not is_human or attached.get("isMeta") is True:
        return Speech("harness", text)
    return Speech("human", spoken_text(text), has_origin)


def speaker_of_answer(row: Mapping[str, Any]) -> Speaker:
    """Return who speaks in an `assistant` line."""
    message = row.get("message")
    if row.get("isSidechain") is True or row.get("agentId"):
        return "subagent"
    is_error = row.get("isApiErrorMessage") is True
    is_made_up = isinstance(message, dict) and message.get("model") == "<synthetic>"
    return "harness" if is_error or is_made_up else "assistant"


def speaker_of(row: Mapping[str, Any], text: str, version: tuple[int, ...]) -> Voice:
    """Return who said the text of a `user` line."""
    if row.get("isSidechain") is True or row.get("agentId"):
        return Voice("subagent")
    if any(row.get(name) is True for name in ("isMeta", "isCompactSummary", "isVisibleInTranscriptOnly")):
        return _HARNESS
    source, turn, written = (_word(row.get(name)) for name in ("promptSource", "turnOrigin", "rowSource"))
    turn = "" if turn == "unknown" else turn
    origin = row.get("origin")
    kind = _word(origin.get("kind")) if isinstance(origin, dict) else ""
    if written in _BY_HARNESS or (written == "local" and not source):
        return _HARNESS
    if kind:
        return _HUMAN if kind == "human" else _HARNESS
    if source in _UNSURE or (not source and turn in _UNSURE):
        return Voice("harness" if _HARNESS_TEXT.match(text) else "human", is_sure=False)
    if source or turn:
        return _HUMAN if source in _TYPED or (not source and turn == "human") else _HARNESS
    if has_field(version, "promptSource"):
        return _HARNESS
    return Voice("harness" if _HARNESS_TEXT.match(text) else "human", is_sure=False)


def spoken_text(text: str) -> str:
    """Return a text without what Claude Code puts into it: reminders, and what is open in the editor."""
    memory = _MEMORY.match(text)
    if memory:
        return memory[1].strip()
    if "<system-reminder>" in text:
        text = _REMINDER.sub("", text)
    text = text.strip()
    for _ in range(_IDE_PARTS):
        found = _IDE.match(text)
        end = text.find(f"</{found[1]}>") if found else -1
        if not found or end < 0:
            break
        text = text[end + len(found[0]) + 1 :].strip()
    return text


def command_words(text: str) -> str | None:
    """Return what a person typed behind the name of a command; None if the text is no command."""
    return "\n".join(filter(None, map(str.strip, _ARGUMENTS.findall(text)))) if _COMMAND.match(text) else None


def is_harness_text(text: str) -> bool:
    """Return whether a text begins as only Claude Code writes it."""
    return bool(_HARNESS_TEXT.match(text))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
