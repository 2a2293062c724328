"""A session log of Claude Code as a session: what the user and the assistant said, each once.

Most lines have no speech. They are counted by their kind as a whole, so their words are not looked at.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from memorybank.document.source import BOM
from memorybank.document.text import one_line
from memorybank.exchange.account import words_of
from memorybank.exchange.agent_sessions.claude_code.denials import refusal_in
from memorybank.exchange.agent_sessions.claude_code.line_kinds import KNOWN
from memorybank.exchange.agent_sessions.claude_code.prompt_queue import Queue
from memorybank.exchange.agent_sessions.claude_code.rewinds import Turns
from memorybank.exchange.agent_sessions.claude_code.speakers import (
    Speech,
    is_interrupt,
    said_in,
    said_in_queued,
    speaker_of_answer,
    spoken_text,
    version_of,
)
from memorybank.exchange.agent_sessions.read_files import Head, Tool
from memorybank.exchange.conversation.blocks import kind_of
from memorybank.exchange.conversation.talk import Talk, is_empty, take_time
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.exchange.conversation.talk import Ledger

TOOL = "claude-code"
REWOUND = "messages that were rewound"
TWICE = "lines that stand twice"
ADDED = "texts that Claude Code adds to prompts"
STATE = "lines without speech"
SUB_AGENTS = "sub-agents"

_LINES = frozenset(["user", "assistant", "system", "summary", "attachment", "queue-operation", "file-history-snapshot"])
_STATE = frozenset(["system", "queue-operation"])
_MARKS = ("sessionId", "session_id", "parentUuid", "uuid", "leafUuid", "messageId")
_UNSAID = {"subagent": "texts of sub-agents", "harness": "texts of Claude Code itself"}
_PARTS = {
    "tool_use": "tool calls",
    "tool_result": "tool results",
    "thinking": "thoughts",
    "redacted_thinking": "thoughts",
}
_KEPT = {"cwd": "cwd", "gitBranch": "git_branch", "version": "cli_version", "entrypoint": "entrypoint"}
_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle"}
_TECHNICAL = frozenset(
    [
        *(
            "agentId",
            "apiBlockIndex",
            "attributionAgent",
            "commandMode",
            "commandUuid",
            "costUSD",
            "deliveryId",
            "delivery_id",
        ),
        *("durationMs", "effort", "forkedFrom", "holdsPersonsWords", "humanTurn", "imagePasteIds"),
        *("interruptedMessageId", "isApiErrorMessage", "isMeta", "isSidechain", "isVisibleInTranscriptOnly"),
        *("madeBy", "message.id", "message.model", "message.role", "message.stop_details", "message.stop_reason"),
        *("message.stop_sequence", "message.type", "message.usage", "origin", "parentUuid", "perTurnEffort"),
        *("permissionDecision", "permissionMode", "promptCacheRequested", "promptId", "promptSource"),
        *("queueSkipAttachments", "rendered", "renderedBesideToolResult", "renderedRole", "requestId"),
        *("requestRef", "requestSessionId", "requestedModel", "rowSource", "sandboxed", "sentAtMs", "sessionId"),
        *("session_id", "slug", "sourceToolAssistantUUID", "source_uuid", "thinkingMetadata", "timestamp", "todos"),
        *("toolDenialBeforeRun", "toolDenialKind", "toolInputStreamMs", "toolUseResult", "turnOrigin"),
        *("turnPosition", "userFeedback", "userType", "uuid"),
    ]
)
_NO_SESSIONS = frozenset(["history.jsonl", "journal.jsonl"])
_UUID_NAME = re.compile(r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.jsonl\Z")
_AGENT_NAME = re.compile(r"agent-[^/]*\.(?:jsonl|meta\.json)\Z")
_SESSION = re.compile(r'"sessionId"\s*:\s*"([^"\\]{1,200})"')
_WORD = re.compile(r"[\w.:/-]{1,40}")
_LONGEST_ID = 300
# a session has a few folders, branches, versions and models
_VALUES = 20


class SessionLog:
    """Takes the lines of a log one after the other; most of them are only counted."""

    def __init__(self, ledger: Ledger) -> None:
        """Start a session; `ledger` gets the words of its lines."""
        self.is_known = False
        self._ledger = ledger
        self._turns = Turns()
        self._queue: Queue[Message] = Queue()
        self._calls: dict[str, str] = {}
        # with the ids of their lines
        self._said: list[tuple[str, Message]] = []
        self._kept: dict[str, dict[str, None]] = {}
        self._titles: dict[str, str] = {}
        self._summaries: list[tuple[str, str]] = []

    def take(self, row: Any) -> None:
        """Take a line."""
        if not isinstance(row, dict):
            self._leave("lines that are no objects")
            return
        kind, ident = row.get("type"), _name(row.get("uuid"))
        kind = kind if isinstance(kind, str) else ""
        if kind in _LINES and (any(name in row for name in _MARKS) or isinstance(row.get("message"), dict)):
            self.is_known = True
        if ident and self._turns.has(ident):
            self._leave(TWICE)
            return
        if kind == "user":
            self._take_user(row, ident)
        elif kind == "assistant":
            self._take_answer(row, ident)
        elif kind == "attachment":
            self._take_attachment(row, ident)
        elif kind in _TITLES or kind == "summary":
            self._take_title(row, kind)
        else:
            if kind == "queue-operation":
                text = row.get("content")
                self._hear(self._queue.take(row, text if isinstance(text, str) else "", lambda text: _typed(row, text)))
            self._leave(STATE if kind in KNOWN or kind in _STATE else f"lines ({_named(kind)})")
        if ident:
            self._turns.came(ident, row.get("parentUuid"))

    def talk(self) -> Talk:
        """Return the session."""
        self._hear(self._queue.rest())
        metadata = {name: [*values] if len(values) > 1 else next(iter(values)) for name, values in self._kept.items()}
        messages = [message for _, message in self._said]
        return Talk(TOOL, "", self._title(), "", "", messages, metadata=metadata)

    def _leave(self, kind: str, count: int = 1) -> None:
        """Count something that is left out as a whole: its words were not noted as those of the session."""
        self._ledger.left(kind, "", count)

    # --- lines with speech

    def _take_user(self, row: Mapping[str, Any], ident: str) -> None:
        message = row.get("message")
        texts: list[str] = []
        before = len(self._said)
        blocks = _blocks(message.get("content") if isinstance(message, dict) else message)
        for block in blocks:
            text = _text_of(block)
            if text is not None:
                texts += [text] if text.strip() else []
            else:
                self._take_result(row, block, ident)
        if texts and is_interrupt(row, texts[-1]):
            self._leave("interrupts")
            texts.pop()
        elif not blocks:
            self._leave(STATE)
        if texts:
            self._take_speech(row, said_in(row, texts), texts, ident)
        if len(self._said) > before:
            self._settle(row)
        self._keep_fields(row)

    def _take_speech(self, row: Mapping[str, Any], speech: Speech, texts: list[str], ident: str) -> None:
        if speech.speaker != "human" or not speech.text:
            self._leave(_UNSAID.get(speech.speaker, ADDED), len(texts))
            return
        self._queue.delivered(speech.text)
        about = self._turns.said(ident, row.get("parentUuid"), _name(row.get("sessionId") or row.get("session_id")))
        places = range(len(self._said) - 1, -1, -1) if about else ()
        place = next((place for place in places if self._said[place][0] == about), None)
        if place is not None:
            for _, message in self._said[place:]:
                self._ledger.left(REWOUND, message.text)
            del self._said[place:]
        self._say(row, "user", speech.text, ident)
        added = words_of("\n".join(texts)) - words_of(speech.text)
        if added:
            self._ledger.came(list(added.elements()))
            self._ledger.left(ADDED, list(added.elements()))

    def _take_result(self, row: Mapping[str, Any], block: Any, ident: str) -> None:
        """Take a part that is no text: the comment with which a call was refused is one of the user's messages."""
        kind = kind_of(block)
        self._leave(_PARTS.get(kind, f"parts ({_named(kind)})"))
        if kind != "tool_result":
            return
        text = "\n".join(filter(None, map(_text_of, _blocks(block.get("content")))))
        tool = self._calls.get(_name(block.get("tool_use_id")), "")
        refusal = refusal_in(row, text, tool, version_of(row), is_error=block.get("is_error") is True)
        if refusal is not None and refusal.comment:
            self._say(row, "user", refusal.comment, ident)

    def _take_answer(self, row: Mapping[str, Any], ident: str) -> None:
        self._hear(self._queue.answered())
        message = row.get("message")
        speaker = speaker_of_answer(row)
        before = len(self._said)
        for block in _blocks(message.get("content") if isinstance(message, dict) else message):
            text = _text_of(block)
            if text is None:
                kind = kind_of(block)
                self._leave(_PARTS.get(kind, f"parts ({_named(kind)})"))
                if kind == "tool_use":
                    self._calls[_name(block.get("id"))] = _name(block.get("name"))
            elif text.strip():
                if speaker == "assistant":
                    self._say(row, speaker, text.strip(), ident)
                else:
                    self._leave(_UNSAID[speaker])
        if len(self._said) > before:
            self._settle(row)
        self._keep_fields(row)
        if speaker == "assistant" and isinstance(message, dict):
            self._keep("model", message.get("model"))

    def _take_attachment(self, row: Mapping[str, Any], ident: str) -> None:
        """Take what was typed while the assistant worked, as it was given to the model."""
        attached = row.get("attachment")
        if not isinstance(attached, dict) or attached.get("type") != "queued_command":
            self._leave("attachments")
            return
        texts = [text for text in map(_text_of, _blocks(attached.get("prompt"))) if text]
        text = "\n".join(texts)
        speech = said_in_queued(row, attached, text)
        if speech.speaker != "human":
            self._queue.delivered(spoken_text(text))
        before = len(self._said)
        self._take_speech(row, speech, [text], ident)
        if len(self._said) > before:
            fields = ("type", "prompt")
            self._settle({**row, **{name: each for name, each in attached.items() if name not in fields}})
        self._keep_fields(row)

    def _hear(self, queued: Iterable[Message]) -> None:
        """Take prompts that only the queue has."""
        for message in queued:
            self._ledger.came(message.text)
            self._said.append(("", message))

    def _say(self, row: Mapping[str, Any], role: str, text: str, ident: str) -> None:
        self._ledger.came(text)
        at = row.get("timestamp")
        self._ledger.came(at)
        self._said.append((ident, Message(take_time(at, self._ledger), role, text)))

    # --- fields

    def _settle(self, row: Mapping[str, Any]) -> None:
        """Name the fields of a line with speech that are not imported."""
        message = row.get("message")
        inner = message if isinstance(message, dict) else {}
        fields = {f"message.{name}": value for name, value in inner.items() if name != "content"}
        fields |= {name: value for name, value in row.items() if name not in ("type", "message", "attachment", *_KEPT)}
        for name, value in fields.items():
            self._ledger.came({name: value})
            self._ledger.field("line", name, value, _TECHNICAL)

    def _keep_fields(self, row: Mapping[str, Any]) -> None:
        if row.get("isSidechain") is not True:
            for name, ours in _KEPT.items():
                self._keep(ours, row.get(name))

    def _keep(self, name: str, value: Any) -> None:
        if not isinstance(value, str) or not value.strip():
            return
        values = self._kept.setdefault(name, {})
        if value in values:
            return
        if len(values) < _VALUES:
            values[value] = None
            self._ledger.came(value)
        else:
            self._leave(f"other values of {name}")

    def _take_title(self, row: Mapping[str, Any], kind: str) -> None:
        text = row.get(_TITLES.get(kind, kind))
        if not isinstance(text, str) or not text.strip():
            self._leave(STATE)
        elif kind == "summary":
            self._summaries.append((text.strip(), _name(row.get("leafUuid"))))
        else:
            self._leave("earlier titles", int(kind in self._titles))
            self._titles[kind] = text.strip()

    def _title(self) -> str:
        """Return the title that the user gave, else that of Claude Code, else the last summary of this session."""
        own = [text for text, leaf in self._summaries if self._turns.has(leaf)]
        found = [*(self._titles[kind] for kind in _TITLES if kind in self._titles), *own[-1:]]
        self._leave("other titles", len(found[1:]))
        self._leave("summaries", len(self._summaries) - len(own[-1:]))
        self._ledger.came(found[:1])
        return found[0] if found else ""


def _typed(row: Mapping[str, Any], text: str) -> Message:
    from memorybank.exchange.conversation.talk import time_of

    return Message(time_of(row.get("timestamp")), "user", text)


def _blocks(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [] if is_empty(content) else [content]


def _text_of(block: Any) -> str | None:
    """Return the text of a part; None if it is no text."""
    if isinstance(block, str):
        return block
    is_text = isinstance(block, dict) and block.get("type") in ("text", None) and isinstance(block.get("text"), str)
    return block["text"] if is_text else None


def _name(value: Any) -> str:
    return value[:_LONGEST_ID] if isinstance(value, str) else ""


def _named(kind: Any) -> str:
    found = _WORD.match(one_line(str(kind or "unknown")))
    return found[0] if found else "unknown"


def is_session(name: str) -> bool:
    """Return whether a file of this name can be a session; sub-agents have files of their own."""
    return name.endswith(".jsonl") and name not in _NO_SESSIONS and not _AGENT_NAME.match(name)


def other_kind(name: str) -> str:
    """Return the kind of a file that is no session, from its name."""
    return SUB_AGENTS if _AGENT_NAME.match(name) else name


def head_of(name: str, data: bytes) -> Head:
    """Return the ids at the beginning of a log: a file has its session's name; a copy begins with the same prompt."""
    in_name = _UUID_NAME.search(name)
    ident = in_name[1] if in_name else ""
    lines = data.removeprefix(BOM).decode("utf-8", "surrogateescape").split("\n")
    if not ident:
        found = _SESSION.search("\n".join(lines))
        ident = found[1] if found else ""
    for line in lines:
        if '"user"' not in line:
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict) and row.get("type") == "user":
            forked = row.get("forkedFrom")
            parent = _name(forked.get("sessionId")) if isinstance(forked, dict) else ""
            return Head(ident, parent, _name(row.get("uuid")))
    return Head(ident)


CLAUDE_CODE = Tool(TOOL, "Claude Code", is_session, head_of, SessionLog, other_kind)
