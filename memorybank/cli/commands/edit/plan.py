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


def _add_commands(group: click.Group, one: str, many: str, *, title: str, shown: tuple[str, ...]) -> None:
    """Add the commands of a kind of document; `title` and `shown` are examples of what is typed."""
    kind = str(group.name)
    new_page = f"Make {one} from the template, and its line under References\n\n" + _example(f'{kind} new "{title}"')

    @group.command("new", cls=TextCommand, help=new_page)
    @text_words("title", metavar="TITLE...")
    @writes
    def new(app: App, title: str) -> None:
        _new(app, kind, title)

    @group.command("list", help=f"List {many}, newest first\n\n{_example(f'{kind} list')}")
    @reads
    def list_(app: App) -> None:
        _list(app, kind)

    by = "By its number in the list, its file, its title, or words in them."
    show_page = f"Print {one}\n\n{by}\n\n{_example(*(f'{kind} show {name}' for name in shown))}"

    @group.command("show", cls=TextCommand, help=show_page)
    @text_words("name", metavar="NAME...")
    @reads
    def show(app: App, name: str) -> None:
        _show(app, kind, name)


def _example(*lines: str) -> str:
    head = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(("\b", head, *(f"  bank {line}" for line in lines)))


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
        say(f"{number:>3} {each.title}{f'  ({each.status})' if each.status else ''}", hang=4)
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


_add_commands(plan_command, "a plan", "the plans", title="Search over sessions", shown=("1", "search sessions"))
_add_commands(design_command, "a design document", "the design documents", title="Uploads in parts", shown=("1",))
_add_commands(
    research_command,
    "a research file",
    "the research files",
    title="SQLite on network disks",
    shown=("network disks",),
)
