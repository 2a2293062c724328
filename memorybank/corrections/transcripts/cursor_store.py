"""What was said in Cursor: conversations in its SQLite files, where their tables can be recognised.

`globalStorage/state.vscdb` has the conversations of all projects, a workspace's own file says which are its. Older
versions kept the whole conversation in the workspace.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.event import Event
from memorybank.corrections.transcripts.log_values import (
    RESULT_LIMIT,
    arguments_of,
    name_of,
    text_of,
    time_of,
    word_of,
)
from memorybank.corrections.transcripts.repeats import Repeats
from memorybank.exchange.contextfs.database import opened_database
from memorybank.exchange.safe_read import ForeignError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from memorybank.corrections.transcripts.counts import LogCounts

    Select = Callable[..., Iterator[tuple[Any, ...]]]

_ITEMS, _SHARED = "ItemTable", "cursorDiskKV"
_TABS = "workbench.panel.aichat.view.aichat.chatdata"
_COMPOSERS = "composer.composerData"
_USER, _ASSISTANT = (1, "user"), (2, "ai", "assistant")
# one conversation is at most so long
_BUBBLES = 20_000


def events_of_cursor(path: Path, counts: LogCounts, seen: set[str]) -> Iterator[Event]:
    """Yield the events of the conversations of a workspace, or of all in the shared file.

    Raises:
        ForeignError: it is not such a file, or its tables have another form.
    """
    store = _Store(counts, seen)
    with opened_database(path) as select:
        tables = {str(row[0]) for row in select("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables & {_ITEMS, _SHARED}:
            raise ForeignError(path=path, why="it has no table of Cursor that is known")
        idents: list[str] | None = None
        if _ITEMS in tables:
            yield from store.tabs(_value(select, _ITEMS, _TABS))
            idents = _idents(_value(select, _ITEMS, _COMPOSERS))
        if _SHARED in tables:
            yield from store.composers(select, None)
    shared = path.parents[2] / "globalStorage" / path.name if path.parent.parent.name == "workspaceStorage" else path
    if idents and shared != path and shared.is_file():
        with opened_database(shared) as select:
            yield from store.composers(select, idents)
    seen |= store.own


def _value(select: Select, table: str, key: str) -> Any:
    """Return the value of a key; None if it has none that can be read."""
    query = f"SELECT value FROM {table} WHERE key = ?"  # noqa: S608  one of our two names
    return next((_loads(row[0]) for row in select(query, key)), None)


def _loads(value: Any) -> Any:
    try:
        return json.loads(value.decode("utf-8", "replace") if isinstance(value, bytes) else value)
    except (TypeError, ValueError, RecursionError):
        return None


def _idents(value: Any) -> list[str]:
    found = value.get("allComposers") if isinstance(value, dict) else None
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [ident for row in rows if (ident := name_of(row.get("composerId")))]


class _Store:
    def __init__(self, counts: LogCounts, seen: set[str]) -> None:
        self.own: set[str] = set()
        self._counts = counts
        self._repeats = Repeats(counts, seen)
        self._number = 0

    def tabs(self, value: Any) -> Iterator[Event]:
        """Yield the events of conversations that stand in the workspace as a whole."""
        tabs = value.get("tabs") if isinstance(value, dict) else None
        for tab in tabs if isinstance(tabs, list) else []:
            if isinstance(tab, dict) and isinstance(tab.get("bubbles"), list):
                for bubble in tab["bubbles"]:
                    yield from self._bubble(bubble, name_of(tab.get("tabId")))

    def composers(self, select: Select, idents: list[str] | None) -> Iterator[Event]:
        """Yield the events of these conversations, or of all."""
        if idents is None:
            keys = f"SELECT key FROM {_SHARED} WHERE key >= 'composerData:' AND key < 'composerData;' ORDER BY rowid"  # noqa: S608
            idents = [text_of(row[0]).partition(":")[2] for row in select(keys)]
        for ident in idents:
            data = _value(select, _SHARED, f"composerData:{ident}")
            if not isinstance(data, dict):
                continue
            whole, heads = data.get("conversation"), data.get("fullConversationHeadersOnly")
            for bubble in whole if isinstance(whole, list) else []:
                yield from self._bubble(bubble, ident)
            for head in heads[:_BUBBLES] if isinstance(heads, list) else []:
                name = head.get("bubbleId") if isinstance(head, dict) else None
                if isinstance(name, str):
                    yield from self._bubble(_value(select, _SHARED, f"bubbleId:{ident}:{text_of(name)}"), ident)

    def _bubble(self, bubble: Any, session: str) -> Iterator[Event]:
        self._number += 1
        self._counts.read += 1
        if not isinstance(bubble, dict):
            self._counts.broken += 1
            return
        kind = bubble.get("type")
        is_user = kind in _USER and kind is not True
        ident = name_of(bubble.get("bubbleId") or bubble.get("id"))
        if not is_user and kind not in _ASSISTANT:
            self._counts.miss(f"bubble {word_of(kind)}".rstrip())
            return
        timing = bubble.get("timingInfo")
        at = bubble.get("createdAt") or (timing.get("clientStartTime") if isinstance(timing, dict) else None)
        event = Event("said", "human" if is_user else "assistant", "", time_of(at), session, ident, self._number)
        if self._repeats.is_seen(ident):
            self._repeats.keep(iter(list(self._events(bubble, event))))
        else:
            yield from self._repeats.news(self._events(bubble, event))
        if ident:
            self.own.add(ident)

    def _events(self, bubble: dict[str, Any], event: Event) -> Iterator[Event]:
        text = text_of(bubble.get("text") or bubble.get("rawText")).strip()
        if text:
            yield event._replace(text=text)
        used = bubble.get("toolFormerData")
        if isinstance(used, dict) and used.get("name"):
            given = _loads(used.get("rawArgs") or used.get("params"))
            call = event._replace(
                kind="call",
                speaker="assistant",
                tool=name_of(used.get("name")),
                call=name_of(used.get("toolCallId")),
                arguments=arguments_of(given),
            )
            yield call
            if used.get("userDecision") == "rejected":
                yield call._replace(kind="denied", speaker="human", is_error=True)
            elif used.get("status") == "cancelled":
                yield call._replace(kind="interrupted", speaker="human")
            elif used.get("result"):
                yield call._replace(
                    kind="result",
                    speaker="harness",
                    text=text_of(used["result"], RESULT_LIMIT),
                    arguments={},
                    is_error=used.get("status") == "error",
                )
