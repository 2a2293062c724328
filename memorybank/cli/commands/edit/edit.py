"""`bank edit`: one section of any Markdown file of the bank or its project, or the whole file."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from memorybank.cli import typed_text as typed
from memorybank.cli.options import App, expects, text_from, writes
from memorybank.cli.output import show_receipt, tell
from memorybank.cli.text_command import TextCommand, text_words
from memorybank.errors import StaleEditError
from memorybank.facade.editing import Editing
from memorybank.facade.edits.opened import FileEdit
from memorybank.shell import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.errors import BankError
    from memorybank.facade.edits.opened import SectionEdit

BOM = b"\xef\xbb\xbf"
# a whole file begins with it; the text below it does not
_FRONT_MATTER = ("---\n", "---\r\n")
_MODES = ("replace", "append", "prepend", "insert_after", "rename", "remove")


@click.command("edit", cls=TextCommand)
@click.argument("address", metavar="ADDRESS")
@text_words("text", metavar="[-|TEXT...]", required=False)
@click.option("--replace", is_flag=True, help="Replace the section's text with TEXT.")
@click.option("--append", is_flag=True, help="Add TEXT at the end of the section.")
@click.option("--prepend", is_flag=True, help="Add TEXT at the beginning of the section.")
@click.option("--insert-after", is_flag=True, help="Add a section after this one; its name is the first line.")
@click.option("--rename", is_flag=True, help="Rename the section to TEXT.")
@click.option("--remove", is_flag=True, help="Remove the section, with its subsections.")
@expects
@click.option("--subsections", is_flag=True, help="Allow headings below the section's level in TEXT.")
@click.option("--force-replace", is_flag=True, help="Replace an append-only section; needs --expect.")
@writes
def edit_command(app: App, address: str, text: str | None, expect: str, *, subsections: bool, **modes: bool) -> None:
    """Change one section, or a whole file

    ADDRESS is FILE#Section or FILE#Parent/Child. Without --append, --replace and the like, the section opens
    in $EDITOR, and the saved text replaces it if it did not change in the meantime. Text that would create or hide a
    heading is refused. The sections of a memory file are fixed: you can add one that is missing, or give one its old
    name again.

    FILE alone opens the whole file. Only the sections that you change are written; a memory file keeps its headings,
    a record is checked against its type. Text that is refused is kept in a file, and the message says where.

    \b
    Examples:
      bank edit docs/api.md#Errors --append "- 409: read again and retry"
      bank edit activeContext.md
      bank edit activeContext.md#Recent\\ Changes --replace - < changes.md
      bank edit docs/api.md#Errors --rename Failures
      bank edit docs/api.md#Errors --remove --dry-run
    """
    chosen = [mode for mode in _MODES if modes.get(mode)]
    if len(chosen) > 1:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other.".replace("_", "-"))
    if not chosen and text is not None:
        raise click.UsageError("Choose a mode for TEXT: --append, --prepend, --replace, --rename or --insert-after.")
    editing = app.face(Editing)
    section = editing.edit(address)
    if section.is_whole_file and chosen in ([], ["replace"]):
        file = editing.edit_file(address)
        given, text = text, text_from(text) if chosen else None
        if text and given != "-" and not text.endswith("\n"):
            # what is typed as an argument has no line end; standard input and the editor are kept as they are
            text += "\n"
        if text is None or file.has_headings or text.startswith(_FRONT_MATTER):
            _edit_file(app, file, text, expect)
            return
    if not chosen:
        text, expect = _in_editor(section, address, expect)
        if text is None:
            tell("nothing was changed")
            return
        # an append-only section is not emptied by an editor that lost its text
        force = bool(text.strip())
        receipt = section.replace(text, expect=expect, subsections=True, force=force)
    elif modes["remove"]:
        receipt = section.remove(expect=expect)
    else:
        receipt = _edit(section, chosen[0], text_from(text), expect, subsections=subsections)
    show_receipt(receipt, as_json=app.as_json)


def _edit_file(app: App, file: FileEdit, text: str | None, expect: str) -> None:
    if file.file.startswith("memories/") and text is None:
        from memorybank.cli.commands.records.tags import open_record

        open_record(app, file.file.rpartition("/")[2].removesuffix(".md"), None)
        return
    if text is None:
        text, expect = _in_editor(file, file.file, expect)
    if text is None:
        tell("nothing was changed")
        return
    show_receipt(file.replace(text, expect=expect), as_json=app.as_json)


def _edit(section: SectionEdit, mode: str, text: str, expect: str, *, subsections: bool) -> Receipt:
    if mode == "rename":
        return section.rename(text, expect=expect)
    if mode == "insert_after":
        return section.insert_after(text, expect=expect)
    if mode == "replace":
        return section.replace(text, expect=expect, subsections=subsections)
    add = section.append if mode == "append" else section.prepend
    return add(text, expect=expect, subsections=subsections)


def _in_editor(section: SectionEdit | FileEdit, address: str, expect: str) -> tuple[str | None, str]:
    """Open a section or a file in the editor; no lock is held meanwhile, the digest shows whether it changed."""
    if not sys.stdin.isatty() and not (os.environ.get("VISUAL") or os.environ.get("EDITOR")):
        # an agent cannot type into an editor
        raise click.UsageError(
            "TEXT is missing: choose --append, --replace or another mode, and pass the text, or - for standard input."
        )
    # subsections that the edit does not change are not shown: they could not be written back
    text, digest = section.text(expect=expect)
    data = text.encode("utf-8", "surrogateescape")
    options = "--replace" if isinstance(section, FileEdit) else "--replace --force-replace --subsections"
    edited = typed.edited(data, address, partial(_again, digest, options)).removeprefix(BOM)
    return (None if edited == data else edited.decode("utf-8", "surrogateescape")), digest


def _again(digest: str, options: str, path: Path, error: BankError | None) -> str:
    """Return the command that writes a kept text to its section.

    After a stale edit the digest is a placeholder: the change made meanwhile must be seen first.
    """
    words = " ".join(map(quoted, typed.words_without_digest()))
    seen = typed.DIGEST if isinstance(error, StaleEditError) else digest
    return f"bank {words} {options} --expect {seen} - < {quoted(path)}"
