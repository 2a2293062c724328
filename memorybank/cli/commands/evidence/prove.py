"""`bank prove` and `bank verify`: evidence that was run, and whether it still holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, now, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT

if TYPE_CHECKING:
    from memorybank.workflow.evidence.run import ProofRequest
    from memorybank.workflow.evidence.verify import EvidenceStatus, VerifyResult

SHOWN_LINES = 20


@click.command("prove")
@click.argument("subject", type=TEXT, metavar="ITEM|CLAIM")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND…")
@click.option("--covers", multiple=True, metavar="GLOB", help="What the proof is about; without, all that git tracks.")
@click.option("--report", default="", metavar="FILE", help="Count in the JUnit XML that the command writes.")
@click.option("--shell", is_flag=True, help="Let a shell run the command, given as one word.")
@click.option("--trust", is_flag=True, help="Let `bank verify` run it again on this machine.")
@click.option("--limit", type=click.FloatRange(1, 86400), default=600.0, show_default=True, metavar="SECONDS")
@writes
def prove_command(
    app: App,
    subject: str,
    command: tuple[str, ...],
    covers: tuple[str, ...],
    report: str,
    *,
    shell: bool,
    trust: bool,
    limit: float,
) -> int:
    """Run a command and record what it proves

    ITEM is a task (number, text or ^id), which goes to Completed with the evidence behind it; a CLAIM becomes a line
    under Verification. The command runs here, without a shell; a failing exit code, no tests, or numbers that do
    not add up are no proof: nothing is written and the status is 1. With --dry-run nothing is run.

    \b
    Examples:
      bank prove "the parser keeps comments" --covers "src/**" -- python -m pytest -q tests/parser
      bank prove 2 -- npm test
    """
    from memorybank.workflow.evidence.prove import prove
    from memorybank.workflow.evidence.run import asked

    way = app.way()
    what = asked(command, way, shell=shell, folder=_here(app), covers=covers, report=report)
    proof = prove(app.bank, subject, what, way, os.environ, seconds=limit)
    if proof.proved and trust:
        _approve(app, what)
    if app.as_json:
        answer(proof)
        return 0 if proof.proved or way.options.dry_run else 1
    if way.options.dry_run:
        say(f"would run: {proof.command}")
        say(f"  in {app.bank.project / what.folder}, covering {', '.join(proof.covers) or 'nothing'}")
        tell("nothing was run or written (dry run)")
        return 0
    if proof.receipt is None:
        _tail(proof.output)
        say(f"no proof: {'; '.join(proof.why)}", fg="red")
        return 1
    show_receipt(proof.receipt, as_json=False, done="proved")
    return 0


def _here(app: App) -> str:
    """Give the folder the caller stands in, from the project; "" outside of it."""
    here, project = app.here.resolve(), app.bank.project.resolve()
    name = here.relative_to(project).as_posix() if here.is_relative_to(project) else "."
    return "" if name == "." else name


def _approve(app: App, what: ProofRequest) -> None:
    from memorybank.store.approvals import approve
    from memorybank.workflow.evidence.evidence import runnable_of

    runnable = runnable_of(what.command, shell=what.shell, folder=what.folder)
    approve(app.home, app.bank, [runnable], at=f"{now():%Y-%m-%dT%H:%M:%SZ}")


def _tail(output: str) -> None:
    rows = output.rstrip("\n").split("\n")
    for row in rows[-SHOWN_LINES:] if output.strip() else ():
        say(f"  {row}")


@click.command("verify")
@click.argument("item", type=TEXT, default="", metavar="[ITEM]")
@click.option("--all", "everything", is_flag=True, help="Run all of it again.")
@click.option("--stale", is_flag=True, help="Run again what is stale, edited or broken.")
@click.option("--limit", type=click.FloatRange(1, 86400), default=600.0, show_default=True, metavar="SECONDS")
@writes
def verify_command(app: App, item: str, *, everything: bool, stale: bool, limit: float) -> int:
    """Check which evidence still holds, and run again what does not

    Evidence is fresh while the files it covers are as they were. ITEM, a line's ^id or text, is run again by itself.
    What no longer holds is marked in its line. Commands stand in files that others can edit: each runs only after
    `bank trust` has approved its exact text on this machine. Ends with 1 unless all of it is fresh.

    \b
    Examples:
      bank verify
      bank verify --stale
      bank verify ^v7k2m9
    """
    from memorybank.workflow.evidence.verify import FRESH, verify

    if bool(item) + everything + stale > 1:
        raise click.UsageError("ITEM, --all and --stale each name what is run again; give one of them.")
    which = "all" if everything else "stale" if stale else ""
    done = verify(app.bank, app.way(), os.environ, app.home, which=which, what=item, seconds=limit)
    fresh = all(each.state == FRESH for each in done.standings)
    if app.as_json:
        answer({"evidence": done.standings, "runs": done.runs, "receipt": done.receipt})
        return 0 if fresh else 1
    _show_runs(done)
    for each in done.standings:
        _show(each)
    if not done.standings:
        tell('there is no evidence yet; bank prove "CLAIM" -- COMMAND runs some')
    return 0 if fresh else 1


def _show_runs(done: VerifyResult) -> None:
    for each in done.runs:
        held = "holds" if not each.why else f"does not hold: {'; '.join(each.why)}"
        say(f"ran: {each.command} ({each.seconds:.1f} s)  {held}", fg="red" if each.why else "green")
        if each.why:
            _tail(each.output)
        if each.note:
            say(f"  {each.note}", fg="yellow")
    if done.receipt is not None and done.receipt.operation:
        say(f"  {done.receipt.operation}   bank undo takes it back")


def _show(standing: EvidenceStatus) -> None:
    colour = "green" if standing.state == "fresh" else "yellow" if standing.state in ("stale", "unbound") else "red"
    name = f" ^{standing.id}" if standing.id else ""
    say(f"{standing.state}{name}: {standing.text or standing.address}", fg=colour)
    say(f"  {standing.why}")
