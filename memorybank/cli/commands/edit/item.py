"""`bank item`: one list item at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, expects, reads, text_from, writes
from memorybank.cli.output import answer, say, show_receipt
from memorybank.cli.text_command import TEXT, TextCommand
from memorybank.document.edits import Edit, ItemRef, RemoveItem, ReplaceItem, Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


def ref_of(text: str, texts: Sequence[str]) -> ItemRef:
    """Read what a user typed for an item: its number from 1, its ^id, or its text.

    A number is tied to the text that stands there now, so that an item that slipped in above changes nothing.
    """
    if text in texts:
        return ItemRef(text=text)
    if text.startswith("^"):
        return ItemRef(id=text[1:])
    # isdigit alone takes the digits of every script, and superscripts too
    if text.isascii() and text.isdigit() and 0 < int(text) <= len(texts):
        return ItemRef(text=texts[int(text) - 1], number=int(text))
    return ItemRef(text=text)


@click.group("item")
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
    from memorybank.store.manage.items import list_items

    rows = list_items(app.bank, address)
    if app.as_json:
        answer({"items": rows})
        return
    for row in rows:
        box = f"[{row.mark.lower()}] " if row.mark else ""
        say(f"{row.number:>3} {'  ' * row.depth}{box}{row.text}")


def _edit(app: App, address: str, item: str, make: Callable[[str, ItemRef], Edit], verb: str) -> None:
    from memorybank.store.manage.items import edit_item, list_items

    ref = ref_of(item, [row.text for row in list_items(app.bank, address)])
    show_receipt(edit_item(app.bank, address, lambda section: make(section, ref), verb, app.way()), as_json=app.as_json)


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    def make(function: Callable[..., Any]) -> click.Command:
        wrapped = expects(writes(function))
        wrapped = click.argument("item", type=TEXT, metavar="ITEM")(wrapped)
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
    _edit(app, address, item, lambda section, ref: Tick(section, ref, expect=expect), "item tick")


@_command("untick")
def untick(app: App, address: str, item: str, expect: str) -> None:
    """Take the tick off an item's checkbox

    \b
    Example:
      bank item untick progress.md#Tasks 1
    """
    _edit(app, address, item, lambda section, ref: Tick(section, ref, done=False, expect=expect), "item untick")


@_command("remove")
def remove(app: App, address: str, item: str, expect: str) -> None:
    """Take an item out, with what hangs under it

    \b
    Example:
      bank item remove activeContext.md#Blockers 1
    """
    _edit(app, address, item, lambda section, ref: RemoveItem(section, ref, expect), "item remove")


@item_command.command("replace", cls=TextCommand)
@click.argument("address", metavar="ADDRESS")
@click.argument("item", type=TEXT, metavar="ITEM")
@click.argument("text", type=TEXT, metavar="TEXT")
@expects
@writes
def replace(app: App, address: str, item: str, text: str, expect: str) -> None:
    """Put another text in an item; marker, checkbox, id and nested items stay

    \b
    Example:
      bank item replace activeContext.md#Learnings 2 "The cache needs WAL mode"
    """
    from memorybank.workflow.lines.note import line_of

    line = line_of(text_from(text))
    _edit(app, address, item, lambda section, ref: ReplaceItem(section, ref, line, expect), "item replace")


@item_command.command("move", cls=TextCommand)
@click.argument("address", metavar="ADDRESS")
@click.argument("item", type=TEXT, metavar="ITEM")
@click.option("--to", required=True, metavar="ADDRESS", help="The section it goes to, of this or another file.")
@expects
@writes
def move(app: App, address: str, item: str, to: str, expect: str) -> None:
    """Move an item to another section or file, as one operation

    \b
    Example:
      bank item move activeContext.md#Learnings 3 --to "patterns.md#Common Gotchas"
    """
    from memorybank.store.manage.items import list_items, move_item

    ref = ref_of(item, [row.text for row in list_items(app.bank, address)])
    show_receipt(move_item(app.bank, address, ref, to, app.way(), expect=expect), as_json=app.as_json)
