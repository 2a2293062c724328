"""Helpers for commands that make a record with filled sections and one line in the contract."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.contracts.preview import preview
from memorybank.document.edits import InsertSection
from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.links import refuse_hidden
from memorybank.document.sections import key_of, outline
from memorybank.document.source import Source
from memorybank.document.text import check_text, dedented
from memorybank.errors import SpillError, UnsupportedTextError
from memorybank.records.body import without_doubles
from memorybank.records.draft import Draft, NewRecord, draft
from memorybank.records.fields import check_line
from memorybank.records.record import split_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.document.edits import Edit
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

_SECTION_LEVEL = 2


def draft_filled(bank: BankFolder, new: NewRecord, way: Way) -> Draft:
    """Make a new record from the texts of its sections; those without text are left out.

    Raises:
        SpillError: a section's text would start a new section, or leave a fence or comment open.
        BankError: `draft` refuses the record.
    """
    filled = [(name, plain_lines(text)) for name, text in new.sections if text.strip()]
    for name, text in filled:
        _refuse_structure(f"{new.kind}#{name}", text)
    made = draft(bank, new._replace(sections=filled), way)
    document = outline(Source((made.change.text or "").encode()), made.record.file)
    found = [section.name for section in document.sections[1:] if section.level <= _SECTION_LEVEL]
    if len(found) != 1 + len(filled):
        raise SpillError(address=made.record.file, why=f"its headings would be {', '.join(found)}")
    return made


def plain_lines(text: str) -> str:
    """Return a checked text with LF line ends, without the indentation of a program around it.

    Raises:
        UnsupportedTextError: it has hidden characters, or bytes that are not UTF-8.
    """
    return dedented(check_text(text).replace("\r\n", "\n").replace("\r", "\n")).strip("\n")


def _refuse_structure(address: str, text: str) -> None:
    refuse_hidden(address, text)
    document = outline(Source(f"{text.strip()}\n".encode()), address)
    if document.unterminated is not None:
        raise SpillError(address=address, why=f"it opens a {document.unterminated.kind} that is never closed")
    for section in document.sections[1:]:
        if section.level <= _SECTION_LEVEL:
            raise SpillError(
                address=address,
                why=f"it would start a new section, {section.name!r}",
                hint="write its headings with ###, or put them in a code fence",
            )


def title_of(text: str, *, what: str, hint: str) -> str:
    """Return a record's title as one line.

    Raises:
        UnsupportedTextError: the title is empty or too long.
    """
    line = check_line(what, text)
    if not line or len(line) > TITLE_LENGTH:
        why = f"it has {len(line)} characters, at most {TITLE_LENGTH} are allowed" if line else "the title is empty"
        raise UnsupportedTextError(why=why, hint=hint)
    return line


def bullets(texts: Iterable[str]) -> str:
    """Return texts as list items, one line each; list markers and repeated texts are removed."""
    rows = [check_line("item", text) for text in texts]
    bare = [row[2:].lstrip() if row[:2] in {"- ", "* ", "+ "} else row for row in rows if row]
    return "\n".join(f"- {row}" for row in without_doubles(bare))


def together(changes: Iterable[FileChange]) -> list[FileChange]:
    """Join the changes of each file into one, so that one operation can make them."""
    found: dict[str, FileChange] = {}
    for change in changes:
        path = os.path.normpath(change.path)
        before = found.get(path)
        if before is None:
            found[path] = change
        elif before.text is None:
            found[path] = before._replace(edits=_joined(before.edits, change.edits))
        elif change.edits:
            # both create the file, in different ways: it is created once
            made = outline(Source(before.text.encode("utf-8", "surrogateescape")), change.path.name)
            there = tuple(InsertSection("", one.name) for one in made.sections[1:])
            after = preview(made, _joined(there, change.edits)[len(there) :]).after
            found[path] = before._replace(text=after.source.text, edits=(*before.edits, *change.edits))
        else:
            # both create the file: its title is written once
            text = change.text or ""
            found[path] = before._replace(text=f"{before.text.rstrip()}\n{split_title(text)[1]}")
    return list(found.values())


def _joined(first: tuple[Edit, ...], then: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Append edits to others; a section that the first ones create is not created again."""
    made = {key_of(each.name) for each in first if isinstance(each, InsertSection)}
    rest = [each for each in then if not (isinstance(each, InsertSection) and key_of(each.name) in made)]
    return (*first, *rest)
