"""`bank init`, `bank migrate` and `bank completion`: getting started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.wire import to_wire

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.manage.init import InitResult


@click.command("init")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path))
@click.option("--adopt", is_flag=True, help="Use a bank of another layout (cc10x, Cline) where it stands.")
@click.option(
    "--layout",
    type=click.Choice(["memorybank", "cc10x", "cc10x-v10", "cc10x-v9", "cline"]),
    help="Make it in the place and form of another tool.",
)
@click.option("--namespace", metavar="NAME", help="Make a named bank of yours, for MEMORYBANK_NAMESPACE.")
@writes
def init_command(app: App, folder: Path | None, *, adopt: bool, layout: str | None, namespace: str | None) -> None:
    """Make a bank in a project

    In this folder, or in DIR: `.memorybank/` with the three memory files and `bank.toml`. Files that are there are
    never touched; one that was deleted with text in it is not made anew: `bank restore` brings it back. With --global
    it is the bank that belongs to you and to no project.

    \b
    Examples:
      bank init
      bank init --adopt
      bank init --layout cc10x-v10
      bank init --global
      bank init --namespace team-x
    """
    started = _init(app, folder, namespace, adopt=adopt, layout=layout or "")
    if not started.receipt.dry_run:
        app.remember(started.bank)
    note = (
        ""
        if namespace or app.options.get("users_own")
        else _note(started.bank, app.home, folder or Path(app.named or "."))
    )
    if app.as_json:
        answer(
            {
                "bank": str(started.bank.folder),
                "layout": started.bank.layout.name,
                "kept": started.kept,
                "lost": started.lost,
                "note": note,
                **to_wire(started.receipt),
            }
        )
        return
    if note:
        tell(f"note: {note}", fg="yellow")
    if started.receipt.dry_run:
        show_receipt(started.receipt, as_json=False)
        return
    say(f"bank: {started.bank.folder} ({started.bank.layout.name})", fg="green")
    for each in started.receipt.files:
        say(f"  {each.file} (new)")
    for file in started.kept:
        say(f"  {file} (kept as it is)")
    for file in started.lost:
        say(f"  {file} was deleted, and is not made anew: bank restore {file}")
    tell('next: bank load, then bank note "what you learned"')


def _note(bank: BankFolder, home: Path, asked: Path) -> str:
    """Say what is unexpected where the project is the user's home folder."""
    from memorybank.store.home import is_users_own

    if not is_users_own(bank.folder, home) or is_users_own(asked.absolute(), home):
        return ""
    if not bank.is_users_own:
        return (
            f"{bank.project} is your home folder: this bank is the project's, and your global bank (bank --global) too"
        )
    return (
        f"{asked.absolute()} is your home folder: the bank there is your global bank and of no project, so docs/ is "
        f"not searched; to change that, add the line home_is_project = true to {bank.folder / 'bank.toml'}"
    )


def _init(app: App, folder: Path | None, namespace: str | None, *, adopt: bool, layout: str) -> InitResult:
    from memorybank.errors import NoFileError
    from memorybank.shell import quoted
    from memorybank.store.home import home_of, is_users_own, namespace_folder
    from memorybank.store.manage.init import init, init_users_own

    home = home_of(os.environ)
    if adopt and layout:
        raise click.UsageError("--adopt takes the bank that is there; --layout names the form of a new one.")
    if layout and (namespace is not None or is_users_own((folder or Path(app.named or ".")).absolute(), home)):
        raise click.UsageError("A bank of yours has no other layout; leave --layout out.")
    if namespace is not None:
        if folder or app.named:
            raise click.UsageError("--namespace names a bank of yours; it takes no folder and no other bank.")
        return init_users_own(namespace_folder(home, namespace), app.way(makes_bank=True))
    project = (folder or Path(app.named or ".")).absolute()
    if is_users_own(project, home):
        return init_users_own(project, app.way(makes_bank=True))
    if project.name == ".memorybank":
        project = project.parent
    if not project.is_dir():
        raise NoFileError(path=project, hint=f"mkdir -p {quoted(project)}")
    return init(project, app.way(makes_bank=True), adopt=adopt, home=home, layout=layout)


@click.command("migrate")
@writes
def migrate_command(app: App) -> None:
    """Bring an older bank to the current sections

    Sections that were merged or renamed go where they belong today, as one operation. Tables of evidence are read by
    their header row. What cannot be read for certain stays as it is and is listed. `bank undo` takes it all back; look
    at --dry-run first.

    \b
    Examples:
      bank migrate --dry-run
      bank migrate
    """
    from memorybank.store.manage.migrate import migrate

    migrated = migrate(app.bank, app.way())
    if app.as_json:
        answer(migrated)
        return
    for line in (*migrated.report, *migrated.kept):
        say(line)
    if migrated.receipt is None:
        say("nothing to migrate")
    else:
        show_receipt(migrated.receipt, as_json=False, done="migrated")


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell

    \b
    Examples:
      eval "$(bank completion bash)"
      bank completion fish > ~/.config/fish/completions/bank.fish
    """
    from click.shell_completion import get_completion_class

    from memorybank.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    # the words alone: asking the shell for its version, as the class's own method does, needs the shell
    complete = kind(cli, {}, "bank", "_BANK_COMPLETE")
    click.echo(complete.source_template % complete.source_vars())
