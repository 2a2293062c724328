"""`bank item`: one list item at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, expects, reads, text_from, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.editing import Items

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@click.group("item", cls=CommandGroup)
def item_command() -> None:
    """Change one list item

    ITEM is its number in `bank item list`, its ^id, or its whole first line.

    \b
    Examples:
      bank item list activeContext.md#Learnings
      bank item replace activeContext.md#Learnings 3 "The cache needs WAL mode"
      bank item move activeContext.md#Learnings 3 --to "patterns.md#Common Gotchas"
    """


@item_command.command("list")
@click.argument("address", metavar="ADDRESS")
@reads
def list_(app: App, address: str) -> None:
    """List the items of a section

    \b
    Example:
      bank item list progress.md#Tasks
    """
    rows = app.face(Items).list(address)
    if app.as_json:
        answer(rows)
        return
    for row in rows:
        box = f"[{row.mark.lower()}] " if row.mark else ""
        lead = f"{row.number:>3} {'  ' * row.depth}{box}"
        say(f"{lead}{row.text}", hang=len(lead))


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    def make(function: Callable[..., Any]) -> click.Command:
        wrapped = expects(writes(function))
        wrapped = text_words("item", metavar="ITEM...")(wrapped)
        wrapped = click.argument("address", metavar="ADDRESS")(wrapped)
        command: click.Command = item_command.command(name, cls=TextCommand)(wrapped)
        return command

    return make


@_command("tick")
def tick(app: App, address: str, item: str, expect: str) -> None:
    """Tick an item's checkbox

    \b
    Example:
      bank item tick progress.md#Tasks 1
    """
    show_receipt(app.face(Items).tick(address, item, expect=expect), as_json=app.as_json)


@_command("untick")
def untick(app: App, address: str, item: str, expect: str) -> None:
    """Untick an item's checkbox

    \b
    Example:
      bank item untick progress.md#Tasks 1
    """
    show_receipt(app.face(Items).untick(address, item, expect=expect), as_json=app.as_json)


@_command("remove")
def remove(app: App, address: str, item: str, expect: str) -> None:
    """Remove an item, with its nested items

    \b
    Example:
      bank item remove activeContext.md#Blockers 1
    """
    show_receipt(app.face(Items).remove(address, item, expect=expect), as_json=app.as_json)


@item_command.command("replace", cls=TextCommand)
@click.argument("address", metavar="ADDRESS")
@click.argument("item", type=TEXT, metavar="ITEM")
@text_words("text", metavar="TEXT...")
@expects
@writes
def replace(app: App, address: str, item: str, text: str, expect: str) -> None:
    """Replace the text of an item; marker, checkbox, id and nested items stay

    \b
    Example:
      bank item replace activeContext.md#Learnings 2 "The cache needs WAL mode"
    """
    text = text_from(text)
    show_receipt(app.face(Items).replace(address, item, text, expect=expect), as_json=app.as_json, text=text)


@item_command.command("move", cls=TextCommand)
@click.argument("address", metavar="ADDRESS")
@text_words("item", metavar="ITEM...")
@click.option("--to", required=True, metavar="ADDRESS", help="The target section, in this or another file.")
@expects
@writes
def move(app: App, address: str, item: str, to: str, expect: str) -> None:
    """Move an item to another section or file, in one operation

    \b
    Example:
      bank item move activeContext.md#Learnings 3 --to "patterns.md#Common Gotchas"
    """
    show_receipt(app.face(Items).move(address, item, to, expect=expect), as_json=app.as_json)
