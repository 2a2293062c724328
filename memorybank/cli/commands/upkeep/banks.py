"""`bank banks`: the banks that this machine has seen."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, tell


@click.group("banks")
def banks_command() -> None:
    """List the banks this machine has seen

    A bank is written down when it is made and when a memory is saved in it. `bank list --all-banks` reads them all.

    \b
    Examples:
      bank banks list
      bank banks forget --missing
    """


@banks_command.command("list")
@reads
def list_banks(app: App) -> None:
    """List the banks this machine has seen, those that are gone too

    \b
    Example:
      bank banks list
    """
    from memorybank.store.manage.known_banks import is_there, known_banks

    home = app.home
    rows = [(each, is_there(each, home)) for each in known_banks(home)]
    if app.as_json:
        answer({"banks": [{**each._asdict(), "there": there} for each, there in rows]})
        return
    for each, there in rows:
        project = f"  project {each.project}" if each.project else ""
        repository = f"  {each.remote or each.root[:12]}" if each.remote or each.root else ""
        say(f"{each.name}  {each.path}{project}{repository}{'' if there else '  (missing)'}")
    if not rows:
        tell("no banks were seen yet: bank init makes one")


@banks_command.command("forget")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--missing", is_flag=True, help="Those whose folder is gone.")
@reads
def forget_bank(app: App, name: str | None, *, missing: bool) -> None:
    """Take a bank off the list, by its name or folder

    The bank itself stays as it is; it comes back to the list when a memory is saved in it.

    \b
    Examples:
      bank banks forget old-app
      bank banks forget --missing
    """
    from memorybank.store.manage.known_banks import forget, forget_missing

    if missing == bool(name):
        raise click.UsageError("give NAME, or --missing.")
    home = app.home
    gone = forget_missing(home) if missing else [forget(home, name or "")]
    if app.as_json:
        answer({"forgotten": gone})
        return
    for each in gone:
        say(f"forgotten: {each.name}  {each.path}")
    if not gone:
        say("nothing to forget")
