"""The group `bank corrections`; `group.py` fills it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.other_names import CommandGroup

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group("corrections", cls=CommandGroup)
def corrections_command() -> None:
    """Find, decide on and load what users corrected

    A correction is what a user had to put right, with what it corrected. It waits in a local list until you accept it;
    then it is a record of the bank, with its line in patterns.md.

    \b
    Examples:
      bank corrections list --status waiting
      bank corrections show last
      bank corrections drop cor-20261120-k3f9x --why "only this once"
    """


def log_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose logs to label or to measure."""
    source = click.option(
        "--source", type=click.Path(path_type=Path), metavar="DIR", help="The folder of logs; else the clients' own."
    )
    clients = click.option(
        "--client", "clients", multiple=True, metavar="NAME", help="Only logs of this client; may be repeated."
    )
    since = click.option(
        "--since", default="", metavar="WHEN", help="Only logs from this day or time: 2026-11-01, 30d."
    )
    return source(clients(since(function)))
