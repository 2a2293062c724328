"""`bank paf`: permanent architectural facts and the commands that check them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand

if TYPE_CHECKING:
    from memorybank.records.ledgers.facts import Paf


@click.group("paf")
def paf_command() -> None:
    """Keep permanent architectural facts

    Lines of pafs.md below a section for each category: what holds for a year and more, in one sentence that can be
    checked. proposed → review → active → deprecated or replaced.

    \b
    Examples:
      bank paf add AUTH "Tokens are signed with RS256" --why "Keys rotate without a restart"
      bank paf activate AUTH-001
      bank paf list --active
    """


@paf_command.command("add", cls=TextCommand)
@click.argument("category", metavar="CATEGORY")
@click.argument("text", type=TEXT, metavar="TEXT")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason.")
@click.option("--status", default="", metavar="STATUS", help="Another status than proposed.")
@click.option("--id", "ident", default="", metavar="NUMBER", help="This number instead of the next one.")
@writes
def add_paf(app: App, category: str, text: str, why: str, status: str, ident: str) -> None:
    """Add a fact with the next number of its category

    \b
    Example:
      bank paf add AUTH "Use PyJWT for token generation" --why "Lightweight, well maintained" --status active
    """
    from memorybank.records.ledgers.facts import add_paf as add

    changed = add(app.bank, category, text, app.way(), why=why, status=status, ident=ident)
    if app.as_json:
        answer(changed)
        return
    show_receipt(changed.receipt, as_json=False, done=changed.paf.id)


@paf_command.command("list")
@click.option("--category", default="", metavar="CATEGORY", help="Of this category.")
@click.option("--status", default="", metavar="STATUS", help="With this status.")
@click.option("--active", is_flag=True, help="Those that hold.")
@reads
def list_pafs(app: App, category: str, status: str, *, active: bool) -> None:
    """List the facts, in the order of the file

    \b
    Examples:
      bank paf list
      bank paf list --category AUTH --active --json
    """
    from memorybank.records.ledgers.facts import list_pafs as listed

    if active and status:
        raise click.UsageError("--active and --status cannot be given together.")
    pafs = listed(app.bank, category=category, status="active" if active else status)
    if app.as_json:
        answer({"pafs": pafs, "count": len(pafs)})
        return
    for each in pafs:
        _show(each)
    if not pafs:
        tell("no facts found")


def _show(paf: Paf) -> None:
    status = "" if paf.status == "active" else f" ({paf.status}{f' by {paf.replaced_by}' if paf.replaced_by else ''})"
    say(f"{paf.id}{status}: {paf.text}{f' — {paf.why}' if paf.why else ''}")


def _set(app: App, ident: str, status: str, *, by: str = "", reason: str = "") -> None:
    from memorybank.records.ledgers.facts import set_status

    changed = set_status(app.bank, ident, status, app.way(), by=by, reason=reason)
    if app.as_json:
        answer(changed)
        return
    show_receipt(changed.receipt, as_json=False, done=status)


@paf_command.command("review")
@click.argument("ident", metavar="ID")
@writes
def review_paf(app: App, ident: str) -> None:
    """Put a proposed fact up for review

    \b
    Example:
      bank paf review AUTH-001
    """
    _set(app, ident, "review")


@paf_command.command("activate")
@click.argument("ident", metavar="ID")
@writes
def activate_paf(app: App, ident: str) -> None:
    """Let a fact hold from now on

    \b
    Example:
      bank paf activate AUTH-001
    """
    _set(app, ident, "active")


@paf_command.command("deprecate", cls=TextCommand)
@click.argument("ident", metavar="ID")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason.")
@writes
def deprecate_paf(app: App, ident: str, why: str) -> None:
    """Let a fact hold no more

    The line stays, its number is not given out again.

    \b
    Example:
      bank paf deprecate AUTH-001 --why "Sessions moved to the gateway"
    """
    _set(app, ident, "deprecated", reason=why)


@paf_command.command("replace", cls=TextCommand)
@click.argument("ident", metavar="ID")
@click.option("--by", default="", metavar="ID", help="The fact that holds instead.")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason.")
@writes
def replace_paf(app: App, ident: str, by: str, why: str) -> None:
    """Let a fact be replaced by another one

    \b
    Example:
      bank paf replace AUTH-001 --by AUTH-002
    """
    _set(app, ident, "replaced", by=by, reason=why)


@paf_command.command("check")
@click.argument("idents", nargs=-1, metavar="[ID]...")
@reads
def check_pafs(app: App, idents: tuple[str, ...]) -> int:
    """Run the commands that check active facts

    bank.toml declares them: [paf.checks] AUTH-001 = "python -m pytest -q tests/auth". They run in the project's
    folder without a shell, and only after `bank trust` has approved their exact text on this machine. Ends with 1
    when one fails.

    \b
    Example:
      bank paf check AUTH-001
    """
    from memorybank.records.ledgers.fact_check import check_pafs as check
    from memorybank.store.home import home_of

    results = check(app.bank, home_of(os.environ), os.environ, idents=idents)
    failed = [each for each in results if each.state not in {"passed", "skipped"}]
    if app.as_json:
        answer({"results": results, "failed": len(failed)})
        return 1 if failed else 0
    for each in results:
        code = "" if each.exit_code is None else f" exit {each.exit_code}"
        colour = "green" if each.state == "passed" else "yellow" if each.state == "skipped" else "red"
        say(f"{each.state}: {each.id}{code} ({each.seconds:.1f} s)  {each.text or each.command}", fg=colour)
        if each.state != "passed" and each.output:
            say("\n".join(f"  {line}" for line in each.output.split("\n")))
    if not results:
        tell("no checks are declared; [paf.checks] of bank.toml holds them")
    return 1 if failed else 0
