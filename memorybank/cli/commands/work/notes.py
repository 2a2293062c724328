"""`bank notes`: what agents handed in, until the router applies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, text_from, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand

if TYPE_CHECKING:
    from memorybank.workflow.finish import FinishResult
    from memorybank.workflow.notes.queue import ApplyResult


@click.group("notes")
def notes_command() -> None:
    """Take in, review and apply notes from agents

    Only the router writes the memory files. In another role (MEMORYBANK_ROLE or --role: write-agent, read-only) bank
    note puts its line into a queue, and bank notes ingest finds the notes in an agent's output.

    \b
    Examples:
      bank notes ingest - < agent-output.md
      bank notes list
      bank notes apply
    """


@notes_command.command("ingest", cls=TextCommand)
@click.argument("text", type=TEXT, metavar="TEXT|-")
@click.option("--workflow", metavar="WF", help="The workflow they are for; else the one that is active.")
@click.option("--agent", metavar="NAME", help="Who said it.")
@writes
def ingest(app: App, text: str, workflow: str | None, agent: str | None) -> None:
    """Queue the notes in an agent's output

    Understands the YAML MEMORY_NOTES of a Router Contract (learnings, patterns, verification, deferred) and the block
    "### Memory Notes (For Workflow-Final Persistence)", anywhere in the text.

    \b
    Example:
      bank notes ingest - --agent code-reviewer < review.md
    """
    from memorybank.workflow.notes.agent_output import ingest as take

    done = take(app.bank, text_from(text), app.way(), workflow=workflow or "", agent=agent or "")
    if app.as_json:
        answer(done)
        return
    if done.receipt.dry_run and done.notes:
        show_receipt(done.receipt, as_json=False)
    for each in () if done.receipt.dry_run else done.notes:
        say(f"queued  {each.id}  {each.kind:13}{each.text[:90]}")
    for line, why in done.passed:
        tell(f"passed over: {line[:90]}: {why}")
    if done.redacted_count:
        tell(f"redacted: {done.redacted_count}")
    if not done.notes:
        say("no new notes in it")


@notes_command.command("list")
@click.option("--workflow", metavar="WF", help="Only what was handed in for this one.")
@reads
def list_(app: App, workflow: str | None) -> None:
    """List the notes that wait, oldest first

    \b
    Example:
      bank notes list
    """
    from memorybank.cli.commands.records.memory import show_broken
    from memorybank.cli.options import now
    from memorybank.workflow.notes.queue import has_moved, waiting

    found = waiting(app.bank, workflow=workflow or "")
    moved = {each.id: has_moved(app.bank, each) for each in found.notes}
    if app.as_json:
        rows = [{**each.to_wire(), "moved": moved[each.id]} for each in found.notes]
        answer({"notes": rows, "broken": found.broken})
        return
    day = f"{now():%Y-%m-%d}"
    for each in found.notes:
        age = "today" if each.at[:10] == day else f"since {each.at[:10]}"
        by = each.agent or each.tool
        say(f"{each.id}  {age:18}{each.role:12}{by:16}{each.kind:13}{each.text[:100]}")
        if moved[each.id]:
            say(f"    {each.address} changed since; it is looked over again when it is applied")
    if not found.notes:
        say("nothing waits")
    show_broken(found.broken)


@notes_command.command("apply")
@click.argument("idents", nargs=-1, metavar="[ID…]")
@click.option("--workflow", metavar="WF", help="Only what was handed in for this one.")
@writes
def apply(app: App, idents: tuple[str, ...], workflow: str | None) -> int:
    """Write notes where they belong, all of them without an ID

    One operation. What a section says already is not written again. Ends with 1 when a note cannot be written.

    \b
    Examples:
      bank notes apply
      bank notes apply note-20261121-k3f9x
    """
    from memorybank.workflow.notes.queue import apply_notes

    done = apply_notes(app.bank, idents, app.way(), workflow=workflow or "")
    if app.as_json:
        answer(done)
    else:
        show_receipt(done.receipt, as_json=False, done="applied")
        show_settled(done)
    return 1 if done.stuck else 0


def show_settled(done: ApplyResult | FinishResult) -> None:
    """Tell which notes were not written, and why."""
    for each in done.settled:
        if each.same_as:
            tell(f"{each.note.id} is not written: {each.address} says: {each.same_as}")
        elif each.near:
            tell(f"{each.note.id} is close to a line of {each.address}; both stand there now: {each.near}")
    for ident, why in done.stuck:
        tell(f"{ident} waits on: {why}")


@notes_command.command("drop")
@click.argument("idents", nargs=-1, required=True, metavar="ID…")
@writes
def drop(app: App, idents: tuple[str, ...]) -> None:
    """Take notes off the queue unwritten

    \b
    Example:
      bank notes drop note-20261121-k3f9x
    """
    from memorybank.workflow.notes.queue import drop_notes

    _, receipt = drop_notes(app.bank, idents, app.way())
    show_receipt(receipt, as_json=app.as_json, done="dropped")


@notes_command.command("edit", cls=TextCommand)
@click.argument("ident", metavar="ID")
@click.argument("text", type=TEXT, required=False, metavar="[TEXT]")
@click.option("--as", "kind", metavar="KIND", help="Another kind of note.")
@writes
def edit(app: App, ident: str, text: str | None, kind: str | None) -> None:
    """Change the words or the kind of a note that waits

    \b
    Example:
      bank notes edit note-20261121-k3f9x "WAL mode needs a local disk" --as gotcha
    """
    from memorybank.workflow.notes.queue import edit_note

    if text is None and kind is None:
        raise click.UsageError("give a new text, or --as KIND.")
    words = text_from(text) if text is not None else ""
    done = edit_note(app.bank, ident, app.way(), text=words, kind=kind or "")
    if app.as_json:
        answer(done)
        return
    show_receipt(done.receipt, as_json=False, done="edited")
