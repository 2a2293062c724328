"""Sessions of ContextFS with their messages, in the order of their times."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from memorybank.document.source import digest_of
from memorybank.exchange.contextfs.column_values import FORMAT, PREFIX, instant_of, text_of, time_of
from memorybank.exchange.contextfs.memory_rows import row_digest
from memorybank.exchange.contextfs.rows import RowReader, plain_row
from memorybank.exchange.incoming import Incoming
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.exchange.account import Account
    from memorybank.exchange.contextfs.database import Row

_LABEL_LENGTH = 80
_UNKNOWN = "unknown"
_ROLES = ("user", "assistant", "system", "tool", "")
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def session_of(account: Account, entry: str, row: Row, messages: Sequence[Row], beside: Mapping[str, Any]) -> Incoming:
    """Return the record of a session; `row` has only an id if the table of sessions does not have it."""
    came = RowReader(account, "sessions", entry, row)
    said, kept = _messages(account, entry, messages)
    ident, tool, summary = came.ident(), came.line("tool"), came.text("summary")
    started, ended = came.time("started_at"), came.time("ended_at")
    label = came.text("label")
    shown = "" if label.startswith("ses-") or label == "current" else label[:_LABEL_LENGTH]
    if shown != label:
        came.kept.put(f"{PREFIX}label", label)
    for name, value in (*beside.items(), ("messages", kept)):
        came.kept.put(f"{PREFIX}{name}", value)
    day = started[:10] or "an unknown day"
    fields = {"label": shown, "tool": tool, "started": started, "ended": ended}
    return Incoming(
        entry,
        digest_of(json.dumps([row_digest(row), [each._asdict() for each in said]]).encode()),
        "session",
        shown or summary or (f"Session of {day}" if row.keys() - {"id"} else f"Session {ident}".rstrip()),
        "",
        wish=ident,
        status="ended" if ended else "active",
        summary=summary,
        source_tool=tool or FORMAT,
        created=started,
        metadata=came.rest(),
        fields={name: each for name, each in fields.items() if each},
        messages=said,
    )


def _messages(account: Account, entry: str, rows: Sequence[Row]) -> tuple[tuple[Message, ...], list[Any]]:
    """Return messages in the order of their times, and what a message has no place for, with its number."""
    said: list[Message] = []
    kept: list[Any] = []
    for row in _in_order(rows):
        text = text_of(row.get("content"))
        role, at = text_of(row.get("role")), text_of(row.get("timestamp"))
        word = "".join(char for char in role.lower() if char.isalnum() or char in "-_")
        time = time_of(row.get("timestamp"))
        account.came(entry, f"{text}\n{role}\n{at}")
        account.turned(entry, role if word == role.strip().lower() else "")
        account.turned(entry, at if time else "")
        if row.get("id") not in (None, ""):
            account.left("messages", "ids")
        given = plain_row(account, "messages", entry, row, ("id", "session_id", "content", "role", "timestamp"))
        if word != role.strip().lower() or (word not in _ROLES and not text.strip()):
            given["role"] = role
        if not time and at.strip():
            given["timestamp"] = at
            account.reported(entry, f"a message has no valid time: {at[:80]!r}; kept in metadata.{PREFIX}messages")
        if text.strip():
            said.append(Message(time, word or _UNKNOWN, text))
        else:
            account.left(entry, "empty messages")
        if given:
            kept.append({"message": len(said) if text.strip() else 0, **given})
    return tuple(said), kept


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows by their times; one without a time stays behind the row before it."""
    moments: list[datetime] = []
    for row in rows:
        moments.append(instant_of(row.get("timestamp")) or (moments[-1] if moments else _LONG_AGO))
    return [rows[at] for at in sorted(range(len(rows)), key=moments.__getitem__)]
