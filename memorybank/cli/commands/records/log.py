"""`bank log`: an entry in the development log."""

from __future__ import annotations

import click

from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say, say_undo, show_receipt
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.ledgers import Ledgers


@click.command("log", cls=TextCommand)
@text_words("text", metavar="[TEXT]...", required=False)
@click.option("--title", type=TEXT, metavar="TITLE", help="The entry's heading; the default is the first line of TEXT.")
@click.option("-b", "--bullet", multiple=True, type=TEXT, metavar="TEXT", help="A bullet; can be repeated.")
@writes
def log_command(app: App, text: str | None, title: str | None, bullet: tuple[str, ...]) -> None:
    """Add an entry to the development log

    In development_log.md, under today's date with the current time (UTC); the newest entry is at the end. TEXT of - is
    read from standard input; each further line is a bullet.

    \b
    Examples:
      bank log "Completed user authentication"
      bank log "Design phase" -b "Chose JWT for tokens" -b "Chose bcrypt for passwords"
    """
    words = text_from(text) if text is not None or not (title or bullet) else ""
    logged = app.face(Ledgers).log(words, title=title or "", items=bullet)
    if app.as_json:
        answer(logged)
        return
    if logged.receipt.dry_run or not logged.receipt.operation:
        show_receipt(logged.receipt, as_json=False)
        return
    say(f"logged: {logged.file}  {logged.entry.day} {logged.entry.time} - {logged.entry.title}", fg="green")
    say_undo(logged.receipt)
