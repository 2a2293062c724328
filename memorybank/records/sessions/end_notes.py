"""What a person says of a session at its end, beside what the journal shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.patterns import later
from memorybank.records.body import plain_of, without_doubles
from memorybank.records.fields import check_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_DURATION = later(r"(?:(\d{1,4})\s*(?:h|hours?))?\s*(?:(\d{1,5})\s*(?:m|min|minutes?)?)?\Z", re.ASCII | re.IGNORECASE)
_HOUR = 60


class EndNotes(NamedTuple):
    """Achievements, challenges and next steps in the user's words, and the minutes that the next session may take."""

    achievements: tuple[str, ...] = ()
    challenges: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    estimate: int = 0


def end_notes_of(
    achievements: Iterable[str], challenges: Iterable[str], next_steps: Iterable[str], estimate: str
) -> EndNotes:
    """Return what a person says of a session, each entry as one line; empty and repeated entries are left out.

    Raises:
        FieldError: an entry is too long, or the estimate is not a length of time.
        UnsupportedTextError: an entry has hidden characters.
    """
    return EndNotes(
        _lines("achievement", achievements),
        _lines("challenge", challenges),
        _lines("next", next_steps),
        parse_minutes(estimate) if estimate.strip() else 0,
    )


def _lines(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(without_doubles(line for each in texts if (line := plain_of(check_line(name, each)))))


def parse_minutes(text: str) -> int:
    """Return the minutes of a length of time: `180`, `90m`, `3h`, `1h 30m`.

    Raises:
        FieldError: it is not one, or it is 0.
    """
    found = _DURATION.match(text.strip())
    minutes = _HOUR * int(found[1] or 0) + int(found[2] or 0) if found else 0
    if not minutes:
        raise FieldError(
            field="estimate", why=f"{text!r} is not a length of time", hint="--estimate 180 (minutes) or 3h"
        )
    return minutes
