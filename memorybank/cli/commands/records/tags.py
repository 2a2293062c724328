"""`bank tags`, `cleanup`, `open`: keeping memories in order."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli import typed_text as typed
from memorybank.cli.commands.records.memory import show_broken, show_written
from memorybank.cli.options import App, reads, tag_filters, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, say_undo, show_receipt, tell
from memorybank.errors import NoFileError
from memorybank.facade.memories import Memories
from memorybank.facade.relations import Relations, Tags
from memorybank.shell import quoted

if TYPE_CHECKING:
    from memorybank.errors import BankError


@click.group("tags", cls=CommandGroup, invoke_without_command=True)
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Of this type; can be repeated.")
@reads
def tags_command(app: App, kinds: tuple[str, ...]) -> None:
    """Count the tags, and list those that may mean the same

    \b
    Examples:
      bank tags
      bank tags rename front-end frontend
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is not None:
        return
    tags = app.face(Tags).list(type=kinds)
    if app.as_json:
        answer(tags)
        return
    for tag, count in tags.counts.items():
        say(f"{count:>6}  {tag}")
    for rare, usual in tags.near:
        tell(f"{rare} is close to {usual}: bank tags rename {quoted(rare)} {quoted(usual)}", fg="yellow")
    if not tags.counts:
        tell("no memory has a tag; bank save TEXT --tags A,B gives it some")


@tags_command.command("rename")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@writes
def rename_command(app: App, old: str, new: str) -> None:
    """Replace one tag by another in every record

    One operation; a record that has both keeps one.

    \b
    Example:
      bank tags rename front-end frontend
    """
    done = app.face(Tags).rename(old, new)
    if app.as_json:
        answer(done)
        return
    show_broken(done.broken)
    if done.receipt.dry_run:
        show_receipt(done.receipt, as_json=False)
        return
    say(f"renamed in {len(done.ids)} records: {old} is {new}", fg="green")
    say_undo(done.receipt)


@click.command("cleanup")
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    required=True,
    metavar="DAYS",
    help="Neither created nor changed within this many days.",
)
@click.option("--type", "kinds", multiple=True, required=True, metavar="TYPE", help="Of this type; can be repeated.")
@tag_filters
@writes
def cleanup_command(app: App, older_than: int, kinds: tuple[str, ...], **tags: list[str]) -> None:
    """Move old memories to the archive

    Nothing is deleted: `bank list --archived` shows them, `bank undo` brings them back.

    \b
    Examples:
      bank cleanup --older-than 180 --type episodic --dry-run
      bank cleanup --older-than 365 --type episodic --type code
    """
    done = app.face(Relations).cleanup(older_than=older_than, type=kinds, **tags)
    if app.as_json:
        answer(done)
        return
    verb = "would be archived" if done.receipt.dry_run else "archived"
    for record in done.records:
        say(f"{verb}: {record.id}  {(record.updated or record.created)[:10]}  [{record.type}] {record.title}")
    if not done.records:
        say(f"nothing to archive: no memory was last changed before {done.before[:10]}")
    elif done.receipt.dry_run:
        tell("nothing was written (dry run)")
    else:
        say_undo(done.receipt)


@click.command("open")
@click.argument("ident", metavar="ID")
@click.option("--from", "file", metavar="FILE", help="Start with the text of this file, such as one that was refused.")
@writes
def open_command(app: App, ident: str, file: str | None) -> None:
    """Edit a record in your editor

    $VISUAL or $EDITOR gets a copy. The saved text is checked and written; if it is refused it is kept, and the message
    says where.

    \b
    Example:
      bank open dec-20261121-k3f9x
    """
    open_record(app, ident, file)


def open_record(app: App, ident: str, file: str | None) -> None:
    """Edit a record in the editor, beginning with the text of a file if one is named."""
    begin_with = None if file is None else Path(file).absolute()
    try:
        copy = app.face(Memories).edit_copy(ident, begin_with=begin_with)
    except NoFileError as error:
        if begin_with is None or error.where != str(begin_with):
            raise
        raise click.UsageError(f"there is no file {file!r}.") from None
    typed.edit_file(copy.path, copy.data, copy.record.file, partial(_again, ident, file), given=copy.record_data)
    saved = copy.save()
    if saved is not None:
        show_written(app, saved, "changed")
    elif app.as_json:
        answer({"record": copy.record, "receipt": None, "advice": []})
    else:
        say("nothing to change")


def _again(ident: str, file: str | None, path: Path, error: BankError | None) -> str:
    """Return the command that starts with a kept text."""
    words = typed.words()
    if words[:1] == ["edit"]:
        # the record was named by its file
        words = ["open", *(ident if word.endswith(f"{ident}.md") else word for word in words[1:])]
    if file is not None:
        words = [word for word in words if word not in {"--from", file, f"--from={file}"}]
    again = f"bank {' '.join(map(quoted, words))} --from {quoted(path)}"
    if error is not None:
        error.hint = again
    return again
