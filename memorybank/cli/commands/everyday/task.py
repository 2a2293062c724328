"""`bank task`: the checkboxes of progress.md."""

from __future__ import annotations

import sys

import click

from memorybank.cli.options import App, expects, reads, text_from, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.errors import ConflictError, NotFoundError
from memorybank.facade.everyday import Tasks
from memorybank.facade.face import Place
from memorybank.shell import command


@click.group("task", cls=CommandGroup)
def task_command() -> None:
    """Add, finish, change and list tasks

    \b
    Examples:
      bank task add "Index the sessions"
      bank task list
      bank task done "Index the sessions" --evidence "pytest tests/index: exit 0 (31/31)"
    """


@task_command.command("add", cls=TextCommand)
@text_words("text", metavar="TEXT...")
@click.option("--again", is_flag=True, help="Add it even if an open task has the same text.")
@writes
def add(app: App, text: str, *, again: bool) -> None:
    """Add a task

    An open task with the same text is not added twice.

    \b
    Example:
      bank task add "Index the sessions"
    """
    text = text_from(text)
    show_receipt(app.face(Tasks).add(text, again=again), as_json=app.as_json, done="task", text=text)


@task_command.command("done", cls=TextCommand)
@text_words("item", metavar="ITEM...")
@click.option("--evidence", type=TEXT, default="", metavar="TEXT", help="The evidence: a command and its result.")
@expects
@writes
def done(app: App, item: str, evidence: str, expect: str) -> None:
    """Move a task to Completed, or tick it

    The task is named by its text, its number, its ^id, or words that only it has. With evidence, a command and its
    result, it moves to Completed and the evidence is appended to its line. Without, it is ticked where it is and marked
    (no evidence); on a terminal you are prompted first. To run a command and record its result, use `bank prove`.

    \b
    Examples:
      bank task done 2 --evidence '`make test` → exit 0'
      bank task done index
    """
    tasks = app.face(Tasks)
    number = 0 if evidence or app.as_json else _number(tasks, item)
    if not evidence and not app.as_json and not app.dry_run and _can_ask(app.face(Place).tool):
        # first of all the task: nobody types evidence for one that is not there
        say(f"  {tasks.find(item).text}")
        evidence = click.prompt(
            "Evidence: command and result (empty for none)", default="", show_default=False, err=True
        )
    receipt = tasks.done(item, evidence=evidence, expect=expect)
    show_receipt(receipt, as_json=app.as_json, done="done")
    if not evidence and receipt.operation:
        named = item if app.as_json or _number(tasks, item) == number else str(number)
        again = command("bank task done", named, "--evidence '`COMMAND` → exit 0'")
        tell(f"marked (no evidence); to add evidence: {again}", fg="yellow")


@task_command.command("remove", cls=TextCommand)
@text_words("item", metavar="ITEM...")
@expects
@writes
def remove(app: App, item: str, expect: str) -> None:
    """Remove a task, with all below it

    The task is named as for `bank task done`.

    \b
    Example:
      bank task remove 2
    """
    show_receipt(app.face(Tasks).remove(item, expect=expect), as_json=app.as_json, done="removed")


@task_command.command("edit", cls=TextCommand)
@click.argument("item", type=TEXT, metavar="ITEM")
@text_words("text", metavar="TEXT...")
@expects
@writes
def edit(app: App, item: str, text: str, expect: str) -> None:
    """Replace the text of a task; checkbox, id and what is below it stay

    The task is named as for `bank task done`; several words need quotes.

    \b
    Example:
      bank task edit 2 Index the sessions and the groups
    """
    text = text_from(text)
    show_receipt(app.face(Tasks).edit(item, text, expect=expect), as_json=app.as_json, done="task", text=text)


@task_command.command("reopen", cls=TextCommand)
@text_words("item", metavar="ITEM...")
@expects
@writes
def reopen(app: App, item: str, expect: str) -> None:
    """Open a done task again

    It is unticked, or moved back from Completed; its evidence is removed from the line.

    \b
    Example:
      bank task reopen index
    """
    show_receipt(app.face(Tasks).reopen(item, expect=expect), as_json=app.as_json, done="reopened")


def _number(tasks: Tasks, item: str) -> int:
    """Return the number of the task that words name; 0 if they name none or several."""
    try:
        return tasks.find(item).number
    except (NotFoundError, ConflictError):
        return 0


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
        answer(tasks)
        return
    for task in tasks:
        lead = f"{task.number:>3} [{task.mark.lower() or ' '}] "
        say(f"{lead}{task.text}", hang=len(lead))
    if not tasks and not why:
        tell('no tasks yet: bank task add "What to do"')
