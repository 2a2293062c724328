"""`bank hydrate`: the open tasks for an agent's task tool, and what it completed back."""

from __future__ import annotations

from pathlib import Path

import click

from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say, show_receipt, tell


@click.command("hydrate")
@click.option("--sync", "source", metavar="FILE|-", help="Bring completed states back from JSON.")
@click.option("--without-evidence", is_flag=True, help="Tick what is completed without saying what shows it.")
@writes
def hydrate_command(app: App, source: str | None, *, without_evidence: bool) -> int:
    """Print the open tasks of progress.md as JSON for a task tool

    Each has its id, its words and the ids of those that come first; `names_nothing` lists what it waits for and is not
    there. --sync ticks what is completed there, once, with
    its evidence; it ends with 1 when a task lacks evidence or is unknown.

    \b
    Examples:
      bank hydrate
      bank hydrate --sync - < tasks.json
    """
    from memorybank.workflow import task_sync as hydrate

    if source is None:
        tasks = hydrate.hydrate(app.bank)
        answer({"tasks": tasks})
        for task in tasks:
            for name in task.names_nothing:
                tell(f"{task.subject!r} waits for {name}, and no task is called that", fg="yellow")
        return 0
    text = text_from("-") if source == "-" else _text_of(source)
    done = hydrate.sync(app.bank, text, app.way(), without_evidence=without_evidence)
    if app.as_json:
        answer(done)
    else:
        show_receipt(done.receipt, as_json=False, done="ticked")
        for each in done.needs_evidence:
            tell(f"{each} is completed, and nothing shows it: give its evidence, or --without-evidence")
        for each in done.unknown:
            tell(f"{each} is no task of progress.md")
        if done.already:
            say(f"  {len(done.already)} ticked before")
    return 1 if done.needs_evidence or done.unknown else 0


def _text_of(file: str) -> str:
    from memorybank.errors import NoFileError
    from memorybank.files.read import read

    try:
        return read(Path(file)).decode("utf-8", "replace")
    except NoFileError:
        raise NoFileError(path=file, hint="bank hydrate > tasks.json") from None
