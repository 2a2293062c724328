"""`bank types`: the types of records, each a template."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say
from memorybank.errors import NoBankError
from memorybank.facade.relations import Relations, type_of


@click.group("types", cls=CommandGroup, invoke_without_command=True)
@reads
def types_command(app: App) -> None:
    """List the types of records

    A template in .memorybank/templates/records/ adds a type or replaces a shipped one.

    \b
    Examples:
      bank types
      bank types show decision
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is not None:
        return
    from memorybank.facade.relations import types_of

    bank = _bank_or_none(app)
    types = bank.types.list() if bank else types_of(None)
    if app.as_json:
        answer(types)
        return
    width = max(len(kind.name) for kind in types)
    for kind in types:
        say(f"{kind.name:{width}}  {kind.purpose}")


@types_command.command("show")
@click.argument("name", metavar="TYPE")
@reads
def show_type(app: App, name: str) -> None:
    """Print what a type declares, and the template of a new record

    \b
    Example:
      bank types show decision
    """
    bank = _bank_or_none(app)
    kind = bank.types.show(name) if bank else type_of(None, name)
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


def _bank_or_none(app: App) -> Relations | None:
    try:
        return app.face(Relations)
    except NoBankError:
        return None
