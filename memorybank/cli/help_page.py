"""Help pages that list the common options in a block of their own, at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMON = frozenset(
    ("--bank", "--global", "--json", "--allow-secret", "--accept-shrunk", "--role", "--dry-run", "--timeout", "--help")
)


class BankFormatter(click.HelpFormatter):
    """Writes help pages with the common options in a block of their own, at the end."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands."""
        rows = list(rows)
        common = [row for row in rows if _names(row[0]) & _COMMON]
        own = [row for row in rows if row not in common]
        if not own or not common:
            super().write_dl(rows, col_max, col_spacing)
            return
        super().write_dl(own, col_max, col_spacing)
        self.dedent()
        self.write_paragraph()
        self.write_heading("Common options")
        self.indent()
        super().write_dl(common, col_max, col_spacing)


class BankContext(click.Context):
    """The context of all commands: help pages are written by `BankFormatter`."""

    formatter_class = BankFormatter


def with_context(command: click.Command) -> click.Command:
    """Set the context class of a command, and of the commands in a group."""
    command.context_class = BankContext
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        with_context(each)
    return command


def _names(row: str) -> set[str]:
    return {word.strip(",") for word in row.split() if word.startswith("-")}
