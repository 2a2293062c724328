"""Lasting documents: a plan or a research file, and the line of activeContext.md that points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.text import check_text, one_line
from memorybank.errors import UnsupportedTextError
from memorybank.records.change import retried
from memorybank.records.draft import NewRecord, draft
from memorybank.workflow.lines.record_line import together
from memorybank.workflow.lines.reference_line import put_entry

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

_MARKUP = "#`*_[]<>|\\"


class CreatedDocument(NamedTuple):
    """The new document, by its name in the project, and the receipt of the operation."""

    file: str
    receipt: Receipt


def new_document(bank: BankFolder, kind: str, title: str, way: Way) -> CreatedDocument:
    """Create a document of a kind from its template, with its reference in activeContext.md, as one operation.

    Raises:
        UnsupportedTextError: the title is not one short line of words.
        ArtifactError: a document of that name already exists.
    """
    words = one_line(check_text(title))
    if not words or words[0] in _MARKUP or len(words) > 200:  # noqa: PLR2004  a title, not a text
        raise UnsupportedTextError(why=f"{words[:40]!r} cannot be a title", hint=f'bank {kind} new "A few words"')

    def make() -> tuple[str, list[FileChange]]:
        made = draft(bank, NewRecord(kind=kind, title=words, blank=True), way)
        line = f"{kind.capitalize()}: `{made.record.file}` → {words}"
        # the document first: a crash in between leaves a file without its line, never a line without its file
        return made.record.file, together([made.change, *put_entry(bank, "reference", line, way)])

    file, receipt = retried(make, bank, f"{kind} new", way)
    return CreatedDocument(file, receipt)
