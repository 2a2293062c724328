"""A conversation in Claude's data export: `chat_messages`, each with blocks and the id of the message before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.exchange.account import words_of
from memorybank.exchange.conversation.blocks import attached_texts, joined, text_of_blocks
from memorybank.exchange.conversation.talk import Talk, is_empty, role_of, seconds_of, take_time
from memorybank.exchange.conversation.tree import Branch, Node, branch_of
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.exchange.conversation.talk import Ledger

TOOL = "claude"
# the parent of a first message
_NO_PARENT = re.compile(r"[0-]*(4000-8000)?[0-]*\Z", re.ASCII)
# what stands in `text` for a block that is no text
_PLACEHOLDER = re.compile(r"```\s*This block is not supported on your current device yet\.\s*```")

_READ = frozenset(["uuid", "name", "summary", "created_at", "updated_at", "chat_messages", "current_leaf_message_uuid"])
_TECHNICAL = frozenset(["account", "settings", "is_starred", "is_temporary", "model", "platform", "project_uuid"])
_MESSAGE_READ = frozenset(
    ["uuid", "sender", "role", "text", "content", "created_at", "attachments", "files", "parent_message_uuid"]
)
_MESSAGE_TECHNICAL = frozenset(
    [
        "updated_at",
        "index",
        "truncated",
        "stop_reason",
        "input_mode",
        "nth_message",
        "metadata",
        "sync_sources",
        "files_v2",
    ]
)


def claude_talk(value: Mapping[str, Any], ledger: Ledger) -> Talk:
    """Return a conversation of Claude."""
    ledger.turned(*value)
    metadata: dict[str, Any] = {}
    for key, each in value.items():
        if key in _TECHNICAL:
            ledger.field("conversation", key, each, _TECHNICAL)
        elif key not in _READ and not is_empty(each):
            metadata[key] = each
    rows: list[Mapping[str, Any]] = []
    for row in value["chat_messages"]:
        if isinstance(row, dict):
            rows.append(row)
        elif not is_empty(row):
            ledger.left("invalid messages", row)
    branch = _branch(rows, value.get("current_leaf_message_uuid"))
    for kind, places in (
        ("messages of abandoned branches", branch.others),
        ("messages of other pieces", branch.unjoined),
    ):
        for place in places:
            ledger.left(kind, rows[place], int(_says(rows[place])))
    ledger.turned(value.get("uuid"), value.get("current_leaf_message_uuid"))
    for key in ("name", "summary"):
        if not isinstance(value.get(key), (str, type(None))):
            metadata[key] = value[key]
    return Talk(
        TOOL,
        value["uuid"] if isinstance(value.get("uuid"), str) else "",
        value["name"] if isinstance(value.get("name"), str) else "",
        take_time(value.get("created_at"), ledger),
        take_time(value.get("updated_at"), ledger),
        [_message(rows[place], ledger) for place in branch.way],
        value["summary"] if isinstance(value.get("summary"), str) else "",
        metadata=metadata,
        broken=branch.broken,
    )


def _branch(rows: list[Mapping[str, Any]], leaf: Any) -> Branch:
    places: dict[str, int] = {}
    for place, row in enumerate(rows):
        if isinstance(row.get("uuid"), str):
            places.setdefault(row["uuid"], place)
    if not any(isinstance(row.get("parent_message_uuid"), str) for row in rows):
        return Branch(list(range(len(rows))), [], [])
    nodes = []
    for place, row in enumerate(rows):
        parent = row.get("parent_message_uuid")
        lost = ""
        before: int | None
        if not isinstance(parent, str):
            # no word about its parent: it stands behind the message before it
            before = place - 1 if place else None
        elif parent in places and places[parent] != place:
            before = places[parent]
        else:
            before = None
            lost = "" if _NO_PARENT.match(parent) else parent
        nodes.append(Node(before, lost, seconds_of(row.get("created_at")), _says(row)))
    current = places.get(leaf) if isinstance(leaf, str) else None
    return branch_of(nodes, current, one_root=False)


def _says(row: Mapping[str, Any]) -> bool:
    return any(not is_empty(row.get(key)) for key in ("text", "content", "attachments", "files"))


def _message(row: Mapping[str, Any], ledger: Ledger) -> Message:
    ledger.turned(*(key for key in row if key in _MESSAGE_READ), row.get("uuid"), row.get("parent_message_uuid"))
    content = row.get("content")
    text = "" if is_empty(content) else text_of_blocks(content, ledger)
    texts = [_with_text(text, row.get("text"), ledger), *attached_texts(row, ledger)]
    for key, value in row.items():
        if key not in _MESSAGE_READ:
            ledger.field("message", key, value, _MESSAGE_TECHNICAL)
    sender = row.get("sender") or row.get("role")
    if row.get("sender") and row.get("role"):
        ledger.turned(row["role"])
    return Message(take_time(row.get("created_at"), ledger), role_of(sender, ledger), joined(texts))


def _with_text(said: str, text: Any, ledger: Ledger) -> str:
    """Return the text of the blocks; the text beside them repeats it, and is added if it has words of its own."""
    if not isinstance(text, str) or not text.strip():
        ledger.turned(text)
        return said
    if not said.strip():
        return text
    ledger.turned(text)
    own = words_of(_PLACEHOLDER.sub("", text)) - words_of(said)
    return joined([said, _PLACEHOLDER.sub("", text).strip("\n")]) if own else said
