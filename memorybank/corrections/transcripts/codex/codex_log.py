"""A rollout file of Codex as events.

What a person said is an event of its own (`item_completed` with a `UserMessage`, before that `user_message`). The items
that the model gets repeat it, among texts of the program with the same role, so they count only in the oldest files,
which have no such events.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextlib import suppress
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
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.corrections.transcripts.lines import Line

_CALLS = 500
_TURNS = 1_000
_ABORTED, _REJECTED = "aborted by user", "rejected by user"
# a refusal stands at the beginning of an output, behind the time at most
_SHORT = 200
_EXEC = "exec"
_CALL_KINDS = frozenset(["function_call", "custom_tool_call", "local_shell_call"])
_OUTPUTS = frozenset(["function_call_output", "custom_tool_call_output", "local_shell_call_output"])
_BARE = _CALL_KINDS | _OUTPUTS | {"message"}
_LINES = frozenset(["session_meta", "response_item", "event_msg", "compacted"])


class Codex:
    """Takes the lines of one rollout file, one after the other."""

    def __init__(
        self, counts: LogCounts, seen: set[str], base: Callable[[str, int], Iterable[Event]] | None = None
    ) -> None:
        """Start a log; `base` reads the log of another session from a byte on."""
        self._counts = counts
        self._seen = seen
        self._base = base
        self._repeats = Repeats(counts, seen)
        self._own: set[str] = set()
        self._session = ""
        self._is_sub = False
        self._is_exec = False
        self._has_events = False
        # user items of a file that may have no events; texts of the assistant that only events had so far
        self._asked: list[Event] = []
        self._heard: list[Event] = []
        self._spoken: OrderedDict[str, None] = OrderedDict()
        self._calls: OrderedDict[str, Event] = OrderedDict()
        self._stopped: Event | None = None
        self._turns: list[tuple[str, str]] = []

    def take(self, line: Line) -> Iterator[Event]:
        """Yield the events of a line."""
        row = line.value
        if not isinstance(row, dict):
            self._counts.miss(f"(a {type(row).__name__})")
            return
        kind, payload = word_of(row.get("type")), row.get("payload")
        items, session = row.get("items"), row.get("session")
        if isinstance(items, list) and isinstance(session, dict):
            # a whole session in one value, as the first versions wrote it
            yield from self._header(session, line, "")
            for item in items:
                yield from self.take(line._replace(value=item))
        elif kind in _LINES and isinstance(payload, dict):
            at = time_of(row.get("timestamp"))
            if kind == "session_meta":
                yield from self._header(payload, line, at)
            elif kind == "response_item":
                yield from self._item(payload, line, at)
            elif kind == "event_msg":
                yield from self._happened(payload, line, at)
            else:
                yield self._event(line, at, "compacted", "harness")
        elif kind in _BARE:
            # a file without envelopes, as the first versions wrote it
            yield from self._item(row, line, time_of(row.get("timestamp")))
        elif not kind and "id" in row and "timestamp" in row:
            yield from self._header(row, line, time_of(row.get("timestamp")))
        else:
            self._counts.miss(kind)

    def rest(self) -> Iterator[Event]:
        """Yield what was waiting for more lines, at the end of the log."""
        yield from self._flushed()
        yield from self._unstopped()
        self._seen.update(self._own)

    def _event(self, line: Line, at: str, kind: Any, speaker: Any, text: str = "", ident: str = "") -> Event:
        return Event(kind, speaker, text, at, self._session, ident, line.number, line.offset)

    def _header(self, payload: Mapping[str, Any], line: Line, at: str) -> Iterator[Event]:
        if self._session:
            return
        self._session = name_of(payload.get("id"))
        source = payload.get("source")
        self._is_sub = payload.get("thread_source") == "subagent" or (isinstance(source, dict) and "subagent" in source)
        self._is_exec = source == _EXEC
        before = payload.get("history_base")
        if isinstance(before, dict) and self._base is not None:
            offset = before.get("end_byte_offset")
            if isinstance(offset, int) and not isinstance(offset, bool) and offset > 0:
                yield from self._rewound(self._base(name_of(before.get("thread_id")), offset), line, at)

    def _rewound(self, events: Iterable[Event], line: Line, at: str) -> Iterator[Event]:
        """Yield what the assistant said in the turns that this file goes back before, and then the rewind."""
        about = ""
        for event in events:
            if event.speaker == "human":
                about = about or event.ident
            elif event.speaker == "assistant":
                yield event._replace(line=line.number, offset=line.offset)
        if about:
            yield self._event(line, at, "rewound", "human")._replace(about=about)

    # --- items

    def _item(self, payload: Mapping[str, Any], line: Line, at: str) -> Iterator[Event]:
        kind, role = word_of(payload.get("type")), payload.get("role")
        ident = name_of(payload.get("id"))
        if kind == "message" and role == "user":
            self._may_ask(payload, self._event(line, at, "said", "human", ident=ident))
        elif kind == "message" and role == "assistant":
            yield from self._answered()
            text = _text(payload.get("content"))
            if text:
                self._note_item(text)
                speaker = "subagent" if self._is_sub else "assistant"
                yield from self._once(self._event(line, at, "said", speaker, text, ident))
        elif kind in _CALL_KINDS:
            yield from self._answered()
            yield self._call(payload, self._event(line, at, "call", "subagent" if self._is_sub else "assistant"))
        elif kind in _OUTPUTS:
            yield from self._output(payload, self._event(line, at, "result", "harness", ident=ident))
        elif kind != "message":
            self._counts.miss(f"response_item/{kind}")

    def _may_ask(self, payload: Mapping[str, Any], event: Event) -> None:
        """Keep a text of the role `user` until it is known whether events repeat what a person said."""
        if self._has_events:
            return
        for block in blocks_of(payload.get("content")):
            spoken = spoken_in(_text(block if isinstance(block, str) else [block]), any_tag=True).text.strip()
            if spoken:
                self._asked.append(event._replace(text=spoken, is_sure=False))
        del self._asked[:-_CALLS]

    def _answered(self) -> Iterator[Event]:
        """Yield what a person said in a file without events, now that the assistant answers."""
        asked, self._asked = self._asked, []
        if not self._has_events:
            for event in asked:
                yield from self._human(event, "")

    def _call(self, payload: Mapping[str, Any], event: Event) -> Event:
        ident = name_of(payload.get("call_id") or payload.get("id"))
        name = name_of(payload.get("name")) or ("shell" if payload.get("type") == "local_shell_call" else "")
        given: Any = payload.get("arguments", payload.get("input", payload.get("action")))
        if isinstance(given, str) and given.lstrip()[:1] == "{":
            with suppress(ValueError, RecursionError):
                given = json.loads(given)
        call = event._replace(tool=name, call=ident, arguments=arguments_of(given))
        self._calls[ident] = call
        if len(self._calls) > _CALLS:
            self._calls.popitem(last=False)
        return call

    def _output(self, payload: Mapping[str, Any], event: Event) -> Iterator[Event]:
        ident = name_of(payload.get("call_id"))
        call = self._calls.get(ident)
        event = event._replace(call=ident, tool=call.tool if call else "")
        output = payload.get("output")
        is_error = isinstance(output, dict) and output.get("success") is False
        content = output.get("content") if isinstance(output, dict) else output
        text = joined_text(content)
        arguments = call.arguments if call else {}
        is_short = len(text) < _SHORT
        if is_short and _REJECTED in text:
            yield event._replace(kind="denied", speaker="human", arguments=arguments, is_error=True, is_sure=False)
        elif is_short and _ABORTED in text:
            self._stopped = event._replace(kind="interrupted", speaker="human", arguments=arguments)
        else:
            yield event._replace(text=text[:RESULT_LIMIT], is_error=is_error)

    # --- what happened

    def _happened(self, payload: Mapping[str, Any], line: Line, at: str) -> Iterator[Event]:
        kind, item = word_of(payload.get("type")), payload.get("item")
        turn = name_of(payload.get("turn_id"))
        if kind == "item_completed" and isinstance(item, dict):
            if item.get("type") in ("UserMessage", "AgentMessage"):
                said = self._event(line, at, "said", "human", _text(item.get("content")), name_of(item.get("id")))
                yield from self._message(said, turn, is_user=item.get("type") == "UserMessage")
        elif kind in ("user_message", "agent_message"):
            if payload.get("kind") in (None, "plain"):
                said = self._event(line, at, "said", "human", _text(payload.get("message")))
                yield from self._message(said, turn, is_user=kind == "user_message")
        elif kind == "turn_aborted":
            yield from self._aborted(payload, self._event(line, at, "interrupted", "human", ident=turn))
        elif kind == "thread_rolled_back":
            turns = payload.get("num_turns")
            if isinstance(turns, int) and not isinstance(turns, bool) and turns > 0 and self._turns:
                about = self._turns[-min(turns, len(self._turns))][0]
                del self._turns[-turns:]
                yield self._event(line, at, "rewound", "human")._replace(about=about)
        elif kind == "task_started":
            given = payload.get("turn_attribution")
            if isinstance(given, dict):
                self._is_exec = given.get("turn_trigger") == _EXEC

    def _message(self, event: Event, turn: str, *, is_user: bool) -> Iterator[Event]:
        text = event.text
        if text and not is_user and text not in self._spoken:
            self._heard.append(event._replace(speaker="assistant"))
        if not text or not is_user:
            return
        self._has_events = True
        self._asked.clear()
        yield from self._flushed()
        # the context of an editor is left out; what else a person typed is what they said
        said = spoken_in(text).text.strip() if text.lstrip().startswith("# ") else text
        if said:
            yield from self._human(event._replace(text=said), turn)

    def _human(self, event: Event, turn: str) -> Iterator[Event]:
        yield from self._unstopped()
        is_mid_turn = bool(turn) and bool(self._turns) and self._turns[-1][1] == turn
        if self._is_sub:
            event = event._replace(speaker="subagent")
        elif self._is_exec:
            event = event._replace(is_sure=False)
        self._turns.append((event.ident, turn))
        del self._turns[:-_TURNS]
        yield from self._once(event._replace(is_mid_turn=is_mid_turn))

    def _once(self, event: Event) -> Iterator[Event]:
        """Yield an event that no other log has."""
        if self._repeats.is_seen(event.ident):
            self._repeats.keep(iter([event]))
        else:
            yield from self._repeats.news(iter([event]))
        if event.ident:
            self._own.add(event.ident)

    def _aborted(self, payload: Mapping[str, Any], event: Event) -> Iterator[Event]:
        stopped, self._stopped = self._stopped, None
        if payload.get("reason") in (None, "interrupted"):
            about = event.ident
            yield (stopped or event)._replace(about=about)

    def _unstopped(self) -> Iterator[Event]:
        stopped, self._stopped = self._stopped, None
        if stopped:
            yield stopped

    def _note_item(self, text: str) -> None:
        """Note that an item has a text of the assistant, so that an event with it is a copy."""
        self._heard = [event for event in self._heard if event.text != text]
        self._spoken[text] = None
        if len(self._spoken) > _CALLS:
            self._spoken.popitem(last=False)

    def _flushed(self) -> Iterator[Event]:
        """Yield texts of the assistant that no item had."""
        heard, self._heard = self._heard, []
        for event in heard:
            yield from self._once(event._replace(speaker="subagent" if self._is_sub else "assistant"))


def _text(content: Any) -> str:
    """Return the texts of a content; pictures and other parts are left out."""
    texts = [
        text_of(each if isinstance(each, str) else each.get("text") if isinstance(each, dict) else "")
        for each in blocks_of(content)
    ]
    return "\n\n".join(text.strip() for text in texts if text.strip())
