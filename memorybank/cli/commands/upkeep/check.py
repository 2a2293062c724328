"""`bank check`: the files against their contracts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, now, writes
from memorybank.cli.output import answer, say, show_receipt, visible
from memorybank.document.source import lines_of, without_eol
from memorybank.errors import OutsideError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.check.findings import Finding
    from memorybank.store.folder import BankFolder
    from memorybank.store.manage.lost_text import LostText

# of a text that was lost; `bank restore --dry-run` shows all of it
SHOWN_LINES = 60


@click.command("check")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--fix", "mend", is_flag=True, help="Mend what is sure.")
@click.option("--explain", metavar="RULE", help="Print the manual page of a rule; of every rule for all.")
@click.option("--notices", is_flag=True, help="Tell what is no fault but worth knowing, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@writes
def check_command(
    app: App, files: tuple[str, ...], explain: str | None, form: str, *, mend: bool, notices: bool
) -> int:
    """Check the files against their contracts, and what they say against the project

    Ends with 1 when something was found; notices are no faults. --fix puts missing sections back and takes out equal
    lines and left-over marks of workflows; what it cannot fix is listed. It never writes over a file that lost its
    text: that text is shown, and `bank restore` brings it back. --format github prints annotations for a workflow.
    [check] of bank.toml holds an allow-list, severities and limits.

    \b
    Examples:
      bank check
      bank check patterns.md --json
      bank check --fix --dry-run
      bank check --explain near-duplicate
      bank check decision "Cache: Redis"

    The word `decision` before a text asks what was decided earlier. To check a file of that name, use
    `bank check decision` alone, or ./decision with other files.
    """
    if _is_about_a_decision(app.bank, files):
        from memorybank.cli.commands.records.decide import check_decision

        return check_decision(app, files[1:])
    from memorybank.check.lint import FixResult, fix_findings, lint

    if explain:
        return _explain(explain, as_json=app.as_json)
    way = app.way()
    findings = lint(app.bank, files, now=now(), notices=notices, accept_shrunk=way.options.accept_shrunk)
    fixed = fix_findings(app.bank, findings, way) if mend else FixResult(None, (), ())
    receipt = fixed.receipt
    if receipt is not None and not app.as_json:
        show_receipt(receipt, as_json=False, done="mended")
    if receipt is not None and not receipt.dry_run:
        findings = lint(app.bank, files, now=now(), notices=notices)
    findings = _with_reasons(findings, fixed.left)
    if app.as_json:
        answer({"findings": findings, "receipt": receipt, **({"lost": fixed.lost} if mend else {})})
    else:
        for each in findings:
            _print(each, form, app.bank)
        for lost in fixed.lost:
            _print_lost(lost)
        if not findings and receipt is None:
            say("nothing to mend")
    return 1 if any(each.severity != "notice" for each in findings) else 0


def _is_about_a_decision(bank: BankFolder, files: Sequence[str]) -> bool:
    """Whether `decision` is the word before a text; where a file has that name, the arguments after it decide."""
    if files[:1] != ("decision",):
        return False
    if not _is_file(bank, "decision"):
        return True
    if len(files) == 2 and _is_file(bank, files[1]):  # noqa: PLR2004  the word and one more
        raise click.UsageError(
            f"'decision' is a file here, and {files[1]!r} is one too; to check both: "
            f"bank check ./decision {quoted(files[1])}"
        )
    return len(files) == 2  # noqa: PLR2004  the word and one text


def _is_file(bank: BankFolder, name: str) -> bool:
    try:
        return os.path.lexists(bank.locate(name)[0])
    except OutsideError:
        return False


def _with_reasons(findings: list[Finding], left: Sequence[Finding]) -> list[Finding]:
    """Put what a fix said of a finding in the finding's place."""
    told = {(each.file, each.rule, each.line, each.message.partition("; not fixed: ")[0]): each for each in left}
    shown = [told.pop((each.file, each.rule, each.line, each.message), each) for each in findings]
    return [*shown, *told.values()]


def _print_lost(lost: LostText) -> None:
    """Show the last text of a file that lost it; a long one only in its beginning."""
    if not lost.text:
        say(f"{lost.file}: no text of it is kept; git may know one")
        return
    lines = lines_of(lost.text)
    say(f"{lost.file}: the last text that is kept, of {lost.operation}:")
    for line in lines[:SHOWN_LINES]:
        say(f"  | {without_eol(line)}")
    if len(lines) > SHOWN_LINES:
        say(f"  … {len(lines) - SHOWN_LINES} more lines")


def _explain(rule: str, *, as_json: bool) -> int:
    from memorybank.check.manual import manual, manual_of

    pages = manual() if rule == "all" else [manual_of(rule)]
    if as_json:
        answer({"rules": pages})
        return 0
    for each in pages:
        say(f"{each.rule}{' (--fix mends it)' if each.fixable else ''}: {each.summary}")
        if each.text and rule != "all":
            say()
            say(each.text)
    return 0


def _print(finding: Finding, form: str, bank: BankFolder) -> None:
    if form == "github":
        file = _escaped(_in_workspace(bank, finding.file)).replace(",", "%2C").replace(":", "%3A")
        text = _escaped(finding.message)
        click.echo(f"::{finding.severity} file={file},line={finding.line},title={finding.rule}::{text}")
        return
    hint = f"  ({finding.hint})" if finding.hint else ""
    # one finding, one line: a file's name can hold anything
    file = finding.file.replace("\n", "\\n")
    say(f"{file}:{finding.line}: {finding.severity}: {finding.message} [{finding.rule}]{hint}")


def _in_workspace(bank: BankFolder, name: str) -> str:
    """Name a file as a workflow does: from the checkout, which is not the bank's folder."""
    path = bank.place_of(name)[0]
    root = os.environ.get("GITHUB_WORKSPACE") or bank.project
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _escaped(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
