"""`bank hook`: answer an event of a client of agents."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


@click.command("hook")
@click.argument("event")
@click.argument("words", nargs=-1, metavar="[GIT_HOOK [ARGUMENT]...]")
@click.option("--client", default="", help="Who asks; without it the event says so.")
@click.option("--project", default="", metavar="DIR", help="For git: the bank's project, below the current folder.")
def hook_command(event: str, words: tuple[str, ...], client: str, project: str) -> None:
    """Answer an event of a client

    A client of agents runs this at its events, with the event as JSON on standard input; the answer is in that
    client's form. EVENT is the client's own name for it, such as PreToolUse, BeforeTool or agentStop. Whatever goes
    wrong is logged, and the status is 0: the client goes on. `bank install` enters a script that does the same and
    starts faster. `bank hook git NAME` is for git's own hooks, see `bank install git`.

    \b
    Examples:
      bank hook SessionStart < event.json
    """
    if event == "git":
        from memorybank.cli.output import tell
        from memorybank.facade.team.git_hook import after_hook

        for row in after_hook(words[0] if words else "", Path(project).absolute(), os.environ):
            tell(f"bank: {row}")
        return
    from memorybank.serve.hooks.glance import is_idle, kind_of
    from memorybank.serve.hooks.run import answer

    data = sys.stdin.buffer.read()
    if not is_idle(kind_of(event), data):
        sys.stdout.buffer.write(answer(event, data, client=client, environ=os.environ))
        sys.stdout.buffer.flush()
