"""`bank bug`: reporting bugs, closing them with what was learned, listing them."""

from __future__ import annotations

import click

from memorybank.cli.commands.records.decide import texts_from
from memorybank.cli.commands.records.memory import show_broken, show_record, show_written
from memorybank.cli.options import App, reads, words_of, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import (
    answer,
    say,
    say_body,
    say_entry,
    say_undo,
    show_receipt,
    tell,
    tell_rest,
    tell_waiting,
)
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.entries import Bugs


@click.group("bug", cls=CommandGroup)
def bug_command() -> None:
    """Report, fix and list bugs

    \b
    Examples:
      bank bug new "Email is compared case-sensitively" --severity medium
      bank bug fix 1 --cause "No lower-casing" --fix "Lower-case before the check" --lesson "Normalise first"
      bank bug list --status open
    """


@bug_command.command("new", cls=TextCommand)
@text_words("title", metavar="TITLE...")
@click.option("--severity", default="medium", show_default=True, metavar="HOW", help="low, medium, high or critical.")
@click.option("--description", type=TEXT, metavar="TEXT", help="What is wrong, if the title does not say it all.")
@click.option("--steps", multiple=True, type=TEXT, metavar="TEXT", help="A step to reproduce it; can be repeated.")
@click.option("--expected", type=TEXT, metavar="TEXT", help="What should happen.")
@click.option("--actual", type=TEXT, metavar="TEXT", help="What happens.")
@click.option("--number", type=click.IntRange(1), metavar="N", help="Its number; by default the next of the bank.")
@click.option("--reported-by", type=TEXT, metavar="NAME", help="Who reported it.")
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@click.option("--project", metavar="NAME", help="The project it belongs to.")
@writes
def new_bug(
    app: App,
    title: str,
    severity: str,
    description: str | None,
    steps: tuple[str, ...],
    expected: str | None,
    actual: str | None,
    reported_by: str | None,
    number: int | None,
    tags: str | None,
    project: str | None,
) -> None:
    """Report a bug

    It gets the bank's next number, such as #7, or the one that --number names if it is free. One of the texts may be -:
    it is read from standard input.

    \b
    Example:
      bank bug new "Email is compared case-sensitively" --severity medium --steps "Register User@Example.com" \\
        --steps "Register user@example.com" --expected "The second is refused" --actual "Both are made"
    """
    texts = texts_from(description=description, expected=expected, actual=actual)
    bugs = app.face(Bugs)
    saved = bugs.report(
        title,
        severity=severity,
        description=texts["description"],
        steps=steps,
        expected=texts["expected"],
        actual=texts["actual"],
        reported_by=reported_by or "",
        number=number or 0,
        tags=words_of(tags),
        project=project or "",
    )
    show_written(app, saved, f"reported #{bugs.number_of(saved.record)}")


@bug_command.command("fix", cls=TextCommand)
@click.argument("bug", metavar="NUMBER|ID")
@click.option("--cause", type=TEXT, metavar="TEXT", help="Why it happened.")
@click.option("--fix", type=TEXT, metavar="TEXT", help="What fixed it.")
@click.option("--lesson", type=TEXT, metavar="TEXT", help="What to do from now on; it becomes a learning.")
@click.option("--testing", multiple=True, type=TEXT, metavar="TEXT", help="What shows that it works; can be repeated.")
@click.option("--commit", "commit_id", metavar="HASH", help="The commit that fixed it.")
@click.option("--deployed", multiple=True, type=TEXT, metavar="PLACE [DAY]", help="Where it runs; can be repeated.")
@click.option("--tags", metavar="A,B", help="Tags of the learning; the default is the bug's.")
@writes
def fix_bug(
    app: App,
    bug: str,
    cause: str | None,
    fix: str | None,
    lesson: str | None,
    testing: tuple[str, ...],
    commit_id: str | None,
    deployed: tuple[str, ...],
    tags: str | None,
) -> None:
    """Close a bug that is fixed

    Its sections are filled in, Recent Changes gets a line, and a lesson becomes a learning that names the bug as its
    cause: one operation. One of the texts may be -: it is read from standard input.

    \b
    Example:
      bank bug fix 7 --cause "No lower-casing before the check" --fix "Lower-case and trim the address" \\
        --lesson "Normalise user input before validation" --testing "Two spellings: one account" --commit 1a2b3c4
    """
    texts = texts_from(cause=cause, fix=fix, lesson=lesson)
    fixed = app.face(Bugs).fix(
        bug,
        cause=texts["cause"],
        fix=texts["fix"],
        lesson=texts["lesson"],
        testing=testing,
        commit=commit_id or "",
        deployed=deployed,
        tags=words_of(tags),
    )
    if app.as_json:
        answer(fixed)
        return
    if fixed.receipt.dry_run:
        show_receipt(fixed.receipt, as_json=False)
        return
    say(f"fixed: {fixed.record.id}  {fixed.record.title}", fg="green")
    if fixed.learning:
        say(f"learned: {fixed.learning.id}  {fixed.learning.title}", fg="green")
    for change in fixed.receipt.files:
        say(f"  {change.file}")
    tell_waiting(fixed.receipt)
    say_undo(fixed.receipt)


@bug_command.command("deployed", cls=TextCommand)
@click.argument("bug", metavar="NUMBER|ID")
@click.argument("where", nargs=-1, required=True, type=TEXT, metavar="PLACE [DAY]")
@click.option("--commit", "commit_id", metavar="HASH", help="The commit that was deployed.")
@writes
def deployed_bug(app: App, bug: str, where: tuple[str, ...], commit_id: str | None) -> None:
    """Write down where a fix was deployed

    \b
    Examples:
      bank bug deployed 7 staging 2026-11-21
      bank bug deployed 7 production 2026-11-22 --commit 1a2b3c4
    """
    show_written(app, app.face(Bugs).deployed(bug, " ".join(where), commit=commit_id or ""), "deployed")


@bug_command.command("list")
@click.option("--status", default="", metavar="STATUS", help="open, in-progress, fixed, wontfix or duplicate.")
@click.option("--severity", default="", metavar="HOW", help="low, medium, high or critical.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N.")
@reads
def list_bugs(app: App, status: str, severity: str, limit: int) -> None:
    """List bugs

    Newest first.

    \b
    Examples:
      bank bug list --status open
      bank bug list --severity critical --json
    """
    bugs = app.face(Bugs)
    page = bugs.list(status=status, severity=severity, limit=limit)
    if app.as_json:
        answer(page)
        return
    rows = [
        (f"#{bugs.number_of(bug)}" if bugs.number_of(bug) else "-", bug.status, str(bug.fields.get("severity") or ""))
        for bug in page
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for bug, row in zip(page, rows, strict=True):
        lead = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say_entry(f"{lead}  {bug.id}", bug.title)
    tell_rest(len(page), page.total)
    if not page.total:
        tell("no bugs found" if status or severity else "no bugs yet: bank bug new TITLE")
    show_broken(page.broken)


@bug_command.command("show")
@click.argument("bug", metavar="NUMBER|ID")
@reads
def show_bug(app: App, bug: str) -> None:
    """Print one bug

    \b
    Example:
      bank bug show 7
    """
    record = app.face(Bugs).show(bug)
    if app.as_json:
        answer(record)
        return
    show_record(record)
    say()
    say_body(record.content)
