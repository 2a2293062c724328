"""Segments: the parts of an output that belong to one run each, for runners that print a line at their start.

A test can print a summary too. Within a segment only the last one is the runner's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.workflow.evidence.runners.counts import Counts

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence


class Segment(NamedTuple):
    """A part of an output from `start` to `end`; `header` is its first line, None for what comes before all."""

    header: re.Match[str] | None
    start: int
    end: int


def segments(text: str, header: re.Pattern[str]) -> list[Segment]:
    """Return the parts of an output; the first one has no header, and may be empty."""
    heads = list(header.finditer(text))
    ends = [head.start() for head in heads] + [len(text)]
    parts = [Segment(None, 0, ends[0])]
    return parts + [Segment(head, head.end(), end) for head, end in zip(heads, ends[1:], strict=True)]


def last_of_each(
    text: str, header: re.Pattern[str], summary: re.Pattern[str]
) -> list[tuple[Segment, re.Match[str] | None]]:
    """Return each segment with its last summary, None if it has none; without any header all summaries count."""
    parts = segments(text, header)
    if len(parts) == 1:
        return [(parts[0], found) for found in summary.finditer(text)]
    rows: list[tuple[Segment, re.Match[str] | None]] = []
    for part in parts[1:]:
        found = list(summary.finditer(text, part.start, part.end))
        rows.append((part, found[-1] if found else None))
    return rows


def unended(runner: str) -> Counts:
    """Return the counts of a run that began, but has no summary."""
    return Counts(runner, outside=f"a run of {runner} began, but printed no summary")


def own(rows: Sequence[tuple[Counts, bool]]) -> list[Counts]:
    """Return the counts that the lines before them confirm, and all with failures; all, if none is confirmed.

    What is left out was printed by a test.
    """
    sure = [counts for counts, is_sure in rows if is_sure or counts.failed or counts.errors]
    return sure if any(is_sure for _, is_sure in rows) else [counts for counts, _ in rows]
