"""`bank export` and `bank import`: other programs' files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, text_from, words_of, writes
from memorybank.cli.output import answer, progress, say, tell
from memorybank.cli.text_command import TEXT
from memorybank.facade.upkeep.exchange import EXPORT_FORMATS, IMPORT_FORMATS, Exchange
from memorybank.ids import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.imported import ImportResult
    from memorybank.exchange.safe_read import Misfit

SHOWN = 20
# so many entries with the same report are named one by one; --json names each
ALIKE = 8
_COUNTED = re.compile(r"(\d+) (?=.* skipped\Z)")


@click.command("export")
@click.option("--to", required=True, metavar="DIR", help="The folder to write to; made when it is missing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(EXPORT_FORMATS, case_sensitive=False),
    default="module71",
    show_default=True,
    help="The form of the files.",
)
@click.option("--overwrite", is_flag=True, help="Replace existing files that have another text.")
@click.option("--dry-run", "shown", is_flag=True, help="Show what would be written and write nothing.")
@reads
def export_command(app: App, to: str, form: str, *, overwrite: bool, shown: bool) -> None:
    """Write the memory as another tool's files

    Decisions, learnings, bugs, sessions, checkpoints, artifacts, the log and the summary go where Module 71 has them;
    other memories go to artifacts/memorybank. What has no place there is reported. `bank import module71` reads it all.

    \b
    Example:
      bank export --to ../memory-export --format module71
    """
    done = app.face(Exchange).export(Path(to), format=form, overwrite=overwrite, dry_run=shown)
    if app.as_json:
        answer(done)
        return
    _list("would write" if shown else "wrote", done.files)
    say(f"{form}: {len(done.files)} files to {to}, {done.already} unchanged", fg="green")
    _tell(done.misfits)
    if shown:
        tell("nothing was written (dry run)")


@click.command("import")
@click.argument("words", nargs=-1, metavar="[FORMAT] PATH")
@click.option(
    "--format",
    "form",
    type=click.Choice(IMPORT_FORMATS, case_sensitive=False),
    help="The format of PATH; the same as FORMAT.",
)
@click.option("--summary", type=TEXT, default="", metavar="TEXT", help="Summary of the conversations.")
@click.option("--tags", metavar="A,B", help="Tags of the conversations.")
@click.option("--all", "everything", is_flag=True, help="Take agents' memories of other projects, too.")
@writes
def import_command(
    app: App, words: tuple[str, ...], form: str | None, summary: str, tags: str | None, *, everything: bool
) -> int:
    """Read another tool's memory

    Formats: module71 (a folder), conversation (a JSON file, zip file or folder from Claude or ChatGPT, or a list of
    {role, content}), adr (a folder of adr-tools or MADR records), contextfs (its SQLite file), claude-memory (a folder
    with MEMORY.md), codex, gemini and claude-code (a session file of Codex, the Gemini CLI or Claude Code, or a folder
    of them), codex-memory (the folder ~/.codex, its memories, or one of their files), copilot-memory (JSON lines of
    `copilot memories import`, or VS Code's folder User, one of its memory-tool/memories, or one of their files),
    gemini-memory (the folder ~/.gemini, the memory of one project in it, or one of their files), substrate-config (a
    YAML file with settings for corrections of users, which become those of bank.toml).

    What was imported before is skipped, so it can be run again. Secrets are redacted and reported, and so is what could
    not be imported unchanged. Then the words of the source are compared with what was written and reported; if one is
    missing, it is named and the exit status is 1. A conversation of - is read from standard input, as JSON.

    \b
    Examples:
      bank import module71 ../memory-export
      bank import adr docs/adr --dry-run
      bank import conversation conversations.json
      bank import codex ~/.codex/sessions
      bank import claude-code ~/.claude/projects/-srv-shop
      bank import codex-memory ~/.codex --dry-run
      bank import copilot-memory memories.jsonl --dry-run
      bank import copilot-memory ~/.config/Code/User
      bank import gemini-memory ~/.gemini --dry-run
      bank import substrate-config substrate-config.yaml
      bank import conversation - --summary "OAuth design" --tags auth,design < talk.json
    """
    named = [*([form] if form else []), *words]
    named[:1] = [chosen(each, IMPORT_FORMATS) for each in named[:1]]
    if len(named) != 2 or named[0] not in IMPORT_FORMATS:  # noqa: PLR2004  a format and a path
        raise click.UsageError(f"Name a format and a path; formats are {', '.join(IMPORT_FORMATS)}.")
    bank = app.face(Exchange)
    if named[1] == "-" and named[0] == "conversation":
        done = bank.import_conversation(text_from("-"), summary=summary, tags=words_of(tags), on_progress=progress())
    elif named[1] == "-":
        raise click.UsageError("Only a conversation can be read from standard input.")
    else:
        done = bank.import_from(
            named[0],
            Path(named[1]),
            summary=summary,
            tags=words_of(tags),
            everything=everything,
            on_progress=progress(),
        )
    if app.as_json:
        answer(done)
    else:
        show_imported(done)
    return 1 if done.unaccounted else 0


def show_imported(done: ImportResult) -> None:
    """Print what an import did."""
    would = "would import" if done.dry_run else "imported"
    _list(would, [f"{record.file}  {record.title}" for record in done.records])
    _list(would, done.files)
    _list("would extend" if done.dry_run else "extended", [f"{each.file}  {each.title}" for each in done.grown])
    _list("would set" if done.dry_run else "set", [f"{each.key} = {_typed(each.value)}" for each in done.settings])
    counts = f"{len(done.records)} records, {len(done.files)} files; {done.already} already there"
    if done.settings:
        counts = f"{len(done.settings)} settings in bank.toml"
    say(f"{done.source}: {counts}", fg="green")
    for each in done.redacted:
        tell(f"redacted: {each.where}: {each.why}", fg="yellow")
    _tell(done.misfits)
    for each in done.unaccounted:
        tell(f"not imported, a fault of this program: {each.where}: {each.why}", fg="red")
    if done.dry_run:
        tell("nothing was written (dry run)")
    elif len(done.operations) == 1:
        say(f"  {done.operations[0]}   bank undo reverts it")
    elif done.operations:
        number = len(done.operations)
        say(
            f"  {number} operations, {done.operations[0]} to {done.operations[-1]}   bank undo -n {number} reverts them"
        )


def _typed(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(done: str, names: Sequence[str]) -> None:
    for name in names[:SHOWN]:
        say(f"{done}: {name}")
    if len(names) > SHOWN:
        say(f"… {len(names) - SHOWN} more")


def _tell(misfits: Sequence[Misfit]) -> None:
    alike: dict[str, list[Misfit]] = {}
    for misfit in misfits:
        alike.setdefault(_COUNTED.sub("", misfit.why), []).append(misfit)
    for kind, found in alike.items():
        numbers = [_COUNTED.match(misfit.why) for misfit in found]
        if len(found) <= ALIKE:
            lines = [f"{misfit.where}: {misfit.why}" for misfit in found]
        elif all(numbers):
            lines = [f"{len(found)} entries: {sum(int(number[1]) for number in numbers if number)} {kind}"]
        else:
            lines = [f"{len(found)} entries, {found[0].where} and others: {kind}"]
        for line in lines:
            tell(f"changed: {line}", fg="yellow")
