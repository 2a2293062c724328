"""Import conversations from data exports of Claude and ChatGPT, and plain lists of messages, as sessions.

An export is a JSON file, or a zip file, of which only `conversations.json` is read. Only text messages are imported:
pictures, tool calls and abandoned branches are counted and reported.
"""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import title_in
from memorybank.document.source import digest_of
from memorybank.document.text import one_line
from memorybank.errors import LimitError
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.safe_read import ForeignError, Misfit, json_of, moment_of, text_of
from memorybank.files.read import SIZE_LIMIT, read
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "conversation"
IN_ZIP = "conversations.json"
ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "bot": "assistant", "gpt": "assistant"}
_ZIP = b"PK\x03\x04"
_KNOWN_ROLES = {"user", "assistant", "system", "tool", "developer"}


class _Said(NamedTuple):
    """One conversation: its tool, its id there, its title, its times, its messages."""

    tool: str
    ident: str
    title: str
    started: str
    ended: str
    messages: list[Message]


def read_conversations(path: Path, origin: str) -> ReadResult:
    """Read a file of conversations; `origin` is used for conversations without an id.

    Raises:
        ForeignError: it has no conversation in a known format.
        LimitError: it is too large.
    """
    return conversations_in(read(path), path, origin)


def conversations_in(data: bytes, path: Path, origin: str) -> ReadResult:
    """Read the conversations of a file's bytes; `path` is its name in errors.

    Raises:
        ForeignError: it has no conversation in a known format.
        LimitError: it is too large.
    """
    from collections import Counter

    if data.startswith(_ZIP):
        data = _unzipped(data, path)
    misfits: list[Misfit] = []
    records: list[Incoming] = []
    is_known = False
    for number, value in enumerate(_conversations(data, path), 1):
        left: Counter[str] = Counter()
        said = _said(value, left)
        entry = (said.ident if said else "") or f"{origin}#{number}"
        misfits += [Misfit(entry, f"{count} {what} skipped") for what, count in left.items()]
        is_known = is_known or said is not None
        if said is None:
            misfits.append(Misfit(entry, "skipped: it is not a conversation in a known format"))
        elif said.messages:
            records.append(_incoming(said, entry))
        else:
            misfits.append(Misfit(entry, "skipped: it has no messages"))
    if not is_known:
        raise ForeignError(path=path, why="it has no conversation in a known format")
    return ReadResult(FORMAT, tuple(records), (), tuple(misfits))


def _unzipped(data: bytes, path: Path) -> bytes:
    """Return the one member that is needed; names in the archive are harmless, because nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            found = [each for each in archive.infolist() if each.filename.rpartition("/")[2] == IN_ZIP]
            if len(found) != 1:
                raise ForeignError(path=path, why=f"it does not have exactly one {IN_ZIP}")
            with archive.open(name=found[0]) as member:
                text = member.read(SIZE_LIMIT + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ForeignError(path=path, why=f"its zip archive cannot be read ({error})") from error
    if len(text) > SIZE_LIMIT:
        raise LimitError(path=path, why=f"its {IN_ZIP} is larger than {SIZE_LIMIT // 1024 // 1024} MB")
    return text


def _conversations(data: bytes, path: Path) -> list[Any]:
    """Return the conversations of a file: a list, a single one, or the lines of a JSON Lines file."""
    try:
        value = json_of(data, str(path))
    except ForeignError:
        lines = [line for line in text_of(data).split("\n") if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith("{"):  # noqa: PLR2004  one line alone is no list
            raise
        value = [json_of(line.encode("utf-8", "surrogateescape"), str(path)) for line in lines]
    if isinstance(value, dict) and _is_message(value) and not isinstance(value.get("messages"), list):
        # a list of messages that has one line
        value = [value]
    if isinstance(value, dict):
        inner = value.get("conversations")
        return inner if isinstance(inner, list) else [value]
    if not isinstance(value, list):
        raise ForeignError(path=path, why="it is neither a JSON list nor an object")
    if value and all(map(_is_message, value)):
        return [{"messages": value}]
    return value


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and ("role" in value or "sender" in value)


def _said(value: Any, left: Counter[str]) -> _Said | None:
    if not isinstance(value, dict):
        return None
    ident = next((each for key in ("uuid", "conversation_id", "id") if isinstance(each := value.get(key), str)), "")
    title = value.get("name") or value.get("title")
    started = moment_of(value.get("created_at") or value.get("create_time"))
    ended = moment_of(value.get("updated_at") or value.get("update_time"))
    if isinstance(value.get("chat_messages"), list):
        tool, rows = "claude", _plain_rows(value["chat_messages"], left)
    elif isinstance(value.get("mapping"), dict):
        tool, rows = "chatgpt", _branch(value["mapping"], value.get("current_node"), left)
    elif isinstance(value.get("messages"), list):
        tool, rows = FORMAT, _plain_rows(value["messages"], left)
    else:
        return None
    messages = [row for row in rows if row.text.strip()]
    times = [message.at for message in messages if message.at]
    return _Said(
        tool,
        ident,
        title if isinstance(title, str) else "",
        started or min(times, default=""),
        max([ended, *times]),
        messages,
    )


def _plain_rows(rows: list[Any], left: Counter[str]) -> Iterator[Message]:
    for row in rows:
        if not isinstance(row, dict):
            left["invalid messages"] += 1
            continue
        content = row.get("content")
        text = _text(content, left) if content not in (None, "", []) else ""
        if not text.strip() and isinstance(row.get("text"), str):
            text = row["text"]
        text = "\n\n".join([text, *_attached(row, left)]).strip("\n")
        at = moment_of(
            next((row[key] for key in ("created_at", "timestamp", "create_time", "at") if row.get(key)), None)
        )
        yield Message(at, _role(row.get("sender") or row.get("role")), text)


def _attached(row: dict[str, Any], left: Counter[str]) -> Iterator[str]:
    attachments = row.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else []:
        text = attachment.get("extracted_content") if isinstance(attachment, dict) else None
        if isinstance(text, str) and text.strip():
            yield f"[{one_line(str(attachment.get('file_name') or 'attachment'))}]\n\n{text}"
        else:
            left["attachments"] += 1
    if isinstance(row.get("files"), list) and row["files"]:
        left["files"] += len(row["files"])


def _text(content: Any, left: Counter[str]) -> str:
    """Return the text of a message content: a text, or the text blocks of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        # ChatGPT: parts, or the text of code and its output
        content = content["parts"] if isinstance(content.get("parts"), list) else [content]
    texts = []
    for block in content if isinstance(content, list) else []:
        if isinstance(block, str):
            texts.append(block)
        elif isinstance(block, dict) and isinstance(block.get("text"), str) and block.get("type", "text") != "thinking":
            texts.append(block["text"])
        else:
            kind = block.get("type") or block.get("content_type") if isinstance(block, dict) else None
            left[f"parts ({one_line(str(kind or 'unknown'))[:40]})"] += 1
    return "\n\n".join(text for text in texts if text.strip())


def _role(value: Any) -> str:
    word = value.strip().lower() if isinstance(value, str) else ""
    word = ROLES.get(word, word)
    return word if word in _KNOWN_ROLES else "user" if not word else "other"


def _branch(mapping: dict[str, Any], current: Any, left: Counter[str]) -> Iterator[Message]:
    """Yield the messages from the root to the current one; a cycle in a broken tree ends the walk."""
    nodes = {key: each for key, each in mapping.items() if isinstance(each, dict)}
    if not isinstance(current, str) or current not in nodes:
        current = max(nodes, key=lambda key: _time_of(nodes[key]), default=None)
    way: list[str] = []
    seen: set[str] = set()
    while isinstance(current, str) and current in nodes and current not in seen:
        seen.add(current)
        way.append(current)
        current = nodes[current].get("parent")
    others = [each for key, each in nodes.items() if key not in seen and _speaks(each)]
    if others:
        left["messages of abandoned branches"] += len(others)
    for key in reversed(way):
        message = nodes[key].get("message")
        if not isinstance(message, dict):
            continue
        author = message.get("author")
        said = message.get("metadata")
        if isinstance(said, dict) and said.get("is_visually_hidden_from_conversation"):
            continue
        text = _text(message.get("content"), left)
        yield Message(
            moment_of(message.get("create_time")), _role(author.get("role") if isinstance(author, dict) else ""), text
        )


def _time_of(node: dict[str, Any]) -> float:
    message = node.get("message")
    at = message.get("create_time") if isinstance(message, dict) else None
    return at if isinstance(at, (int, float)) else 0.0


def _speaks(node: dict[str, Any]) -> bool:
    message = node.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("content"), dict):
        return False
    parts = message["content"].get("parts")
    return isinstance(parts, list) and any(isinstance(part, str) and part.strip() for part in parts)


def _incoming(said: _Said, entry: str) -> Incoming:
    asked = next((message.text for message in said.messages if message.role == "user"), said.messages[0].text)
    told = json.dumps([said.title, [message._asdict() for message in said.messages]])
    started = said.started or next((message.at for message in said.messages if message.at), "")
    fields = {"tool": said.tool, "agent_session": said.ident, "started": started, "ended": said.ended}
    return Incoming(
        entry,
        digest_of(told.encode()),
        "session",
        said.title or title_in(asked) or "Conversation",
        "",
        wish=said.ident,
        status="ended",
        source_tool=said.tool,
        created=started,
        fields={name: each for name, each in fields.items() if each},
        messages=tuple(said.messages),
    )
