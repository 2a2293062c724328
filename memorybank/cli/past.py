"""`bank history`, `bank undo` and `bank blame`: what was done, taking it back, and who did it."""

from __future__ import annotations

import click

from memorybank.cli.context import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt
from memorybank.wire import to_wire


@click.command("history")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N.")
@click.option("--diff", "with_diff", is_flag=True, help="Show the lines that changed.")
@reads
def history_command(app: App, file: str | None, limit: int, *, with_diff: bool) -> None:
    """List what was done

    Newest first; of one file when it is named.

    \b
    Examples:
      bank history
      bank history activeContext.md --diff
    """
    from memorybank.store.past import history

    rows = history(app.bank, file, limit=limit, with_diff=with_diff)
    if app.as_json:
        answer({"operations": rows})
        return
    for row in rows:
        undone = f"  (undone by {row.undone_by})" if row.undone_by else ""
        state = "" if row.state == "done" else f"  [{row.state}]"
        session = f"/{row.session}" if row.session else ""
        say(f"{row.operation}  {row.at}  {row.tool}{session}  {row.verb}: {', '.join(row.addresses)}{state}{undone}")
        if row.diff:
            say(row.diff.rstrip("\n"))


@click.command("undo")
@click.argument("operation", required=False, metavar="[OPERATION]")
@writes
def undo_command(app: App, operation: str | None) -> None:
    """Take an operation back

    The last one, or one that `bank history` lists, by its id or the end of it. Refused, with a diff, when its lines
    changed since. An undo is an operation too: undoing it does again what it took back.

    \b
    Examples:
      bank undo
      bank undo op-20261121-k3f9x --dry-run
    """
    from memorybank.store.undo import undo

    undone = undo(app.bank, operation or "", app.way())
    if app.as_json:
        answer({"undone": undone.undone, **to_wire(undone.receipt)})
        return
    show_receipt(undone.receipt, as_json=False, done=f"undid {undone.undone}")


@click.command("blame")
@click.argument("address", metavar="ADDRESS")
@reads
def blame_command(app: App, address: str) -> None:
    """Say which operation put a line there

    Operation, time, tool and session for each line of a section; a line the journal does not know is looked up in
    git.

    \b
    Example:
      bank blame activeContext.md#Decisions
    """
    from memorybank.store.past import blame

    lines = blame(app.bank, address)
    if app.as_json:
        answer({"lines": lines})
        return
    for each in lines:
        who = f"{each.tool}{'/' + each.session if each.session else ''}"
        say(f"{each.line:>5}  {each.origin or '-':24} {each.at or '-':21} {who:16} {each.text}")
