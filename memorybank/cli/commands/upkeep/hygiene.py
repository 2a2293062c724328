"""`bank rotate`, `unarchive`, `doctor` and `review`: what is over a limit, out of order, or to be decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt
from memorybank.facade.upkeep.checks import Upkeep
from memorybank.times import minute_of

if TYPE_CHECKING:
    from memorybank.workflow.lines.rotate import RotateResult


@click.command("rotate")
@click.option("--newest-first", "order", flag_value="newest-first", help="Undated lists start with the newest item.")
@click.option("--oldest-first", "order", flag_value="oldest-first", help="Undated lists start with the oldest item.")
@writes
def rotate_command(app: App, order: str | None) -> None:
    """Move lines over a section's limit to the archive

    Moves the oldest items of every section over its limit to archive/contracts/: Completed keeps 10, Learnings 20.
    Which items are the oldest is known from their dates; else from where the last lines were written, else from the
    contract (`order: newest-first`), else from the other lists of the bank. The answer says which of these was used.
    Before anything is written, what stays and what goes is compared with what was there, item by item. Archives are
    neither loaded nor searched; `bank unarchive` brings items back, `bank undo` all of them.

    \b
    Examples:
      bank rotate --dry-run
      bank rotate
    """
    _show(app.face(Upkeep).rotate(order=order or ""), as_json=app.as_json, done="archived")


@click.command("unarchive")
@click.argument("address", metavar="ADDRESS")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many items, the newest first.")
@writes
def unarchive_command(app: App, address: str, count: int) -> None:
    """Bring archived lines of a section back

    \b
    Example:
      bank unarchive progress.md#Completed --count 3
    """
    _show(app.face(Upkeep).unarchive(address, count=count), as_json=app.as_json, done="brought back")


def _show(rotated: RotateResult, *, as_json: bool, done: str) -> None:
    if as_json:
        answer(rotated)
        return
    if rotated.receipt is None:
        say("no section is over its limit")
        return
    for section in rotated.sections:
        counts = f"{section.moved_count} {done}; {section.here_count} here"
        say(f"{section.address}: {counts}, {section.archived_count} in {section.archive}")
        say(f"  {section.order}")
    show_receipt(rotated.receipt, as_json=False, done=done)


@click.command("doctor")
@click.option("--fix", is_flag=True, help="Fix what is safe to fix.")
@reads
def doctor_command(app: App, *, fix: bool) -> int:
    """Check locks, journal, index and git set-up

    Also checks settings, files, unfinished operations, permissions and git's ignore, attributes and hooks, and whether
    what `bank install` wrote for clients still works, and says how to fix each fault. Exits with 1 if there is one.
    `bank check` checks the contents of the files. Texts that commands refused are listed: they are kept for 30 days,
    the newest one longer.

    \b
    Examples:
      bank doctor
      bank doctor --fix
    """
    report = app.face(Upkeep).doctor(fix=fix)
    status = 1 if report.faults else 0
    if app.as_json:
        answer(report)
        return status
    for name in report.fixed:
        say(f"fixed: {name}", fg="green")
    for probe in report.probes:
        say(f"{probe.name}: {probe.fault or 'in order'}", fg="red" if probe.fault else "green")
        if probe.fault and probe.hint:
            say(f"  next: {probe.hint}", whole=True)
    for text in report.kept:
        at = minute_of(datetime.fromtimestamp(text.at, UTC))
        say(f"text that a command refused: {text.path}  {text.size} bytes, {at}")
    return status


@click.command("review")
@click.option("--weekly", "period", flag_value="weekly", default=True, help="The questions of a week (the default).")
@click.option("--quarterly", "period", flag_value="quarterly", help="Those of a quarter, too.")
@reads
def review_command(app: App, period: str) -> None:
    """List what needs a decision each week or quarter

    Each week: findings, blockers, next steps, open bugs, the new memories of the week, and memories that nobody made,
    changed or confirmed for 90 days, ten of each type. Each quarter also: all other old memories, old lines of
    decisions, learnings, gotchas and patterns, architectural facts, tags that may mean the same, and empty sections.
    Each question comes with the command for a change, and with the one that says it is still true; after that it is
    not asked again until its interval has passed.

    \b
    Examples:
      bank review
      bank review --quarterly --json
    """
    found = app.face(Upkeep).review(period=period)
    if app.as_json:
        answer(found)
        return
    topic = ""
    for question in found.questions:
        if question.topic != topic:
            topic = question.topic
            say(f"{topic}:", bold=True)
        say(f"  {question.question}")
        say(f"    {question.hint}", whole=True)
        if question.confirm:
            say(f"    still true: {question.confirm}", whole=True)
    if not found.questions:
        say("nothing needs a decision")
