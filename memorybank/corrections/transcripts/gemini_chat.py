"""A session file of the Gemini CLI as events.

The file is a list of changes: an entry is written again when the answers of its tools are there, `$set` replaces all
entries, `$rewindTo` takes back one and all after it. After a cancelled call the client writes copies of all turns with
new ids. Each thing that was said is an event once, when it is first written.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.event import Event
from memorybank.corrections.transcripts.log_values import (
    RESULT_LIMIT,
    arguments_of,
    blocks_of,
    joined_text,
    name_of,
    text_of,
    time_of,
    word_of,
)
from memorybank.corrections.transcripts.repeats import Repeats
from memorybank.exchange.agent_sessions.injected import spoken_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.corrections.transcripts.lines import Line

KNOWN = frozenset(["info", "error", "warning", "$set", "header"])
_CANCELLED = "cancelled"
_DENIED = ("User denied execution", "did not allow tool call", "rejected by user")
_STOPPED = "Request cancelled"
_FILES = "--- Content from referenced files ---"
_FILES_END = "--- End of content ---"


class Gemini:
    """Takes the lines of one session file, one after the other."""

    def __init__(self, counts: LogCounts, seen: set[str]) -> None:
        """Start a log."""
        self._counts = counts
        self._seen = seen
        self._repeats = Repeats(counts, seen)
        self._session = ""
        # of the entries that stand: their ids with the roles and texts
        self._entries: dict[str, tuple[str, str]] = {}
        self._own: set[str] = set()
        self._calls: dict[str, str] = {}
        # all that was said; and what may be written again after a cancelled call
        self._said: set[int] = set()
        self._copies: Counter[tuple[str, str]] = Counter()

    def take(self, line: Line) -> Iterator[Event]:
        """Yield the events of a line."""
        row = line.value
        if not isinstance(row, dict):
            self._counts.miss(f"(a {type(row).__name__})")
        elif isinstance(row.get("$rewindTo"), str):
            yield from self._rewind(name_of(row["$rewindTo"]), line)
        elif isinstance(row.get("$set"), dict):
            yield from self._replaced(row["$set"], line)
        elif "sessionId" in row:
            yield from self._replaced(row, line)
        elif isinstance(row.get("id"), str) and "type" in row:
            yield from self._entry(row, line)
        else:
            self._counts.miss(row.get("type"))

    def rest(self) -> Iterator[Event]:
        """Yield nothing more: no entry waits for another."""
        self._seen.update(self._own)
        yield from ()

    def _replaced(self, fields: Mapping[str, Any], line: Line) -> Iterator[Event]:
        self._session = self._session or name_of(fields.get("sessionId"))
        messages = fields.get("messages")
        if not isinstance(messages, list):
            self._counts.leave("header" if "sessionId" in fields else "$set", KNOWN)
            return
        before, self._entries = self._entries, {}
        for message in messages:
            if isinstance(message, dict):
                ident = name_of(message.get("id"))
                if ident in before:
                    self._entries[ident] = before[ident]
                yield from self._entry(message, line, is_set=True)
        self._copies.clear()

    def _rewind(self, ident: str, line: Line) -> Iterator[Event]:
        idents = list(self._entries)
        if ident not in self._entries:
            return
        for gone in idents[idents.index(ident) :]:
            del self._entries[gone]
        yield self._event(line, {}, "rewound", "human")._replace(about=ident)

    def _event(self, line: Line, row: Mapping[str, Any], kind: Any, speaker: Any, text: str = "") -> Event:
        return Event(
            kind,
            speaker,
            text,
            time_of(row.get("timestamp")),
            self._session,
            name_of(row.get("id")),
            line.number,
            line.offset,
        )

    def _entry(self, row: Mapping[str, Any], line: Line, *, is_set: bool = False) -> Iterator[Event]:
        kind, ident = word_of(row.get("type")), name_of(row.get("id"))
        if kind not in ("user", "gemini"):
            if kind == "info" and text_of(row.get("content")).startswith(_STOPPED):
                self._copies = Counter(self._entries.values())
            self._counts.leave(kind, KNOWN)
            return
        text = _said(row, is_user=kind == "user")
        key = (kind, text)
        if text and self._entries.get(ident) != key:
            if self._copies[key] > 0 or (is_set and hash(key) in self._said):
                self._copies[key] -= 1
                self._counts.repeated += 1
            else:
                self._copies.clear()
                yield from self._once(row, line, text, is_user=kind == "user")
        if text or ident not in self._entries:
            self._entries[ident] = key
        self._said.add(hash(key))
        calls = row.get("toolCalls")
        for call in calls if isinstance(calls, list) else []:
            if isinstance(call, dict):
                yield from self._call(call, row, line)

    def _once(self, row: Mapping[str, Any], line: Line, text: str, *, is_user: bool) -> Iterator[Event]:
        event = self._event(line, row, "said", "human" if is_user else "assistant", text)
        if self._repeats.is_seen(event.ident):
            self._repeats.keep(iter([event]))
        else:
            yield from self._repeats.news(iter([event]))
        self._own.add(event.ident)

    def _call(self, call: Mapping[str, Any], row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        """Yield a call when it is first written, and its result."""
        ident, status = name_of(call.get("id")), name_of(call.get("status"))
        before = self._calls.get(ident)
        self._calls[ident] = status
        event = self._event(line, row, "call", "assistant")._replace(
            tool=name_of(call.get("name")), call=ident, arguments=arguments_of(call.get("args"))
        )
        if before is None:
            yield event
        result = call.get("result")
        if result in (None, [], "") or before == status:
            return
        text = _result_text(result)
        if status == _CANCELLED:
            self._copies = Counter(self._entries.values())
            kind: Any = "denied" if any(mark in text for mark in _DENIED) else "interrupted"
            yield event._replace(kind=kind, speaker="human", is_error=kind == "denied")
        else:
            yield event._replace(kind="result", speaker="harness", text=text, arguments={}, is_error=status == "error")


def _said(row: Mapping[str, Any], *, is_user: bool) -> str:
    """Return what was said in an entry: what a person saw, not what was sent with it."""
    shown = row.get("displayContent")
    blocks = blocks_of(shown if shown not in (None, "", []) else row.get("content"))
    texts = [
        text_of(each if isinstance(each, str) else each.get("text") if isinstance(each, dict) else "")
        for each in blocks
        if not (isinstance(each, dict) and each.get("thought"))
    ]
    if is_user:
        texts = [_without_files(spoken_in(text).text) for text in texts]
    return "\n\n".join(text.strip() for text in texts if text.strip())


def _without_files(text: str) -> str:
    before, begin, rest = text.partition(_FILES)
    if not begin:
        return text
    _, _, after = rest.rpartition(_FILES_END)
    return f"{before.strip()}\n{after.strip()}".strip()


def _result_text(result: Any) -> str:
    """Return the text of the result of a call: the output or error of its response."""
    found: list[str] = []
    for each in _dicts(result):
        response = each.get("functionResponse")
        inner = response.get("response") if isinstance(response, dict) else None
        if isinstance(inner, dict):
            found += [joined_text(inner.get(name), RESULT_LIMIT) for name in ("output", "error")]
        else:
            found.append(text_of(each.get("text"), RESULT_LIMIT))
    return text_of("\n".join(filter(None, found)), RESULT_LIMIT) or text_of(result, RESULT_LIMIT)


def _dicts(value: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
