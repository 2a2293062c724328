"""A report as a page of Markdown: every text of the bank is escaped, so that none makes a heading, list or table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.team.hygiene.as_markdown import code, inline, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.team.hygiene.report import Report

# new memories that are listed one by one
_MOST = 50


def page_of(report: Report) -> str:
    """Return the page."""
    head = f"# Memory report: {inline(report.name)}"
    period = f"From {report.since[:10]} to {report.until[:10]}."
    parts = (_new(report), _quality(report), _tags(report), _gaps(report), _tidied(report), _open(report))
    return "\n".join([head, "", period, *(line for part in parts for line in part)]) + "\n"


def _new(report: Report) -> Iterator[str]:
    yield from ("", "## New memories", "")
    if not report.new:
        yield "None."
        return
    yield f"{len(report.new)} new memor{'ies' if len(report.new) > 1 else 'y'}."
    for head, values in (
        ("Type", [each.record.type for each in report.new]),
        ("Tool", [each.record.source_tool or "unknown" for each in report.new]),
        ("Author", [each.author or "not committed" for each in report.new]),
    ):
        yield ""
        yield from table((head, "Memories"), [(inline(name), str(count)) for name, count in report.counts(values)])
    yield ""
    for each in report.new[:_MOST]:
        record = each.record
        tags = f", tags: {inline(', '.join(record.tags))}" if record.tags else ""
        yield f"- {inline(record.title)} ({inline(record.type)}, {code(record.id)}{tags})"
    yield from _more(len(report.new), f"bank list --since {report.since[:10]} --limit {len(report.new)}")


def _quality(report: Report) -> Iterator[str]:
    rows = [advice for each in report.new for advice in each.advice]
    nothing = "Every new memory says enough to be found." if report.new else "There is no new memory."
    yield from _section("Quality", rows, nothing)


def _tags(report: Report) -> Iterator[str]:
    yield from _section("Tags", report.tag_advice, "The tags are consistent.")


def _section(title: str, rows: Sequence[str], nothing: str) -> Iterator[str]:
    """Yield a section of advice; what is typed stands after the last semicolon."""
    yield from ("", f"## {title}", "")
    if not rows:
        yield nothing
    for row in rows[:_MOST]:
        said, _, command = row.rpartition("; bank ")
        yield f"- {inline(said)}: {code(f'bank {command}')}" if said else f"- {inline(row)}"
    yield from _more(len(rows), "bank review")


def _more(count: int, command: str) -> Iterator[str]:
    if count > _MOST:
        yield from ("", f"{count - _MOST} more: {code(command)}")


def _gaps(report: Report) -> Iterator[str]:
    yield from ("", "## Gaps", "")
    if not report.gaps:
        yield "Each of a new member's five days has something to read."
    for day in report.gaps:
        yield f"- {inline(day.gap)} {code(day.fill)}"


def _tidied(report: Report) -> Iterator[str]:
    yield from ("", "## Tidied up", "")
    if not (report.outdated or report.archived or report.confirmed):
        yield "Nothing was confirmed, marked as outdated or archived."
        return
    yield f"- confirmed as still true: {report.confirmed}"
    yield f"- moved to the archive on this machine: {report.archived}"
    yield f"- marked as outdated: {len(report.outdated)}"
    for record in report.outdated[:_MOST]:
        yield f"  - {inline(record.title)} ({inline(record.status)}, {code(record.id)})"


def _open(report: Report) -> Iterator[str]:
    yield from ("", "## Open", "")
    rows = [f"- unresolved merge: {code(where)}" for where in report.open.merges]
    if report.queued:
        rows.append(f"- notes of agents that wait: {report.queued}, {code('bank notes list')}")
    counts = sorted(report.open.questions.items())
    if counts:
        topics = ", ".join(f"{inline(topic)} {count}" for topic, count in counts)
        rows.append(f"- questions of the weekly review: {topics}; {code('bank review')}")
    yield from rows or ["Nothing is open."]
