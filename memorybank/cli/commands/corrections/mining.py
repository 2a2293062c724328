"""`bank corrections mine` and `status`."""

from __future__ import annotations

import click

from memorybank.cli.commands.corrections.base import corrections_command
from memorybank.cli.commands.corrections.listing import row_of
from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, counted, progress, say, say_command, say_entry, say_row, tell
from memorybank.facade.corrections.namespace import Corrections

_SHOWN = 10


@corrections_command.command("mine")
@click.option("--source", default="", metavar="PATH", help="A folder of logs, or one log, of any project.")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only logs of this client; can be repeated.")
@click.option("--since", default="", metavar="DAY", help="Only logs changed on this day or later; 30d is 30 days ago.")
@writes
def mine(app: App, source: str, clients: tuple[str, ...], since: str) -> None:
    """Find corrections in session logs

    Reads what is new in the logs of this project's sessions, of claude-code, codex, gemini and cursor, and puts the
    corrections in them into a local list that git ignores. Secrets are taken out first. Clients delete their logs after
    some weeks, so mine now and then, or let a hook do it.

    \b
    Examples:
      bank corrections mine
      bank corrections mine --client claude-code --since 30d --dry-run
      bank corrections mine --source exports/conversations.json
    """
    done = app.face(Corrections).mine(source=source, clients=clients, since=since, on_progress=progress())
    if app.as_json:
        answer(done)
        return
    for each in done.corrections:
        say_entry(row_of(each), each.text)
    for path, why in list(done.refused.items())[:_SHOWN]:
        tell(f"not read: {path}: {why}")
    found = counted(len(done.corrections), "new correction")
    read = (
        f"{counted(done.new_log_count, 'log')} of {done.log_count} read, {counted(done.turn_count, 'turn')} of a person"
    )
    if done.dry_run:
        say(f"{found} would be added: {read}")
        return
    say_command(f"{found}: {read}", "bank corrections propose" if done.corrections else "")


@corrections_command.command("status")
@click.option("--logs", "with_logs", is_flag=True, help="List the logs, and how far each was read.")
@reads
def status(app: App, *, with_logs: bool) -> None:
    """Show how many corrections wait, and which logs have something new

    The logs are those of this project's sessions; how many were read with `mine --source` is said too.

    \b
    Examples:
      bank corrections status
      bank corrections status --logs
    """
    found = app.face(Corrections).status()
    if app.as_json:
        answer(found)
        return
    text = f"{found.waiting_count} waiting, {found.accepted_count} accepted, {found.dropped_count} dropped"
    say_command(text, "bank corrections propose" if found.waiting_count else "")
    new = sum(each.is_new for each in found.logs)
    told = f"{counted(len(found.logs), 'log')}, {new} with something new, mined {found.mined_at or 'never'}"
    say_command(told, "bank corrections mine" if new else "")
    if found.other_log_count:
        say(f"{counted(found.other_log_count, 'log')} more, read with --source")
    for each in found.logs if with_logs else ():
        mark = "new" if each.is_new else "   "
        say_row(f"  {mark}  {each.client:12}  {each.read_to:>12} of {each.size:>12}  {each.path}")
