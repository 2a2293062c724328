"""`bank adopt-from`: the files of another bank, brought over through the merge."""

from __future__ import annotations

import click

from memorybank.cli.commands.team.arrivals import show_arrivals
from memorybank.cli.options import App, writes
from memorybank.cli.output import say, tell
from memorybank.facade.team.adopting import Adopting
from memorybank.facade.terminal.visible import in_one_line

_FROM = {"folder": "the files in it", "journal": "its journal: the files are gone", "commit": "git: the folder is gone"}


@click.command("adopt-from")
@click.argument("folder", metavar="DIR")
@writes
def adopt_from_command(app: App, folder: str) -> int:
    """Bring the files of another bank over

    DIR is the bank of another worktree or clone, or its project; it may be a deleted worktree that the command
    `bank banks --orphans` lists. Each file is merged from the text that both had, as the common commit or both journals
    know it. Files that DIR does not have stay. The status is 1 if conflicts are left or a file was refused.

    \b
    Examples:
      bank adopt-from ../app-feature --dry-run
      bank adopt-from ../app-feature
    """
    done = app.face(Adopting).adopt_from(folder)
    if not app.as_json:
        at = f" ({done.branch or 'detached'}, {done.commit[:9]})" if done.commit else ""
        say(f"from {_FROM[done.source]}{at}", dim=True)
        for name, why in done.left_out:
            tell(in_one_line(f"left out: {name}: {why}"))
    return show_arrivals(app, done, done.files, done.receipt)
