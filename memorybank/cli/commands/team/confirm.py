"""`bank confirm`: what is still true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, say_undo, show_receipt
from memorybank.cli.text_command import TEXT
from memorybank.facade.team.champion import Champion
from memorybank.facade.terminal.visible import in_one_line

if TYPE_CHECKING:
    from memorybank.team.hygiene.confirm import Confirmation


@click.command("confirm")
@click.argument("wanted", nargs=-1, required=True, type=TEXT, metavar="WHAT...")
@click.option("--item", default="", type=TEXT, metavar="ITEM", help="The line of a section: its number, ^id or text.")
@writes
def confirm_command(app: App, wanted: tuple[str, ...], item: str) -> None:
    """Confirm that something is still true

    WHAT is the id of a record or of a fact, a line's text, or its address; with --item, the address of its section. A
    record gets the day in the field `reviewed`, a line ends with `(still true DAY)`. Then `bank review` does not ask
    about it before 90 days have passed: 7 for blockers, next steps and open bugs, a year for facts of pafs.md.

    \b
    Examples:
      bank confirm fct-20261121-k3f9x dec-20261121-m2p8q
      bank confirm AUTH-001
      bank confirm activeContext.md#Decisions --item 2
    """
    show_confirmed(app, app.face(Champion).confirm(wanted, item=item))


def show_confirmed(app: App, done: Confirmation) -> None:
    """Print what was confirmed."""
    if app.as_json:
        answer(done)
        return
    if done.receipt.dry_run or not done.receipt.operation:
        show_receipt(done.receipt, as_json=False)
        return
    for each in done.confirmed:
        say(f"still true: {each.where}  {in_one_line(each.text)}", hang=2, fg="green")
    say_undo(done.receipt)
