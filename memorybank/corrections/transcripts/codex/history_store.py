"""The database in which Codex 0.171 keeps turns and items of sessions beside their rollout files.

Its items have the ids that they have in the rollout file, so what was read there is not news here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.event import Event
from memorybank.corrections.transcripts.log_values import (
    arguments_of,
    blocks_of,
    joined_text,
    name_of,
    text_of,
    time_of,
    word_of,
)
from memorybank.corrections.transcripts.repeats import Repeats
from memorybank.exchange.contextfs.database import opened_database
from memorybank.exchange.safe_read import ForeignError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.corrections.transcripts.counts import LogCounts

_COLUMNS = {"thread_id", "turn_id", "item_id", "rollout_ordinal", "created_at_ms", "item_json"}
_ITEMS = (
    "SELECT i.thread_id, i.turn_id, i.item_id, i.created_at_ms, i.item_json, t.status FROM thread_items AS i "
    "LEFT JOIN thread_turns AS t ON t.thread_id = i.thread_id AND t.turn_id = i.turn_id "
    "ORDER BY i.thread_id, i.rollout_ordinal"
)
# items that are no call of a tool
_NO_CALLS = frozenset(["reasoning", "plan", "contextCompaction", "hookPrompt", "error", "todoList"])


def events_in_store(path: Path, counts: LogCounts, seen: set[str]) -> Iterator[Event]:
    """Yield the events of all sessions.

    Raises:
        ForeignError: it is not such a database, or has another form.
    """
    repeats, own = Repeats(counts, seen), set[str]()
    with opened_database(path) as select:
        columns = {str(row[1]) for row in select("PRAGMA table_info(thread_items)")}
        if not columns >= _COLUMNS:
            raise ForeignError(path=path, why="its tables are of another version of Codex")
        open_turn: tuple[str, str] | None = None
        before = ("", "")
        for number, (session, turn, ident, at, text, status) in enumerate(select(_ITEMS), 1):
            here = (name_of(session), name_of(turn))
            if open_turn and here != open_turn:
                yield Event("interrupted", "human", "", "", open_turn[0], line=number, about=open_turn[1])
            open_turn = here if status == "interrupted" else None
            event = _event(text, Event("other", "harness", "", time_of(at), here[0], name_of(ident), number), counts)
            if event is None:
                continue
            if event.speaker == "human":
                event = event._replace(is_mid_turn=here == before)
                before = here
            if repeats.is_seen(event.ident):
                repeats.keep(iter([event]))
            else:
                yield from repeats.news(iter([event]))
            own.add(event.ident)
        if open_turn:
            yield Event("interrupted", "human", "", "", open_turn[0], about=open_turn[1])
    seen |= own


def _event(text: Any, event: Event, counts: LogCounts) -> Event | None:
    """Return the event of an item; None if it is not one, or broken."""
    counts.read += 1
    try:
        item = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        counts.broken += 1
        return None
    if not isinstance(item, dict):
        counts.broken += 1
        return None
    kind = word_of(item.get("type"))
    if kind == "userMessage":
        said = joined_text(item.get("content")).strip()
        return event._replace(kind="said", speaker="human", text=said) if said else None
    if kind == "agentMessage":
        said = (text_of(item.get("text")) or joined_text(blocks_of(item.get("content")))).strip()
        return event._replace(kind="said", speaker="assistant", text=said) if said else None
    if not kind or kind in _NO_CALLS:
        return None
    given = {name: value for name, value in item.items() if name not in ("type", "id", "aggregatedOutput")}
    return event._replace(kind="call", speaker="assistant", tool=kind, call=event.ident, arguments=arguments_of(given))
