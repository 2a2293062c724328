"""`bank corrections drop`, `pin` and `tier`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.corrections.base import corrections_command
from memorybank.cli.commands.corrections.listing import row_of
from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say_entry, say_undo, show_receipt
from memorybank.cli.text_command import TEXT, TextCommand
from memorybank.facade.corrections.namespace import Corrections

if TYPE_CHECKING:
    from memorybank.corrections.decide import Decision


@corrections_command.command("drop", cls=TextCommand)
@click.argument("corrections", nargs=-1, required=True, metavar="ID…")
@click.option("--why", type=TEXT, metavar="TEXT", help="Why it is not wanted; `show` prints it.")
@click.option("--off", is_flag=True, help="Put dropped corrections back into the queue.")
@writes
def drop(app: App, corrections: tuple[str, ...], why: str | None, *, off: bool) -> None:
    """Take corrections out of the queue

    They stay in the local list, so that mining does not find them again; --off puts them back.

    \b
    Examples:
      bank corrections drop cor-20261120-k3f9x --why "only this once"
      bank corrections drop cor-20261120-k3f9x --off
    """
    done = app.face(Corrections).drop(corrections, why=why or "", off=off)
    if app.as_json:
        answer(done)
        return
    for each in done.corrections:
        say_entry(row_of(each), each.text)


@corrections_command.command("pin")
@click.argument("correction", metavar="ID|last")
@click.option("--off", is_flag=True, help="Take the pin away.")
@writes
def pin(app: App, correction: str, *, off: bool) -> None:
    """Pin a correction, so that it is loaded first and does not decay

    \b
    Examples:
      bank corrections pin cor-20261120-k3f9x
      bank corrections pin cor-20261120-k3f9x --off
    """
    _show(app, app.face(Corrections).pin(correction, off=off))


@corrections_command.command("tier")
@click.argument("correction", metavar="ID|last")
@click.argument("tier", metavar="critical|high|medium|low")
@writes
def set_tier(app: App, correction: str, tier: str) -> None:
    """Set how much a correction matters

    Your tier counts more than the one that was found.

    \b
    Example:
      bank corrections tier cor-20261120-k3f9x critical
    """
    _show(app, app.face(Corrections).tier(correction, tier))


def _show(app: App, done: Decision) -> None:
    if app.as_json:
        answer(done)
        return
    if done.receipt is not None and done.receipt.dry_run:
        show_receipt(done.receipt, as_json=False)
        return
    say_entry(row_of(done.correction), done.correction.text)
    if done.receipt is not None:
        say_undo(done.receipt)
