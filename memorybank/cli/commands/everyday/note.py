"""`bank note`, `bank focus` and `bank set`: one line, one value."""

from __future__ import annotations

import click

from memorybank.cli.options import App, expects, text_from, writes
from memorybank.cli.output import show_receipt
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.everyday import Everyday

# a decision that replaces a record becomes a record itself
_DONE = {"note": "noted", "decide": "decided"}


@click.command("note", cls=TextCommand)
@text_words("text", metavar="TEXT...")
@click.option(
    "--as",
    "kind",
    default="learning",
    show_default=True,
    metavar="KIND",
    help="Kind of note, see above.",
)
@click.option("--to", metavar="ADDRESS", help="Add it at this address instead.")
@click.option("--file", "place", type=TEXT, metavar="PATH:LINE", help="File and line that it is about.")
@click.option("--why", type=TEXT, metavar="WHY", help="The reason, added after the text.")
@click.option("--supersedes", multiple=True, type=TEXT, metavar="TEXT", help="What it replaces; can be repeated.")
@click.option("--anyway", is_flag=True, help="Write it even if it contradicts what the bank says.")
@click.option("--again", is_flag=True, help="Write it even if its section has the same line.")
@writes
def note_command(
    app: App,
    text: str,
    kind: str,
    to: str | None,
    place: str | None,
    why: str | None,
    supersedes: tuple[str, ...],
    *,
    anyway: bool,
    again: bool,
) -> None:
    """Add one line to the section of its kind

    The kind decides the section: a learning goes to activeContext.md#Learnings, a gotcha to patterns.md#Common
    Gotchas. Line breaks become spaces. Text that would become a heading or open a code
    block is refused. A decision that contradicts another, a pattern, a learning or an active fact is refused, unless
    --supersedes names it, or its own words do ("MySQL instead of Postgres"). A line that its section has already is not
    written twice.

    KIND is api, blocker, change, convention, decision, dependency, done, error, gotcha, learning, next, pattern,
    reference, skill, standard, structure, task, testing or verification.

    \b
    Examples:
      bank note "The test database must be reset between runs"
      bank note "cache: SQLite" --as decision --why "nothing to run beside it"
      bank note "Retry on 429" --as change --file src/client.py:88
    """
    text = text_from(text)
    receipt = app.face(Everyday).note(
        text,
        kind=kind,
        to=to or "",
        file=place or "",
        why=why or "",
        supersedes=supersedes,
        anyway=anyway,
        again=again,
    )
    show_receipt(receipt, as_json=app.as_json, done=_DONE.get(receipt.verb, "queued"), text=text)


@click.command("focus", cls=TextCommand)
@text_words("text", metavar="TEXT...")
@writes
def focus_command(app: App, text: str) -> None:
    """Set the current focus

    Replaces activeContext.md#Current Focus.

    \b
    Example:
      bank focus "Parser: errors name the line"
    """
    text = text_from(text)
    show_receipt(app.face(Everyday).focus(text), as_json=app.as_json, done="focus", text=text)


@click.command("set", cls=TextCommand)
@click.argument("file", metavar="FILE")
@click.argument("field", metavar="FIELD")
@text_words("value", metavar="VALUE...")
@expects
@writes
def set_command(app: App, file: str, field: str, value: str, expect: str) -> None:
    """Set a front-matter field

    Only the characters of the value change: comments, quotes and order of the other fields stay. A value that YAML
    would change, such as 1.10 or yes, is put in quotes. A date that does not exist is refused, and so is a
    status that the file's type does not have.

    \b
    Example:
      bank set docs/plans/2026-11-21-search.md status accepted
    """
    receipt = app.face(Everyday).set(file, field, text_from(value, what="VALUE"), expect=expect)
    show_receipt(receipt, as_json=app.as_json)
