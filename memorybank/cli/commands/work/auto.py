"""`bank workflow auto`: whether gates are passed without asking."""

from __future__ import annotations

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, show_receipt
from memorybank.facade.workflows import Workflows

NAME = "AUTO_PROCEED"


@click.command("auto")
@click.argument("state", type=click.Choice(["on", "off"], case_sensitive=False), required=False, metavar="[on|off]")
@writes
def auto_command(app: App, state: str | None) -> None:
    """Pass gates without asking, or show whether that is on

    Sets AUTO_PROCEED under Session Settings of activeContext.md. While it is on, a new gate is passed at once, and
    `workflow finish` passes those that are open. A gate that would revert something (REVERT in its name or question)
    is always asked.

    \b
    Examples:
      bank workflow auto on
      bank workflow auto
    """
    workflows = app.face(Workflows)
    if state is None:
        on = workflows.auto_proceed()
        if app.as_json:
            answer({"auto_proceed": on})
        else:
            say(f"{NAME} is {'on' if on else 'off'}")
        return
    show_receipt(workflows.set_auto_proceed(on=state == "on"), as_json=app.as_json, done=f"{NAME} {state}")
