"""`bank check`: the files against their contracts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, say_body, say_command, show_receipt
from memorybank.facade.face import Place
from memorybank.facade.terminal.receipt_lines import plain_lines
from memorybank.facade.terminal.visible import visible
from memorybank.facade.upkeep.checks import Upkeep
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.check.findings import Finding
    from memorybank.store.manage.lost_text import LostText

# of a text that was lost; `bank restore --dry-run` shows all of it
SHOWN_LINES = 60


@click.command("check")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--fix", is_flag=True, help="Fix what is safe to fix.")
@click.option("--explain", metavar="RULE", help="Print the manual page of a rule; all lists every rule.")
@click.option("--notices", is_flag=True, help="Include notices, which are not faults.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github"], case_sensitive=False),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@writes
def check_command(app: App, files: tuple[str, ...], explain: str | None, form: str, *, fix: bool, notices: bool) -> int:
    """Check the files against their contracts, and their claims against the project

    Exits with 1 when something was found; notices do not count. --fix adds missing sections and removes duplicate lines
    and leftover workflow markers; what it cannot fix is listed. It never overwrites a file that lost its text: that
    text is shown, and `bank restore` brings it back. --format github prints annotations for a GitHub workflow.
    Exceptions, severities and limits are set in [check] of bank.toml.

    \b
    Examples:
      bank check
      bank check patterns.md --json
      bank check --fix --dry-run
      bank check --explain near-duplicate
      bank check decision "Cache: Redis"

    With the word `decision` before a text, it looks for decisions, patterns, learnings and facts that it contradicts.
    To check a file of that name, use `bank check decision` alone, or ./decision with other files.
    """
    if files[:1] == ("decision",) and _is_about_a_decision(app.face(Place), files):
        from memorybank.cli.commands.records.decide import check_decision

        return check_decision(app, " ".join(files[1:]))
    if explain:
        return _explain(explain, as_json=app.as_json)
    checked = app.face(Upkeep).check(files, fix=fix, notices=notices)
    if app.as_json:
        answer(checked)
        return 1 if checked.failed else 0
    if checked.receipt is not None:
        show_receipt(checked.receipt, as_json=False, done="fixed")
    for finding in checked.findings:
        _print(finding, form, app.face(Place))
    for lost in checked.lost or ():
        _print_lost(lost)
    if not checked.findings and checked.receipt is None:
        say("no findings")
    return 1 if checked.failed else 0


def _is_about_a_decision(place: Place, files: Sequence[str]) -> bool:
    """Whether `decision` is the word before a text; where a file has that name, the arguments after it decide."""
    if not place.has_file("decision"):
        return True
    if len(files) == 2 and place.has_file(files[1]):  # noqa: PLR2004  the word and one more
        raise click.UsageError(
            f"'decision' is a file here, and {files[1]!r} is one too; to check both: "
            f"bank check ./decision {quoted(files[1])}"
        )
    return len(files) == 2  # noqa: PLR2004  the word and one text


def _print_lost(lost: LostText) -> None:
    """Show the last text of a file that lost it; a long one only its beginning."""
    if not lost.text:
        say(f"{lost.file}: no earlier text is kept; git may have one")
        return
    lines = plain_lines(lost.text)
    say(f"{lost.file}: the last text that is kept, from {lost.operation}:")
    for line in lines[:SHOWN_LINES]:
        say(f"  | {line}")
    if len(lines) > SHOWN_LINES:
        say(f"  … {len(lines) - SHOWN_LINES} more lines")


def _explain(rule: str, *, as_json: bool) -> int:
    if as_json:
        answer(Upkeep.rules() if rule == "all" else Upkeep.rule(rule))
        return 0
    for page in Upkeep.rules() if rule == "all" else [Upkeep.rule(rule)]:
        say(f"{page.rule}{' (--fix can fix it)' if page.fixable else ''}: {page.summary}")
        if page.text and rule != "all":
            say()
            say_body(page.text)
    return 0


def _print(finding: Finding, form: str, place: Place) -> None:
    if form == "github":
        file = _escaped(_in_workspace(place, finding.file)).replace(",", "%2C").replace(":", "%3A")
        text = _escaped(finding.message)
        click.echo(f"::{finding.severity} file={file},line={finding.line},title={finding.rule}::{text}")
        return
    # one finding, one line: a file's name can hold anything
    file = finding.file.replace("\n", "\\n")
    text = f"{file}:{finding.line}: {finding.severity}: {finding.message} [{finding.rule}]"
    say_command(text, finding.hint, form="{}  ({})")


def _in_workspace(place: Place, name: str) -> str:
    """Return the name of a file for a GitHub workflow: from the checkout, which is not the bank's folder."""
    path = place.path_of(name)
    root = os.environ.get("GITHUB_WORKSPACE") or place.project
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _escaped(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
