"""A session file of the Gemini CLI: one object, or a line for each message and each change of the session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.document.text import one_line
from memorybank.exchange.agent_sessions.injected import spoken_in
from memorybank.exchange.agent_sessions.read_files import Head, Tool
from memorybank.exchange.conversation.blocks import joined
from memorybank.exchange.conversation.talk import Talk, is_empty, take_time
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.exchange.conversation.talk import Ledger

TOOL = "gemini"
REWOUND = "messages that were rewound"
EARLIER = "earlier states of messages"
REFERENCED = "contents of referenced files"

_ROLES = {"user": "user", "gemini": "assistant"}
_HEADER = frozenset(["sessionId", "projectHash", "startTime", "lastUpdated", "messages", "summary"])
_KEPT = ("directories", "kind", "activeExtensionName")
_MESSAGE = frozenset(["id", "timestamp", "type", "content", "displayContent", "thoughts", "toolCalls", "model"])
_MESSAGE_TECHNICAL = frozenset(["tokens", "subagents"])
_PART_TECHNICAL = frozenset(["thoughtSignature", "videoMetadata"])
_FILES_BEGIN = "--- Content from referenced files ---"
_FILES_END = "--- End of content ---"
_ACKNOWLEDGED = "Got it. Thanks for the additional context!"
_IDENT = re.compile(r'"sessionId"\s*:\s*"([^"\\]{1,200})"')
_WORD = re.compile(r"[\w.:/-]{1,40}")


class Chat:
    """Takes the rows of a session file; a message is kept in its last state."""

    def __init__(self, ledger: Ledger) -> None:
        """Start a session; `ledger` gets the words of its rows."""
        self.is_known = False
        self._ledger = ledger
        self._ident = ""
        self._header: dict[str, Any] = {}
        self._messages: dict[str, Mapping[str, Any]] = {}
        self._models: dict[str, None] = {}
        self._unnamed = 0

    def take(self, row: Any) -> None:
        """Take a row."""
        ledger = self._ledger
        ledger.came(row)
        if not isinstance(row, dict):
            ledger.left("lines that are no objects", row)
        elif isinstance(row.get("$rewindTo"), str):
            self._rewind(row)
        elif isinstance(row.get("$set"), dict):
            ledger.turned("$set")
            for key, value in row.items():
                if key != "$set":
                    ledger.field("line", key, value)
            self._set(row["$set"])
        elif "sessionId" in row:
            self.is_known = True
            self._set(row)
        elif isinstance(row.get("id"), str) and "type" in row:
            self._put(row)
        else:
            ledger.left("unknown lines", row)

    def _set(self, value: Mapping[str, Any]) -> None:
        for key, each in value.items():
            self._ledger.turned(key)
            if key == "messages" and isinstance(each, list):
                for message in each:
                    if isinstance(message, dict):
                        self._put(message, is_again=True)
                    else:
                        self._ledger.left("invalid messages", message, int(not is_empty(message)))
                continue
            if key in self._header:
                self._ledger.left("earlier values of fields", self._header[key], int(self._header[key] != each))
            self._header[key] = each

    def _put(self, message: Mapping[str, Any], *, is_again: bool = False) -> None:
        """Put a message at its place; a list that is set again has copies of what was said, with other ids."""
        ident = message.get("id")
        if not isinstance(ident, str) or not ident:
            self._unnamed += 1
            ident = f"\0{self._unnamed}"
        before = self._messages.get(ident)
        if before is None and is_again and self._has(message):
            self._ledger.left(EARLIER, message)
            return
        if before is not None:
            self._ledger.left(EARLIER, before)
        self._messages[ident] = message

    def _has(self, message: Mapping[str, Any]) -> bool:
        content = message.get("content")
        return not is_empty(content) and any(
            each.get("content") == content
            and each.get("type") == message.get("type")
            and each.get("timestamp") == message.get("timestamp")
            for each in self._messages.values()
        )

    def _rewind(self, row: Mapping[str, Any]) -> None:
        idents = list(self._messages)
        if row["$rewindTo"] in self._messages:
            self._ledger.left("rewinds", row)
            for ident in idents[idents.index(row["$rewindTo"]) :]:
                message = self._messages.pop(ident)
                self._ledger.left(REWOUND, message, int(_says(message)))
        else:
            self._ledger.left("rewinds to a message that is not there", row)

    def talk(self) -> Talk:
        """Return the session."""
        ledger = self._ledger
        header = self._header
        self._ident = header["sessionId"] if isinstance(header.get("sessionId"), str) else ""
        metadata: dict[str, Any] = {}
        for key, value in header.items():
            if key in _KEPT and not is_empty(value):
                metadata[key] = value
            elif key == "projectHash" and not is_empty(value):
                metadata["project_hash"] = value
            elif key == "summary" and isinstance(value, str):
                continue
            elif key not in ("sessionId", "startTime", "lastUpdated"):
                ledger.field("session", key, value)
        messages = [found for message in self._messages.values() if (found := self._message(message)) is not None]
        if self._models:
            models = list(self._models)
            metadata["model"] = models[0] if len(models) == 1 else models
        return Talk(
            TOOL,
            self._ident,
            "",
            take_time(header.get("startTime"), ledger),
            take_time(header.get("lastUpdated"), ledger),
            messages,
            header["summary"] if isinstance(header.get("summary"), str) else "",
            metadata=metadata,
        )

    def _message(self, row: Mapping[str, Any]) -> Message | None:
        """Return a message; None if nothing of it was said."""
        ledger = self._ledger
        kind = row.get("type")
        role = _ROLES.get(kind) if isinstance(kind, str) else None
        if role is None:
            ledger.left(f"messages ({_named(kind)})", row)
            return None
        ledger.turned(kind, row.get("id"))
        for key, value in row.items():
            ledger.turned(*([key] if key in _MESSAGE else []))
            if key in ("thoughts", "toolCalls") and not is_empty(value):
                what = "thoughts" if key == "thoughts" else "tool calls"
                ledger.left(what, value, len(value) if isinstance(value, list) else 1)
            elif key == "model" and isinstance(value, str) and value:
                ledger.turned(*([value] if value in self._models else []))
                self._models[value] = None
            elif key not in _MESSAGE:
                ledger.field("message", key, value, _MESSAGE_TECHNICAL)
        at = take_time(row.get("timestamp"), ledger)
        text = self._said(row, role)
        return Message(at, role, text) if text.strip() else None

    def _said(self, row: Mapping[str, Any], role: str) -> str:
        """Return what was said; what a person saw counts, not what was sent with it."""
        shown, content = row.get("displayContent"), row.get("content")
        if not is_empty(shown):
            text = self._text(shown)
            self._ledger.left("prompts as they were sent", content, int(shown != content and not is_empty(content)))
        else:
            text = self._text(content)
        if role != "user":
            if text.strip() == _ACKNOWLEDGED:
                self._ledger.left("injected texts (acknowledgement)", text)
                return ""
            return text
        spoken = spoken_in(text)
        for kind, each in spoken.injected:
            self._ledger.left(kind, each)
        before, begin, rest = spoken.text.partition(_FILES_BEGIN)
        if not begin:
            return spoken.text
        files, end, after = rest.rpartition(_FILES_END)
        self._ledger.left(REFERENCED, begin + files + end if end else begin + rest)
        return joined([before.strip(), after.strip() if end else ""])

    def _text(self, content: Any) -> str:
        """Return the text of a content; its other parts are counted."""
        parts = content if isinstance(content, list) else [content]
        texts: list[str] = []
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict) and isinstance(part.get("text"), str) and not part.get("thought"):
                texts.append(part["text"])
                for key, value in part.items():
                    if key == "text":
                        self._ledger.turned(key)
                    else:
                        self._ledger.field("part", key, value, _PART_TECHNICAL)
            elif not is_empty(part):
                self._ledger.left(f"parts ({_part_kind(part)})", part)
        return joined(texts)


def _says(message: Mapping[str, Any]) -> bool:
    return message.get("type") in _ROLES and not is_empty(message.get("content"))


def _part_kind(part: Any) -> str:
    if not isinstance(part, dict):
        return "unknown"
    return "thought" if part.get("thought") else _named(next(iter(part), None))


def _named(kind: Any) -> str:
    found = _WORD.match(one_line(str(kind or "unknown")))
    return found[0] if found else "unknown"


def is_chat(name: str) -> bool:
    """Return whether a file of this name can be a session."""
    return name.endswith(".jsonl") or (name.startswith("session-") and name.endswith(".json"))


def head_of(_name: str, data: bytes) -> Head:
    """Return the id at the beginning of a file."""
    found = _IDENT.search(data.decode("utf-8", "surrogateescape"))
    return Head(found[1] if found else "")


GEMINI = Tool(TOOL, "the Gemini CLI", is_chat, head_of, Chat)
