"""`bank task`: the checkboxes of progress.md."""

from __future__ import annotations

import click

from memorybank.cli.context import App, expects, reads, text_from, writes
from memorybank.cli.item import ref_of
from memorybank.cli.output import answer, say, show_receipt
from memorybank.cli.words import TEXT, TextCommand


@click.group("task")
def task_command() -> None:
    """Add, tick and list tasks

    \b
    Examples:
      bank task add "Index the sessions"
      bank task list
      bank task done "Index the sessions" --evidence "pytest tests/index: exit 0 (31/31)"
    """


@task_command.command("add", cls=TextCommand)
@click.argument("text", type=TEXT, metavar="TEXT")
@writes
def add(app: App, text: str) -> None:
    """Add a task

    \b
    Example:
      bank task add "Index the sessions"
    """
    from memorybank.workflow.handing import hand_in

    show_receipt(hand_in(app.bank, text_from(text), app.way(), kind="task"), as_json=app.as_json, done="task")


@task_command.command("done", cls=TextCommand)
@click.argument("item", type=TEXT, metavar="ITEM")
@click.option("--evidence", type=TEXT, default="", metavar="TEXT", help="What shows that it is done.")
@expects
@writes
def done(app: App, item: str, evidence: str, expect: str) -> None:
    """Tick a task, by its text, its number or its ^id

    \b
    Example:
      bank task done 2 --evidence "make test: exit 0"
    """
    from memorybank.workflow.tasks import finish_task, list_tasks

    ref = ref_of(item, [each.text for each in list_tasks(app.bank)])
    show_receipt(
        finish_task(app.bank, ref, app.way(), evidence=evidence, expect=expect), as_json=app.as_json, done="done"
    )


@task_command.command("list")
@reads
def list_(app: App) -> None:
    """List the tasks

    \b
    Example:
      bank task list --json
    """
    from memorybank.workflow.tasks import list_tasks

    tasks = list_tasks(app.bank)
    if app.as_json:
        answer({"tasks": tasks})
        return
    for each in tasks:
        say(f"{each.number:>3} [{each.mark.lower() or ' '}] {each.text}")
