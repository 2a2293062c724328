"""A log of Claude Code as events, in every form that its versions write.

A prompt stands in several places: queued, delivered in the middle of a turn, repeated in a resumed or forked session,
copied for the client's own use. It becomes one event.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

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
from memorybank.exchange.agent_sessions.claude_code.denials import refusal_in
from memorybank.exchange.agent_sessions.claude_code.line_kinds import KNOWN
from memorybank.exchange.agent_sessions.claude_code.prompt_queue import Queue
from memorybank.exchange.agent_sessions.claude_code.rewinds import Turns
from memorybank.exchange.agent_sessions.claude_code.speakers import (
    is_interrupt,
    said_in,
    said_in_queued,
    speaker_of_answer,
    spoken_text,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.corrections.transcripts.lines import Line
    from memorybank.exchange.agent_sessions.claude_code.speakers import Speech

# so many calls can still get a result
_CALLS = 500
_COMPACTED = frozenset(["compact_boundary", "microcompact_boundary"])
_NO_SPEECH = frozenset(
    [
        "thinking",
        "redacted_thinking",
        "image",
        "document",
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "advisor_tool_result",
        "mcp_tool_use",
        "mcp_tool_result",
        "container_upload",
        "fallback",
        "search_result",
        "tool_reference",
    ]
)


class _Call(NamedTuple):
    tool: str
    arguments: dict[str, Any]


class ClaudeCode:
    """Takes the lines of one log, one after the other."""

    def __init__(self, counts: LogCounts, seen: set[str]) -> None:
        """Start a log; entries whose ids are `seen` stand in another log."""
        self._counts = counts
        self._seen = seen
        self._turns = Turns()
        self._queue: Queue[Event] = Queue()
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        # refusals without a comment: the next line says whether they were interrupts
        self._held: list[Event] = []
        self._repeats = Repeats(counts, seen)

    def take(self, line: Line) -> Iterator[Event]:
        """Yield the events of a line."""
        row = line.value
        if not isinstance(row, dict):
            self._counts.miss(f"(a {type(row).__name__})")
            return
        kind = row.get("type")
        ident = name_of(row.get("uuid"))
        if ident and self._turns.has(ident):
            self._counts.repeated += 1
            return
        if kind == "user":
            events = self._user(row, line)
        elif kind == "assistant":
            events = self._assistant(row, line)
        elif kind == "queue-operation":
            events = self._queued(row, line)
        elif kind == "attachment":
            events = self._attachment(row, line)
        else:
            events = self._other(row, line)
        if self._repeats.is_seen(ident):
            self._repeats.keep(events)
        else:
            yield from self._repeats.news(events)
        if ident:
            self._turns.came(ident, row.get("parentUuid"))

    def rest(self) -> Iterator[Event]:
        """Yield what was waiting for more lines, at the end of the log."""
        yield from self._released()
        yield from self._queue.rest()
        self._seen.update(self._turns.idents)

    def _event(self, row: Mapping[str, Any], line: Line, kind: Any, speaker: Any, text: str = "") -> Event:
        return Event(
            kind,
            speaker,
            text,
            time_of(row.get("timestamp")),
            name_of(row.get("sessionId") or row.get("session_id")),
            name_of(row.get("uuid")),
            line.number,
            line.offset,
        )

    def _released(self, row: Mapping[str, Any] | None = None) -> list[Event]:
        """Return the refusals that were held; if a line says that a running call was stopped, the interrupt instead."""
        held, self._held = self._held, []
        about = name_of(row.get("interruptedMessageId")) if row else ""
        return [held[0]._replace(kind="interrupted", about=about, is_error=False)] if about and held else held

    # --- lines of users

    def _user(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        message = row.get("message")
        content = message.get("content") if isinstance(message, dict) else message
        texts: list[str] = []
        for block in blocks_of(content):
            if isinstance(block, str):
                texts.append(text_of(block))
                continue
            kind = word_of(block.get("type")) if isinstance(block, dict) else ""
            if kind == "text":
                texts.append(text_of(block.get("text")))
            elif kind == "tool_result":
                yield from self._result(row, line, block)
            elif kind not in _NO_SPEECH:
                self._counts.miss(f"block {kind}".rstrip())
        yield from self._texts(row, line, [text for text in texts if text.strip()])

    def _texts(self, row: Mapping[str, Any], line: Line, texts: list[str]) -> Iterator[Event]:
        if not texts:
            return
        if is_interrupt(row, texts[-1]):
            yield from self._interrupt(row, line)
            texts = texts[:-1]
            if not texts:
                return
        yield from self._released()
        said = said_in(row, texts)
        if said.speaker == "human":
            yield from self._human(row, line, said)
        else:
            yield self._event(row, line, "said", said.speaker, said.text[:RESULT_LIMIT])._replace(is_sure=said.is_sure)

    def _human(self, row: Mapping[str, Any], line: Line, said: Speech, *, is_mid_turn: bool = False) -> Iterator[Event]:
        if not said.text:
            return
        is_queued = self._queue.delivered(said.text)
        event = self._event(row, line, "said", "human", said.text)._replace(
            is_mid_turn=is_mid_turn or (is_queued and row.get("promptSource") == "queued"), is_sure=said.is_sure
        )
        about = self._turns.said(event.ident, row.get("parentUuid"), event.session)
        if about:
            yield self._event(row, line, "rewound", "human")._replace(about=about, is_sure=said.is_sure)
        yield event

    def _interrupt(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        held = self._released(row)
        if held:
            yield from held
        elif row.get("interruptedByShutdown") is not True:
            about = name_of(row.get("interruptedMessageId") or row.get("parentUuid"))
            yield self._event(row, line, "interrupted", "human")._replace(about=about)

    def _result(self, row: Mapping[str, Any], line: Line, block: Mapping[str, Any]) -> Iterator[Event]:
        ident = name_of(block.get("tool_use_id"))
        call = self._calls.get(ident, _Call("", {}))
        is_error = block.get("is_error") is True
        text = joined_text(block.get("content"))
        event = self._event(row, line, "result", "harness")._replace(
            tool=call.tool, call=ident, arguments=call.arguments, is_error=is_error
        )
        refusal = refusal_in(row, text, call.tool, version_of(row), is_error=is_error)
        if refusal is None:
            yield event._replace(text=text[:RESULT_LIMIT], arguments={})
            return
        denied = event._replace(kind="denied", speaker="human", text=refusal.comment, is_sure=refusal.is_sure)
        if refusal.comment:
            yield from self._released()
            yield denied
        elif row.get("isSidechain") is True:
            yield denied
        else:
            self._held.append(denied)

    # --- other lines

    def _assistant(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        yield from self._released()
        for event in self._queue.answered():
            # an event of this line: lines before it may have been read earlier
            yield event._replace(line=line.number, offset=line.offset)
        message = row.get("message")
        speaker = speaker_of_answer(row)
        for block in blocks_of(message.get("content") if isinstance(message, dict) else message):
            kind = word_of(block.get("type")) if isinstance(block, dict) else ""
            if kind == "text":
                text = text_of(block.get("text")).strip()
                if text:
                    yield self._event(row, line, "said", speaker, text)
            elif kind == "tool_use":
                call = _Call(name_of(block.get("name")), arguments_of(block.get("input")))
                ident = name_of(block.get("id"))
                self._calls[ident] = call
                if len(self._calls) > _CALLS:
                    self._calls.popitem(last=False)
                yield self._event(row, line, "call", speaker)._replace(
                    tool=call.tool, call=ident, arguments=call.arguments
                )
            elif kind not in _NO_SPEECH:
                self._counts.miss(f"block {kind}".rstrip())

    def _attachment(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        """Yield what was typed while the assistant worked, as it was given to the model."""
        attached = row.get("attachment")
        if not isinstance(attached, dict) or attached.get("type") != "queued_command":
            self._counts.leave("attachment", KNOWN)
            return
        text = joined_text(attached.get("prompt"))
        said = said_in_queued(row, attached, text)
        if said.speaker != "human":
            self._queue.delivered(spoken_text(text))
            yield self._event(row, line, "said", said.speaker, text[:RESULT_LIMIT])
            return
        yield from self._released()
        yield from self._human(row, line, said, is_mid_turn=True)

    def _queued(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        """Yield a prompt of the queue that stands nowhere else."""

        def make(text: str) -> Event:
            event = self._event(row, line, "said", "human", text)
            return event._replace(ident="", is_mid_turn=True, is_sure=False)

        yield from self._queue.take(row, text_of(row.get("content")), make)

    def _other(self, row: Mapping[str, Any], line: Line) -> Iterator[Event]:
        kind = row.get("type")
        if kind == "system":
            if word_of(row.get("subtype")) in _COMPACTED:
                yield self._event(row, line, "compacted", "harness")
        elif kind == "summary":
            yield self._event(row, line, "other", "harness", text_of(row.get("summary"), RESULT_LIMIT))
        else:
            self._counts.miss(kind)
