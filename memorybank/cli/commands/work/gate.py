"""`bank gate`, `bank wrap-up` and `bank handoff`: the begin of a stage, the end of a session, and who continues."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads, words_of
from memorybank.cli.output import answer, say, say_body, tell
from memorybank.facade.evidence import Standing
from memorybank.facade.workflows import WorkflowMethods

# the end of the work as a stage: `bank gate finish` is `bank wrap-up`
_FINISH = "finish"


@click.command("gate")
@click.argument("stage", metavar="STAGE")
@reads
def gate_command(app: App, stage: str) -> int:
    """Check whether a stage may begin: whether what it needs has been read

    What this session read with `bank load --mark` counts. The exit status is 1 while something is missing, for hooks.
    The table of stages is templates/gates.toml; a file of that name in the bank's own templates/ overrides it. The
    stage finish is `bank wrap-up`.

    \b
    Examples:
      bank gate implement
      bank gate finish
    """
    if stage == _FINISH:
        return _wrap_up(app)
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
        tell(f"next: {passage.hint}", whole=True)
    return 0 if passage.is_open else 1


@click.command("wrap-up")
@click.option(
    "--none", multiple=True, metavar="POINTS", help="There was nothing to write for these, as `decisions,log`."
)
@click.option("--since", metavar="DAY", default="", help="Look at what was done since then; 4h is four hours ago.")
@reads
def wrap_up_command(app: App, none: tuple[str, ...], since: str) -> int:
    """Check what has to be written before the work is done

    Looks at what was done since the session began, without a session since the last `bank load --mark` of all memory
    files. Points: loaded, focus, changes, decisions, learnings, bugs, dependencies, set-up, progress with evidence,
    log, checkpoint, documents, queued notes, workflow, next steps, summary and the session's own summary. Each open
    point comes with the command that settles it. If there was nothing to write, say so with --none; it is kept for
    this session. The exit status is 1 while a point is open, for hooks.

    \b
    Examples:
      bank wrap-up
      bank wrap-up --none decisions,learnings
      bank wrap-up --since 4h --json
    """
    return _wrap_up(app, none=none, since=since)


def _wrap_up(app: App, *, none: tuple[str, ...] = (), since: str = "") -> int:
    found = app.face(WorkflowMethods).wrap_up(since=since, none=words_of(",".join(none)))
    status = 0 if found.is_done else 1
    if app.as_json:
        answer(found)
        return status
    for point in found.open:
        say(f"{point.name}: {point.found}", fg="red")
        say(f"  {point.command}", whole=True)
    if found.is_done:
        say(f"all settled since {found.since}")
    else:
        settled = [point.name for point in found.points if point.is_done]
        say(f"settled since {found.since}: {', '.join(settled)}")
    unsaid = [point.name for point in found.open if point.can_be_none]
    if unsaid:
        tell("nothing to write?")
        tell(f"  bank wrap-up --none {','.join(unsaid)}", whole=True)
    return status


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
    say_body(summary.text)
