"""`bank log`: an entry in the development log."""

from __future__ import annotations

import click

from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say, say_undo, show_receipt, tell, tell_rest
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.ledgers import Ledgers


@click.command("log", cls=TextCommand)
@text_words("text", metavar="[TEXT]...", required=False)
@click.option("--title", type=TEXT, metavar="TITLE", help="The entry's heading; the default is the first line of TEXT.")
@click.option("-b", "--bullet", multiple=True, type=TEXT, metavar="TEXT", help="A bullet; can be repeated.")
@click.option(
    "--limit", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Without TEXT: the newest N."
)
@click.option("--since", metavar="DAY", help="Without TEXT: from this day on; 7d is a week ago.")
@writes
def log_command(
    app: App, text: str | None, title: str | None, bullet: tuple[str, ...], limit: int, since: str | None
) -> None:
    """Add an entry to the development log, or read it

    In development_log.md, under today's date with the local time and its offset; the newest entry is at the end. TEXT
    of - is read from standard input; each further line is a bullet. Without TEXT the newest entries are printed, newest
    first.

    \b
    Examples:
      bank log Completed user authentication
      bank log "Design phase" -b "Chose JWT for tokens" -b "Chose bcrypt for passwords"
      bank log --limit 3
      bank log --since 7d
    """
    ledgers = app.face(Ledgers)
    if text is None and not (title or bullet):
        _read(app, ledgers, limit, since or "")
        return
    if since:
        raise click.UsageError("--since is for reading the log: leave out the text, or --since.")
    logged = ledgers.log(text_from(text) if text is not None else "", title=title or "", items=bullet)
    if app.as_json:
        answer(logged)
        return
    if logged.receipt.dry_run or not logged.receipt.operation:
        show_receipt(logged.receipt, as_json=False)
        return
    say(f"logged: {logged.file}  {logged.entry.day} {logged.entry.time} - {logged.entry.title}", fg="green")
    say_undo(logged.receipt)


def _read(app: App, ledgers: Ledgers, limit: int, since: str) -> None:
    page = ledgers.read_log(limit=limit, since=since)
    if app.as_json:
        answer(page)
        return
    for entry in page.entries:
        say(f"{' '.join(filter(None, (entry.day, entry.time)))}  {entry.title}", bold=True)
        for item in entry.items:
            say(f"  - {item}")
    if since and not page.total:
        tell(f"no entry since {since}: bank log shows the newest")
    elif not page.total:
        tell("the development log is empty: bank log TEXT adds an entry")
    tell_rest(len(page.entries), page.total)
