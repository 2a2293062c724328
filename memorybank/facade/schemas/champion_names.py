"""The names in the answers of `bank confirm`, `bank onboard` and `bank report`."""

from __future__ import annotations

CHAMPION: dict[str, str] = {
    "confirm": "The command that says it is still true; empty if only a change answers the question.",
    "confirmed": "What was confirmed, in the order it was named.",
}
