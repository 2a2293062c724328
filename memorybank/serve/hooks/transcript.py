"""The end of a client's transcript: the last message, and what was being done.

The format is the clients' own and changes: unknown lines are skipped, and only the last part of a file is read. What a
tool read or wrote is never taken, only what user and assistant said and which tools ran.
"""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAST_BYTES = 512 * 1024
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


class TranscriptEnd(NamedTuple):
    """What was said last by each, and the tools that ran, newest last."""

    user: str = ""
    assistant: str = ""
    tools: tuple[str, ...] = ()


def last_message(path: str) -> str:
    """Return the last message of the assistant in a transcript; "" without one."""
    return said_in(path).assistant


def said_in(path: str) -> TranscriptEnd:
    """Return what was said last in a transcript; nothing of a file that cannot be read."""
    user, assistant = "", ""
    tools: list[str] = []
    for row in _rows(path):
        role, content = _message(row)
        if row.get("isMeta") or row.get("isCompactSummary"):
            continue
        text, used = _parts(content)
        if role == "user" and text and not text.startswith("<"):
            user = text
        elif role in {"assistant", "model", "gemini"}:
            assistant = text or assistant
            tools += used
    return TranscriptEnd(user, assistant, tuple(tools[-200:]))


def _rows(path: str) -> Iterator[dict[str, Any]]:
    if not path or not os.path.isabs(path):
        return
    try:
        # a pipe that nobody writes would be waited for
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return
            file.seek(max(0, status.st_size - _LAST_BYTES))
            data = file.read(_LAST_BYTES)
    except OSError:
        return
    lines = data.split(b"\n")
    for line in lines[1 if len(data) == _LAST_BYTES else 0 :]:
        if b'"message"' in line or b'"role"' in line or b'"type"' in line:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict):
                yield row


def _message(row: dict[str, Any]) -> tuple[str, Any]:
    """Return who spoke in a row and what: Claude Code has `message`, Codex `payload`, others the row itself."""
    for name in ("message", "payload"):
        inner = row.get(name)
        if isinstance(inner, dict) and "content" in inner:
            return str(inner.get("role") or row.get("type") or ""), inner["content"]
    return str(row.get("role") or row.get("type") or ""), row.get("content")


def _parts(content: Any) -> tuple[str, list[str]]:
    """Return the text of a message and the names of the tools it uses; results of tools are left out."""
    if isinstance(content, str):
        return content.strip(), []
    texts: list[str] = []
    tools: list[str] = []
    for block in content if isinstance(content, list) else ():
        if not isinstance(block, dict):
            continue
        kind = str(block.get("type", "text"))
        if kind == "tool_use":
            tools.append(str(block.get("name", ""))[:60])
        elif kind in {"text", "input_text", "output_text"} and isinstance(block.get("text"), str):
            texts.append(block["text"])
    return "\n".join(texts).strip(), tools
