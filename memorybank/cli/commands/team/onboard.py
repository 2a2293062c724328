"""`bank onboard`: the first five days of a new member."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, say_body
from memorybank.facade.team.champion import Champion


@click.command("onboard")
@click.option("--day", type=click.IntRange(1, 5), metavar="N", help="Only this day, 1 to 5.")
@click.option("--budget-tokens", type=click.IntRange(1), metavar="N", help="Print at most N tokens (estimated).")
@click.option("--out", default="", metavar="FILE", help="Write the page into this file, outside of the bank.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it has another text.")
@reads
def onboard_command(app: App, day: int | None, budget_tokens: int | None, out: str, *, overwrite: bool) -> None:
    """Introduce a new member in five days

    Prints a page of Markdown, made of what the bank holds: the first day has the architecture and the tech stack, the
    second the development setup and its environment, the third the key decisions, the fourth common issues, the fifth
    code patterns. Outdated records are left out. A day without anything says what is missing, and with which command
    it is written. Within a budget each day has a share, and may take what the days before it left.

    \b
    Examples:
      bank onboard
      bank onboard --day 2
      bank onboard --budget-tokens 4000 --out ONBOARDING.md
    """
    found = app.face(Champion).onboard(day=day or 0, budget_tokens=budget_tokens, out=out, overwrite=overwrite)
    if app.as_json:
        answer(found)
    elif out:
        say(f"written: {out}", fg="green")
    else:
        say_body(found.text.rstrip("\n"))
