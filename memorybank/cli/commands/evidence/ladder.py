"""`bank promote` and `bank demote`: the ladder from an observation to what is proven, and the way down."""

from __future__ import annotations

import click

from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand


@click.command("promote", cls=TextCommand)
@click.argument("what", type=TEXT, required=False, metavar="[ADDRESS|ID|TEXT]")
@click.argument("item", type=TEXT, required=False, metavar="[ITEM]")
@click.option("--to", type=click.Choice(["pattern", "document", "proven"]), help="The rung it rises to.")
@click.option("--section", metavar="NAME", help="A section of the file, a kind of note, or solution/CATEGORY.")
@click.option("--title", type=TEXT, metavar="TITLE", help="The document's title, or what the line begins with.")
@click.option("--evidence", type=TEXT, metavar="TEXT", help="What shows that it is proven.")
@click.option("--keep", is_flag=True, help="Leave a short pointer where the line stood.")
@click.option("--suggest", "asks", is_flag=True, help="Say which observations are ripe, and why.")
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
    """Move an observation up: pattern, document, proven

    A pattern goes to the section of patterns.md that fits, a document to docs/research, docs/plans or docs/solutions
    with its line under References, what is proven to Verification of progress.md. One operation: bank undo takes all
    of it back. The line is named by its section and ITEM (number, ^id or text), by ^id, by its text, or by the id of
    the record it cites.

    \b
    Examples:
      bank promote activeContext.md#Learnings 3 --to pattern
      bank promote "Redis drops idle connections" --to document --section solution/caching --keep
      bank promote patterns.md#Dependencies 1 --to proven --evidence '`make test` → exit 0 (12/12)'
      bank promote --suggest
    """
    if asks:
        _suggest(app)
        return
    if what is None or to is None:
        raise click.UsageError("name a line and the rung: bank promote ADDRESS ITEM --to pattern|document|proven.")
    from memorybank.workflow.ladder.promote import promote

    done = promote(
        app.bank,
        text_from(what),
        to,
        app.way(),
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
        tell(f"{done.target} says so already: {done.merged}")
    elif not done.receipt.dry_run:
        say(f"  now at {done.target}")
    if done.near:
        tell(f"a line that is close stands there too: {done.near}")


def _suggest(app: App) -> None:
    from memorybank.workflow.ladder.suggest import suggest

    found = suggest(app.bank)
    if app.as_json:
        answer({"suggestions": found})
        return
    for each in found:
        say(f"{each.outcome:12}{each.text[:100]}")
        say(f"            {each.reason}")
        say(f"            {each.command}")
    if not found:
        say("nothing is ripe: every observation stays where it is")


@click.command("demote", cls=TextCommand)
@click.argument("what", type=TEXT, metavar="ADDRESS|ID|TEXT")
@click.argument("item", type=TEXT, required=False, metavar="[ITEM]")
@click.option("--why", type=TEXT, required=True, metavar="REASON", help="What proved it wrong.")
@writes
def demote_command(app: App, what: str, item: str | None, why: str) -> None:
    """Strike out a pattern that proved wrong

    The line stays, struck, with the reason: nobody is to learn it again.

    \b
    Example:
      bank demote "patterns.md#Common Gotchas" 2 --why "fixed in redis-py 5"
    """
    from memorybank.workflow.ladder.promote import demote

    done = demote(app.bank, text_from(what), why, app.way(), item=item or "")
    if app.as_json:
        answer(done)
        return
    show_receipt(done.receipt, as_json=False, done="demoted")
