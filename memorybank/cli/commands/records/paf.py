"""`bank paf`: permanent architectural facts and the commands that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.ledgers import Pafs

if TYPE_CHECKING:
    from memorybank.records.ledgers.fact_list import Paf
    from memorybank.records.ledgers.facts import FactChange


@click.group("paf", cls=CommandGroup)
def paf_command() -> None:
    """Keep permanent architectural facts

    Lines of pafs.md, in a section for each category: what stays true for a year or more, in one sentence that can be
    checked. proposed → review → active → deprecated or replaced.

    \b
    Examples:
      bank paf add AUTH "Tokens are signed with RS256" --why "Keys rotate without a restart"
      bank paf activate AUTH-001
      bank paf list --active
    """


@paf_command.command("add", cls=TextCommand)
@click.argument("category", metavar="CATEGORY")
@text_words("text", metavar="TEXT...")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason.")
@click.option("--status", default="", metavar="STATUS", help="Its status; the default is proposed.")
@click.option("--active", is_flag=True, help="Active at once, the same as --status active.")
@click.option("--id", "ident", default="", metavar="NUMBER", help="This number instead of the next one.")
@writes
def add_paf(app: App, category: str, text: str, why: str, status: str, ident: str, *, active: bool) -> None:
    """Add a fact with the next number of its category

    \b
    Example:
      bank paf add AUTH "Use PyJWT for token generation" --why "Lightweight, well maintained" --active
    """
    if active and status not in {"", "active"}:
        raise click.UsageError("--active and --status cannot be given together.")
    status = "active" if active else status
    change = app.face(Pafs).add(category, text, why=why, status=status, number=ident)
    _show_change(app, change, change.paf.id)


@paf_command.command("list")
@click.option("--category", default="", metavar="CATEGORY", help="Of this category.")
@click.option("--status", default="", metavar="STATUS", help="With this status.")
@click.option("--active", is_flag=True, help="Only active ones.")
@reads
def list_pafs(app: App, category: str, status: str, *, active: bool) -> None:
    """List the facts, in the order of the file

    \b
    Examples:
      bank paf list
      bank paf list --category AUTH --active --json
    """
    if active and status:
        raise click.UsageError("--active and --status cannot be given together.")
    pafs = app.face(Pafs).list(category=category, status="active" if active else status)
    if app.as_json:
        answer(pafs)
        return
    for paf in pafs:
        _show(paf)
    if not pafs:
        tell("no facts found" if category or status or active else "no facts yet: bank paf add CATEGORY TEXT")


def _show(paf: Paf) -> None:
    status = "" if paf.status == "active" else f" ({paf.status}{f' by {paf.replaced_by}' if paf.replaced_by else ''})"
    say(f"{paf.id}{status}: {paf.text}{f' — {paf.why}' if paf.why else ''}")


def _show_change(app: App, change: FactChange, done: str) -> None:
    if app.as_json:
        answer(change)
        return
    show_receipt(change.receipt, as_json=False, done=done)


@paf_command.command("review")
@click.argument("ident", metavar="ID")
@writes
def review_paf(app: App, ident: str) -> None:
    """Put a proposed fact up for review

    \b
    Example:
      bank paf review AUTH-001
    """
    _show_change(app, app.face(Pafs).review(ident), "review")


@paf_command.command("activate")
@click.argument("ident", metavar="ID")
@writes
def activate_paf(app: App, ident: str) -> None:
    """Make a fact active

    \b
    Example:
      bank paf activate AUTH-001
    """
    _show_change(app, app.face(Pafs).activate(ident), "active")


@paf_command.command("deprecate", cls=TextCommand)
@click.argument("ident", metavar="ID")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason.")
@writes
def deprecate_paf(app: App, ident: str, why: str) -> None:
    """Mark a fact as no longer valid

    The line stays, and its number is not used again.

    \b
    Example:
      bank paf deprecate AUTH-001 --why "Sessions moved to the gateway"
    """
    _show_change(app, app.face(Pafs).deprecate(ident, why=why), "deprecated")


@paf_command.command("replace", cls=TextCommand)
@click.argument("ident", metavar="ID")
@click.option("--by", default="", metavar="ID", help="The fact that replaces it.")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason.")
@writes
def replace_paf(app: App, ident: str, by: str, why: str) -> None:
    """Mark a fact as replaced by another one

    \b
    Example:
      bank paf replace AUTH-001 --by AUTH-002
    """
    _show_change(app, app.face(Pafs).replace(ident, by=by, why=why), "replaced")


@paf_command.command("check")
@click.argument("idents", nargs=-1, metavar="[ID]...")
@reads
def check_pafs(app: App, idents: tuple[str, ...]) -> int:
    """Run the commands that check active facts

    bank.toml declares them: [paf.checks] AUTH-001 = "python -m pytest -q tests/auth". They run in the project's
    folder without a shell, and only after `bank trust` has approved their exact text on this machine. The exit
    status is 1 if one fails.

    \b
    Example:
      bank paf check AUTH-001
    """
    checks = app.face(Pafs).check(idents)
    status = 1 if checks.failed else 0
    if app.as_json:
        answer(checks)
        return status
    for check in checks.results:
        code = "" if check.exit_code is None else f" exit {check.exit_code}"
        colour = "green" if check.state == "passed" else "yellow" if check.state == "skipped" else "red"
        say(f"{check.state}: {check.id}{code} ({check.seconds:.1f} s)  {check.text or check.command}", fg=colour)
        if check.state != "passed" and check.output:
            say("\n".join(f"  {line}" for line in check.output.split("\n")))
    if not checks.results:
        tell("no checks are declared; add them to [paf.checks] of bank.toml")
    return status
