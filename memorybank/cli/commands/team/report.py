"""`bank report`: what happened to the memory since a day, for whoever looks after it."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, say_body
from memorybank.facade.team.champion import SPRINT, Champion


@click.command("report")
@click.option("--since", default=SPRINT, show_default=True, metavar="DAY", help="A day, or 7d for a week ago.")
@click.option("--out", default="", metavar="FILE", help="Write the page into this file, outside of the bank.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it has another text.")
@reads
def report_command(app: App, since: str, out: str, *, overwrite: bool) -> None:
    """Report on the memory as a page of Markdown

    For whoever looks after the memory of a team in a sprint: the new memories by type, tool and author, advice on
    their texts and tags, what is missing for a new member, what was confirmed, marked as outdated or archived, and
    what is open: unresolved merges, notes of agents that wait, questions of the weekly review. Authors are those who
    committed the files; what went to the archive is known from the journal of this machine.

    \b
    Examples:
      bank report
      bank report --since 2026-11-01 --out docs/memory-report.md --overwrite
    """
    made = app.face(Champion).report(since=since, out=out, overwrite=overwrite)
    if app.as_json:
        answer(made)
    elif out:
        say(f"written: {out}", fg="green")
    else:
        say_body(made.text.rstrip("\n"))
