"""`bank help`, `bank version` and `bank completion`: about the program itself."""

from __future__ import annotations

import click

from memorybank.cli.help_page import BankContext
from memorybank.cli.output import answer, say


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
def help_command(words: tuple[str, ...]) -> None:
    """Print the help page of a command

    Same as -h after the command.

    \b
    Examples:
      bank help
      bank help note
      bank help task done
    """
    context = click.get_current_context().find_root()
    rest = list(words)
    while rest and isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(context, rest)
        if command is not None:
            context = BankContext(command, parent=context, info_name=name)
    click.echo(context.get_help())


@click.command("version")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def version_command(context: click.Context, *, as_json: bool) -> None:
    """Print the version

    \b
    Example:
      bank version
    """
    from memorybank import __version__

    if as_json or (context.obj or {}).get("json"):
        answer({"version": __version__})
    else:
        say(f"bank {__version__}")


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"], case_sensitive=False))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell

    It completes commands and options, and what is in the bank: kinds, types, files and sections, ids, tags, tasks.

    \b
    Examples:
      eval "$(bank completion bash)"
      bank completion fish > ~/.config/fish/completions/bank.fish
    """
    from click.shell_completion import get_completion_class

    from memorybank.cli.completion import set_up
    from memorybank.cli.main import cli

    set_up()
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    # the words alone: asking the shell for its version, as the class's own method does, needs the shell
    complete = kind(cli, {}, "bank", "_BANK_COMPLETE")
    click.echo(complete.source_template % complete.source_vars())
