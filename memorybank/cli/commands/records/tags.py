"""`bank tags`, `cleanup`, `open`: keeping memories in order."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli import typed_text as typed
from memorybank.cli.commands.records.memory import show_saved
from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.errors import NoFileError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from memorybank.errors import BankError


@click.group("tags", invoke_without_command=True)
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Of this type; can be repeated.")
@reads
def tags_command(app: App, kinds: tuple[str, ...]) -> None:
    """Count the tags, and tell those that may be meant as one

    \b
    Examples:
      bank tags
      bank tags rename front-end frontend
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is not None:
        return
    from memorybank.records.memories.tags import count_tags

    found = count_tags(app.bank, kinds=kinds)
    if app.as_json:
        answer(found)
        return
    for tag, count in found.counts.items():
        say(f"{count:>6}  {tag}")
    for rare, usual in found.near:
        tell(f"{rare} is close to {usual}: bank tags rename {quoted(rare)} {quoted(usual)}", fg="yellow")
    if not found.counts:
        tell("no memory has a tag")


@tags_command.command("rename")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@writes
def rename_command(app: App, old: str, new: str) -> None:
    """Put one tag in place of another in every record

    One operation; a record that has both keeps one.

    \b
    Example:
      bank tags rename front-end frontend
    """
    from memorybank.records.memories.tags import rename_tag

    done = rename_tag(app.bank, old, new, app.way())
    if app.as_json:
        answer(done)
        return
    for file in done.unread:
        tell(f"not read: {file}; bank check tells why", fg="yellow")
    if done.receipt.dry_run:
        show_receipt(done.receipt, as_json=False)
        return
    say(f"renamed in {len(done.ids)} records: {old} is {new}", fg="green")
    say(f"  {done.receipt.operation}   bank undo takes it back")


@click.command("cleanup")
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    required=True,
    metavar="DAYS",
    help="Neither made nor changed within so many days.",
)
@click.option("--type", "kinds", multiple=True, required=True, metavar="TYPE", help="Of this type; can be repeated.")
@writes
def cleanup_command(app: App, older_than: int, kinds: tuple[str, ...]) -> None:
    """Move old memories to the archive

    Nothing is deleted: `bank list --archived` shows them, `bank undo` brings them back.

    \b
    Examples:
      bank cleanup --older-than 180 --type episodic --dry-run
      bank cleanup --older-than 365 --type episodic --type code
    """
    from memorybank.records.memories.cleanup import cleanup

    done = cleanup(app.bank, app.way(), days=older_than, kinds=kinds)
    if app.as_json:
        answer(done)
        return
    verb = "would be archived" if done.receipt.dry_run else "archived"
    for each in done.records:
        say(f"{verb}: {each.id}  {(each.updated or each.created)[:10]}  [{each.type}] {each.title}")
    if not done.records:
        say(f"nothing to archive: none of them was last touched before {done.before[:10]}")
    elif done.receipt.dry_run:
        tell("nothing was written (dry run)")
    else:
        say(f"  {done.receipt.operation}   bank undo takes it back")


@click.command("open")
@click.argument("ident", metavar="ID")
@click.option("--from", "file", metavar="FILE", help="Begin with this text, such as one that was refused.")
@writes
def open_command(app: App, ident: str, file: str | None) -> None:
    """Edit a record in your editor

    $VISUAL or $EDITOR gets a copy. What was saved there is checked and written; what cannot be written is kept, and
    its place told.

    \b
    Example:
      bank open dec-20261121-k3f9x
    """
    from memorybank.files.write import read
    from memorybank.records.memories.editor import let_go, open_copy, put_back

    text: bytes | None = None
    if file is not None:
        try:
            text = read(Path(file).absolute())
        except NoFileError:
            raise click.UsageError(f"there is no file {file!r}.") from None
    opened = open_copy(app.bank, ident, app.way(), text=text)
    again = partial(_again, file)
    typed.edit_file(opened.path, opened.data, opened.target.record.file, again, given=opened.target.source.data)
    saved = put_back(app.bank, opened, app.way())
    if saved is None:
        if app.as_json:
            answer({"record": opened.target.record, "receipt": None})
        else:
            say("nothing to change")
        return
    if not saved.receipt.dry_run and file is not None and Path(file).absolute().parent.parent == app.bank.state:
        # what was kept before has now been written
        let_go(opened._replace(path=Path(file).absolute()))
    show_saved(app, saved, "changed")


def _again(file: str | None, path: Path, error: BankError | None) -> str:
    """Give the command that begins with a kept text."""
    words = typed.words()
    if file is not None:
        words = [each for each in words if each not in {"--from", file, f"--from={file}"}]
    again = f"bank {' '.join(map(quoted, words))} --from {quoted(path)}"
    if error is not None:
        error.hint = again
    return again
