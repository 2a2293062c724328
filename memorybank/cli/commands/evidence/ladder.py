"""`bank promote` and `bank demote`: from an observation to a pattern, a document or a proven line, and back."""

from __future__ import annotations

import click

from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand
from memorybank.facade.evidence import Evidence


@click.command("promote", cls=TextCommand)
@click.argument("what", type=TEXT, required=False, metavar="[ADDRESS|ID|TEXT]")
@click.argument("item", type=TEXT, required=False, metavar="[ITEM]")
@click.option(
    "--to", type=click.Choice(["pattern", "document", "proven"], case_sensitive=False), help="What it becomes."
)
@click.option("--section", metavar="NAME", help="A section of the file, a kind of note, or solution/CATEGORY.")
@click.option("--title", type=TEXT, metavar="TITLE", help="The title of the document, or the start of the line.")
@click.option("--evidence", type=TEXT, metavar="TEXT", help="What shows that it is proven.")
@click.option("--keep", is_flag=True, help="Leave a short pointer where the line was.")
@click.option("--suggest", "asks", is_flag=True, help="List observations to promote, each with the reason.")
@writes
def promote_command(
    app: App,
    what: str | None,
    item: str | None,
    to: str | None,
    section: str | None,
    title: str | None,
    evidence: str | None,
    *,
    keep: bool,
    asks: bool,
) -> None:
    """Move an observation up: to a pattern, a document, or the proven lines

    A pattern goes to the section of patterns.md that fits; a document to docs/research, docs/plans or docs/solutions,
    with a line under References; a proven line to Verification of progress.md. This is one operation, so `bank undo`
    reverts all of it. Name the line by its section and ITEM (number, ^id or text), by ^id, by its text, or by the id
    of the record it cites.

    \b
    Examples:
      bank promote activeContext.md#Learnings 3 --to pattern
      bank promote "Redis drops idle connections" --to document --section solution/caching --keep
      bank promote patterns.md#Dependencies 1 --to proven --evidence '`make test` → exit 0 (12/12)'
      bank promote --suggest
    """
    face = app.face(Evidence)
    if asks:
        _suggest(app, face)
        return
    if what is None or to is None:
        raise click.UsageError("name a line and its target: bank promote ADDRESS ITEM --to pattern|document|proven.")
    done = face.promote(
        text_from(what),
        to=to,
        item=item or "",
        section=section or "",
        title=title or "",
        evidence=evidence or "",
        keep=keep,
    )
    if app.as_json:
        answer(done)
        return
    show_receipt(done.receipt, as_json=False, done="promoted")
    if done.merged:
        tell(f"{done.target} already has: {done.merged}")
    elif not done.receipt.dry_run:
        say(f"  now at {done.target}")
    if done.near:
        tell(f"a similar line is there too: {done.near}")


def _suggest(app: App, face: Evidence) -> None:
    suggestions = face.suggest_promotions()
    if app.as_json:
        answer(suggestions)
        return
    for suggestion in suggestions:
        say(f"{suggestion.outcome:12}{suggestion.text}")
        say(f"            {suggestion.why}")
        say(f"            {suggestion.hint}", whole=True)
    if not suggestions:
        say("no suggestions: every observation stays where it is")


@click.command("demote", cls=TextCommand)
@click.argument("what", type=TEXT, metavar="ADDRESS|ID|TEXT")
@click.argument("item", type=TEXT, required=False, metavar="[ITEM]")
@click.option("--why", type=TEXT, required=True, metavar="REASON", help="What proved it wrong.")
@writes
def demote_command(app: App, what: str, item: str | None, why: str) -> None:
    """Strike out a pattern that proved wrong

    The line stays, struck out, with the reason, so that nobody learns it again.

    \b
    Example:
      bank demote "patterns.md#Common Gotchas" 2 --why "fixed in redis-py 5"
    """
    done = app.face(Evidence).demote(text_from(what), why=why, item=item or "")
    if app.as_json:
        answer(done)
        return
    show_receipt(done.receipt, as_json=False, done="demoted")
