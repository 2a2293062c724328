"""`bank merge-driver`: the merge driver that git calls."""

from __future__ import annotations

import click

from memorybank.cli.output import tell


@click.command("merge-driver")
@click.argument("base", metavar="BASE")
@click.argument("ours", metavar="OURS")
@click.argument("theirs", metavar="THEIRS")
@click.argument("marker_size", type=int, default=7, metavar="[SIZE]")
@click.argument("path", default="", metavar="[PATH]")
@click.option("--top", default="", metavar="DIR", help="The folder that PATH begins in.")
def merge_driver_command(base: str, ours: str, theirs: str, marker_size: int, path: str, top: str) -> int:
    """Merge one file for git

    Git calls it as `bank merge-driver %O %A %B %L %P`; `bank merge install` sets that up. The result is written to
    OURS. The status is 0 for a clean merge and 1 for one with conflicts; git takes a status above 128, which is only
    used if the result cannot be written, as an order to stop. PATH says which file of a bank it is; other files are
    merged as git does it.

    \b
    Examples:
      bank merge-driver base.md ours.md theirs.md 7 .memorybank/progress.md
    """
    from memorybank.facade.team.merge_driver import run_driver

    done = run_driver(base, ours, theirs, marker_size=marker_size, path=path or ours, top=top)
    if done.why:
        tell(f"bank merge-driver: {path or ours}: {done.why}")
    return done.status
