"""`bank checkpoint`: record the state of the work, and list and show what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, say_entry, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.evidence import Checkpoints, Standing
from memorybank.facade.values import parse_pairs

if TYPE_CHECKING:
    from memorybank.workflow.progress.checkpoints import Checkpoint


class _MarkingGroup(CommandGroup):
    """A group that takes a note itself: what is not a subcommand goes to `add`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["add", *args]
        return super().parse_args(ctx, args)


@click.group("checkpoint", cls=_MarkingGroup)
def checkpoint_command() -> None:
    """Record the current state of the work

    Tasks are read from progress.md; files, lines and the commit from git. `bank checkpoint` alone, or with a note,
    records one.

    \b
    Examples:
      bank checkpoint
      bank checkpoint "Registration done, login next" --phase Implementation
      bank checkpoint list
    """


@checkpoint_command.command("add", cls=TextCommand)
@text_words("note", metavar="[NOTE]...", required=False)
@click.option("--phase", type=TEXT, metavar="NAME", help="The phase of the work; by default from progress.md.")
@click.option(
    "--reason",
    type=click.Choice(["precompact"], case_sensitive=False),
    help="Add the focus, decisions, …, before a context is lost.",
)
@click.option("--completed", is_flag=True, help="The phase is completed: the development log gets an entry too.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME=N", help="A number that you measured; repeatable.")
@writes
def add_checkpoint(
    app: App, note: str | None, phase: str | None, reason: str | None, metrics: tuple[str, ...], *, completed: bool
) -> None:
    """Record the current state of the work, with a note

    With --reason precompact it also has what a compaction loses first: the focus, open tasks, decisions since the last
    load, next steps and blockers. What --metric sets is marked as given, with who gave it and when.

    \b
    Examples:
      bank checkpoint add "list of what is left" --phase Design
      bank checkpoint add --reason precompact
      bank checkpoint add "All models are there" --phase Design --completed --metric tests_added=8
    """
    marked = app.face(Standing).checkpoint(
        note or "",
        phase=phase or "",
        reason=reason or "",
        metrics=parse_pairs(metrics, "--metric"),
        completed=completed,
    )
    if app.as_json:
        answer(marked)
        return
    show_receipt(marked.receipt, as_json=False, done="checkpoint")
    if not marked.receipt.dry_run:
        _show_numbers(marked.checkpoint)


@checkpoint_command.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N.")
@reads
def list_checkpoints(app: App, limit: int) -> None:
    """List the checkpoints, newest first

    \b
    Example:
      bank checkpoint list --limit 5
    """
    from memorybank.cli.commands.records.memory import show_broken

    marks = app.face(Checkpoints).list(limit=limit)
    if app.as_json:
        answer(marks)
        return
    for mark in marks:
        phase = f"  [{mark.phase}]" if mark.phase else ""
        stem = mark.file.rpartition("/")[2].removesuffix(".json")
        say_entry(f"{stem}  {mark.timestamp}{phase}", " ".join(mark.notes.split()))
    if not marks:
        tell("no checkpoints yet: bank checkpoint makes one")
    show_broken(marks.broken)


@checkpoint_command.command("show")
@click.argument("ident", required=False, metavar="[NAME]")
@reads
def show_checkpoint(app: App, ident: str | None) -> None:
    """Print a checkpoint: the newest, or the one of this name or end of a name

    \b
    Examples:
      bank checkpoint show
      bank checkpoint show k3f9x
    """
    mark = app.face(Checkpoints).show(ident or "")
    if app.as_json:
        answer(mark)
        return
    say(f"{mark.file}  {mark.timestamp}", fg="cyan")
    for name in ("phase", "session_id", "git_commit", "notes"):
        if mark.value.get(name):
            say(f"  {name:14}{mark.value[name]}")
    progress = mark.value.get("progress")
    for name, rows in progress.items() if isinstance(progress, dict) else ():
        for row in rows if isinstance(rows, list) else [rows]:
            say(f"  {name:14}{row}")
    for row in _rows(mark.value.get("files_modified")):
        say(f"  {'changed':14}{row}")
    _show_numbers(mark)


def _show_numbers(checkpoint: Checkpoint) -> None:
    metrics = checkpoint.value.get("metrics")
    if isinstance(metrics, dict) and metrics:
        marks = checkpoint.value.get("metrics_given")
        given = marks if isinstance(marks, dict) else {}
        say("  " + ", ".join(f"{name} {value}{' (given)' * (name in given)}" for name, value in metrics.items()))


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
