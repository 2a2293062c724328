"""`bank init` and `bank migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.facade.upkeep.checks import Upkeep
from memorybank.facade.upkeep.set_up import belongs_to_user, set_up

if TYPE_CHECKING:
    from memorybank.facade.upkeep.set_up import SetUp


@click.command("init")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path))
@click.option("--adopt", is_flag=True, help="Use a bank of another layout (cc10x, Cline) where it is.")
@click.option(
    "--layout",
    type=click.Choice(["memorybank", "cc10x", "cc10x-v10", "cc10x-v9", "cline"], case_sensitive=False),
    help="Make a bank in the layout of another tool.",
)
@click.option("--namespace", metavar="NAME", help="Make a named bank, for MEMORYBANK_NAMESPACE.")
@writes
def init_command(app: App, folder: Path | None, *, adopt: bool, layout: str | None, namespace: str | None) -> None:
    """Make a bank in a project

    In this folder, or in DIR: `.memorybank/` with the three memory files and `bank.toml`. Existing files are
    never changed. A memory file that was deleted with text in it is not made again: `bank restore` brings it back.
    --global makes the bank that belongs to you and not to a project.

    \b
    Examples:
      bank init
      bank init --adopt
      bank init --layout cc10x-v10
      bank init --global
      bank init --namespace team-x
    """
    made = _set_up(app, folder, namespace, adopt=adopt, layout=layout or "")
    if app.as_json:
        answer(made)
        return
    if made.note:
        tell(f"note: {made.note}", fg="yellow")
    if made.receipt.dry_run:
        show_receipt(made.receipt, as_json=False)
        return
    say(f"bank: {made.path} ({made.layout})", fg="green")
    for each in made.receipt.files:
        say(f"  {each.file} (new)")
    for file in made.kept:
        say(f"  {file} (kept as it is)")
    for file in made.lost:
        say(f"  {file} was deleted and is not made again: bank restore {file}")
    tell('next: bank load, then bank note "what you learned"')


def _set_up(app: App, folder: Path | None, namespace: str | None, *, adopt: bool, layout: str) -> SetUp:
    project = folder or Path(app.named or ".")
    caller = app.caller(makes_bank=True)
    if adopt and layout:
        raise click.UsageError("--adopt uses an existing bank; --layout is for a new one.")
    if layout and (namespace is not None or belongs_to_user(project, caller)):
        raise click.UsageError("A global or named bank has no other layout; omit --layout.")
    if namespace is not None and (folder or app.named):
        raise click.UsageError("--namespace takes no folder and no other bank.")
    return set_up(project, caller, adopt=adopt, layout=layout, namespace=namespace)


@click.command("migrate")
@writes
def migrate_command(app: App) -> None:
    """Bring an older bank to the current sections

    Sections that were merged or renamed are moved in one operation. Tables of evidence are read by their header row.
    What cannot be read with certainty stays as it is and is listed. `bank undo` takes it all back; try --dry-run first.

    \b
    Examples:
      bank migrate --dry-run
      bank migrate
    """
    migrated = app.face(Upkeep).migrate()
    if app.as_json:
        answer(migrated)
        return
    for line in (*migrated.report, *migrated.unchanged):
        say(line)
    if migrated.receipt is None:
        say("nothing to migrate")
    else:
        show_receipt(migrated.receipt, as_json=False, done="migrated")
