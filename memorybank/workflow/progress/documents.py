"""Lasting documents: a plan or a research file, and the line of activeContext.md that points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.text import check_text, has_words, one_line
from memorybank.errors import UnsupportedTextError
from memorybank.records.draft import NewRecord, draft
from memorybank.records.find import scan
from memorybank.store.journal.commit import retried
from memorybank.store.manage.items import number_in
from memorybank.store.several import none_or_several
from memorybank.workflow.lines.reference_line import put_entry
from memorybank.workflow.lines.together import together

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.records.find import RecordHeaders
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

# names in an error
NEAR = 5
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


def list_documents(bank: BankFolder, kind: str) -> RecordHeaders:
    """Read the heads of all documents of a kind, newest first."""
    found = scan(bank, kinds=[kind])
    return found._replace(records=sorted(found.records, key=lambda each: (each.created, each.file), reverse=True))


def find_document(bank: BankFolder, kind: str, name: str) -> Record:
    """Return the head of the document that is meant: by its number in the list, its file, its title, or words in them.

    Raises:
        NoRecordError: none matches, or several do; the error lists them.
    """
    documents = list_documents(bank, kind).records
    wanted = name.strip()
    number = number_in(wanted, len(documents))
    if number:
        return documents[number - 1]
    found = (
        [each for each in documents if wanted in {each.id, each.file, each.title, each.file.rpartition("/")[2]}]
        or [each for each in documents if each.file.endswith(f"/{wanted.removesuffix('.md')}.md")]
        or [each for each in documents if has_words(f"{each.title} {each.id}", wanted)]
    )
    if len(found) == 1:
        return found[0]
    from memorybank.document.addresses import near

    files = [each.file for each in found]
    close = [each.file for each in documents if each.title in near(wanted, [one.title for one in documents])]
    raise none_or_several(ident=name, kind=kind, found=files, near=close[:NEAR], hint=f"bank {kind} list")
