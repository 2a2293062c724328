"""`bank artifact`: files kept with the bank."""

from __future__ import annotations

from pathlib import Path

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT
from memorybank.wire import to_wire


@click.group("artifact")
def artifact_command() -> None:
    """Keep a file with the bank

    \b
    Examples:
      bank artifact add login.png --as screenshots --note "login page, second draft"
      bank artifact list
    """


@artifact_command.command("add")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--as", "folder", default="", metavar="DIR", help="The folder in artifacts/: screenshots, reports, …")
@click.option("--note", type=TEXT, metavar="TEXT", help="What it shows; its name when left out.")
@writes
def add_artifact(app: App, file: Path, folder: str, note: str | None) -> None:
    """Copy a file into artifacts/, with a line under References

    Any file of up to 8 MB. The line holds the beginning of its SHA-256, so that a change is seen.

    \b
    Example:
      bank artifact add report.pdf --as reports
    """
    from memorybank.workflow.progress.attachments import attach

    attached = attach(app.bank, file, app.way(), folder=folder, note=note or "")
    if app.as_json:
        row = {"file": attached.file, "sha256": attached.sha256, "size": attached.size}
        answer({**row, **to_wire(attached.receipt)})
        return
    if attached.receipt.dry_run:
        # the text of a picture is none to show
        say(f"{attached.file}  {attached.size} bytes  sha256 {attached.sha256}")
        lines = [each for each in attached.receipt.files if each.file != attached.file]
        show_receipt(attached.receipt._replace(files=tuple(lines)), as_json=False)
        return
    show_receipt(attached.receipt, as_json=False, done="artifact")
    say(f"  {attached.file}  {attached.size} bytes  sha256 {attached.sha256}")


@artifact_command.command("list")
@reads
def list_artifacts(app: App) -> None:
    """List the files in artifacts/, and whether they are as they were added

    \b
    Example:
      bank artifact list
    """
    from memorybank.workflow.progress import attachments as attach

    rows = attach.list_artifacts(app.bank)
    if app.as_json:
        answer({"artifacts": rows})
        return
    for each in rows:
        say(f"{each.file}  {each.size} bytes  {each.sha256[:16] or '-'}  {each.state}")
    if not rows:
        tell("no artifacts yet: bank artifact add FILE keeps one")
