"""The command-line reference as Markdown, from the commands themselves: `python -m memorybank.cli.reference`."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

import memorybank
from memorybank import errors
from memorybank.cli.help_page import BankContext
from memorybank.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHAPE: Any = {"max_content_width": 100, "terminal_width": 100, "help_option_names": ["-h", "--help"]}


def render() -> str:
    """Give the text that `docs/cli.md` should hold: every command's help, then every error's code and exit status."""
    parts = ["# Command line\n\nMade by `python -m memorybank.cli.reference > docs/cli.md`; a test holds it equal.\n"]
    for context in _contexts(BankContext(cli, info_name="bank", **_SHAPE)):
        level = context.command_path.count(" ") + 2
        parts.append(f"{'#' * level} {context.command_path}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    _import_all()
    rows = sorted(
        {
            (each.exit_status, each.code, _first_line(each))
            for each in _family(errors.BankError)
            if not each.__name__.startswith("_")
        }
    )
    parts.append("## Errors\n\n| exit | code | when |\n| ---: | --- | --- |\n")
    parts[-1] += "".join(f"| {status} | `{code}` | {text} |\n" for status, code, text in rows)
    parts[-1] += (
        "| 0 | | done |\n| 1 | | `check` found something |\n| 2 | `usage` | the words of the command are off |\n"
    )
    parts[-1] += (
        "| 70 | `bug` | a bug of ours; the message names the file with the traceback |\n| 130 | | interrupted |\n"
    )
    return "\n".join(parts)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _contexts(BankContext(child, parent=context, info_name=name, **_SHAPE))


def _import_all() -> None:
    """Import every module: a room may have errors of its own."""
    for each in pkgutil.walk_packages(memorybank.__path__, "memorybank."):
        if not each.name.endswith("__main__"):
            import_module(each.name)


def _family(kind: type[errors.BankError]) -> Iterator[type[errors.BankError]]:
    for each in kind.__subclasses__():
        if "code" in vars(each):
            yield each
        yield from _family(each)


def _first_line(kind: type[errors.BankError]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.stdout.write(render())
