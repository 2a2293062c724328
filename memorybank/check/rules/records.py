"""The rules for records: readable, of a known type, complete, named after their id, with links that exist.

Bodies are read only if the type requires sections: the rest is checked in the front matter.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.check.lookup import OpenFile
from memorybank.check.rules.tag_rules import PAGES as OF_TAGS
from memorybank.check.rules.tag_rules import tag_findings
from memorybank.document.addresses import parse_address
from memorybank.document.source import Source
from memorybank.errors import BankError, ConfigError
from memorybank.records.find import scan
from memorybank.records.memories.lineage import by_name
from memorybank.records.memories.tag_conventions import TagConventions, read_conventions
from memorybank.records.templates import load_type, load_types, names_of_types
from memorybank.records.validate import faults_of
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from memorybank.records.record import Record
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder


# the manual's pages; `records/validate.py` checks a record against its type, also after an edit by hand
PAGES = {
    "front-matter": "The front matter of a record is valid: YAML between `---`, not deeply nested, without aliases.",
    "record-type": "A record's type is declared by a template; `bank types` lists them.",
    "record-status": "A record's status is valid for its type; `bank types show TYPE` lists them.",
    "record-id": "A record's file is named after its id, because commands find it by that name.",
    "record-field": "A record has the fields its type requires, each with a valid value.",
    "record-section": "A record that has sections of its type has all those that the type requires.",
    "record-twin": "No two records have the same id; copying a file or merging two branches can cause this.",
    "record-link": "A link leads to a record, a file or a web address.",
    "record-successor": "A superseded record names its successor, or readers would take it as still valid.",
    **OF_TAGS,
}


def lint_records(
    bank: BankFolder, page: Callable[[OpenFile], list[Finding]] | None = None, tags: Collection[str] = ()
) -> list[Finding]:
    """Check every record against its type, and check that its links exist; write nothing.

    `tags` are the only ones there may be, in lower case; without it, any. `page` returns other findings about the same
    file, so that each file is read only once.
    """
    kinds = load_types(bank)
    found = scan(bank, every=True)
    findings = list(_type_findings(bank))
    for each in found.broken:
        stem = each.file.rpartition("/")[2].removesuffix(".md")
        findings.append(Finding("front-matter", "error", each.file, each.line, each.why, f"bank open {quoted(stem)}"))
    agreed = _conventions(bank, findings)
    known: Mapping[str, Record] | None = None
    first: dict[str, str] = {}
    pages: list[Finding] = []
    # sorted, so that the same twin is reported on every machine
    for record in sorted(found.records, key=lambda each: each.file):
        kind = kinds.get(record.type)
        needed = page is not None or (kind is not None and _required(kind))
        opened = _opened(bank, record) if needed else None
        findings += _record_findings(bank, record, kind, opened)
        findings += tag_findings(record, agreed, tags, partial(_line_of_tags, bank, record))
        pages += page(opened) if page is not None and opened is not None else []
        has_id = record.type in kinds and "{id}" in kinds[record.type].file
        if has_id and first.setdefault(record.id, record.file) != record.file:
            message = f"{first[record.id]} already has the id {record.id!r}"
            findings.append(Finding("record-twin", "error", record.file, 1, message, "change the id of one of them"))
        if record.links and known is None:
            known = by_name([*scan(bank, archived=True, every=True).records, *found.records])
        findings += _link_findings(bank, record, known or {})
        findings += _succession_findings(bank, record, known or {})
    return findings + pages


def _required(kind: RecordType) -> bool:
    return any(section.required for section in kind.sections)


def _opened(bank: BankFolder, record: Record) -> OpenFile | None:
    try:
        return OpenFile(bank, record.file)
    except BankError:
        return None  # deleted since it was listed, or reported as a file that cannot be read


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
        # a page the project wrote itself, not made from a template
        return
    sections: list[str] | None = None
    if kind and opened and _required(kind):
        try:
            sections = [section.name for section in opened.document.sections[1:]]
        except BankError as error:
            yield Finding(error.code, "error", record.file, 1, error.message, error.hint)
    for fault in faults_of(record, kind, sections):
        line = _line_of(opened.source if opened else _source(bank, record), fault.field)
        hint = f"bank open {quoted(record.id)}"
        yield Finding(fault.rule, "error" if fault.is_error else "warning", record.file, line, fault.why, hint)


def _conventions(bank: BankFolder, findings: list[Finding]) -> TagConventions:
    try:
        return read_conventions(bank)
    except BankError as error:
        findings.append(Finding(error.code, "error", "bank.toml", 1, error.message, error.hint))
        return TagConventions()


def _link_findings(bank: BankFolder, record: Record, known: Mapping[str, Record]) -> Iterator[Finding]:
    for rel, to in record.links:
        if to in known or "://" in to or _is_file(bank, parse_address(to).file):
            continue
        line = _line_of(_source(bank, record), rel)
        hint = f"bank link {quoted(record.id)} {rel} {quoted(to)} --remove"
        yield Finding("record-link", "warning", record.file, line, f"{rel} leads to {to}, which does not exist", hint)


def _succession_findings(bank: BankFolder, record: Record, known: Mapping[str, Record]) -> Iterator[Finding]:
    """Report a superseded record that does not name its successor: readers would take it as still valid."""
    for to in record.linked("supersedes"):
        other = known.get(to)
        if other is not None and record.id not in other.linked("superseded-by"):
            line = _line_of(_source(bank, record), "supersedes")
            message = f"it supersedes {other.id}, which does not name it as its successor"
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
        return Source(b"")  # deleted since it was listed: there is no line to report


def _line_of_tags(bank: BankFolder, record: Record) -> int:
    return _line_of(_source(bank, record), "tags")


def _line_of(source: Source, field: str) -> int:
    """Return the line number of a field in the front matter; 1 if the field is missing."""
    rows = source.shadow[:8192].split("\n")
    return next((number for number, row in enumerate(rows, 1) if field and row.startswith(f"{field}:")), 1)
