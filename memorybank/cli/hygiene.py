"""`bank rotate` and `bank unarchive`: what is over a cap goes to the archive, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.context import App, writes
from memorybank.cli.output import answer, say, show_receipt

if TYPE_CHECKING:
    from memorybank.workflow.rotate import Rotated


@click.command("rotate")
@writes
def rotate_command(app: App) -> None:
    """Move what is over a section's cap to the archive

    The oldest items go to archive/contracts/, of every section whose contract has a cap: Completed keeps 10, Learnings
    20. Before anything is written, what stays and what goes is held against what was there, item by item. Archives
    are in no load and no search; `bank unarchive` brings items back, `bank undo` all of it.

    \b
    Examples:
      bank rotate --dry-run
      bank rotate
    """
    from memorybank.workflow.rotate import rotate

    _show(rotate(app.bank, app.way()), as_json=app.as_json, done="archived")


@click.command("unarchive")
@click.argument("address", metavar="ADDRESS")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many, the newest first.")
@writes
def unarchive_command(app: App, address: str, count: int) -> None:
    """Bring archived items of a section back

    \b
    Example:
      bank unarchive progress.md#Completed --count 3
    """
    from memorybank.workflow.rotate import unarchive

    _show(unarchive(app.bank, address, app.way(), count=count), as_json=app.as_json, done="brought back")


def _show(rotated: Rotated, *, as_json: bool, done: str) -> None:
    if as_json:
        answer(rotated)
        return
    if rotated.receipt is None:
        say("no section is over its cap")
        return
    for each in rotated.sections:
        say(f"{each.address}: {each.moved} {done}; {each.here} here, {each.archived} in {each.archive}")
    show_receipt(rotated.receipt, as_json=False, done=done)
