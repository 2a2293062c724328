"""The names in the answers of `bank confirm`, `bank onboard` and `bank report`."""

from __future__ import annotations

CHAMPION: dict[str, str] = {
    "confirm": "The command that says it is still true; empty if only a change answers the question.",
    "days": "The days of an introduction.",
    "day": "The number of a day, from 1.",
    "parts": "What is read on a day, in this order.",
    "omitted_count": "How many others there are, which did not fit.",
    "unread_files": "The files that could not be read, or not be split into sections.",
    "gap": "What is missing if a day has nothing; empty otherwise.",
    "confirmed": "What was confirmed, in the order it was named.",
}
