"""`bank history`, `diff`, `undo`, `redo`, `restore` and `blame`: operations, and how to revert them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, say_diff, say_row, show_receipt, tell
from memorybank.cli.width import cells, columns
from memorybank.errors import BankError
from memorybank.facade.editing import Editing, interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.store.journal.undo import Undone


# columns of a terminal from which on `bank blame` shows times and tools too
_ROOM_FOR_TIMES = 110


@click.command("history")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N.")
@click.option("--diff", "with_diff", is_flag=True, help="Show the lines that changed.")
@reads
def history_command(app: App, file: str | None, limit: int, *, with_diff: bool) -> None:
    """List operations

    Newest first. With FILE, only those that changed it.

    \b
    Examples:
      bank history
      bank history activeContext.md --diff
    """
    rows = app.face(Editing).history(file, limit=limit, with_diff=with_diff)
    if app.as_json:
        answer(rows)
        return
    if not rows:
        tell("no operations yet; every command that writes adds one" if file is None else f"{file} was not changed yet")
    for row in rows:
        undone = f"  (undone by {row.undone_by})" if row.undone_by else ""
        state = "" if row.state == "done" else f"  [{row.state}]"
        session = f"/{row.session}" if row.session else ""
        _say_operation(f"{row.operation}  {row.at}  {row.tool}{session}  {row.verb}", row.addresses, f"{state}{undone}")
        if row.text and not row.diff:
            say_row(f"    {' '.join(row.text.split())}")
        if row.diff:
            say_diff(row.diff.rstrip("\n"))


def _say_operation(head: str, addresses: Sequence[str], state: str) -> None:
    """Print an operation on one line; on a terminal where that does not fit, each address on a line of its own."""
    line = f"{head}: {', '.join(addresses)}{state}"
    if not columns() or cells(line) <= columns():
        say(line, whole=True)
        return
    say(f"{head}{state}", hang=4)
    for address in addresses:
        say(f"    {address}", whole=True)


@click.command("diff")
@click.argument("operation", required=False, default="", metavar="[OPERATION]")
@reads
def diff_command(app: App, operation: str) -> None:
    """Show what an operation changed

    The last one, or OPERATION: an id from `bank history`, or its last characters.

    \b
    Examples:
      bank diff
      bank diff op-20261121-k3f9x
    """
    changed = app.face(Editing).diff(operation)
    if app.as_json:
        answer(changed)
        return
    say(f"{changed.operation}  {changed.at}  {changed.verb}")
    for file, diff in changed.files:
        if diff:
            say_diff(diff.rstrip("\n"))
        else:
            say(f"(what changed in {file} is not kept any more)")


@click.command("restore")
@click.argument("file", metavar="FILE")
@click.option("--at", default="", metavar="OPERATION", help="The text after this operation, not after the last one.")
@writes
def restore_command(app: App, file: str, at: str) -> None:
    """Restore a file's text

    For a file that another program emptied, cut short or deleted, or for an older text of any file. The current text
    is kept: `bank undo` restores it. --dry-run shows the change first.

    \b
    Examples:
      bank restore progress.md --dry-run
      bank restore progress.md
      bank restore activeContext.md --at op-20261121-k3f9x
    """
    done = app.face(Editing).restore(file, at=at)
    if app.as_json:
        answer(done)
        return
    if not done.receipt.operation and not done.receipt.dry_run:
        say(f"{file} is as {done.restored} left it")
        return
    show_receipt(done.receipt, as_json=False, done=f"restored, as {done.restored} left it")


_COUNT = click.option(
    "-n", "count", type=click.IntRange(1, 1000), default=1, metavar="N", help="Go back N operations, one by one."
)


@click.command("undo")
@click.argument("operation", required=False, metavar="[OPERATION]")
@_COUNT
@writes
def undo_command(app: App, operation: str | None, count: int) -> None:
    """Undo an operation

    Without OPERATION, undoes the last operation that was not undone yet; repeat it to go further back, `bank redo` goes
    forward. OPERATION is an id from `bank history`, or its last characters. An undo can be undone, too. If the lines
    were changed later, it is refused with a diff.

    \b
    Examples:
      bank undo
      bank undo -n 3 --dry-run
      bank undo op-20261121-k3f9x
    """
    if operation and count > 1:
        raise click.UsageError("OPERATION and -n exclude each other.")
    if not operation and _was_interrupted(app):
        return
    with _telling(app, "undid"):
        done = app.face(Editing).undo(operation or "", count=count)
    _show(app, done, "undid", back="bank redo does it again")


@click.command("redo")
@_COUNT
@writes
def redo_command(app: App, count: int) -> None:
    """Redo what was undone

    Reverts the last undo, then the one before it. After a new write there is nothing to redo, as in an editor;
    `bank undo` with the id of an undo still reverts it. If the lines were changed later, it is refused with a diff.

    \b
    Examples:
      bank redo
      bank redo -n 3
    """
    with _telling(app, "redid"):
        done = app.face(Editing).redo(count=count)
    _show(app, done, "redid")


def _was_interrupted(app: App) -> bool:
    """Whether the last command was interrupted and left no change: then there is nothing to undo, which is printed.

    The operation before it stays: an undo right after a crash means the command that crashed.
    """
    bank = app.face(Editing)
    cut = [one.operation.receipt for one in app.settled if one.state == "aborted"]
    # an interrupted undo is done now
    if not cut or cut[-1].verb.startswith("undo ") or app.options.get("dry_run"):
        return False
    if app.as_json:
        answer(interrupted(cut[-1]))
        return True
    say(f"{cut[-1].operation} ({cut[-1].verb}) was interrupted and changed nothing, so there is nothing to undo")
    with suppress(BankError):
        say(f"  bank undo reverts the one before it, {bank.last_standing()}")
    return True


@contextmanager
def _telling(app: App, verb: str) -> Iterator[None]:
    """Print the steps that were done before a later one was refused; as JSON they are in the error."""
    try:
        yield
    except BankError as error:
        done = error.details.get("undone")
        for each in done if isinstance(done, list) and not app.as_json else ():
            say(f"{verb} {each}", fg="green")
        raise


def _show(app: App, done: Undone, verb: str, **back: str) -> None:
    if app.as_json:
        answer(done)
        return
    for each in done[:1] if done[0].receipt.dry_run else done:
        what = each.receipt.verb.removeprefix("undo ").removeprefix("redo ")
        show_receipt(each.receipt, as_json=False, done=f"{verb} {what}", **back)


@click.command("blame")
@click.argument("address", metavar="ADDRESS")
@reads
def blame_command(app: App, address: str) -> None:
    """Show which operation wrote each line

    Operation, time, tool and session for each line of a section. A line that is not in the journal is looked up in
    git.

    \b
    Example:
      bank blame activeContext.md#Decisions
    """
    lines = app.face(Editing).blame(address)
    if app.as_json:
        answer(lines)
        return
    names = [f"{line.tool}{'/' + line.session if line.session else ''}" for line in lines]
    width = max(map(len, names), default=0)
    for line, who in zip(lines, names, strict=True):
        when = f"{line.at or '-':20}  {who:{width}}  " if not columns() or columns() >= _ROOM_FOR_TIMES else ""
        say_row(f"{line.line:>5}  {line.origin or '-':18} {when}{line.text}")
