"""Which client wrote a log, seen from its name and its first bytes."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from memorybank.corrections.transcripts.read_log import CLAUDE_CODE, CODEX, CURSOR, EXPORT, GEMINI
from memorybank.errors import BankError
from memorybank.files.read import beginning_of

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 64 * 1024
_SQLITE = b"SQLite format 3\0"
_STORES = {"state.vscdb": CURSOR}
_CODEX_STORE = re.compile(r"thread_history_\d+\.sqlite\Z")
# in the order in which they are tried: a later one is less certain
_SIGNS = (
    (GEMINI, re.compile(rb'"projectHash"\s*:|^[ \t]*\{[ \t]*"\$(?:set|rewindTo)"', re.MULTILINE)),
    (
        CODEX,
        re.compile(
            rb'"payload"\s*:\s*\{|"record_type"\s*:'
            rb'|^[ \t]*\{[ \t]*"id"\s*:\s*"[^"]*"\s*,\s*"timestamp"\s*:\s*"[^"]*"\s*,\s*"instructions"',
            re.MULTILINE,
        ),
    ),
    (
        CLAUDE_CODE,
        re.compile(
            rb'"(?:sessionId|parentUuid|leafUuid|isSidechain|message)"\s*:|"type"\s*:\s*"(?:user|assistant|summary|system|file-history-snapshot|queue-operation)"'
        ),
    ),
)
_BARE_CODEX = re.compile(rb'"(?:items)"\s*:\s*\[')
_EXPORTED = re.compile(rb'"(?:chat_messages|mapping)"\s*:')


def client_of(path: Path) -> str:
    """Return the client that wrote a log; "" if it is no log, or cannot be read."""
    name = path.name.lower()
    if name.endswith(".zip"):
        return EXPORT
    if not name.endswith((".jsonl", ".json", ".vscdb", ".sqlite")):
        return ""
    head = head_of(path)
    if head.startswith(_SQLITE):
        return CODEX if _CODEX_STORE.match(name) else _STORES.get(name, "")
    if name.endswith(".jsonl"):
        return next((client for client, sign in _SIGNS if sign.search(head)), "")
    if _SIGNS[0][1].search(head):
        return GEMINI
    if name.startswith("rollout-") and _BARE_CODEX.search(head):
        return CODEX
    return EXPORT if _EXPORTED.search(head) else ""


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file; none if it cannot be read."""
    try:
        return beginning_of(os.path.realpath(path), _HEAD)
    except (BankError, OSError, ValueError):
        return b""


def field_in(head: bytes, name: str) -> str:
    """Return the first text of a field in the beginning of a file; "" if it has none."""
    found = re.search(rb'"' + name.encode() + rb'"\s*:\s*("(?:[^"\\\n]|\\.)*+")', head)
    try:
        value = json.loads(found[1].decode("utf-8", "replace")) if found else ""
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
