"""Events as rows of JSON: logs of own-made sessions for tests and evaluation, the same for every client.

Each line is an object with the fields of `Event` that are not their default; `line` is the number of the row itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args

from memorybank.corrections.transcripts.event import Event, Kind, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT = "events"
_PLACES = ("line", "offset")


def row_of(event: Event) -> str:
    """Return an event as a line, without a line end."""
    defaults = Event._field_defaults
    fields = {
        name: value
        for name, value in event._asdict().items()
        if name not in _PLACES and (name not in defaults or value != defaults[name])
    }
    return json.dumps(fields, ensure_ascii=False)


def read_rows(path: Path) -> Iterator[Event]:
    """Yield the events of a file of rows; a row that is not an event is skipped."""
    offset = 0
    with path.open("rb") as file:
        for number, row in enumerate(file, 1):
            event = _event_of(row, number, offset)
            offset += len(row)
            if event is not None:
                yield event


def events_of(path: Path, client: str) -> Iterator[Event]:
    """Return the events of a log of a client, or of a file of rows."""
    if client == CLIENT:
        return read_rows(path)
    from memorybank.corrections.transcripts.read_log import read_events

    return read_events(path, client)


def _event_of(row: bytes, line: int, offset: int) -> Event | None:
    try:
        fields = json.loads(row)
        event = Event(**{**fields, "line": line, "offset": offset})
    except (ValueError, TypeError, RecursionError):
        return None
    is_valid = event.kind in get_args(Kind) and event.speaker in get_args(Speaker) and isinstance(event.text, str)
    return event if is_valid else None
