"""`bank plan` and `bank research`: documents and the lines that link them."""

from __future__ import annotations

import click

from memorybank.cli.options import App, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt
from memorybank.cli.text_command import TextCommand, text_words
from memorybank.facade.editing import Editing
from memorybank.wire import to_wire


@click.group("plan", cls=CommandGroup)
def plan_command() -> None:
    """Start a plan in docs/plans

    \b
    Example:
      bank plan new "Search over sessions"
    """


@click.group("research", cls=CommandGroup)
def research_command() -> None:
    """Start a research file in docs/research

    \b
    Example:
      bank research new "SQLite on network disks"
    """


@plan_command.command("new", cls=TextCommand)
@text_words("title", metavar="TITLE...")
@writes
def new_plan(app: App, title: str) -> None:
    """Make a plan from the template, and its line under References

    \b
    Example:
      bank plan new "Search over sessions"
    """
    _new(app, "plan", title)


@research_command.command("new", cls=TextCommand)
@text_words("title", metavar="TITLE...")
@writes
def new_research(app: App, title: str) -> None:
    """Make a research file from the template, and its line under References

    \b
    Example:
      bank research new "SQLite on network disks"
    """
    _new(app, "research", title)


def _new(app: App, kind: str, title: str) -> None:
    bank = app.face(Editing)
    created = (bank.plans if kind == "plan" else bank.research).new(title)
    if app.as_json:
        answer({"file": created.file, **to_wire(created.receipt)})
        return
    show_receipt(created.receipt, as_json=False, done=kind)
    if not created.receipt.dry_run:
        say(f"  {created.file}")
