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
    "until": "When the report was made.",
    "new_memories": "The memories that are new since then, the oldest first.",
    "by_type": "How many new ones there are of each type.",
    "by_tool": "How many new ones each tool saved.",
    "by_author": "How many new ones each person committed; an empty name for those that are not committed.",
    "author": "Who committed the file first; empty if nobody did.",
    "tag_advice": "Advice on tags, each with its command.",
    "gaps": "What a new member finds nothing about.",
    "outdated": "Memories that were marked as outdated since then.",
    "merges": "Where a merge is unresolved, as file and line.",
    "queued_count": "How many notes of agents wait.",
    "confirmed_count": "How many records and lines were confirmed since then.",
    "open_questions": "How many questions the weekly review asks, by topic.",
    "confirmed": "What was confirmed, in the order it was named.",
}
