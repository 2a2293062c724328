"""Read the permanent architectural facts in pafs.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import FACTS
from memorybank.document.items import entries_of, read_body, split_marker, text_end
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.text import one_line
from memorybank.errors import DuplicateAnchorError, FieldError, NoFileError, NoRecordError
from memorybank.listing import Listing
from memorybank.records.ledgers.fact_line import ACTIVE, PafLine, parse_line

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder

KIND = "paf"
FILE = FACTS


class Paf(NamedTuple):
    """A fact: its id and category, its text and reason, its status, and its place in the file."""

    id: str
    category: str
    text: str
    why: str
    status: str
    replaced_by: str
    reason: str
    file: str
    section: str
    line: int


class PafList(Listing[Paf]):
    """Facts, in the order of the file."""

    __slots__ = ()
    plural = "pafs"


class FoundPaf(NamedTuple):
    """A fact with its parsed line and its section; `first_line` is what edits find it by."""

    paf: Paf
    parsed: PafLine
    section: Section
    first_line: str
    line: str


def list_pafs(bank: BankFolder, *, category: str = "", status: str = "") -> PafList:
    """Return the facts in file order; only those of the given category or status.

    Raises:
        FieldError: the status is unknown.
        BankError: the file cannot be read.
    """
    if status and status != ACTIVE:
        from memorybank.ids import chosen
        from memorybank.records.templates import load_type

        statuses = [name for name, _ in load_type(bank, KIND).statuses]
        status = chosen(status, statuses)
        if status not in statuses:
            why = f"invalid status {status!r}: choose from {', '.join(statuses)}"
            raise FieldError(field="status", why=why, hint="bank paf list --status active")
    return PafList(
        each.paf
        for each in facts_in(read_document(bank))
        if category.upper() in {"", each.paf.category} and status in {"", each.paf.status}
    )


def find_paf(bank: BankFolder, ident: str) -> Paf:
    """Return the fact with an id, with or without the prefix `PAF-`.

    Raises:
        NoRecordError: there is no such fact.
    """
    return fact_named(read_document(bank), ident).paf


def path_of(bank: BankFolder) -> Path:
    """Return where the facts are; the file need not exist."""
    return bank.folder / FILE


def read_document(bank: BankFolder) -> Document:
    """Read the file; an empty document if it does not exist."""
    name = bank.name_of(path_of(bank))
    try:
        return outline(Source(bank.read(path_of(bank))), name)
    except NoFileError:
        return outline(Source(b""), name)


def facts_in(document: Document) -> list[FoundPaf]:
    """Return the facts of a document, in its order."""
    found = []
    source = document.source
    for section in document.sections:
        items = read_body(document, section).items
        for entry in entries_of(document, section):
            line = one_line(source.text[entry.item.content : text_end(document, entry.item, items)])
            line = split_marker(f"- {line}")[2] if entry.item.task is not None else line
            parsed = parse_line(line)
            if parsed is not None:
                paf = paf_of(parsed, document.path, section.name, entry.line)
                found.append(FoundPaf(paf, parsed, section, entry.text, line))
    return found


def paf_of(parsed: PafLine, file: str, section: str, line: int) -> Paf:
    """Return a parsed line as a fact."""
    said = (parsed.id, parsed.category, parsed.text, parsed.why, parsed.status, parsed.replaced_by, parsed.reason)
    return Paf(*said, file, section, line)


def fact_named(document: Document, ident: str) -> FoundPaf:
    """Return the one fact with an id.

    Raises:
        NoRecordError, DuplicateAnchorError: none or several have it.
    """
    wanted = ident.strip().upper()
    rows = facts_in(document)
    found = [row for row in rows if row.paf.id == wanted] or [
        row for row in rows if row.paf.id == wanted.removeprefix("PAF-")
    ]
    if len(found) > 1:
        lines = [each.paf.line for each in found]
        raise DuplicateAnchorError(file=document.path, section=found[0].paf.id, lines=lines, hint="bank paf list")
    if not found:
        from memorybank.document.addresses import near

        close = near(wanted, [row.paf.id for row in rows]) if wanted else []
        raise NoRecordError(ident=ident, kind="fact", near=close, hint="bank paf list")
    return found[0]
