"""`bank rotate`, `unarchive`, `doctor` and `review`: what is over a cap, out of order, or to be decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, now, reads, writes
from memorybank.cli.output import answer, say, show_receipt

if TYPE_CHECKING:
    from memorybank.workflow.lines.rotate import RotateResult


@click.command("rotate")
@click.option("--newest-first", "order", flag_value="newest-first", help="Lists without dates begin with the newest.")
@click.option("--oldest-first", "order", flag_value="oldest-first", help="They begin with the oldest.")
@writes
def rotate_command(app: App, order: str | None) -> None:
    """Move lines over a section's limit to the archive

    The oldest items go to archive/contracts/, of every section whose contract has a cap: Completed keeps 10, Learnings
    20. Their dates tell which are the oldest; else where the last lines were written, else the contract (`order:
    newest-first`), else the other lists of the bank. The answer says which of them told it. Before anything is written,
    what stays and what goes is held against what was there, item by item. Archives are in no load and no search; `bank
    unarchive` brings items back, `bank undo` all of it.

    \b
    Examples:
      bank rotate --dry-run
      bank rotate
    """
    from memorybank.workflow.lines.rotate import rotate

    _show(rotate(app.bank, app.way(), order=order or ""), as_json=app.as_json, done="archived")


@click.command("unarchive")
@click.argument("address", metavar="ADDRESS")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many, the newest first.")
@writes
def unarchive_command(app: App, address: str, count: int) -> None:
    """Bring archived lines of a section back

    \b
    Example:
      bank unarchive progress.md#Completed --count 3
    """
    from memorybank.workflow.lines.rotate import unarchive

    _show(unarchive(app.bank, address, app.way(), count=count), as_json=app.as_json, done="brought back")


def _show(rotated: RotateResult, *, as_json: bool, done: str) -> None:
    if as_json:
        answer(rotated)
        return
    if rotated.receipt is None:
        say("no section is over its cap")
        return
    for each in rotated.sections:
        say(f"{each.address}: {each.moved} {done}; {each.here} here, {each.archived} in {each.archive}")
        say(f"  {each.order}")
    show_receipt(rotated.receipt, as_json=False, done=done)


@click.command("doctor")
@click.option("--fix", "mend_it", is_flag=True, help="Mend what is sure.")
@reads
def doctor_command(app: App, *, mend_it: bool) -> int:
    """Check locks, journal, index and git set-up

    Settings, files, lock, journal, operations that a crash left, search index, permissions, git's ignore, attributes
    and hooks; each says its mend. Ends with 1 when something is not in order. What files say is held by `bank check`.
    Texts that were typed and refused are listed: they are kept for 30 days, the newest one longer.

    \b
    Examples:
      bank doctor
      bank doctor --fix
    """
    from memorybank.check.doctor import examine, mend
    from memorybank.store.refused_text import list_kept

    kept = list_kept(app.bank)
    mended = mend(app.bank) if mend_it else []
    probes = examine(app.bank)
    faults = [each for each in probes if each.fault]
    if app.as_json:
        answer({"probes": probes, "mended": mended, "kept": [str(each.path) for each in kept]})
        return 1 if faults else 0
    for name in mended:
        say(f"mended: {name}", fg="green")
    for each in probes:
        say(f"{each.name}: {each.fault or 'in order'}", fg="red" if each.fault else "green")
        if each.fault and each.mend:
            say(f"  next: {each.mend}")
    for text in kept:
        at = f"{datetime.fromtimestamp(text.at, UTC):%Y-%m-%d %H:%M} UTC"
        say(f"text that a command refused: {text.path}  {text.size} bytes, {at}")
    return 1 if faults else 0


@click.command("review")
@click.option("--weekly", "period", flag_value="weekly", default=True, help="What a week asks (the default).")
@click.option("--quarterly", "period", flag_value="quarterly", help="What a quarter asks besides.")
@reads
def review_command(app: App, period: str) -> None:
    """List what needs a decision each week or quarter

    A week asks about findings, blockers, next steps and open bugs; a quarter also about old decisions, procedures to
    be tried again, facts that wait, tags that may be one, and sections that nobody has filled. Each question comes
    with the command that answers it.

    \b
    Examples:
      bank review
      bank review --quarterly --json
    """
    from memorybank.check.review import review

    questions = review(app.bank, now(), period=period)
    if app.as_json:
        answer({"period": period, "questions": questions})
        return
    topic = ""
    for each in questions:
        if each.topic != topic:
            topic = each.topic
            say(f"{topic}:", bold=True)
        say(f"  {each.question}")
        say(f"    {each.command}")
    if not questions:
        say("there is nothing to ask")
