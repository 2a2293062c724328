"""Lines of the memory files that cite a record by its id or file: find them, and strike them through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.addresses import address_of
from memorybank.document.edits import ItemRef, ReplaceItem
from memorybank.document.items import entries_of, read_body, split_marker, text_end
from memorybank.document.text import one_line
from memorybank.errors import NoFileError
from memorybank.store.journal.commit import FileChange
from memorybank.store.view import open_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.document.items import Entry
    from memorybank.document.sections import Document, Section
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

_ARROW = " → "
_STRUCK = re.compile(r"~~.*~~ → (?P<tail>.+)\Z")
_END_ID = re.compile(r"[ \t]\^[0-9A-Za-z-]+\Z")


def cites(text: str, record: Record) -> bool:
    """Return whether a text names a record: its id as a separate word, or its file."""
    stem = record.file.rpartition("/")[2].removesuffix(".md")
    return _names(text, record.id) or _names(text, stem)


def _names(text: str, word: str) -> bool:
    return word in text and bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text))


def struck_changes(bank: BankFolder, former: Record, successor: str) -> tuple[list[FileChange], list[str]]:
    """Return the changes that strike through each item of the memory files citing a record, and their addresses.

    A line that also names the successor stays, since it is about both. So does a line already struck through.
    """
    changes, struck = [], []
    for file in bank.main_files:
        try:
            document = open_document(bank, file)
        except NoFileError:
            continue
        edits: list[ReplaceItem] = []
        for section in _sections(bank, document):
            address = address_of(document, section)
            digest = document.digest_of(section)
            for number, entry, text in _citing(document, section, former, successor):
                ref = ItemRef(text=entry.text, number=number)
                edits.append(ReplaceItem(address.section, ref, _struck(text, former, successor), digest))
                struck.append(f"{address} {number}")
                # the first edit of a section checks that it is unchanged; after that edit the digest differs
                digest = ""
        if edits:
            path, _ = bank.existing(file)
            changes.append(FileChange(path, tuple(edits)))
    return changes, struck


def _sections(bank: BankFolder, document: Document) -> Iterator[Section]:
    contract = bank.contract_of(document.path)
    for section in document.sections[1:]:
        spec = contract.spec_of(section.name) if contract else None
        if contract is None or (section.level <= 2 and (spec is None or spec.kind != "stamp")):  # noqa: PLR2004  below a contract's sections all is text
            yield section


def _citing(document: Document, section: Section, former: Record, successor: str) -> Iterator[tuple[int, Entry, str]]:
    if former.id not in document.source.text[section.body : section.end]:
        return
    items = read_body(document, section).items
    for number, entry in enumerate(entries_of(document, section), 1):
        raw = document.source.text[entry.item.content : text_end(document, entry.item, items)]
        text = _END_ID.sub("", one_line(split_marker(f"- {one_line(raw)}")[2]))
        if cites(text, former) and not _names(text, successor) and _struck(text, former, successor) != text:
            yield number, entry, text


def _struck(text: str, former: Record, successor: str) -> str:
    found = _STRUCK.match(text)
    if found:
        return f"{text}{_ARROW}{successor}" if cites(found.group("tail"), former) else text
    if "~~" in text or text.endswith("\\"):
        # other strike marks inside would end the line's own
        return f"{text}{_ARROW}{successor}"
    return f"~~{text}~~{_ARROW}{successor}"
