"""`bank show`, `bank outline` and `bank status`: looking without touching."""

from __future__ import annotations

import click

from memorybank.cli.context import App, reads
from memorybank.cli.output import answer, pour, say, tell


@click.command("show")
@click.argument("address", metavar="ADDRESS")
@reads
def show_command(app: App, address: str) -> None:
    """Print one section and its digest

    The digest goes into --expect of a later edit, which is refused when the section changed meanwhile. It is told
    on standard error, so that the text alone can be piped; a pipe or a file gets the very bytes, a terminal sees
    control characters as escapes.

    \b
    Examples:
      bank show activeContext.md#Decisions
      bank show docs/plans/2026-11-21-search.md#Steps
      bank show progress.md
    """
    from memorybank.store.look import look

    seen = look(app.bank, address)
    if app.as_json:
        answer(seen)
        return
    tell(f"{seen.address} @{seen.digest} lines {seen.first_line}-{seen.last_line}")
    pour(seen.text)


@click.command("outline")
@click.argument("file", required=False, metavar="[FILE]")
@reads
def outline_command(app: App, file: str | None) -> None:
    """List the sections of a file

    Each with its lines, its digest and the address that stands for it; of all memory files when none is named.

    \b
    Examples:
      bank outline
      bank outline patterns.md --json
    """
    from memorybank.store.look import Row, outline_of

    files = [file] if file else [each for each in app.bank.main_files if (app.bank.folder / each).exists()]
    outlines: list[tuple[str, str, list[Row]]] = [outline_of(app.bank, each) for each in files]
    if app.as_json:
        answer({"files": [{"file": name, "digest": digest, "sections": rows} for name, digest, rows in outlines]})
        return
    for name, digest, rows in outlines:
        say(f"{name} @{digest}", bold=True)
        for row in rows:
            lines = f"{row.first_line}-{row.last_line}"
            say(f"  {lines:>11}  {row.digest}  {'  ' * (row.level - 1)}{row.name}")


@click.command("status")
@reads
def status_command(app: App) -> None:
    """Say what this bank is and how it stands

    \b
    Example:
      bank status
    """
    from memorybank.store.look import status_of

    status = status_of(app.bank)
    if app.as_json:
        answer(status)
        return
    say(f"bank      {status.folder} ({status.layout})")
    say(f"project   {status.project}")
    for each in status.files:
        say(f"          {each.file:20}{each.digest or 'missing':18}{each.size:>8} bytes  {each.changed}")
    say(f"journal   {status.operation_count} operations, last {status.last_operation or 'none'}")
    if status.unfinished:
        say(f"          {', '.join(status.unfinished)} did not end; the next write settles it")
