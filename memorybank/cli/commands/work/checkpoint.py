"""`bank checkpoint`: how the work stands, marked, listed and shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand

if TYPE_CHECKING:
    from memorybank.workflow.progress.checkpoints import Checkpoint


class _MarkingGroup(click.Group):
    """A group whose own words are a note: what is no subcommand goes to `add`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["add", *args]
        return super().parse_args(ctx, args)


@click.group("checkpoint", cls=_MarkingGroup)
def checkpoint_command() -> None:
    """Record the current state of the work

    Tasks are taken from progress.md, files, lines and the commit from git: nothing is made up. `bank checkpoint` alone,
    or with a note, marks it.

    \b
    Examples:
      bank checkpoint
      bank checkpoint "Registration done, login next" --phase Implementation
      bank checkpoint list
    """


@checkpoint_command.command("add", cls=TextCommand)
@click.argument("note", type=TEXT, required=False, metavar="[NOTE]")
@click.option("--phase", type=TEXT, metavar="NAME", help="The phase of work; else what progress.md names.")
@click.option("--reason", type=click.Choice(["precompact"]), help="Before a context is lost: with focus, decisions, …")
@writes
def add_checkpoint(app: App, note: str | None, phase: str | None, reason: str | None) -> None:
    """Mark how the work stands, with a note

    With --reason precompact it holds what a compaction loses first: the focus, open tasks, decisions since the last
    load, next steps and blockers.

    \b
    Examples:
      bank checkpoint add "list of what is left" --phase Design
      bank checkpoint add --reason precompact
    """
    from memorybank.workflow.progress.checkpoints import save_checkpoint

    more = None
    if reason:
        from memorybank.workflow.handoff import standing

        more = {"reason": reason, **standing(app.bank)}
    marked = save_checkpoint(app.bank, app.way(), note=note or "", phase=phase or "", more=more)
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
    from memorybank.workflow.progress import checkpoints

    found = checkpoints.list_checkpoints(app.bank)
    if app.as_json:
        rows = [
            {"file": each.file, "timestamp": each.timestamp, "phase": each.phase, "notes": each.notes}
            for each in found.checkpoints[:limit]
        ]
        answer({"checkpoints": rows, "count": len(found.checkpoints), "broken": found.broken})
        return
    for each in found.checkpoints[:limit]:
        phase = f"  [{each.phase}]" if each.phase else ""
        stem = each.file.rpartition("/")[2].removesuffix(".json")
        say(f"{stem}  {each.timestamp}{phase}  {' '.join(each.notes.split())[:80]}".rstrip())
    if not found.checkpoints:
        tell("no checkpoints yet: bank checkpoint makes one")
    show_broken(found.broken)


@checkpoint_command.command("show")
@click.argument("ident", required=False, metavar="[NAME]")
@reads
def show_checkpoint(app: App, ident: str | None) -> None:
    """Print a checkpoint: the newest, or one by its name or the end of it

    \b
    Examples:
      bank checkpoint show
      bank checkpoint show k3f9x
    """
    from memorybank.workflow.progress.checkpoints import find_checkpoint

    found = find_checkpoint(app.bank, ident or "")
    if app.as_json:
        answer(found)
        return
    say(f"{found.file}  {found.timestamp}", fg="cyan")
    for name in ("phase", "session_id", "git_commit", "notes"):
        if found.value.get(name):
            say(f"  {name:14}{found.value[name]}")
    progress = found.value.get("progress")
    for name, rows in progress.items() if isinstance(progress, dict) else ():
        for row in rows if isinstance(rows, list) else [rows]:
            say(f"  {name:14}{row}")
    for row in _rows(found.value.get("files_modified")):
        say(f"  {'changed':14}{row}")
    _show_numbers(found)


def _show_numbers(checkpoint: Checkpoint) -> None:
    metrics = checkpoint.value.get("metrics")
    if isinstance(metrics, dict) and metrics:
        say("  " + ", ".join(f"{name} {value}" for name, value in metrics.items()))


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
