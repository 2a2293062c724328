"""`bank show`, `bank outline` and `bank status`: looking without touching."""

from __future__ import annotations

import os
from typing import Any

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, pour, report_all, say, tell
from memorybank.errors import BankError


@click.command("show")
@click.argument("address", metavar="ADDRESS")
@reads
def show_command(app: App, address: str) -> None:
    """Print one section and its digest

    The digest goes into --expect of a later edit, which is refused when the section changed meanwhile. It is told
    on standard error, so that the text alone can be piped; a pipe or a file gets the very bytes, a terminal sees
    control characters as escapes.

    An address is FILE, FILE#Section, FILE#Parent/Section or FILE#Section^id, with the heading as it is written. Of
    several sections with one name FILE#Section~2 is the second; `bank outline` prints the address of each.

    \b
    Examples:
      bank show activeContext.md#Decisions
      bank show docs/plans/2026-11-21-search.md#Steps
      bank show progress.md
    """
    from memorybank.store.view import look

    seen = look(app.bank, address)
    if app.as_json:
        answer(seen)
        return
    tell(f"{seen.address} @{seen.digest} lines {seen.first_line}-{seen.last_line}")
    pour(seen.text)


@click.command("outline")
@click.argument("file", required=False, metavar="[FILE]")
@reads
def outline_command(app: App, file: str | None) -> int:
    """List the sections of a file

    Each with its lines, its digest and the address that stands for it; of all memory files when none is named.

    \b
    Examples:
      bank outline
      bank outline patterns.md --json
    """
    from memorybank.document.addresses import fragment_of
    from memorybank.store.view import Row, outline_of

    # lexists: a link that leads nowhere, or out, is told too
    files = [file] if file else [each for each in app.bank.main_files if os.path.lexists(app.bank.folder / each)]
    outlines: list[tuple[str, str, list[Row]]] = []
    told: list[dict[str, Any]] = []
    failed: list[BankError] = []
    for each in files:
        try:
            name, digest, rows = outline_of(app.bank, each)
        except BankError as error:
            if len(files) == 1:
                raise
            failed.append(error)
            told.append({"file": each, "error": error.to_wire()})
            continue
        outlines.append((name, digest, rows))
        told.append({"file": name, "digest": digest, "sections": rows})
    if app.as_json:
        answer({"files": told})
        return report_all(failed, as_json=True)
    for name, digest, rows in outlines:
        say(f"{name} @{digest}", bold=True)
        for row in rows:
            lines = f"{row.first_line}-{row.last_line}"
            fragment = fragment_of(row.address)
            address = "" if fragment == row.name else f"  #{fragment}"
            say(f"  {lines:>11}  {row.digest}  {'  ' * (row.level - 1)}{row.name}{address}")
    return report_all(failed)


@click.command("status")
@reads
def status_command(app: App) -> None:
    """Say what this bank is and how it stands

    \b
    Example:
      bank status
    """
    from memorybank.records.sessions.current import current_session
    from memorybank.store.view import status_of
    from memorybank.wire import to_wire
    from memorybank.workflow.handoff import due
    from memorybank.workflow.notes.queue_status import wait_of

    status = status_of(app.bank)
    wait = wait_of(app.bank)
    mark = due(app.bank, current_session(app.bank, os.environ, app.here))
    if app.as_json:
        answer({**to_wire(status), "waiting_notes": wait, "checkpoint_due": mark})
        return
    say(f"bank      {status.folder} ({status.layout})")
    say(f"project   {status.project}")
    for each in status.files:
        stands = each.fault or f"{each.digest:18}{each.size:>8} bytes  {each.changed}"
        say(f"          {each.file:20}{stands}")
    say(f"journal   {status.operation_count} operations, last {status.last_operation or 'none'}")
    if status.unfinished:
        say(f"          {', '.join(status.unfinished)} did not end; the next write settles it")
    if wait is not None:
        say(f"notes     {wait}")
    if mark.reasons:
        told = f" since {mark.since}" if mark.since else ""
        say(f"due       {', '.join(mark.reasons)}{told}: bank checkpoint --reason precompact")
