"""`bank trust`: approving, on this machine, the commands that a bank declares."""

from __future__ import annotations

import os

import click

from memorybank.cli.options import App, now, reads
from memorybank.cli.output import answer, say, tell


@click.group("trust", invoke_without_command=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@reads
def trust_command(app: App, *, yes: bool) -> None:
    """Approve the commands that a bank declares

    Shows the commands that were not approved yet, word for word, and asks: those of [paf.checks] in bank.toml, and
    those that stand in lines of evidence. Approvals are kept for this machine only,
    for this bank and this exact text; a bank never approves its own.

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
    from memorybank.records.ledgers.fact_check import declared
    from memorybank.store.approvals import approve, pending
    from memorybank.store.home import home_of
    from memorybank.workflow.evidence.evidence import declared as declared_by_evidence

    home = home_of(os.environ)
    asked = pending(home, app.bank, [*declared(app.bank), *declared_by_evidence(app.bank)])
    if not app.as_json:
        for each in asked:
            say(f"{each.name}: {each.text}")
        if not asked:
            tell("nothing waits for approval")
    if asked and not yes:
        if app.as_json:
            answer({"pending": asked, "approved": []})
            return
        tell(f"they would run in {app.bank.project}, as you; by a shell only where that is said")
        app.confirm("Approve them on this machine?")
    if asked:
        approve(home, app.bank, asked, at=f"{now():%Y-%m-%dT%H:%M:%SZ}")
    if app.as_json:
        answer({"pending": [], "approved": asked})
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
    from memorybank.store.approvals import approvals
    from memorybank.store.home import home_of

    found = approvals(home_of(os.environ))
    if app.as_json:
        answer({"approvals": found})
        return
    for each in found:
        say(f"{each.at}  {each.bank}  {each.name}: {each.text}")
    if not found:
        tell("nothing was approved on this machine")


@trust_command.command("revoke")
@click.argument("idents", nargs=-1, metavar="[ID]...")
@reads
def revoke_trust(app: App, idents: tuple[str, ...]) -> None:
    """Take approvals back: those of this bank that are named, or all of them

    \b
    Example:
      bank trust revoke AUTH-001
    """
    from memorybank.records.ledgers.fact_check import name_of_check
    from memorybank.store.approvals import revoke
    from memorybank.store.home import home_of

    names = [each if each.startswith("evidence ") else name_of_check(each) for each in idents]
    gone = revoke(home_of(os.environ), app.bank, names)
    if app.as_json:
        answer({"revoked": gone})
        return
    for each in gone:
        say(f"revoked: {each.name}: {each.text}", fg="green")
    if not gone:
        tell("nothing of that was approved")
