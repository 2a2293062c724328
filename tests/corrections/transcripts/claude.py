"""Lines of a log of Claude Code as version 2.1.332 writes them, and as older versions did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.read_log import read_events

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.corrections.transcripts.event import Event

NOW = "2.1.332"
REFUSED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the "
    "new_string was NOT written to the file). "
)
STOP = f"{REFUSED}STOP what you are doing and wait for the user to tell you how to proceed."
HUMAN = {"origin": {"kind": "human"}, "promptSource": "typed", "turnOrigin": "human"}


class Log:
    """A log that is written line by line; each entry follows the one before."""

    def __init__(self, version: str = NOW, session: str = "s1") -> None:
        self.lines: list[str] = []
        self.last: str | None = None
        self._version = version
        self.session = session
        self.number = 0

    def add(self, kind: str, **fields: Any) -> str:
        """Add an entry with the fields that all have, and return its id."""
        self.number += 1
        ident = str(fields.pop("uuid", f"{self.session}-{self.number}"))
        row = {
            "parentUuid": fields.pop("parent", self.last),
            "isSidechain": False,
            "type": kind,
            **fields,
            "uuid": ident,
            "timestamp": f"2026-11-30T09:{self.number // 60:02}:{self.number % 60:02}.123Z",
            "userType": "external",
            "cwd": "/srv/dev/shop",
            "sessionId": self.session,
            "version": self._version,
        }
        self.raw({name: value for name, value in row.items() if value is not ...})
        self.last = ident
        return ident

    def raw(self, row: Any) -> None:
        """Add a line."""
        self.lines.append(json.dumps(row, separators=(",", ":")))

    def asks(self, text: Any, **fields: Any) -> str:
        """Add a prompt that a person typed today."""
        return self.add("user", message={"role": "user", "content": text}, **{**HUMAN, **fields})

    def older(self, text: Any, **fields: Any) -> str:
        """Add a `user` line without the fields that say who spoke."""
        return self.add("user", message={"role": "user", "content": text}, **fields)

    def says(self, *texts: str, **fields: Any) -> str:
        """Add an answer of the assistant."""
        blocks = [{"type": "text", "text": text} for text in texts]
        return self.add("assistant", message={"role": "assistant", "id": "msg_1", "content": blocks}, **fields)

    def calls(self, tool: str, ident: str = "t1", fields: dict[str, Any] | None = None, **arguments: Any) -> str:
        """Add a call of a tool."""
        block = {"type": "tool_use", "id": ident, "name": tool, "input": arguments}
        return self.add("assistant", message={"role": "assistant", "content": [block]}, **(fields or {}))

    def answers(self, text: Any, ident: str = "t1", *, is_error: bool = False, **fields: Any) -> str:
        """Add the result of a call."""
        block = {"type": "tool_result", "tool_use_id": ident, "content": text, "is_error": is_error}
        return self.add("user", message={"role": "user", "content": [block]}, **fields)

    def write(self, folder: Path, name: str = "log.jsonl") -> Path:
        """Write the log."""
        path = folder / name
        path.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")
        return path


def events_of(log: Log, folder: Path, counts: LogCounts | None = None) -> list[Event]:
    """Return the events of a log."""
    return list(read_events(log.write(folder), "claude-code", counts=counts))


def told(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return the kinds, speakers and texts of events."""
    return [(event.kind, event.speaker, event.text) for event in events]
