"""A plain list of messages with a role and a text, as many programs write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.exchange.conversation.blocks import attached_texts, joined, text_of_blocks, thoughts_kind
from memorybank.exchange.conversation.talk import ROLES, Talk, is_empty, role_of, take_time
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.exchange.conversation.talk import Ledger

TOOL = "conversation"
LISTS = ("messages", "conversations")

_IDS = ("uuid", "conversation_id", "id")
_TITLES = ("name", "title")
_STARTED = ("created_at", "create_time", "createdAt")
_ENDED = ("updated_at", "update_time", "updatedAt")
_AT = ("created_at", "timestamp", "create_time", "at", "createdAt")
_ROLES = ("sender", "role", "from")
_TEXTS = ("content", "text", "parts", "value")
_CALLS = ("tool_calls", "function_call")
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
_TECHNICAL = frozenset(
    ["id", "uuid", "model", "model_slug", "updated_at", "finish_reason", "stop_reason", "usage", "tokens", "index"]
)


def is_message(value: Any) -> bool:
    """Return whether a value is a message of a plain list."""
    return isinstance(value, dict) and ("role" in value or "sender" in value or ("from" in value and "value" in value))


def plain_talk(value: Mapping[str, Any], ledger: Ledger) -> Talk:
    """Return a conversation with a list of messages; all its other fields are kept."""
    ledger.turned(*value)
    rows = next(value[key] for key in LISTS if isinstance(value.get(key), list))
    taken = {key for key in LISTS if value.get(key) is rows}
    ident = _first_text(value, _IDS, taken)
    title = _first_text(value, _TITLES, taken)
    summary = _first_text(value, ("summary",), taken)
    started = _first_time(value, _STARTED, taken, ledger)
    ended = _first_time(value, _ENDED, taken, ledger)
    tags = value.get("tags")
    listed = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    taken |= {"tags"} if listed else set()
    # the id is kept in the record
    return Talk(
        TOOL,
        ident,
        title,
        started,
        ended,
        [message for row in rows for message in _messages_of(row, ledger)],
        summary,
        tuple(tags) if isinstance(tags, list) and listed else (),
        {key: each for key, each in value.items() if key not in taken and not is_empty(each)},
    )


def _first_text(value: Mapping[str, Any], names: tuple[str, ...], taken: set[str]) -> str:
    name = next((key for key in names if isinstance(value.get(key), str) and value[key]), "")
    taken.update([name] if name else [])
    return value[name] if name else ""


def _first_time(value: Mapping[str, Any], names: tuple[str, ...], taken: set[str], ledger: Ledger) -> str:
    name = next((key for key in names if value.get(key)), "")
    taken.update([name] if name else [])
    return take_time(value[name], ledger) if name else ""


def _messages_of(row: Any, ledger: Ledger) -> list[Message]:
    if not isinstance(row, dict):
        ledger.left("invalid messages", row, int(not is_empty(row)))
        return []
    at = next((key for key in _AT if row.get(key)), "")
    role = next((key for key in _ROLES if row.get(key)), "")
    content = next((key for key in _TEXTS if not is_empty(row.get(key))), "")
    thoughts = thoughts_kind(row.get("channel"))
    speaker = str(row.get(role)).strip().lower()
    if thoughts and ROLES.get(speaker, speaker) == "assistant":
        ledger.left(thoughts, row, int(bool(content)))
        return []
    ledger.turned(*(key for key in (at, role, content) if key))
    text = text_of_blocks(row[content], ledger) if content else ""
    if content and content != "text" and not text.strip() and isinstance(row.get("text"), str):
        text = row["text"]
        ledger.turned("text")
        content = "text"
    texts = [text, *attached_texts(row, ledger)]
    left = [key for key in row if key not in {at, role, content, "attachments", "files"}]
    for key in left:
        value = row[key]
        if key in _CALLS and not is_empty(value):
            ledger.turned(key)
            ledger.left("tool calls", value, len(value) if isinstance(value, list) else 1)
        elif key in _THOUGHTS and not is_empty(value):
            ledger.turned(key)
            ledger.left("parts (thinking)", value)
        elif key == "text" and value == text:
            ledger.turned(key, value)
        elif key in _TEXTS and isinstance(value, str) and value.strip():
            ledger.turned(key)
            texts.append(value)
        else:
            ledger.field("message", key, value, _TECHNICAL)
    return [Message(take_time(row[at], ledger) if at else "", role_of(row.get(role), ledger), joined(texts))]
