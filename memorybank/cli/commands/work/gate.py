"""`bank gate` and `bank handoff`: may this stage begin; what the next one needs to go on."""

from __future__ import annotations

import os

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, tell


@click.command("gate")
@click.argument("stage", metavar="STAGE")
@reads
def gate_command(app: App, stage: str) -> int:
    """Check whether a stage may begin: whether what it needs has been read

    Known is what this session read with bank load --mark. Ends with 1 while something is missing, for hooks. The table
    is templates/gates.toml; one in the bank's own templates/ comes first.

    \b
    Example:
      bank gate implement
    """
    from memorybank.records.sessions.current import actor_in
    from memorybank.workflow.gate import gate

    found = gate(app.bank, stage, actor_in(app.bank, os.environ, app.here).session)
    if app.as_json:
        answer(found)
    elif found.is_open:
        read = f": {', '.join(found.needs)} were read" if found.needs else ""
        say(f"{stage} may begin{read}")
        for each in found.changed:
            tell(f"{each} changed since")
    else:
        say(f"{stage} may not begin: not read in this session: {', '.join(found.missing)}")
        tell(f"next: {found.hint}")
    return 0 if found.is_open else 1


@click.command("handoff")
@reads
def handoff_command(app: App) -> None:
    """Print a summary for whoever continues, in at most 1,500 characters

    Goal, state, next, blockers, decisions, what is done, and where to read, by path. Secrets are redacted.

    \b
    Example:
      bank handoff
    """
    from memorybank.workflow.handoff import handoff

    text = handoff(app.bank)
    if app.as_json:
        answer({"handoff": text, "characters": len(text)})
        return
    say(text)
