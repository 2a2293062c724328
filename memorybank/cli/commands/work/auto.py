"""`bank workflow auto`: whether gates pass without being asked."""

from __future__ import annotations

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, show_receipt


@click.command("auto")
@click.argument("state", type=click.Choice(["on", "off"]), required=False, metavar="[on|off]")
@writes
def auto_command(app: App, state: str | None) -> None:
    """Let gates pass without being asked, or say whether they do

    Sets AUTO_PROCEED under Session Settings of activeContext.md. With it a gate that is opened is passed at once, and
    `workflow finish` passes those that are open; what would take something back (REVERT in its name or question) is
    asked all the same.

    \b
    Examples:
      bank workflow auto on
      bank workflow auto
    """
    from memorybank.workflow.auto_proceed import NAME, is_auto, set_auto

    if state is None:
        on = is_auto(app.bank)
        if app.as_json:
            answer({"auto_proceed": on})
        else:
            say(f"{NAME} is {'on' if on else 'off'}")
        return
    show_receipt(set_auto(app.bank, app.way(), on=state == "on"), as_json=app.as_json, done=f"{NAME} {state}")
