"""`bank init`, `bank migrate` and `bank completion`: getting started."""

from __future__ import annotations

from pathlib import Path

import click

from memorybank.cli.context import App, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.wire import to_wire


@click.command("init")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path))
@click.option("--adopt", is_flag=True, help="Use a bank of another layout (cc10x, Cline) where it stands.")
@writes
def init_command(app: App, folder: Path | None, *, adopt: bool) -> None:
    """Make a bank in a project

    In this folder, or in DIR: `.memorybank/` with the three memory files and `bank.toml`. Files that are there are
    never touched.

    \b
    Examples:
      bank init
      bank init --adopt
    """
    from memorybank.errors import NoFileError
    from memorybank.store.scaffold import init

    project = (folder or Path(app.named or ".")).absolute()
    if project.name == ".memorybank":
        project = project.parent
    if not project.is_dir():
        raise NoFileError(path=project)
    started = init(project, app.way(), adopt=adopt)
    if app.as_json:
        answer(
            {
                "bank": str(started.bank.folder),
                "layout": started.bank.layout.name,
                "kept": started.kept,
                **to_wire(started.receipt),
            }
        )
        return
    if started.receipt.dry_run:
        show_receipt(started.receipt, as_json=False)
        return
    say(f"bank: {started.bank.folder} ({started.bank.layout.name})", fg="green")
    for each in started.receipt.files:
        say(f"  {each.file} (new)")
    for file in started.kept:
        say(f"  {file} (kept as it is)")
    tell('next: bank load, then bank note "what you learned"')


@click.command("migrate")
@writes
def migrate_command(app: App) -> None:
    """Bring an older bank to today's sections

    Sections that were merged or renamed go where they belong today, as one operation; nothing is lost, and
    `bank undo` takes it back. Look at --dry-run first.

    \b
    Examples:
      bank migrate --dry-run
      bank migrate
    """
    from memorybank.store.upgrade import migrate

    migrated = migrate(app.bank, app.way())
    if app.as_json:
        answer(migrated)
        return
    for line in migrated.report:
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
