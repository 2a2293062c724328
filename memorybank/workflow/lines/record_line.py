"""Helpers for commands that make a record with filled sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.links import refuse_hidden
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.text import check_text, dedented
from memorybank.errors import SpillError, UnsupportedTextError
from memorybank.records.body import without_doubles
from memorybank.records.draft import Draft, NewRecord, draft
from memorybank.records.fields import check_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.store.folder import BankFolder
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
