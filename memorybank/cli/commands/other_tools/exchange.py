"""`bank export` and `bank import`: other programs' files, out and in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.safe_read import Misfit
    from memorybank.exchange.write_records import ImportResult

FORMATS = ("module71", "conversation", "adr", "contextfs", "claude-memory")
SHOWN = 20


@click.command("export")
@click.option("--to", required=True, metavar="DIR", help="The folder to write to; made when it is missing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["module71"]),
    default="module71",
    show_default=True,
    help="The form of the files.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there with another text.")
@click.option("--dry-run", "shown", is_flag=True, help="Say what would be written and write nothing.")
@reads
def export_command(app: App, to: str, form: str, *, overwrite: bool, shown: bool) -> None:
    """Write the memory as another tool's files

    Decisions, learnings, bugs, sessions, checkpoints, artifacts, the log and the summary go where Module 71 has them;
    other memories go along in artifacts/memorybank. What has no place is told. `bank import module71` reads it all.

    \b
    Example:
      bank export --to ../memory-export --format module71
    """
    from memorybank.exchange.module71.writer import export_tree

    done = export_tree(app.bank, Path(to), dry_run=shown, overwrite=overwrite)
    if app.as_json:
        answer(done)
        return
    _list("would write" if shown else "wrote", done.files)
    say(f"{form}: {len(done.files)} files to {to}, {done.already} as they were", fg="green")
    _tell(done.misfits)
    if shown:
        tell("nothing was written (dry run)")


@click.command("import")
@click.argument("words", nargs=-1, metavar="[FORMAT] PATH")
@click.option("--format", "form", type=click.Choice(FORMATS), help="What PATH is; the same as FORMAT.")
@writes
def import_command(app: App, words: tuple[str, ...], form: str | None) -> None:
    """Read another tool's memory

    Formats: module71 (a folder), conversation (a JSON or zip file from Claude or ChatGPT, or [{role, content}]), adr (a
    folder of adr-tools or MADR records), contextfs (its SQLite file), claude-memory (a folder with MEMORY.md).

    What was taken in before is passed over, so it can be run again. Secrets are redacted, and told; so is what did not
    fit.

    \b
    Examples:
      bank import module71 ../memory-export
      bank import adr docs/adr --dry-run
      bank import conversation conversations.json
    """
    from memorybank.exchange.formats import import_from

    named = [*([form] if form else []), *words]
    if len(named) != 2 or named[0] not in FORMATS:  # noqa: PLR2004  a format and a path
        raise click.UsageError(f"Give a format and a path; formats are {', '.join(FORMATS)}.")
    done = import_from(app.bank, named[0], Path(named[1]), app.way())
    if app.as_json:
        answer(done)
        return
    show_imported(done)


def show_imported(done: ImportResult) -> None:
    """Print what an import did."""
    would = "would take" if done.dry_run else "took"
    _list(would, [f"{each.file}  {each.title}" for each in done.records])
    _list(would, done.files)
    _list("would go on with" if done.dry_run else "went on with", [f"{each.file}  {each.title}" for each in done.grown])
    counts = f"{len(done.records)} records, {len(done.files)} files; {done.already} were there already"
    say(f"{done.source}: {counts}", fg="green")
    for each in done.redacted:
        tell(f"redacted: {each.where}: {each.why}", fg="yellow")
    _tell(done.misfits)
    if done.dry_run:
        tell("nothing was written (dry run)")
    elif done.operations:
        say(f"  {', '.join(done.operations)}   bank undo takes the last one back")


def _list(done: str, names: Sequence[str]) -> None:
    for name in names[:SHOWN]:
        say(f"{done}: {name}")
    if len(names) > SHOWN:
        say(f"… {len(names) - SHOWN} more")


def _tell(misfits: Sequence[Misfit]) -> None:
    for each in misfits:
        tell(f"not as it was: {each.where}: {each.why}", fg="yellow")
