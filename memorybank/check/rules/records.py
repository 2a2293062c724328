"""The rules for records: readable, of a known type, complete, named as their id says, with links that lead somewhere.

Bodies are read only where the type requires sections: headings do not stand in front matter.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.check.lookup import OpenFile
from memorybank.document.addresses import parse_address
from memorybank.document.source import Source
from memorybank.errors import BankError, ConfigError
from memorybank.records.find import scan
from memorybank.records.memories.lineage import by_name
from memorybank.records.templates import load_type, load_types, names_of_types
from memorybank.records.validate import faults_of
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from memorybank.records.record import Record
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder


# the manual's pages; what holds a record against its type is `records/validate.py`, which editing by hand asks as well
PAGES = {
    "front-matter": "The front matter of a record can be read: YAML between `---`, not nested deep, without aliases.",
    "record-type": "A record's type is one that a template declares; `bank types` lists them.",
    "record-status": "A record's status is one of its type's; `bank types show TYPE` lists them.",
    "record-id": "A record's file is named after its id, which is how commands find it.",
    "record-field": "The fields that a type requires are there, and each is of its kind.",
    "record-section": "A record that has sections of its type has those that the type requires.",
    "record-twin": "No two records have one id: a copy, or a merge of two branches, gave it twice.",
    "record-link": "A link leads to a record, a file or an address of the web.",
    "record-successor": "What a record supersedes says so too, or readers take the old one for what holds.",
}


def lint_records(bank: BankFolder, page: Callable[[OpenFile], list[Finding]] | None = None) -> list[Finding]:
    """Hold every record against its type and its links against what is there; writes nothing.

    `page` finds what else is to be said of a file, which is read once for both.
    """
    kinds = load_types(bank)
    found = scan(bank, every=True)
    findings = list(_type_findings(bank))
    for each in found.broken:
        stem = each.file.rpartition("/")[2].removesuffix(".md")
        findings.append(Finding("front-matter", "error", each.file, each.line, each.why, f"bank open {quoted(stem)}"))
    known: Mapping[str, Record] | None = None
    first: dict[str, str] = {}
    pages: list[Finding] = []
    # in one order wherever the bank is: of twins it is always the same that is told
    for record in sorted(found.records, key=lambda each: each.file):
        kind = kinds.get(record.type)
        needed = page is not None or (kind is not None and _required(kind))
        opened = _opened(bank, record) if needed else None
        findings += _record_findings(bank, record, kind, opened)
        pages += page(opened) if page is not None and opened is not None else []
        has_id = record.type in kinds and "{id}" in kinds[record.type].file
        if has_id and first.setdefault(record.id, record.file) != record.file:
            message = f"the id {record.id!r} is that of {first[record.id]} already"
            findings.append(Finding("record-twin", "error", record.file, 1, message, "give one of them another id"))
        if record.links and known is None:
            known = by_name([*scan(bank, archived=True, every=True).records, *found.records])
        findings += _link_findings(bank, record, known or {})
        findings += _succession_findings(bank, record, known or {})
    return findings + pages


def _required(kind: RecordType) -> bool:
    return any(each.required for each in kind.sections)


def _opened(bank: BankFolder, record: Record) -> OpenFile | None:
    try:
        return OpenFile(bank, record.file)
    except BankError:
        return None  # gone since it was listed, or told as a file that cannot be read


def _type_findings(bank: BankFolder) -> Iterator[Finding]:
    for name in names_of_types(bank):
        try:
            load_type(bank, name)
        except ConfigError as error:
            yield Finding(error.code, "error", error.where, 1, error.message, error.hint)


def _record_findings(
    bank: BankFolder, record: Record, kind: RecordType | None, opened: OpenFile | None
) -> Iterator[Finding]:
    in_docs = kind is not None and kind.folder.startswith("docs/")
    if in_docs and not (record.status or record.fields):
        # a page of the project's own, that never was made from a template
        return
    sections: list[str] | None = None
    if kind and opened and _required(kind):
        try:
            sections = [each.name for each in opened.document.sections[1:]]
        except BankError as error:
            yield Finding(error.code, "error", record.file, 1, error.message, error.hint)
    for fault in faults_of(record, kind, sections):
        line = _line_of(opened.source if opened else _source(bank, record), fault.field)
        hint = f"bank open {quoted(record.id)}"
        yield Finding(fault.rule, "error" if fault.is_error else "warning", record.file, line, fault.why, hint)


def _link_findings(bank: BankFolder, record: Record, known: Mapping[str, Record]) -> Iterator[Finding]:
    for rel, to in record.links:
        if to in known or "://" in to or _is_file(bank, parse_address(to).file):
            continue
        line = _line_of(_source(bank, record), rel)
        hint = f"bank link {quoted(record.id)} {rel} {quoted(to)} --remove"
        yield Finding("record-link", "warning", record.file, line, f"{rel} leads to {to}, which is not there", hint)


def _succession_findings(bank: BankFolder, record: Record, known: Mapping[str, Record]) -> Iterator[Finding]:
    """Tell a successor whose predecessor does not know of it: readers would still take the old one for what holds."""
    for to in record.linked("supersedes"):
        other = known.get(to)
        if other is not None and record.id not in other.linked("superseded-by"):
            line = _line_of(_source(bank, record), "supersedes")
            message = f"it supersedes {other.id}, which does not say so"
            hint = f"bank supersede {quoted(other.id)} {quoted(record.id)}"
            yield Finding("record-successor", "warning", record.file, line, message, hint)


def _is_file(bank: BankFolder, name: str) -> bool:
    try:
        return bool(name) and os.path.lexists(bank.locate(name)[0])
    except BankError:
        return False


def _source(bank: BankFolder, record: Record) -> Source:
    try:
        return Source(bank.read(bank.place_of(record.file)[0]))
    except BankError:
        return Source(b"")  # gone since it was listed: there is no line to tell


def _line_of(source: Source, field: str) -> int:
    """Give the line on which a field stands in the front matter, 1 when it stands nowhere."""
    rows = source.shadow[:8192].split("\n")
    return next((number for number, row in enumerate(rows, 1) if field and row.startswith(f"{field}:")), 1)
