"""`bank banks`: the banks that this machine has seen."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, counted, say, say_command, say_fields, tell
from memorybank.facade.upkeep.banks import Banks, ForgottenBanks

_LEFT = {
    "folder": "git no longer knows this worktree",
    "journal": "only its journal is left",
    "commit": "the folder is gone, git has its commit",
    "gone": "nothing is left here",
}


@click.group("banks", cls=CommandGroup, invoke_without_command=True)
@click.option("--orphans", is_flag=True, help="Only banks that were left behind, as those of deleted worktrees.")
@reads
def banks_command(app: App, *, orphans: bool) -> None:
    """List the banks this machine has seen

    A bank is added when it is made and when a memory is saved in it. `bank list --all-banks` reads them all. Orphans
    are banks of worktrees that were deleted, or that git no longer knows; `bank adopt-from` brings their files over.

    \b
    Examples:
      bank banks
      bank banks --orphans
      bank banks forget --missing
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is not None:
        if orphans:
            raise click.UsageError("--orphans goes without a command.")
    elif orphans:
        _show_orphans(app)
    else:
        _show_list(app)


@banks_command.command("list")
@reads
def list_banks(app: App) -> None:
    """List the banks this machine has seen, also those that are gone

    \b
    Example:
      bank banks list
    """
    _show_list(app)


def _show_list(app: App) -> None:
    banks = Banks(app.caller(makes_bank=True)).list()
    if app.as_json:
        answer(banks)
        return
    for each, there in banks:
        project = f"project {each.project}" if each.project else ""
        repository = each.remote or each.root[:12]
        say_fields(each.name, str(each.path), project, repository, tail="" if there else "(missing)")
    if not banks:
        tell("no banks seen yet: bank init makes one")


def _show_orphans(app: App) -> None:
    orphans = Banks(app.caller(makes_bank=True)).orphans()
    if app.as_json:
        answer(orphans)
        return
    for each in orphans:
        at = f"branch {each.branch}" if each.branch else each.commit[:9]
        files = counted(each.file_count, "file") if each.file_count else ""
        say_fields(each.folder, _LEFT[each.state], at, files)
        say_command("  ", each.command, form="{}{}")
    if not orphans:
        say("no bank was left behind")


@banks_command.command("forget")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--missing", is_flag=True, help="The banks whose folder is gone.")
@reads
def forget_bank(app: App, name: str | None, *, missing: bool) -> None:
    """Remove a bank from the list, by its name or folder

    The bank itself is not changed; it is listed again when a memory is saved in it.

    \b
    Examples:
      bank banks forget old-app
      bank banks forget --missing
    """
    if missing == bool(name):
        raise click.UsageError("give NAME, or --missing.")
    banks = Banks(app.caller(makes_bank=True))
    gone = banks.forget_missing() if missing else ForgottenBanks([banks.forget(name or "")])
    if app.as_json:
        answer(gone)
        return
    for each in gone:
        say(f"forgotten: {each.name}  {each.path}")
    if not gone:
        say("nothing to forget")
