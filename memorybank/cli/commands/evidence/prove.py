"""`bank prove` and `bank verify`: run a command as evidence, and check whether the evidence is still valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, say_undo, show_receipt, tell
from memorybank.cli.text_command import TEXT
from memorybank.facade.evidence import SECONDS, Evidence

if TYPE_CHECKING:
    from memorybank.workflow.evidence.verify import EvidenceStatus, VerifyResult

SHOWN_LINES = 20


@click.command("prove")
@click.argument("subject", type=TEXT, metavar="ITEM|CLAIM")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND…")
@click.option("--covers", multiple=True, metavar="GLOB", help="Files the claim covers; by default all that git tracks.")
@click.option(
    "--report",
    default="",
    metavar="FILE|FOLDER|GLOB",
    help="Count the tests in the reports that the command writes.",
)
@click.option("--shell", is_flag=True, help="Run the command, given as one argument, in a shell.")
@click.option("--trust", is_flag=True, help="Let `bank verify` run it again on this machine.")
@click.option("--limit", type=click.FloatRange(1, 86400), default=SECONDS, show_default=True, metavar="SECONDS")
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

    ITEM is a task (number, text or ^id), which moves to Completed with its evidence; a CLAIM becomes a line under
    Verification. The command runs in this folder, without a shell. A failing exit code, a test run without tests, a
    suite, file or build that failed outside the tests, or contradicting test counts do not count as proof: nothing is
    written and the exit status is 1. With --dry-run nothing is run.

    The tests are counted in what the runner prints. A report is more exact: --report FILE counts the tests in JUnit
    XML, in TRX, or in the JSON of jest, vitest, Playwright, mocha or pytest-json-report. A folder or a pattern is the
    sum of its reports. Only files that this run wrote are counted.

    \b
    Examples:
      bank prove "the parser keeps comments" --covers "src/**" -- python -m pytest -q tests/parser
      bank prove 2 -- npm test
      bank prove 2 --report report.xml -- pytest -q --junitxml=report.xml
      bank prove 2 --report target/surefire-reports -- mvn test
    """
    face = app.face(Evidence)
    proof = face.prove(subject, command, covers=covers, report=report, shell=shell, trust=trust, seconds=limit)
    if app.as_json:
        answer(proof)
        return 0 if proof.proved or app.dry_run else 1
    if app.dry_run:
        say(f"would run: {proof.command}")
        say(f"  in {face.run_folder()}, covering {', '.join(proof.covers) or 'nothing'}")
        tell("nothing was run or written (dry run)")
        return 0
    if proof.receipt is None:
        _tail(proof.output)
        say(f"no proof: {'; '.join(proof.reasons)}", fg="red")
        return 1
    show_receipt(proof.receipt, as_json=False, done="proved")
    if proof.remark:
        tell(proof.remark)
    return 0


def _tail(output: str) -> None:
    rows = output.rstrip("\n").split("\n")
    for row in rows[-SHOWN_LINES:] if output.strip() else ():
        say(f"  {row}")


@click.command("verify")
@click.argument("item", type=TEXT, default="", metavar="[ITEM]")
@click.option("--all", "everything", is_flag=True, help="Run all evidence again.")
@click.option("--stale", is_flag=True, help="Run stale, edited and broken evidence again.")
@click.option("--limit", type=click.FloatRange(1, 86400), default=SECONDS, show_default=True, metavar="SECONDS")
@writes
def verify_command(app: App, item: str, *, everything: bool, stale: bool, limit: float) -> int:
    """Check which evidence is still valid, and run it again

    Evidence is fresh while the files it covers are unchanged. ITEM, a line's ^id or text, runs only that one again.
    Evidence that is no longer valid is marked in its line. Commands are read from files that others can edit, so each
    runs only after `bank trust` has approved its exact text on this machine. The exit status is 1 unless all evidence
    is fresh.

    \b
    Examples:
      bank verify
      bank verify --stale
      bank verify ^v7k2m9
    """
    if bool(item) + everything + stale > 1:
        raise click.UsageError("ITEM, --all and --stale each name what is run again; give one of them.")
    which = "all" if everything else "stale" if stale else ""
    done = app.face(Evidence).verify(item, which=which, seconds=limit)
    if app.as_json:
        answer(done)
        return 0 if done.is_fresh else 1
    _show_runs(done)
    for standing in done.standings:
        _show(standing)
    if not done.standings:
        tell('there is no evidence yet; bank prove "CLAIM" -- COMMAND makes some')
    return 0 if done.is_fresh else 1


def _show_runs(done: VerifyResult) -> None:
    for run in done.runs:
        result = "still valid" if not run.reasons else f"no longer valid: {'; '.join(run.reasons)}"
        say(f"ran: {run.command} ({run.seconds:.1f} s)  {result}", fg="red" if run.reasons else "green")
        if run.reasons:
            _tail(run.output)
        if run.remark:
            say(f"  {run.remark}", fg="yellow")
    if done.receipt is not None and done.receipt.operation:
        say_undo(done.receipt)


def _show(standing: EvidenceStatus) -> None:
    colour = "green" if standing.state == "fresh" else "yellow" if standing.state in ("stale", "unbound") else "red"
    name = f" ^{standing.id}" if standing.id else ""
    say(f"{standing.state}{name}: {standing.text or standing.address}", fg=colour)
    say(f"  {standing.why}")
