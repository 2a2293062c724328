"""`bank trust`: approving, on this machine, the commands that a bank declares."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, tell
from memorybank.facade.face import Place
from memorybank.facade.upkeep.trust import Trust, TrustResult, list_approvals


@click.group("trust", cls=CommandGroup, invoke_without_command=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@reads
def trust_command(app: App, *, yes: bool) -> None:
    """Approve the commands that a bank declares

    Shows the exact text of the commands that are not approved yet, and asks: those of [paf.checks] in bank.toml, and
    those in lines of evidence. An approval is kept on this machine, for this bank and this exact text; a bank cannot
    approve its own commands.

    \b
    Examples:
      bank trust
      bank trust list
      bank trust revoke AUTH-001
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is not None:
        return
    trust = app.face(Trust)
    asked = trust.pending()
    if not app.as_json:
        for each in asked:
            say(f"{each.name}: {each.text}")
        if not asked:
            tell("no command needs approval")
    if asked and not yes:
        if app.as_json:
            answer(TrustResult(tuple(asked), ()))
            return
        tell(f"they would run in {app.face(Place).project}, as you; with a shell only where it says so")
        app.confirm("Approve them on this machine?")
    if asked:
        trust.approve(asked)
    if app.as_json:
        answer(TrustResult((), tuple(asked)))
    elif asked:
        say(f"approved: {', '.join(each.name for each in asked)}", fg="green")


@trust_command.command("list")
@reads
def list_trusted(app: App) -> None:
    """List what was approved on this machine, for every bank

    \b
    Example:
      bank trust list
    """
    found = list_approvals(app.caller(makes_bank=True))
    if app.as_json:
        answer(found)
        return
    for each in found:
        say(f"{each.at}  {each.bank}  {each.name}: {each.text}")
    if not found:
        tell("nothing was approved on this machine")


@trust_command.command("revoke")
@click.argument("idents", nargs=-1, metavar="[ID]...")
@reads
def revoke_trust(app: App, idents: tuple[str, ...]) -> None:
    """Remove approvals of this bank: those that are named, or all

    \b
    Example:
      bank trust revoke AUTH-001
    """
    gone = app.face(Trust).revoke(idents)
    if app.as_json:
        answer(gone)
        return
    for each in gone:
        say(f"revoked: {each.name}: {each.text}", fg="green")
    if not gone:
        tell("nothing is approved for this bank")
