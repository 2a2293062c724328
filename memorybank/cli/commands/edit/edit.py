"""`bank edit`: one section of any Markdown file of the bank or its project."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from memorybank.cli import typed_text as typed
from memorybank.cli.options import App, expects, text_from, writes
from memorybank.cli.output import show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand
from memorybank.document.edits import Append, Edit, InsertSection, RemoveSection, RenameSection, Replace
from memorybank.document.items import split_marker
from memorybank.document.source import BOM
from memorybank.document.text import check_text
from memorybank.errors import StaleEditError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.errors import BankError

_MODES = ("replace", "append", "prepend", "insert_after", "rename", "remove")


@click.command("edit", cls=TextCommand)
@click.argument("address", metavar="ADDRESS")
@click.argument("text", type=TEXT, required=False, metavar="[-|TEXT]")
@click.option("--replace", is_flag=True, help="Put TEXT in place of the section's text.")
@click.option("--append", is_flag=True, help="Put TEXT at the end of the section's own text.")
@click.option("--prepend", is_flag=True, help="Put TEXT at the beginning.")
@click.option("--insert-after", is_flag=True, help="Put a new section after this one; TEXT's first line is its name.")
@click.option("--rename", is_flag=True, help="Put TEXT in place of the section's name.")
@click.option("--remove", is_flag=True, help="Take the section out, with its subsections.")
@expects
@click.option("--subsections", is_flag=True, help="TEXT may hold headings below the section's level.")
@click.option("--force-replace", is_flag=True, help="Replace a section that only grows; needs --expect.")
@writes
def edit_command(app: App, address: str, text: str | None, expect: str, *, subsections: bool, **modes: bool) -> None:
    """Change one section

    ADDRESS is FILE#Section or FILE#Parent/Child. Without a mode the section opens in $EDITOR, and what is saved
    replaces it if it did not change meanwhile. Text that would make or swallow a heading is refused. The sections of a
    memory file are fixed: one that is missing can be put in, or be given its name back.

    \b
    Examples:
      bank edit docs/api.md#Errors --append "- 409: read again and retry"
      bank edit activeContext.md#Recent\\ Changes --replace - < changes.md
      bank edit docs/api.md#Errors --rename Failures
      bank edit docs/api.md#Errors --remove --dry-run
    """
    chosen = [mode for mode in _MODES if modes.get(mode)]
    if len(chosen) > 1:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other.".replace("_", "-"))
    if not chosen and text is not None:
        raise click.UsageError("Say what to do with TEXT: --append, --prepend, --replace, --rename or --insert-after.")
    from memorybank.store.view import address_in

    place = address_in(app.bank, address)
    if not chosen:
        text, expect = _in_editor(app, address, expect)
        if text is None:
            tell("nothing was changed")
            return
        # a section that only grows is not emptied by an editor that lost its text
        app.options["force_replace"] = bool(text.strip())
        subsections = True
    mode = chosen[0] if chosen else "replace"
    edit: Edit
    if mode == "remove":
        edit = RemoveSection(place.section, expect)
    else:
        given = check_text(text_from(text) if chosen else text or "")
        edit = _edit_of(app, mode, place.file, place.section, given, expect, nested=subsections)
    from memorybank.store.journal.commit import FileChange, commit

    path, _ = app.bank.existing(place.file)
    receipt = commit(app.bank, [FileChange(path, (edit,))], f"edit {mode.replace('_', ' ')}", app.way())
    show_receipt(receipt, as_json=app.as_json)


def _edit_of(app: App, mode: str, file: str, section: str, text: str, expect: str, *, nested: bool) -> Edit:
    if mode == "replace":
        return Replace(section, text, expect, nested)
    if mode == "rename":
        return RenameSection(section, text.strip("\r\n"), expect)
    if mode == "insert_after":
        first, _, rest = text.strip("\r\n").partition("\n")
        name = first.strip().lstrip("#").strip()
        return InsertSection(section, name, rest, _level(app, file, section), expect=expect)
    item = _is_item(app, file, section, text)
    return Append(section, text, item=item, at_top=mode == "prepend", expect=expect, nested=nested)


def _level(app: App, file: str, section: str) -> int:
    from memorybank.store.view import find, open_document

    return find(app.bank, open_document(app.bank, file), section).level or 2


def _is_item(app: App, file: str, section: str, text: str) -> bool:
    """Tell whether one line is meant as a list item: it has a marker, or it joins a list."""
    line = text.strip("\r\n")
    if "\n" in line or "\r" in line or not line.strip():
        return False
    marker, indented = split_marker(line)[0], line[0] in " \t"
    if marker and not indented:
        return True
    if indented and line.lstrip().startswith("|"):
        # a row of a table that an item holds
        return False
    from memorybank.document.editing.append_window import read_window, window_of
    from memorybank.document.editing.footer import spot_of
    from memorybank.errors import NotFoundError
    from memorybank.store.view import find, open_document

    document = open_document(app.bank, file)
    try:
        found = find(app.bank, document, section)
    except NotFoundError:
        return document.contract
    behind = spot_of(document, found, read_window(document, window_of(document, found, at_top=False)), item=True).behind
    joins = behind is not None and behind.kind == "list"
    # what is indented hangs below the last item
    return not joins if marker else joins


def _in_editor(app: App, address: str, expect: str) -> tuple[str | None, str]:
    """Let a person edit the section; no lock is held meanwhile, the digest tells whether it changed."""
    from memorybank.document.addresses import address_of
    from memorybank.document.items import body_end
    from memorybank.store.view import address_in, find, open_document

    if not sys.stdin.isatty() and not (os.environ.get("VISUAL") or os.environ.get("EDITOR")):
        # an agent has nobody to type into the editor that would be opened
        raise click.UsageError(
            "TEXT is missing; say --append, --replace or another mode, and the text, or - to read standard input."
        )
    place = address_in(app.bank, address)
    document = open_document(app.bank, place.file)
    section = find(app.bank, document, place.section)
    # subsections that the edit leaves alone are not shown: they could not be put back
    text = document.source.text[section.body : body_end(document, section)]
    data = text.encode("utf-8", "surrogateescape")
    digest = document.digest_of(section)
    if expect and expect not in (digest, document.source.digest):
        raise StaleEditError(address=str(address_of(document, section)), expected=expect, digest=digest)
    edited = typed.edited(data, address, partial(_again, digest)).removeprefix(BOM)
    return (None if edited == data else edited.decode("utf-8", "surrogateescape")), digest


def _again(digest: str, path: Path, error: BankError | None) -> str:
    """Return the command that puts a kept text where it was meant to go.

    After a stale edit the digest is left to who types it: the text that came meanwhile is to be seen first.
    """
    words = " ".join(map(quoted, typed.words_without_digest()))
    seen = typed.DIGEST if isinstance(error, StaleEditError) else digest
    return f"bank {words} --replace --force-replace --subsections --expect {seen} - < {quoted(path)}"
