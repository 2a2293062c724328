"""A rollout file of Codex: a line for each item of a session, with events that repeat what was said."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import BOM
from memorybank.document.text import one_line
from memorybank.exchange.agent_sessions.injected import spoken_in
from memorybank.exchange.agent_sessions.read_files import Head, Tool
from memorybank.exchange.conversation.blocks import joined, text_of_block
from memorybank.exchange.conversation.talk import Talk, is_empty, take_time
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.exchange.conversation.talk import Ledger

TOOL = "codex"
COPIES = "copies of messages in events"
ROLLED_BACK = "messages that were rolled back"

_LINES = frozenset(["session_meta", "response_item", "event_msg", "turn_context", "compacted"])
# the items of a file without envelopes, as the first versions wrote it
_BARE = frozenset(
    ["message", "reasoning", "function_call", "function_call_output", "local_shell_call", "local_shell_call_output"]
)
_KEPT = ("cwd", "originator", "cli_version", "source", "model_provider", "agent_nickname", "agent_role", "model")
_GIT = {"branch": "git_branch", "commit_hash": "git_commit", "repository_url": "git_repository"}
_FORKED = "forked_from_id"
_HEADER_TECHNICAL = frozenset(
    ["session_id", "dynamic_tools", "memory_mode", "parent_thread_id", "thread_source", "history_mode", "agent_path"]
)
_MESSAGE_TECHNICAL = frozenset(
    ["id", "phase", "end_turn", "status", "metadata", "internal_chat_message_metadata_passthrough"]
)
_EVENT_TECHNICAL = frozenset(
    ["kind", "phase", "images", "local_images", "text_elements", "memory_citation", "thread_id", "turn_id", "client_id"]
)
_SPEAKERS = {"UserMessage": "user", "AgentMessage": "assistant"}
_NO_SESSIONS = frozenset(["history.jsonl", "session_index.jsonl"])
_UUID = re.compile(r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.")
_IS_HEADER = re.compile(r'\s*\{[^{}]{0,200}("session_meta"|"session"\s*:)')
_ID = re.compile(r'"id"\s*:\s*"([^"\\]{1,200})"')
_PARENT = re.compile(r'"forked_from_id"\s*:\s*"([^"\\]{1,200})"')
_TURNS = 1_000_000
_WORD = re.compile(r"[\w.:/-]{1,40}")
_NEAR = 4


class _Said(NamedTuple):
    """A text that was said: by whom, where it stands (`item` or a kind of event), and the injected texts before it."""

    at: str
    role: str
    text: str
    stream: str
    injected: tuple[tuple[str, str], ...] = ()


class Rollout:
    """Takes the rows of a rollout file one after the other; most of them are only counted."""

    def __init__(self, ledger: Ledger) -> None:
        """Start a session; `ledger` gets the words of its rows."""
        self.is_known = False
        self.ident = ""
        self.forked_from = ""
        self._ledger = ledger
        self._said: list[_Said | int] = []
        self._title = ""
        self._started = ""
        self._metadata: dict[str, Any] = {}
        self._models: dict[str, None] = {}
        self._has_header = False

    def take(self, row: Any) -> None:
        """Take a row."""
        ledger = self._ledger
        if isinstance(row, dict) and isinstance(row.get("items"), list) and isinstance(row.get("session"), dict):
            self._take_old_file(row)
            return
        ledger.came(row)
        if not isinstance(row, dict):
            ledger.left("lines that are no objects", row)
            return
        kind, payload = row.get("type"), row.get("payload")
        if isinstance(payload, dict) and isinstance(kind, str):
            self.is_known = self.is_known or kind in _LINES
            ledger.turned("type", "payload", kind)
            at = take_time(row.get("timestamp"), ledger)
            for key, value in row.items():
                if key == "timestamp":
                    ledger.turned(key)
                elif key not in ("type", "payload"):
                    ledger.field("line", key, value, ("ordinal",))
            self._take_line(kind, payload, at)
        elif kind in _BARE:
            self.is_known = True
            self._take_item(row, "")
        elif "id" in row and "timestamp" in row and not self._has_header and kind is None:
            self._take_header(row)
        else:
            ledger.left(f"lines ({_named(kind or ('state' if 'record_type' in row else 'unknown'))})", row)

    def _take_old_file(self, row: Mapping[str, Any]) -> None:
        self.is_known = True
        self._ledger.came({key: value for key, value in row.items() if key != "items"})
        self._ledger.came("items")
        self._ledger.turned("items", "session")
        self._take_header(row["session"])
        for key, value in row.items():
            if key not in ("items", "session"):
                self._ledger.field("file", key, value)
        for item in row["items"]:
            self.take(item)

    def _take_line(self, kind: str, payload: Mapping[str, Any], at: str) -> None:
        if kind == "session_meta":
            self._take_header(payload)
        elif kind == "response_item":
            self._take_item(payload, at)
        elif kind == "event_msg":
            self._take_event(payload, at)
        elif kind == "turn_context":
            if isinstance(payload.get("model"), str) and payload["model"]:
                self._models[payload["model"]] = None
            self._ledger.left("turn settings", payload)
        else:
            self._ledger.left("compaction summaries" if kind == "compacted" else f"lines ({_named(kind)})", payload)

    def _take_header(self, payload: Mapping[str, Any]) -> None:
        ledger = self._ledger
        if self._has_header:
            ledger.left("repeated session headers", payload)
            return
        self._has_header = True
        self.ident = payload["id"] if isinstance(payload.get("id"), str) else ""
        ledger.turned(*payload)
        self._started = take_time(payload.get("timestamp"), ledger)
        for key, value in payload.items():
            if key == "git" and isinstance(value, dict):
                ledger.turned(*value)
                for name, each in value.items():
                    self._keep(_GIT.get(name, f"git_{name}"), each)
            elif key in _KEPT:
                self._keep(key, value)
            elif key == _FORKED and isinstance(value, str) and value:
                self.forked_from = value
                self._keep("forked_from", value)
            elif key in ("instructions", "base_instructions", "user_instructions"):
                ledger.left("instructions of the tool", value, int(not is_empty(value)))
            elif key not in ("id", "timestamp") or (key == "id" and not self.ident):
                ledger.field("session", key, value, _HEADER_TECHNICAL)

    def _keep(self, name: str, value: Any) -> None:
        if not is_empty(value):
            self._metadata[name] = value

    def _take_item(self, payload: Mapping[str, Any], at: str) -> None:
        kind, role = payload.get("type"), payload.get("role")
        if kind != "message" or role not in ("user", "assistant"):
            what = f"messages ({_named(role)})" if kind == "message" else f"items ({_named(kind)})"
            self._ledger.left(what, payload)
            return
        self._ledger.turned(kind, role)
        for key, value in payload.items():
            if key in ("type", "role", "content"):
                self._ledger.turned(key)
            else:
                self._ledger.field("message", key, value, _MESSAGE_TECHNICAL)
        content = payload.get("content")
        texts: list[str] = []
        injected: list[tuple[str, str]] = []
        for block in content if isinstance(content, list) else [content]:
            text = text_of_block(block, self._ledger) if not is_empty(block) else ""
            spoken = spoken_in(text) if role == "user" else None
            texts.append(spoken.text if spoken else text)
            injected += spoken.injected if spoken else ()
        self._said.append(_Said(at, role, joined(texts), "item", tuple(injected)))

    def _take_event(self, payload: Mapping[str, Any], at: str) -> None:
        kind = payload.get("type")
        item = payload.get("item")
        if kind in ("user_message", "agent_message") and isinstance(payload.get("message"), str):
            if payload.get("kind") in (None, "plain"):
                self._hear(payload, "message", "user" if kind == "user_message" else "assistant", at)
            else:
                self._ledger.left(f"injected texts ({_named(payload['kind'])})", payload)
        elif kind == "item_completed" and isinstance(item, dict) and item.get("type") in _SPEAKERS:
            self._ledger.turned(kind, *(key for key in payload))
            for key, value in payload.items():
                if key not in ("type", "item"):
                    self._ledger.field("event", key, value, _EVENT_TECHNICAL)
            self._hear(item, "content", _SPEAKERS[item["type"]], at)
        else:
            if kind == "thread_name_updated" and isinstance(payload.get("thread_name"), str):
                self._title = payload["thread_name"].strip()
            turns = payload.get("num_turns")
            if kind == "thread_rolled_back" and isinstance(turns, int) and 0 < turns < _TURNS:
                self._said.append(turns)
            self._ledger.left(f"events ({_named(kind)})", payload)

    def _hear(self, value: Mapping[str, Any], name: str, role: str, at: str) -> None:
        """Take what an event repeats."""
        content = value.get(name, "")
        for key, each in value.items():
            if key in ("type", name):
                self._ledger.turned(key, *([each] if key == "type" else []))
            else:
                self._ledger.field("event", key, each, _EVENT_TECHNICAL)
        blocks = content if isinstance(content, list) else [content]
        lowered = [
            {**block, "type": block["type"].lower()}
            if isinstance(block, dict) and isinstance(block.get("type"), str)
            else block
            for block in blocks
        ]
        text = joined([text_of_block(block, self._ledger) for block in lowered if not is_empty(block)])
        # what a person typed is what they said, even if it looks injected; the context of an editor is left out
        spoken = spoken_in(text) if role == "user" and text.lstrip().startswith("# ") else None
        self._said.append(_Said(at, role, spoken.text if spoken else text, name, spoken.injected if spoken else ()))

    def talk(self) -> Talk:
        """Return the session."""
        messages: list[Message] = []
        for each in self._without_copies():
            if isinstance(each, int):
                self._roll_back(messages, each)
            else:
                messages.append(Message(each.at, each.role, each.text))
        if self._models:
            models = list(self._models)
            self._metadata["model"] = models[0] if len(models) == 1 else models
        return Talk(TOOL, self.ident, self._title, self._started, "", messages, metadata=self._metadata)

    def _roll_back(self, messages: list[Message], turns: int) -> None:
        asked = [place for place, message in enumerate(messages) if message.role == "user"]
        start = asked[-min(turns, len(asked))] if asked else len(messages)
        for message in messages[start:]:
            self._ledger.left(ROLLED_BACK, message.text)
        del messages[start:]

    def _without_copies(self) -> list[_Said | int]:
        """Return what was said, each once: the stream counts that has a text most often, the items first."""
        self._said = self._with_typed_texts(self._said)
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for each in self._said:
            if isinstance(each, _Said):
                counts[_key(each)][each.stream] += 1
        chosen = {key: max(found, key=lambda name: (found[name], name == "item")) for key, found in counts.items()}
        alone = [
            place
            for place, each in enumerate(self._said)
            if isinstance(each, _Said) and each.stream == "item" and len(counts[_key(each)]) == 1
        ]
        kept: list[_Said | int] = []
        for place, each in enumerate(self._said):
            if isinstance(each, int):
                kept.append(each)
                continue
            is_copy = each.stream != chosen[_key(each)]
            for kind, text in each.injected:
                self._ledger.left(kind, text, int(each.stream == "item" or not is_copy))
            if not each.text.strip():
                continue
            if is_copy or (each.stream != "item" and self._is_part_of(each, place, alone)):
                self._ledger.left(COPIES, each.text)
            else:
                kept.append(each)
        return kept

    def _is_part_of(self, each: _Said, place: int, alone: Iterable[int]) -> bool:
        """Return whether an item close to an event has its text, and more."""
        near = [self._said[other] for other in alone if abs(other - place) <= _NEAR]
        text = " ".join(each.text.split())
        return any(
            isinstance(item, _Said) and item.role == each.role and text in " ".join(item.text.split()) for item in near
        )

    def _with_typed_texts(self, said: list[_Said | int]) -> list[_Said | int]:
        """Return what was said: a text that was typed is speech; one in an unknown tag that was not typed is not."""
        typed = {_key(each)[1] for each in said if isinstance(each, _Said) and _is_typed(each)}
        if not typed:
            return said
        found: list[_Said | int] = []
        for each in said:
            if isinstance(each, int) or each.stream != "item" or each.role != "user":
                found.append(each)
                continue
            whole = "\n\n".join([*(text for _, text in each.injected), *([each.text] if each.text else [])])
            if each.injected and " ".join(whole.split()) in typed:
                found.append(each._replace(text=whole, injected=()))
            elif each.text.strip() and _key(each)[1] not in typed:
                spoken = spoken_in(each.text, any_tag=True)
                found.append(each._replace(text=spoken.text, injected=(*each.injected, *spoken.injected)))
            else:
                found.append(each)
        return found


def _is_typed(each: _Said) -> bool:
    return each.stream != "item" and each.role == "user"


def _key(each: _Said) -> tuple[str, str]:
    return each.role, " ".join(each.text.split())


def _named(kind: Any) -> str:
    word = one_line(str(kind or "unknown"))
    found = _WORD.match(word)
    return found[0] if found else "unknown"


def is_rollout(name: str) -> bool:
    """Return whether a file of this name can be a session."""
    return (name.endswith(".jsonl") and name not in _NO_SESSIONS) or (
        name.startswith("rollout-") and name.endswith(".json")
    )


def head_of(name: str, data: bytes) -> Head:
    """Return the ids at the beginning of a file; its name has the id, too."""
    in_name = _UUID.search(name)
    found = Head(in_name[1] if in_name else "")
    line = data.removeprefix(BOM).lstrip().partition(b"\n")[0].decode("utf-8", "surrogateescape")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        # a header with long instructions, or an object over many lines
        text = data.decode("utf-8", "surrogateescape")
        ids = _ID.search(text) if _IS_HEADER.match(text) else None
        parent = _PARENT.search(line) if ids else None
        return Head(ids[1], parent[1] if parent else "") if ids else found
    payload = value.get("payload", value) if isinstance(value, dict) else None
    if not isinstance(payload, dict) or value.get("type") not in ("session_meta", None):
        return found
    ident, parent = payload.get("id"), payload.get(_FORKED)
    if not isinstance(ident, str) or not ident:
        return found
    return Head(ident, parent if isinstance(parent, str) else "")


CODEX = Tool(TOOL, "Codex", is_rollout, head_of, Rollout)
