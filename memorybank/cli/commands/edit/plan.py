"""`bank plan`, `bank design` and `bank research`: documents and the lines that link them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.records.memory import show_broken
from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, pour, say, show_receipt, tell
from memorybank.cli.text_command import TextCommand, text_words
from memorybank.facade.editing import Editing

if TYPE_CHECKING:
    from memorybank.facade.ledgers import Documents


@click.group("plan", cls=CommandGroup)
def plan_command() -> None:
    """Start, list and show plans in docs/plans

    \b
    Examples:
      bank plan new Search over sessions
      bank plan list
      bank plan show sessions
    """


@click.group("design", cls=CommandGroup)
def design_command() -> None:
    """Start, list and show design documents in docs/plans/designs

    \b
    Examples:
      bank design new Uploads in parts
      bank design list
    """


@click.group("research", cls=CommandGroup)
def research_command() -> None:
    """Start, list and show research files in docs/research

    \b
    Examples:
      bank research new SQLite on network disks
      bank research list
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


@plan_command.command("list")
@reads
def list_plans(app: App) -> None:
    """List the plans, newest first

    \b
    Example:
      bank plan list
    """
    _list(app, "plan")


@plan_command.command("show", cls=TextCommand)
@text_words("name", metavar="NAME...")
@reads
def show_plan(app: App, name: str) -> None:
    """Print a plan

    By its number in the list, its file, its title, or words in them.

    \b
    Examples:
      bank plan show 1
      bank plan show search sessions
    """
    _show(app, "plan", name)


@design_command.command("new", cls=TextCommand)
@text_words("title", metavar="TITLE...")
@writes
def new_design(app: App, title: str) -> None:
    """Make a design document from the template, and its line under References

    \b
    Example:
      bank design new "Uploads in parts"
    """
    _new(app, "design", title)


@design_command.command("list")
@reads
def list_designs(app: App) -> None:
    """List the design documents, newest first

    \b
    Example:
      bank design list
    """
    _list(app, "design")


@design_command.command("show", cls=TextCommand)
@text_words("name", metavar="NAME...")
@reads
def show_design(app: App, name: str) -> None:
    """Print a design document

    By its number in the list, its file, its title, or words in them.

    \b
    Example:
      bank design show 1
    """
    _show(app, "design", name)


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


@research_command.command("list")
@reads
def list_research(app: App) -> None:
    """List the research files, newest first

    \b
    Example:
      bank research list
    """
    _list(app, "research")


@research_command.command("show", cls=TextCommand)
@text_words("name", metavar="NAME...")
@reads
def show_research(app: App, name: str) -> None:
    """Print a research file

    By its number in the list, its file, its title, or words in them.

    \b
    Example:
      bank research show network disks
    """
    _show(app, "research", name)


def _documents(app: App, kind: str) -> Documents:
    bank = app.face(Editing)
    return {"plan": bank.plans, "design": bank.designs, "research": bank.research}[kind]


def _new(app: App, kind: str, title: str) -> None:
    created = _documents(app, kind).new(title)
    if app.as_json:
        answer(created)
        return
    show_receipt(created.receipt, as_json=False, done=kind)
    if not created.receipt.dry_run:
        say(f"  {created.file}", whole=True)


def _list(app: App, kind: str) -> None:
    found = _documents(app, kind).list()
    if app.as_json:
        answer(found)
        return
    for number, each in enumerate(found, 1):
        say(f"{number:>3} {each.title}{f'  ({each.status})' if each.status else ''}")
        say(f"    {each.file}", whole=True, dim=True)
    if not found:
        nouns = {"plan": "plans", "design": "design documents", "research": "research files"}
        tell(f"no {nouns[kind]} yet: bank {kind} new TITLE")
    show_broken(found.broken)


def _show(app: App, kind: str, name: str) -> None:
    seen = _documents(app, kind).show(name)
    if app.as_json:
        answer(seen)
        return
    tell(f"{seen.address} @{seen.digest} lines {seen.first_line}-{seen.last_line}")
    pour(seen.text)
