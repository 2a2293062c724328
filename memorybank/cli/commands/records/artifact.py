"""`bank artifact`: files kept with the bank."""

from __future__ import annotations

from pathlib import Path

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, say_fields, show_receipt, tell
from memorybank.cli.text_command import TEXT
from memorybank.facade.ledgers import Artifacts


@click.group("artifact", cls=CommandGroup)
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
@click.option("--note", type=TEXT, metavar="TEXT", help="What it shows; the default is its name.")
@writes
def add_artifact(app: App, file: Path, folder: str, note: str | None) -> None:
    """Copy a file into artifacts/, with a line under References

    Any file of up to 8 MB. The line holds the start of its SHA-256, so that a later change is noticed.

    \b
    Example:
      bank artifact add report.pdf --as reports
    """
    attached = app.face(Artifacts).add(file, folder=folder, note=note or "")
    if app.as_json:
        answer(attached)
        return
    if attached.receipt.dry_run:
        # a picture has no text to show as a diff
        say(f"{attached.file}  {attached.size} bytes  sha256 {attached.sha256}")
        lines = [change for change in attached.receipt.files if change.file != attached.file]
        show_receipt(attached.receipt._replace(files=tuple(lines)), as_json=False)
        return
    show_receipt(attached.receipt, as_json=False, done="artifact")
    say(f"  {attached.file}  {attached.size} bytes  sha256 {attached.sha256}")


@artifact_command.command("list")
@reads
def list_artifacts(app: App) -> None:
    """List the files in artifacts/, and whether they changed since they were added

    \b
    Example:
      bank artifact list
    """
    artifacts = app.face(Artifacts).list()
    if app.as_json:
        answer(artifacts)
        return
    for artifact in artifacts:
        size = f"{artifact.size} bytes  {artifact.sha256[:16] or '-'}  {artifact.state}"
        say_fields(artifact.file, size)
    if not artifacts:
        tell("no artifacts yet: bank artifact add FILE keeps one")
