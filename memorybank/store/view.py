"""Read a bank: one section, the outline of a file, the status of the bank."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.addresses import Address, address_of, parse_address, resolve_section, section_names, settled
from memorybank.document.items import plain_key
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source
from memorybank.errors import BankError, NoFileError, OutsideError
from memorybank.store.folder import MARKDOWN

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.document.sections import Section
    from memorybank.store.folder import BankFolder


class View(NamedTuple):
    """One section (or file): its address, its digest and that of its file, its lines and its text."""

    address: str
    digest: str
    file: str
    file_digest: str
    first_line: int
    last_line: int
    text: str


class Row(NamedTuple):
    """One line of an outline."""

    name: str
    level: int
    address: str
    digest: str
    first_line: int
    last_line: int


class FileStatus(NamedTuple):
    """One memory file: its digest, its size, and when bank last changed it (`updated`).

    Without a digest, `fault` is the reason: `missing`, or what is there instead of a file.
    """

    file: str
    digest: str
    size: int
    updated: str
    fault: str = ""


class UnknownHeadings(NamedTuple):
    """The headings of a memory file that are no section where notes go."""

    file: str
    headings: tuple[str, ...]


class BankStatus(NamedTuple):
    """The status of a bank."""

    bank_folder: str
    project_folder: str
    layout: str
    files: tuple[FileStatus, ...]
    operation_count: int
    last_operation: str
    unfinished: tuple[str, ...]
    unknown_headings: tuple[UnknownHeadings, ...]


def address_in(bank: BankFolder, text: str) -> Address:
    """Parse an address as a user types it. Existing files and headings decide, since both may contain `#` and `^`."""
    address = parse_address(text)
    if "#" in text and not os.path.lexists(bank.locate(address.file)[0]):
        cuts = [at for at, char in enumerate(text) if char == "#"]
        for file, section in ((text, ""), *((text[:at], text[at + 1 :]) for at in reversed(cuts))):
            if file.strip() and os.path.lexists(bank.locate(file.strip())[0]):
                found = parse_address(f"x.md#{section}")
                address = Address(file.strip(), found.section, found.item)
                break
    if not bank.layout.contracted:
        from memorybank.store.foreign_sections import translated

        address = translated(bank, address)
    return settled(open_document(bank, address.file), address) if address.item else address


def markdown_of(bank: BankFolder, file: str) -> Path:
    """Return the path of an existing Markdown file: what sections are edited in.

    Raises:
        NoFileError: the file does not exist.
        OutsideError: it is not a Markdown file.
    """
    path, name = bank.existing(file)
    if path.suffix.casefold() not in MARKDOWN:
        raise OutsideError(path=name, why="it is not a Markdown file; change it in your own editor")
    return path


def open_document(bank: BankFolder, file: str) -> Document:
    """Read a file of the bank or its project as a document.

    Raises:
        NoFileError, OutsideError, LimitError: it cannot be read.
    """
    path, name = bank.existing(file)
    contract = bank.contract_of(name)
    try:
        return outline(Source(bank.read(path)), name, contract=contract is not None)
    except NoFileError:
        raise NoFileError(path=name) from None


def find(bank: BankFolder, document: Document, section: str) -> Section:
    """Find a section by its name, or by the names that older banks used for it.

    Raises:
        NoAnchorError, DuplicateAnchorError: no section has the name, or several have it.
    """
    contract = bank.contract_of(document.path)
    spec = contract.spec_of(section) if contract else None
    return resolve_section(document, section, aliases=(spec.name, *spec.other_names) if spec else ())


def placeholders_of(bank: BankFolder, document: Document, section: Section) -> set[str]:
    """Return the placeholders of a section as plain keys; they stand there until the first real item."""
    contract = bank.contract_of(document.path)
    spec = contract.spec_of(section.name) if contract else None
    return {plain_key(text) for text in (spec.placeholders if spec else (NONE,))}


def look(bank: BankFolder, text: str) -> View:
    """Return a section, a whole file if no section is named, or an item if the address ends in its id.

    Raises:
        BankError: nothing or more than one thing matches the address.
    """
    address = address_in(bank, text)
    document = open_document(bank, address.file)
    source = document.source
    if not address.section and not address.item:
        return View(document.path, source.digest, document.path, source.digest, 1, source.line_count, source.text)
    section = find(bank, document, address.section)
    if address.item:
        # most commands need sections alone
        from memorybank.document.editing.item_edits import find_item
        from memorybank.document.edits import ItemRef

        placeholders = placeholders_of(bank, document, section)
        entry = find_item(document, section, ItemRef(id=address.item), placeholders=placeholders)
        start, end = entry.item.start, entry.item.end
        shown, digest, body = (
            str(address_of(document, section, item=entry.id)),
            entry.digest,
            source.text[start:end],
        )
    else:
        start, end = section.start, section.end
        shown, digest, body = (
            str(address_of(document, section)),
            document.digest_of(section),
            document.text_of(section),
        )
    last = source.line_of(max(end - 1, start))
    return View(shown, digest, document.path, source.digest, source.line_of(start), last, body)


def outline_of(bank: BankFolder, file: str) -> tuple[str, str, list[Row]]:
    """Return a file's name, its digest and its sections.

    Raises:
        BankError: it cannot be read.
    """
    document = open_document(bank, file)
    source = document.source
    rows = []
    line, at = 1, 0
    for section, name in zip(document.sections[1:], section_names(document), strict=True):
        line += source.shadow.count("\n", at, section.start)
        at = section.start
        last = line + source.shadow.count("\n", section.start, max(section.end - 1, section.start))
        address = str(Address(document.path, name))
        rows.append(Row(section.name, section.level, address, document.digest_of(section), line, last))
    return document.path, source.digest, rows


def status_of(bank: BankFolder) -> BankStatus:
    """Return the status of a bank: its files, its journal, and operations that did not finish.

    Raises:
        ConfigError, NewerVersionError: its settings are not valid.
    """
    from memorybank.store.journal.log import read_operations

    _ = bank.config
    operations = read_operations(bank)
    changed = {each.file: operation.receipt.at for operation in operations for each in operation.receipt.files}
    files = []
    for file in bank.main_files:
        try:
            data = bank.read(bank.folder / file)
            files.append(FileStatus(file, Source(data).digest, len(data), changed.get(file, "")))
        except NoFileError:
            files.append(FileStatus(file, "", 0, "", "missing"))
        except BankError as error:
            files.append(FileStatus(file, "", 0, "", error.message))
    return BankStatus(
        str(bank.folder),
        str(bank.project),
        bank.layout.name,
        tuple(files),
        sum(1 for operation in operations if operation.state == "done"),
        operations[-1].id if operations else "",
        tuple(operation.id for operation in operations if operation.state == "begun"),
        tuple(unknown for unknown in map(partial(_unknown_in, bank), bank.present_files()) if unknown.headings),
    )


def unknown_sections_of(bank: BankFolder, document: Document) -> list[Section]:
    """Return the sections of a memory file that no note goes to: its contract, or its layout, does not know them."""
    if not bank.layout.contracted:
        from memorybank.store.foreign_sections import unknown_sections

        return unknown_sections(bank, document)
    contract = bank.contract_of(document.path)
    if contract is None:
        return []
    from memorybank.contracts.similar_headings import foreign_sections, renamed_headings

    # a decorated name is used as it is; a name that may be another section's is not
    used = {each.heading.start for each in renamed_headings(document, contract) if each.is_decorated}
    return [section for section in foreign_sections(document, contract) if section.start not in used]


def _unknown_in(bank: BankFolder, file: str) -> UnknownHeadings:
    try:
        document = open_document(bank, file)
        return UnknownHeadings(file, tuple(section.name for section in unknown_sections_of(bank, document)))
    except BankError:  # the file's own line says why it cannot be read
        return UnknownHeadings(file, ())
