"""`bank types`: the types of records, each a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say
from memorybank.errors import NoBankError

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


@click.group("types", invoke_without_command=True)
@reads
def types_command(app: App) -> None:
    """List the types of records

    A template in .memorybank/templates/records/ adds a type, or replaces a shipped one.

    \b
    Examples:
      bank types
      bank types show decision
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is not None:
        return
    from memorybank.records.templates import load_types

    types = load_types(_bank_or_none(app))
    if app.as_json:
        rows = [{"name": each.name, "purpose": each.purpose, "folder": each.folder} for each in types.values()]
        answer({"types": rows})
        return
    width = max(len(name) for name in types)
    for each in types.values():
        say(f"{each.name:{width}}  {each.purpose}")


@types_command.command("show")
@click.argument("name", metavar="TYPE")
@reads
def show_type(app: App, name: str) -> None:
    """Print what a type declares, and what a new record of it looks like

    \b
    Example:
      bank types show decision
    """
    from memorybank.records.templates import load_type

    kind = load_type(_bank_or_none(app), name)
    if app.as_json:
        answer(kind)
        return
    say(f"{kind.name}: {kind.purpose}", fg="cyan")
    say(f"  files     {kind.folder}{kind.file}.md")
    for status, following in kind.statuses:
        say(f"  status    {status}{' → ' + ', '.join(following) if following else ''}")
    for field in kind.fields:
        choices = f" ({', '.join(field.choices)})" if field.choices else ""
        say(f"  field     {field.name}: {field.kind}{choices}{' required' if field.required else ''}")
    for section in kind.sections:
        say(f"  section   {section.name}{' required' if section.required else ''}")
    say()
    say(kind.body.rstrip("\n"))


def _bank_or_none(app: App) -> BankFolder | None:
    try:
        return app.bank
    except NoBankError:
        return None
