"""`bank gate` and `bank handoff`: whether a stage may begin, and a summary for whoever continues."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, tell
from memorybank.facade.evidence import Standing


@click.command("gate")
@click.argument("stage", metavar="STAGE")
@reads
def gate_command(app: App, stage: str) -> int:
    """Check whether a stage may begin: whether what it needs has been read

    What this session read with `bank load --mark` counts. The exit status is 1 while something is missing, for hooks.
    The table of stages is templates/gates.toml; a file of that name in the bank's own templates/ overrides it.

    \b
    Example:
      bank gate implement
    """
    passage = app.face(Standing).gate(stage)
    if app.as_json:
        answer(passage)
    elif passage.is_open:
        read = f": {', '.join(passage.needs)} were read" if passage.needs else ""
        say(f"{stage} may begin{read}")
        for address in passage.changed:
            tell(f"{address} changed since it was read")
    else:
        say(f"{stage} may not begin: not read in this session: {', '.join(passage.missing)}")
        tell(f"next: {passage.hint}")
    return 0 if passage.is_open else 1


@click.command("handoff")
@reads
def handoff_command(app: App) -> None:
    """Print a summary for whoever continues, in at most 1,500 characters

    It has the goal, state, next steps, blockers, decisions, what is done, and the files to read. Secrets are redacted.

    \b
    Example:
      bank handoff
    """
    summary = app.face(Standing).handoff()
    if app.as_json:
        answer(summary)
        return
    say(summary.handoff)
