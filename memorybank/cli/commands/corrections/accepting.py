"""`bank corrections propose` and `accept`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.corrections.base import corrections_command
from memorybank.cli.commands.corrections.listing import row_of
from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, counted, say, say_row, say_undo, show_receipt, tell, tell_rest, tell_waiting
from memorybank.cli.text_command import TEXT, TextCommand
from memorybank.facade.corrections.namespace import Corrections

if TYPE_CHECKING:
    from memorybank.corrections.accept import Acceptance
    from memorybank.corrections.place import PlannedLine
    from memorybank.corrections.propose import Proposal


@corrections_command.command("propose")
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, metavar="N", help="The best N.")
@writes
def propose(app: App, limit: int) -> None:
    """Show what accepting each waiting correction would write

    The one that weighs most today comes first; of several that say the same the best is there, with the ids of the
    others. Nothing is written to the bank: bank corrections accept does that, and looks again at what the bank says
    then.

    \b
    Examples:
      bank corrections propose
      bank corrections propose --limit 20 --json
    """
    page = app.face(Corrections).propose(limit=limit)
    if app.as_json:
        answer(page)
        return
    for number, each in enumerate(page):
        if number:
            say()
        _show(each)
    tell_rest(len(page), page.total)
    if page.settled:
        left = counted(len(page.settled), "correction")
        tell(f"{left} left out, for saying what is accepted: {', '.join(page.settled)}")
    if page.left_out:
        tell(f"{counted(len(page.left_out), 'correction')} left out, for saying too little: bank corrections list")
    if not page.total:
        tell("nothing to propose")
    if page.not_marked:
        tell(f"not marked as proposed: {page.not_marked}", fg="yellow")


def _show(proposal: Proposal) -> None:
    say_row(f"{row_of(proposal.correction)}  {proposal.score:.3f}", fg="green")
    _show_line(proposal.line)
    if proposal.line.near:
        say(f"  similar: {proposal.line.near}", hang=4)
    if proposal.same:
        say(f"  the same: {', '.join(proposal.same)}", hang=4)
    for each in proposal.contradictions:
        say(f"  contradicts {each.address}: {each.said}", hang=4, fg="red")
    say(f"  next: {proposal.command}", whole=True)


def _show_line(line: PlannedLine) -> None:
    if line.merged:
        say(f"  {line.address} says it already: {line.merged}", hang=4)
    elif line.line:
        say(f"  {line.address}", whole=True)
        say(f"  + - {line.line}", hang=6)


@corrections_command.command("accept", cls=TextCommand)
@click.argument("corrections", nargs=-1, required=True, metavar="ID…")
@click.option("--as", "kind", default="", metavar="KIND", help="standard, gotcha or none; by default by its words.")
@click.option("--text", type=TEXT, metavar="TEXT", help="The line in your words; the record keeps what was said.")
@click.option("--supersedes", multiple=True, metavar="ID|TEXT", help="What it replaces; can be repeated.")
@click.option("--anyway", is_flag=True, help="Keep what it contradicts as well.")
@writes
def accept(
    app: App, corrections: tuple[str, ...], kind: str, text: str | None, supersedes: tuple[str, ...], *, anyway: bool
) -> None:
    """Accept corrections: each becomes a record, with its line in patterns.md

    A standard (User Standards) says what to do, a gotcha (Common Gotchas) what is so; none writes the record only. A
    line that is there already is not written twice, and others that say the same wait no longer. All of it is one
    operation: bank undo takes it back, and the corrections wait again.

    \b
    Examples:
      bank corrections accept cor-20261120-k3f9x
      bank corrections accept last --as standard --text "Keep build/, remove only dist/"
      bank corrections accept cor-20261120-k3f9x --supersedes "Deploy to prod-1"
    """
    done = app.face(Corrections).accept(corrections, kind=kind, text=text or "", supersedes=supersedes, anyway=anyway)
    if app.as_json:
        answer(done)
        return
    if done.receipt.dry_run:
        show_receipt(done.receipt, as_json=False)
        return
    show_accepted(done)


def show_accepted(done: Acceptance) -> None:
    """Print what was accepted, where its line is, and how to take it back."""
    for each in done.accepted:
        say(f"accepted: {each.record.id}  {each.record.title}", fg="green")
        _show_line(each.line)
        if each.line.near:
            tell(f"a similar line is there too: {each.line.near}")
        if each.same:
            tell(f"no longer in the queue, for saying the same: {', '.join(each.same)}")
    tell_waiting(done.receipt)
    say_undo(done.receipt)
