"""The group `bank corrections`; `group.py` fills it."""

from __future__ import annotations

import click

from memorybank.cli.other_names import CommandGroup


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
