"""Read the log of one session as events, whichever client wrote it."""

from __future__ import annotations

import glob
import os
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from memorybank.corrections.transcripts.counts import LogCounts, Start
from memorybank.errors import BankError
from memorybank.files.read import open_regular

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from memorybank.corrections.transcripts.event import Event
    from memorybank.corrections.transcripts.lines import Line, Look

CLAUDE_CODE, CODEX, GEMINI, CURSOR, EXPORT = "claude-code", "codex", "gemini", "cursor", "export"
CLIENTS = (CLAUDE_CODE, CODEX, GEMINI, CURSOR, EXPORT)
# clients whose logs only grow, so that reading can go on where it ended
GROWING = frozenset([CLAUDE_CODE, CODEX])


class Reader(Protocol):
    """What takes the lines of one log, one after the other."""

    def take(self, line: Line) -> Iterator[Event]:
        """Yield the events of a line."""

    def rest(self) -> Iterator[Event]:
        """Yield what was waiting for more lines, at the end of the log."""


def read_events(
    path: Path,
    client: str,
    *,
    start: int = 0,
    line: int = 1,
    seen: set[str] | None = None,
    counts: LogCounts | None = None,
) -> Iterator[Event]:
    """Yield the events of a log in order; nothing in it raises an error.

    `start` is the byte at which line number `line` begins. `seen` has the ids of the entries of logs that were read
    before, and gets those of this one: an entry that stands in several logs is read once. `counts` gets what was not
    read, and where reading ended. A log that cannot be opened has no events; `counts.refused` says why.
    """
    counts = LogCounts() if counts is None else counts
    try:
        for event in _events(path, client, Start(start, line), seen, counts):
            counts.take(event)
            yield event
    except (BankError, OSError) as error:
        counts.refused[str(path)] = error.message if isinstance(error, BankError) else error.strerror or str(error)


def _events(path: Path, client: str, start: Start, seen: set[str] | None, counts: LogCounts) -> Iterator[Event]:
    seen = set() if seen is None else seen
    if client == CLAUDE_CODE:
        from memorybank.corrections.transcripts.claude_code.claude_log import ClaudeCode
        from memorybank.corrections.transcripts.claude_code.line_kinds import look
        from memorybank.exchange.agent_sessions.claude_code.line_kinds import KNOWN

        yield from _in_lines(path, ClaudeCode(counts, seen), look, KNOWN, start, counts)
    elif client == CODEX and path.suffix == ".sqlite":
        from memorybank.corrections.transcripts.codex.history_store import events_in_store

        yield from events_in_store(path, counts, seen)
    elif client == CODEX:
        from memorybank.corrections.transcripts.codex.codex_log import Codex
        from memorybank.corrections.transcripts.codex.rollout_lines import KNOWN, look

        reader = Codex(counts, seen, lambda ident, offset: _before_rewind(path, ident, offset))
        if path.suffix == ".json":
            yield from _whole(path, reader, counts)
            return
        if start.offset:
            _take_header(path, reader, look)
        yield from _in_lines(path, reader, look, KNOWN, start, counts)
    elif client == GEMINI:
        from memorybank.corrections.transcripts.gemini_chat import KNOWN, Gemini

        if path.suffix == ".json":
            yield from _whole(path, Gemini(counts, seen), counts)
        else:
            yield from _in_lines(path, Gemini(counts, seen), lambda *_: "", KNOWN, Start(), counts)
    elif client == CURSOR:
        from memorybank.corrections.transcripts.cursor_store import events_of_cursor

        yield from events_of_cursor(path, counts, seen)
    elif client == EXPORT:
        from memorybank.corrections.transcripts.exported_talks import events_of_export

        yield from events_of_export(path, counts, seen)
    else:
        counts.refused[str(path)] = f"no reader of {client}"


def _whole(path: Path, reader: Reader, counts: LogCounts) -> Iterator[Event]:
    """Yield the events of a file that is one value."""
    from memorybank.corrections.transcripts.lines import Line
    from memorybank.exchange.agent_sessions.json_lines import Broken, whole_in

    with open(open_regular(os.path.realpath(path)), "rb") as file:  # noqa: PTH123  a descriptor, not a path
        counts.begin(Start())
        for row in whole_in(file):
            if isinstance(row, Broken):
                counts.broken += 1
            else:
                counts.read += 1
                yield from reader.take(Line(row.value, row.line, 0))
        counts.end = Start(file.tell(), 1)
    yield from reader.rest()


def _in_lines(
    path: Path, reader: Reader, look: Look, known: Container[str], start: Start, counts: LogCounts
) -> Iterator[Event]:
    from memorybank.corrections.transcripts.lines import lines_in

    with open(open_regular(os.path.realpath(path)), "rb", buffering=0) as file:  # noqa: PTH123  a descriptor, not a path
        file.seek(start.offset)
        for line in lines_in(file, look, known, start, counts):
            yield from reader.take(line)
        yield from reader.rest()


def _take_header(path: Path, reader: Reader, look: Look) -> None:
    """Let a reader take the first line of a log that is read on: it says which session it is."""
    from memorybank.corrections.transcripts.lines import lines_in

    with open(open_regular(os.path.realpath(path)), "rb", buffering=0) as file:  # noqa: PTH123  a descriptor, not a path
        for line in islice(lines_in(file, look, (), Start(), LogCounts()), 1):
            for _ in reader.take(line):
                pass


def _before_rewind(path: Path, ident: str, offset: int) -> Iterator[Event]:
    """Yield the events of the turns that a session of Codex went back before; they stand in the file it comes from."""
    if not ident:
        return
    for other in sorted(path.parent.glob(f"rollout-*{glob.escape(ident)}.jsonl")):
        if other.name != path.name:
            yield from read_events(other, CODEX, start=offset)
            return
