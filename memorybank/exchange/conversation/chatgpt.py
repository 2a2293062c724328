"""A conversation in ChatGPT's data export: a tree of nodes in `mapping`, and the current one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.document.text import one_line
from memorybank.exchange.conversation.blocks import SPOKEN_CHANNELS, joined, kind_of, text_of_blocks, thoughts_kind
from memorybank.exchange.conversation.talk import Talk, is_empty, role_of, seconds_of, take_time
from memorybank.exchange.conversation.tree import Node, branch_of
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memorybank.exchange.conversation.talk import Ledger

TOOL = "chatgpt"
HIDDEN = "hidden messages"

_READ = frozenset(["title", "create_time", "update_time", "mapping", "current_node", "conversation_id", "id"])
_TECHNICAL = frozenset(
    [
        "moderation_results",
        "plugin_ids",
        "conversation_template_id",
        "gizmo_id",
        "gizmo_type",
        "is_archived",
        "is_starred",
        "safe_urls",
        "blocked_urls",
        "default_model_slug",
        "conversation_origin",
        "voice",
        "async_status",
        "disabled_tool_ids",
        "is_do_not_remember",
        "memory_scope",
        "is_read_only",
        "is_study_mode",
        "context_scopes",
        "sugar_item_id",
        "sugar_item_visible",
        "pinned_time",
        "owner",
        "atlas_mode_enabled",
    ]
)
_MESSAGE_READ = frozenset(["author", "create_time", "content", "metadata"])
_MESSAGE_TECHNICAL = frozenset(["id", "update_time", "status", "end_turn", "weight"])
_EVERYONE = (None, "", "all")
# the technical fields of a content and of a message's metadata; others are named one by one
_CONTENT_TECHNICAL = frozenset(["language", "response_format_name"])
_METADATA_TECHNICAL = frozenset(
    [
        "is_visually_hidden_from_conversation",
        "is_user_system_message",
        "model_slug",
        "default_model_slug",
        "parent_id",
        "request_id",
        "timestamp_",
        "finish_details",
        "is_complete",
        "message_type",
        "message_source",
        "citations",
        "content_references",
        "turn_exchange_id",
        "selected_github_repos",
        "serialization_metadata",
        "voice_mode_message",
        "pad",
        "targeted_reply",
        "invoked_plugin",
        "gizmo_id",
        "requested_model_slug",
        "rebase_system_message",
        "rebase_developer_message",
        "can_save",
        "is_contextual_answers_system_message",
        "command",
        "status",
        "aggregate_result",
        "reasoning_status",
        "reasoning_title",
        "finished_duration_sec",
        "search_result_groups",
        "safe_urls",
        "image_results",
        "real_time_audio_has_video",
        "dictation",
    ]
)
_QUOTE = ("title", "url", "text")


def chatgpt_talk(value: Mapping[str, Any], ledger: Ledger) -> Talk:
    """Return a conversation of ChatGPT: the branch to the current node."""
    ledger.turned(*value)
    metadata: dict[str, Any] = {}
    for key, each in value.items():
        if key in _TECHNICAL:
            ledger.field("conversation", key, each, _TECHNICAL)
        elif not is_empty(each) and (key not in _READ or (key == "title" and not isinstance(each, str))):
            metadata[key] = each
    idents = [each for key in ("conversation_id", "id") if isinstance(each := value.get(key), str) and each]
    for each in (value.get("conversation_id"), value.get("id")):
        if each in idents[:1]:
            ledger.turned(each)
        else:
            ledger.field("conversation", "other id", each)
    ledger.turned(value.get("current_node"))
    broken, messages = _said(value["mapping"], value.get("current_node"), ledger)
    return Talk(
        TOOL,
        idents[0] if idents else "",
        value["title"] if isinstance(value.get("title"), str) else "",
        take_time(value.get("create_time"), ledger),
        take_time(value.get("update_time"), ledger),
        messages,
        metadata=metadata,
        broken=broken,
    )


def _said(mapping: Mapping[str, Any], current: Any, ledger: Ledger) -> tuple[str, list[Message]]:
    """Return what is broken in a tree, and the messages of its branch."""
    keys = [key for key, node in mapping.items() if isinstance(node, dict)]
    for key, node in mapping.items():
        if not isinstance(node, dict):
            ledger.turned(key)
            ledger.left("invalid messages", node, int(not is_empty(node)))
    places = {key: place for place, key in enumerate(keys)}
    nodes = _nodes(mapping, places)
    branch = branch_of(nodes, places.get(current) if isinstance(current, str) else None)
    for kind, left in (
        ("messages of abandoned branches", branch.others),
        ("messages of other pieces", branch.unjoined),
    ):
        for place in left:
            ledger.turned(keys[place])
            ledger.left(kind, mapping[keys[place]], int(nodes[place].says))
    messages: list[Message] = []
    for place in branch.way:
        ledger.turned(keys[place])
        messages += _messages_of(mapping[keys[place]], nodes[place], ledger)
    return branch.broken, messages


def _nodes(mapping: Mapping[str, Any], places: Mapping[str, int]) -> list[Node]:
    """Return the nodes with their parents; one without a parent that is there is below the node that lists it."""
    listed: dict[str, int] = {}
    for key, place in places.items():
        children = mapping[key].get("children")
        for child in children if isinstance(children, list) else ():
            if isinstance(child, str) and child in places and child != key:
                listed.setdefault(child, place)
    nodes = []
    for key in places:
        node = mapping[key]
        parent = node.get("parent")
        before = places.get(parent) if isinstance(parent, str) and parent != key else None
        if before is None:
            before = listed.get(key)
        is_lost = before is None and isinstance(parent, str) and bool(parent)
        message = node.get("message")
        at = seconds_of(message.get("create_time")) if isinstance(message, dict) else 0.0
        nodes.append(Node(before, parent if is_lost else "", at, _says(message)))
    return nodes


def _says(message: Any) -> bool:
    content = message.get("content") if isinstance(message, dict) else message
    if not isinstance(content, dict):
        return not is_empty(content)
    return any(
        not is_empty(value) for key, value in content.items() if key not in ("content_type", *_CONTENT_TECHNICAL)
    )


def _messages_of(node: Mapping[str, Any], seen: Node, ledger: Ledger) -> Iterator[Message]:
    """Yield the message of a node, unless it is hidden, for a tool, a thought, or none."""
    message = node.get("message")
    ledger.turned(*node, node.get("id"), node.get("parent"), node.get("children"))
    for key, value in node.items():
        if key not in ("id", "parent", "children", "message"):
            ledger.field("node", key, value)
    if not isinstance(message, dict):
        ledger.left("invalid messages", message, int(not is_empty(message)))
        return
    author = message.get("author")
    role = author.get("role") if isinstance(author, dict) else author
    metadata = message.get("metadata")
    recipient, thoughts = message.get("recipient"), thoughts_kind(message.get("channel"))
    if _is_hidden(message, metadata):
        ledger.left(HIDDEN, message, int(seen.says))
    elif role != "user" and recipient not in _EVERYONE:
        what = "tool calls" if role == "assistant" else "messages that are not for the user"
        ledger.left(f"{what} ({one_line(str(recipient))[:40]})", message)
    elif role != "user" and thoughts:
        ledger.left(thoughts, message, int(seen.says))
    else:
        yield _message(message, role, ledger)


def _is_hidden(message: Mapping[str, Any], metadata: Any) -> bool:
    flags = metadata if isinstance(metadata, dict) else {}
    weight = message.get("weight")
    return bool(flags.get("is_visually_hidden_from_conversation") or flags.get("is_user_system_message")) or (
        isinstance(weight, (int, float)) and weight == 0
    )


def _message(message: Mapping[str, Any], role: Any, ledger: Ledger) -> Message:
    ledger.turned(*(key for key in message if key in _MESSAGE_READ))
    author = message.get("author")
    for key, value in author.items() if isinstance(author, dict) else ():
        if key == "role":
            ledger.turned(key)
        else:
            ledger.field("author", key, value, ("name", "metadata"))
    metadata = message.get("metadata")
    if not isinstance(metadata, dict):
        ledger.field("message", "metadata", metadata)
    for key, value in metadata.items() if isinstance(metadata, dict) else ():
        if key == "attachments" and not is_empty(value):
            ledger.turned(key)
            ledger.left("attachments", value, len(value) if isinstance(value, list) else 1)
        elif key == "citations" and isinstance(value, list) and value:
            ledger.turned(key)
            ledger.left("citations", value, len(value))
        else:
            ledger.field("metadata", key, value, _METADATA_TECHNICAL)
    usual = {"recipient": _EVERYONE, "channel": SPOKEN_CHANNELS}
    for key, value in message.items():
        if value in usual.get(key, ()):
            ledger.turned(key, value)
        elif key not in _MESSAGE_READ:
            ledger.field("message", key, value, _MESSAGE_TECHNICAL)
    text = _text(message.get("content"), ledger)
    return Message(take_time(message.get("create_time"), ledger), role_of(role, ledger), text)


def _text(content: Any, ledger: Ledger) -> str:
    """Return the text of a content: its parts, or the text of code, of its output, of a quote."""
    if not isinstance(content, dict):
        return "" if is_empty(content) else text_of_blocks(content, ledger)
    taken = [key for key in ("parts", "text") if key in content]
    kind = kind_of(content)
    if kind == "tether_quote":
        taken = [key for key in _QUOTE if isinstance(content.get(key), str)]
    elif isinstance(content.get("parts"), list) or not isinstance(content.get("text"), str):
        taken = taken[:1] if isinstance(content.get("parts"), list) else []
    if not taken:
        if _says({"content": content}):
            ledger.left(f"parts ({kind or 'unknown'})", content)
        else:
            ledger.turned(content)
        return ""
    for key, value in content.items():
        if key in taken or key == "content_type":
            ledger.turned(key, *([value] if key not in taken else []))
        else:
            ledger.field("content", key, value, _CONTENT_TECHNICAL)
    return joined([text_of_blocks(content[key], ledger) for key in taken])
