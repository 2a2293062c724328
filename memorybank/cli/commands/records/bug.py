"""`bank bug`: reporting bugs, closing them with what was learned, listing them."""

from __future__ import annotations

import click

from memorybank.cli.commands.records.decide import texts_from, words_of
from memorybank.cli.commands.records.memory import show_broken, show_record, show_saved
from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt, tell, tell_waiting
from memorybank.cli.text_command import TEXT, TextCommand


@click.group("bug")
def bug_command() -> None:
    """Report, fix and list bugs

    \b
    Examples:
      bank bug new "Email is compared case-sensitively" --severity medium
      bank bug fix 1 --cause "No lower-casing" --fix "Lower-case before the check" --lesson "Normalise first"
      bank bug list --status open
    """


@bug_command.command("new", cls=TextCommand)
@click.argument("title", type=TEXT, metavar="TITLE")
@click.option("--severity", default="medium", show_default=True, metavar="HOW", help="low, medium, high or critical.")
@click.option("--description", type=TEXT, metavar="TEXT", help="What is wrong, when the title does not say it all.")
@click.option("--steps", multiple=True, type=TEXT, metavar="TEXT", help="A step that shows it; can be repeated.")
@click.option("--expected", type=TEXT, metavar="TEXT", help="What should happen.")
@click.option("--actual", type=TEXT, metavar="TEXT", help="What happens.")
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
    tags: str | None,
    project: str | None,
) -> None:
    """Report a bug

    It gets the bank's next number, to speak of it: #7. One text of - is read from standard input.

    \b
    Example:
      bank bug new "Email is compared case-sensitively" --severity medium --steps "Register User@Example.com" \\
        --steps "Register user@example.com" --expected "The second is refused" --actual "Both are made"
    """
    from memorybank.workflow.entries.bugs import number_of, report_bug

    texts = texts_from(description=description, expected=expected, actual=actual)
    saved = report_bug(
        app.bank,
        title,
        app.way(),
        severity=severity,
        description=texts["description"],
        steps=steps,
        expected=texts["expected"],
        actual=texts["actual"],
        reported_by=reported_by or "",
        tags=words_of(tags),
        project=project or "",
    )
    show_saved(app, saved, f"reported #{number_of(saved.record)}")


@bug_command.command("fix", cls=TextCommand)
@click.argument("bug", metavar="NUMBER|ID")
@click.option("--cause", type=TEXT, metavar="TEXT", help="Why it happened.")
@click.option("--fix", type=TEXT, metavar="TEXT", help="What mended it.")
@click.option("--lesson", type=TEXT, metavar="TEXT", help="What to do from now on; it becomes a learning.")
@click.option("--testing", multiple=True, type=TEXT, metavar="TEXT", help="What shows it; can be repeated.")
@click.option("--commit", "commit_id", metavar="HASH", help="The commit that mended it.")
@click.option("--tags", metavar="A,B", help="Tags of the learning; those of the bug when they are left out.")
@writes
def fix_bug(
    app: App,
    bug: str,
    cause: str | None,
    fix: str | None,
    lesson: str | None,
    testing: tuple[str, ...],
    commit_id: str | None,
    tags: str | None,
) -> None:
    """Close a bug that is mended

    Its sections are filled where they stand, Recent Changes gets a line, and a lesson becomes a learning that names
    the bug as its cause: one operation. One text of - is read from standard input.

    \b
    Example:
      bank bug fix 7 --cause "No lower-casing before the check" --fix "Lower-case and trim the address" \\
        --lesson "Normalise user input before validation" --testing "Two spellings: one account" --commit 1a2b3c4
    """
    from memorybank.workflow.entries.bugs import fix_bug as close

    texts = texts_from(cause=cause, fix=fix, lesson=lesson)
    fixed = close(
        app.bank,
        bug,
        app.way(),
        cause=texts["cause"],
        fix=texts["fix"],
        lesson=texts["lesson"],
        testing=testing,
        commit_id=commit_id or "",
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
    for each in fixed.receipt.files:
        say(f"  {each.file}")
    tell_waiting(fixed.receipt)
    say(f"  {fixed.receipt.operation}   bank undo takes it back")


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
    from memorybank.workflow.entries.bugs import list_bugs as listed
    from memorybank.workflow.entries.bugs import number_of

    found = listed(app.bank, status=status, severity=severity)
    shown = found.records[:limit]
    if app.as_json:
        answer({"records": shown, "count": len(found.records), "broken": found.broken})
        return
    for each in shown:
        number = f"#{number_of(each)}" if number_of(each) else "-"
        say(f"{number:5} {each.status:12} {each.fields.get('severity') or '':9} {each.id}  {each.title}")
    if len(shown) < len(found.records):
        tell(f"{len(found.records) - len(shown)} more; --limit {len(found.records)} shows all")
    if not found.records:
        tell("no bugs found")
    show_broken(found.broken)


@bug_command.command("show")
@click.argument("bug", metavar="NUMBER|ID")
@reads
def show_bug(app: App, bug: str) -> None:
    """Print one bug

    \b
    Example:
      bank bug show 7
    """
    from memorybank.workflow.entries.bugs import find_bug

    record = find_bug(app.bank, bug).record
    if app.as_json:
        answer(record)
        return
    show_record(record)
    say()
    say(record.content)
