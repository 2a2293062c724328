"""The text of a message's content: a text, a block, or a list of them; what is no text is counted by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.document.text import one_line
from memorybank.exchange.conversation.talk import is_empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.exchange.conversation.talk import Ledger

_KIND_LENGTH = 40
# a block of one of these is not said, even if it has a text
_UNSAID = frozenset(
    ("thinking", "redacted_thinking", "reasoning", "tool_use", "tool_result", "server_tool_use", "function_call")
)
# the channels of a model on which it speaks to the user, and those on which it thinks
SPOKEN_CHANNELS = (None, "", "final")
_THOUGHTS = frozenset(("analysis", "commentary"))
_PLAIN = frozenset(("", "text", "input_text", "output_text", "summary_text"))
_TECHNICAL = frozenset(
    [
        "start_timestamp",
        "stop_timestamp",
        "flags",
        "index",
        "id",
        "cache_control",
        "annotations",
        "logprobs",
        "direction",
        "decoding_id",
        "language",
        "response_format_name",
    ]
)


def text_of_blocks(content: Any, ledger: Ledger) -> str:
    """Return the text of a content; what is left out is counted."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [content]
    return joined([text_of_block(block, ledger) for block in blocks if not is_empty(block)])


def text_of_block(block: Any, ledger: Ledger) -> str:
    """Return the text of one block; "" if it is left out."""
    if isinstance(block, str):
        return block
    kind = kind_of(block)
    if isinstance(block, dict):
        name = "text" if isinstance(block.get("text"), str) else "content"
        text = block.get(name)
        if isinstance(text, str) and kind not in _UNSAID and (name == "text" or kind in _PLAIN):
            _settle_rest(block, name, ledger)
            return text
        if kind == "tool_use" and block.get("name") == "artifacts":
            kind = "tool_use: artifacts"
    ledger.left(f"parts ({kind or 'unknown'})", block)
    return ""


def _settle_rest(block: Mapping[str, Any], taken: str, ledger: Ledger) -> None:
    for key, value in block.items():
        if key in (taken, "type", "content_type"):
            ledger.turned(key, *([value] if key != taken else []))
        elif key == "citations" and isinstance(value, list) and value:
            ledger.turned(key)
            ledger.left("citations", value, len(value))
        else:
            ledger.field("block", key, value, _TECHNICAL)


def thoughts_kind(channel: Any) -> str:
    """Return the kind of a message on a channel on which a model thinks; "" for one that is said."""
    name = channel.strip().lower() if isinstance(channel, str) else ""
    return f"thoughts ({name})" if name in _THOUGHTS else ""


def kind_of(block: Any) -> str:
    """Return the type that a block names for itself, as a short line."""
    kind = (block.get("type") or block.get("content_type")) if isinstance(block, dict) else None
    return one_line(str(kind or ""))[:_KIND_LENGTH]


def joined(texts: list[str]) -> str:
    """Return texts as paragraphs, without the empty ones."""
    return "\n\n".join(text for text in texts if text.strip())


def attached_texts(row: Mapping[str, Any], ledger: Ledger) -> list[str]:
    """Return the texts that were attached to a message, each below its name; other files are counted."""
    texts: list[str] = []
    attachments = row.get("attachments")
    ledger.turned(*(name for name in ("attachments", "files") if name in row))
    for attachment in attachments if isinstance(attachments, list) else [attachments]:
        text = attachment.get("extracted_content") if isinstance(attachment, dict) else None
        if isinstance(attachment, dict) and isinstance(text, str) and text.strip():
            texts.append(f"[{one_line(str(attachment.get('file_name') or 'attachment'))}]\n\n{text}")
            for key, value in attachment.items():
                if key in ("extracted_content", "file_name"):
                    ledger.turned(key)
                else:
                    ledger.field("attachment", key, value, ("id", "file_size", "file_type", "created_at"))
            if not isinstance(attachment.get("file_name"), str):
                ledger.turned(attachment.get("file_name"))
        elif not is_empty(attachment):
            ledger.left("attachments", attachment)
    files = row.get("files")
    if not is_empty(files):
        ledger.left("files", files, len(files) if isinstance(files, list) else 1)
    return texts
