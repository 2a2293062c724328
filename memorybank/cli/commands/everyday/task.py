"""`bank task`: the checkboxes of progress.md."""

from __future__ import annotations

import sys

import click

from memorybank.cli.options import App, expects, reads, text_from, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.everyday import Tasks
from memorybank.facade.face import Place
from memorybank.shell import command


@click.group("task", cls=CommandGroup)
def task_command() -> None:
    """Add, tick and list tasks

    \b
    Examples:
      bank task add "Index the sessions"
      bank task list
      bank task done "Index the sessions" --evidence "pytest tests/index: exit 0 (31/31)"
    """


@task_command.command("add", cls=TextCommand)
@text_words("text", metavar="TEXT...")
@writes
def add(app: App, text: str) -> None:
    """Add a task

    \b
    Example:
      bank task add "Index the sessions"
    """
    show_receipt(app.face(Tasks).add(text_from(text)), as_json=app.as_json, done="task")


@task_command.command("done", cls=TextCommand)
@text_words("item", metavar="ITEM...")
@click.option("--evidence", type=TEXT, default="", metavar="TEXT", help="The evidence: a command and its result.")
@expects
@writes
def done(app: App, item: str, evidence: str, expect: str) -> None:
    """Move a task to Completed, or tick it

    The task is named by its text, its number or its ^id. With evidence, a command and its result, it moves to
    Completed and the evidence is appended to its line. Without, it is ticked where it is and marked (no evidence); on a
    terminal you are prompted first. To run a command and record its result, use `bank prove`.

    \b
    Examples:
      bank task done 2 --evidence '`make test` → exit 0'
      bank task done "Index the sessions"
    """
    tasks = app.face(Tasks)
    if not evidence and not app.as_json and not app.dry_run and _can_ask(app.face(Place).tool):
        evidence = click.prompt(
            "Evidence: command and result (empty for none)", default="", show_default=False, err=True
        )
    receipt = tasks.done(item, evidence=evidence, expect=expect)
    show_receipt(receipt, as_json=app.as_json, done="done")
    if not evidence and receipt.operation:
        again = command("bank task done", item, "--evidence '`COMMAND` → exit 0'")
        tell(f"marked (no evidence); to add evidence: {again}", fg="yellow")


def _can_ask(tool: str) -> bool:
    """Whether a person can answer; an agent with a terminal of its own would wait forever."""
    return tool == "cli" and sys.stdin.isatty() and sys.stderr.isatty()


@task_command.command("list")
@reads
def list_(app: App) -> None:
    """List the tasks

    \b
    Example:
      bank task list --json
    """
    face = app.face(Tasks)
    tasks = face.list()
    why = "" if tasks else face.missing_section()
    if why:
        tell(why, fg="yellow")
    if app.as_json:
        answer({"tasks": tasks})
        return
    for task in tasks:
        say(f"{task.number:>3} [{task.mark.lower() or ' '}] {task.text}")
