"""`bank show`, `bank outline` and `bank status`: reading only."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, pour, report_all, say, tell
from memorybank.cli.text_command import text_words
from memorybank.cli.width import columns
from memorybank.errors import NoAnchorError, NotFoundError
from memorybank.facade.everyday import Everyday

# columns of a terminal from which on `bank status` shows digests too
_ROOM_FOR_DIGESTS = 84
_HEADINGS = 5  # so many unknown headings of a file are named


@click.command("show")
@text_words("address", metavar="ADDRESS|NAME...", type=click.STRING)
@reads
def show_command(app: App, address: str) -> None:
    """Print one section and its digest

    Pass the digest to --expect of a later edit: the edit is refused if the section changed in the meantime. The digest
    is printed on standard error, so the text alone can be piped. Output to a pipe or file is byte-exact; on a terminal,
    control characters are escaped.

    An address is FILE, FILE#Section, FILE#Parent/Section or FILE#Section^id, with the exact heading. FILE#Section~2
    is the second of several sections with the same name; `bank outline` prints all addresses.

    A plain name is enough for a section, a memory file or a kind of note. The name of a type lists its records, and an
    id prints the record.

    \b
    Examples:
      bank show activeContext.md#Decisions
      bank show recent changes
      bank show docs/plans/2026-11-21-search.md#Steps
      bank show progress.md
    """
    try:
        seen = app.face(Everyday).show(address)
        if _is_list_of_others(address, seen.address):
            raise NoAnchorError(file="this bank", section=address)
    except NotFoundError as error:
        if not _show_records(app, address):
            error.hint = _command_of(address) or error.hint
            raise
        return
    if app.as_json:
        answer(seen)
        return
    tell(f"{seen.address} @{seen.digest} lines {seen.first_line}-{seen.last_line}")
    pour(seen.text)


def _command_of(name: str) -> str:
    """Return the command that prints what a plain name means, such as the log or the sessions; "" for none."""
    from memorybank.cli.other_names import ALIASES, READ_ALONE

    name = name.strip().casefold().replace(" ", "-")
    if name in READ_ALONE:
        return f"bank {READ_ALONE[name]}"
    return f"bank {' '.join(ALIASES[name])}" if ALIASES.get(name, ())[-1:] == ("list",) else ""


def _is_list_of_others(name: str, address: str) -> bool:
    """Whether a name is that of a command's list, such as the sessions, and only a part of a section's name."""
    said = name.strip().casefold()
    section = address.partition("#")[2].rpartition("/")[2].casefold()
    one = said.removesuffix("s")
    is_part = section not in {said, one} and not {said, one}.isdisjoint(section.split())
    return is_part and said not in {one, "status"} and bool(_command_of(said))


def _show_records(app: App, name: str) -> bool:
    """Print the records of a type, or the record with an id; return whether there is such a type or id."""
    from memorybank.cli.commands.records.memory import show_page, show_whole
    from memorybank.errors import NoRecordError, NoTypeError
    from memorybank.facade.memories import Memories

    records = app.face(Memories)
    for kind in (name, name.removesuffix("s"), f"{name.removesuffix('ies')}y"):
        try:
            show_page(app, records.list(type=[kind]))
        except NoTypeError:
            continue
        return True
    if " " in name or "-" not in name:
        return False
    try:
        record = records.recall(name)
    except NoRecordError:
        return False
    if app.as_json:
        answer(record)
    else:
        show_whole(record)
    return True


@click.command("outline")
@click.argument("file", required=False, metavar="[FILE]")
@reads
def outline_command(app: App, file: str | None) -> int:
    """List the sections of a file

    With lines, digest and address of each section. Without FILE, of all memory files.

    \b
    Examples:
      bank outline
      bank outline patterns.md --json
    """
    outlines = app.face(Everyday).outline(file or "")
    failed = [each.error for each in outlines if each.error is not None]
    if app.as_json:
        answer(outlines)
        return report_all(failed, as_json=True)
    for outline in outlines:
        if outline.error is not None:
            continue
        say(f"{outline.file} @{outline.digest}", whole=True, bold=True)
        for row in outline.sections:
            lines = f"{row.first_line}-{row.last_line}"
            fragment = row.address.partition("#")[2]
            address = "" if fragment == row.name else f"  #{fragment}"
            say(f"  {lines:>11}  {row.digest}  {'  ' * (row.level - 1)}{row.name}{address}", whole=True)
    return report_all(failed)


@click.command("status")
@reads
def status_command(app: App) -> None:
    """Show what this bank is and its state

    \b
    Example:
      bank status
    """
    stands = app.face(Everyday).status()
    if app.as_json:
        answer(stands)
        return
    status, wait, corrections, mark, memories = stands
    say(f"bank      {status.bank_folder} ({status.layout})")
    say(f"project   {status.project_folder}")
    for file in status.files:
        size = f"{file.digest:18}{file.size:>8} bytes  {file.updated}"
        if columns() and columns() < _ROOM_FOR_DIGESTS:
            size = f"{file.size:>6} bytes  {file.updated[:16]}"
        say(f"          {file.file:20}{file.fault or size}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in memories.items())
    say(f"memories  {f'{sum(memories.values())}: {kinds}' if kinds else 'none yet: bank save TEXT'}")
    say(f"journal   {status.operation_count} operations, last {status.last_operation or 'none'}")
    if status.unfinished:
        say(f"          {', '.join(status.unfinished)} was interrupted; the next write settles it")
    for unknown in status.unknown_headings:
        told = ", ".join(unknown.headings[:_HEADINGS])
        more = f" and {len(unknown.headings) - _HEADINGS} more" if len(unknown.headings) > _HEADINGS else ""
        say(f"headings  {unknown.file}: no note goes to {told}{more}; see bank check")
    if wait is not None:
        say(f"notes     {wait}")
    if corrections is not None:
        say(f"mined     {corrections}")
    if mark.reasons:
        told = f" since {mark.since}" if mark.since else ""
        say(f"due       {', '.join(mark.reasons)}{told}: bank checkpoint --reason precompact")
