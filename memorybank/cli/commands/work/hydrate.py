"""`bank hydrate`: the open tasks for an agent's task tool, and back what it completed."""

from __future__ import annotations

import click

from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.facade.evidence import Standing


@click.command("hydrate")
@click.option("--sync", "source", metavar="FILE|-", help="Tick the tasks that this JSON reports as completed.")
@click.option("--without-evidence", is_flag=True, help="Tick completed tasks without evidence too.")
@writes
def hydrate_command(app: App, source: str | None, *, without_evidence: bool) -> int:
    """Print the open tasks of progress.md as JSON for a task tool

    Each task has its id, its text and the ids of the tasks that come first; `names_nothing` lists names that match no
    task. --sync ticks the tasks that the tool completed, each once and with its evidence. The exit status is 1 if a
    task has no evidence or is unknown.

    \b
    Examples:
      bank hydrate
      bank hydrate --sync - < tasks.json
    """
    standing = app.face(Standing)
    if source is None:
        tasks = standing.hydrate()
        answer(tasks)
        for task in tasks:
            for name in task.names_nothing:
                tell(f"{task.subject!r} waits for {name}, which is not a task", fg="yellow")
        return 0
    if source == "-":
        done = standing.sync_tasks(text_from("-"), without_evidence=without_evidence)
    else:
        done = standing.sync_tasks(file=source, without_evidence=without_evidence)
    if app.as_json:
        answer(done)
    else:
        show_receipt(done.receipt, as_json=False, done="ticked")
        for ident in done.needs_evidence:
            tell(f"{ident} is completed but has no evidence: add its evidence, or pass --without-evidence")
        for ident in done.unknown:
            tell(f"{ident} is not a task of progress.md")
        if done.already:
            say(f"  {len(done.already)} ticked before")
    return 1 if done.needs_evidence or done.unknown else 0
