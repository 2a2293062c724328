"""`bank hook`: answer an event of a client of agents."""

from __future__ import annotations

import os
import sys

import click


@click.command("hook")
@click.argument("event")
@click.option("--client", default="", help="Who asks; without it the event says so.")
def hook_command(event: str, client: str) -> None:
    """Answer an event of a client

    A client of agents runs this at its events, with the event as JSON on standard input; the answer is in that
    client's form. EVENT is the client's own name for it, such as PreToolUse, BeforeTool or agentStop. Whatever goes
    wrong is logged, and the status is 0: the client goes on. `bank install` enters a script that does the same and
    starts faster.

    \b
    Examples:
      bank hook SessionStart < event.json
    """
    from memorybank.serve.hooks.glance import is_idle, kind_of
    from memorybank.serve.hooks.run import answer

    data = sys.stdin.buffer.read()
    if not is_idle(kind_of(event), data):
        sys.stdout.buffer.write(answer(event, data, client=client, environ=os.environ))
        sys.stdout.buffer.flush()
