"""`bank notes`: the queue of notes from agents, until the router applies them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, text_from, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, say_fields, say_row, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.workflows import Notes
from memorybank.times import day_of

if TYPE_CHECKING:
    from memorybank.workflow.finish import FinishResult
    from memorybank.workflow.notes.queued import ApplyResult

_LONGEST_NAME = 250


@click.group("notes", cls=CommandGroup)
def notes_command() -> None:
    """Queue, review and apply notes from agents

    Only the router writes the memory files. In another role (MEMORYBANK_ROLE or --role: write-agent, read-only)
    `bank note` puts its line into a queue, and `bank notes ingest` finds the notes in an agent's output.

    \b
    Examples:
      bank notes ingest - < agent-output.md
      bank notes list
      bank notes apply
    """


@notes_command.command("ingest", cls=TextCommand)
@click.argument("text", type=TEXT, metavar="FILE|TEXT|-")
@click.option("--workflow", metavar="WF", help="The workflow they are for; by default the active one.")
@click.option("--agent", metavar="NAME", help="The agent that wrote it.")
@writes
def ingest(app: App, text: str, workflow: str | None, agent: str | None) -> None:
    """Queue the notes in an agent's output

    Finds the YAML MEMORY_NOTES of a Router Contract (learnings, patterns, verification, deferred) and the block
    "### Memory Notes (For Workflow-Final Persistence)", anywhere in the text. The output is in a file, comes from
    standard input with -, or is the argument itself.

    \b
    Examples:
      bank notes ingest report.md
      bank notes ingest - --agent code-reviewer < review.md
    """
    done = app.face(Notes).ingest(_output(text), workflow=workflow or "", agent=agent or "")
    if app.as_json:
        answer(done)
        return
    if done.receipt.dry_run and done.notes:
        show_receipt(done.receipt, as_json=False)
    for queued in () if done.receipt.dry_run else done.notes:
        say_row(f"queued  {queued.id}  {queued.kind:13}{queued.text}")
    for line, why in done.passed:
        tell(f"skipped: {line[:90]}: {why}")
    if done.redacted_count:
        tell(f"redacted: {done.redacted_count}")
    if not done.notes:
        say("no new notes in it")


def _output(text: str) -> str:
    """Return an agent's output: the text of the file with such a name, standard input, or the text itself."""
    # an output with notes has several lines, and no name of a file has
    if "\n" in text or len(text) > _LONGEST_NAME or not Path(text).is_file():
        return text_from(text)
    from memorybank.facade.terminal.kept_text import read_text

    return read_text(Path(text)).decode("utf-8", "surrogateescape")


@notes_command.command("list")
@click.option("--workflow", metavar="WF", help="Only notes for this workflow.")
@reads
def list_(app: App, workflow: str | None) -> None:
    """List the queued notes, oldest first

    \b
    Example:
      bank notes list
    """
    from memorybank.cli.commands.records.memory import show_broken
    from memorybank.facade.caller import system_clock

    notes = app.face(Notes).list(workflow=workflow or "")
    if app.as_json:
        answer(notes)
        return
    day = day_of(system_clock())
    for queued in notes:
        age = "today" if queued.at[:10] == day else f"since {queued.at[:10]}"
        by = queued.agent or queued.tool
        say_fields(f"{queued.id}  {age:16}  {queued.role:11}  {by:11}  {queued.kind:11}", queued.text)
        if queued.id in notes.moved:
            say(f"    {queued.address} changed since; the note is checked again when it is applied")
    if not notes:
        say("no notes are queued")
    show_broken(notes.broken)


@notes_command.command("apply")
@click.argument("idents", nargs=-1, metavar="[ID…]")
@click.option("--workflow", metavar="WF", help="Only notes for this workflow.")
@writes
def apply(app: App, idents: tuple[str, ...], workflow: str | None) -> int:
    """Write notes to their sections; without an ID, all of them

    This is one operation. A note that its section already has is not written again. The exit status is 1 if a note
    cannot be written.

    \b
    Examples:
      bank notes apply
      bank notes apply note-20261121-k3f9x
    """
    done = app.face(Notes).apply(idents, workflow=workflow or "")
    if app.as_json:
        answer(done)
    else:
        show_receipt(done.receipt, as_json=False, done="applied")
        show_settled(done)
    return 1 if done.stuck else 0


def show_settled(done: ApplyResult | FinishResult) -> None:
    """Report which notes were not written, and why."""
    for applied in done.settled:
        if applied.same_as:
            tell(f"{applied.note.id} is not written: {applied.address} already has: {applied.same_as}")
        elif applied.near:
            tell(f"{applied.note.id} is similar to a line of {applied.address}; both are there now: {applied.near}")
    for ident, why in done.stuck:
        tell(f"{ident} is still queued: {why}")


@notes_command.command("drop")
@click.argument("idents", nargs=-1, required=True, metavar="ID…")
@writes
def drop(app: App, idents: tuple[str, ...]) -> None:
    """Remove notes from the queue without writing them

    \b
    Example:
      bank notes drop note-20261121-k3f9x
    """
    show_receipt(app.face(Notes).drop(idents), as_json=app.as_json, done="dropped")


@notes_command.command("edit", cls=TextCommand)
@click.argument("ident", metavar="ID")
@text_words("text", metavar="[TEXT]...", required=False)
@click.option("--as", "kind", metavar="KIND", help="Another kind of note.")
@writes
def edit(app: App, ident: str, text: str | None, kind: str | None) -> None:
    """Change the text or the kind of a queued note

    \b
    Example:
      bank notes edit note-20261121-k3f9x "WAL mode needs a local disk" --as gotcha
    """
    if text is None and kind is None:
        raise click.UsageError("give a new text, or --as KIND.")
    done = app.face(Notes).edit(ident, text=text_from(text) if text is not None else "", kind=kind or "")
    if app.as_json:
        answer(done)
        return
    show_receipt(done.receipt, as_json=False, done="edited")
