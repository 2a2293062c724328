"""Write imported records: skip known ones, redact secrets, write the rest, and report it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import BankError, FieldError, NoFileError
from memorybank.exchange.imported import ImportedRecord, ImportResult
from memorybank.exchange.incoming import CAME_AS, ORIGIN, Incoming, PlainFile, ReadResult, washed, washed_line
from memorybank.exchange.safe_read import Misfit, refusal_of
from memorybank.exchange.write_messages import grown, message_rows, new_messages
from memorybank.files.write import read, resolve
from memorybank.ids import new_id
from memorybank.records.draft import NewRecord, draft
from memorybank.records.fields import check_fields
from memorybank.records.find import scan
from memorybank.records.record import Link, parse
from memorybank.records.templates import load_type
from memorybank.secrets.scan import redacted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.numbering import serial

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.records.draft import Draft
    from memorybank.records.record import Record
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# limits of one operation: an undo reverts at most this much at a time
BATCH_FILES = 200
BATCH_CHARACTERS = 8_000_000

_ID = re.compile(r"[a-z]{2,8}-\d{8}-[0-9a-z]{5}(?=-|\Z)", re.ASCII)
_PART = re.compile(r"[^\W_][\w .@+=,()-]{0,200}\Z")


class _Known(NamedTuple):
    """The ids in the bank, the foreign ids of its records, and what was imported before.

    `origins` maps an origin without its digest to the digest and the id.
    """

    ids: set[str]
    foreign: set[str]
    origins: dict[str, tuple[str, str]]


class _Unit(NamedTuple):
    """Changes that belong together, and the record they create or extend."""

    changes: list[FileChange]
    taken: ImportedRecord | None
    is_grown: bool = False


class _Report:
    def __init__(self, misfits: Iterable[Misfit]) -> None:
        self.misfits = list(misfits)
        self.redacted: list[Misfit] = []
        self.already = 0

    def secrets(self, entry: str, rules: Iterable[str]) -> None:
        rules = list(rules)
        self.redacted += [
            Misfit(entry, f"{rule} ({rules.count(rule)})" if rules.count(rule) > 1 else rule)
            for rule in dict.fromkeys(rules)
        ]


def take_in(bank: BankFolder, harvest: ReadResult, way: Way) -> ImportResult:
    """Write what a reader found into the bank, in as few operations as its size allows; known records stay unchanged.

    Raises:
        BankError: an I/O or permission error, or the bank refuses; what earlier operations of the same import wrote
            stays, and the next run continues from there.
    """
    report = _Report(harvest.misfits)
    operations: list[str] = []
    # if two imports run at once, the second one sees the records of the first
    with serial(bank, "import", way):
        known = _known(bank)
        units = [*_records(bank, harvest, way, known, report), *_files(bank, harvest.files, way, report)]
        for batch in _batches(units):
            changes = [change for unit in batch for change in unit.changes]
            receipt = commit(bank, changes, f"import {harvest.source}", way)
            operations += [receipt.operation] if receipt.operation else []
    return ImportResult(
        harvest.source,
        tuple(unit.taken for unit in units if unit.taken and not unit.is_grown),
        tuple(unit.taken for unit in units if unit.taken and unit.is_grown),
        tuple(
            change.path.relative_to(bank.folder).as_posix()
            for unit in units
            if not unit.taken
            for change in unit.changes
        ),
        report.already,
        tuple(Misfit(washed_line(misfit.where), washed_line(misfit.why)) for misfit in report.misfits),
        tuple(report.redacted),
        tuple(operations),
        way.options.dry_run,
    )


def _known(bank: BankFolder) -> _Known:
    known = _Known(set(), set(), {})
    for kinds in ((), ("session",)):
        for archived in (False, True):
            found = scan(bank, kinds=kinds, archived=archived)
            for record in found.records:
                known.ids.add(record.id)
                _remember(known, record)
            stems = [_ID.match(each.file.rpartition("/")[2]) for each in found.broken]
            known.ids.update(stem.group() for stem in stems if stem)
    return known


def _remember(known: _Known, record: Record) -> None:
    came_as = record.metadata.get(CAME_AS)
    if isinstance(came_as, str):
        known.foreign.add(came_as)
    origin = record.metadata.get(ORIGIN)
    if isinstance(origin, str) and "@" in origin:
        entry, _, digest = origin.rpartition("@")
        known.origins[entry] = (digest, record.id)


def _records(bank: BankFolder, harvest: ReadResult, way: Way, known: _Known, report: _Report) -> list[_Unit]:
    kinds: dict[str, RecordType] = {}
    chosen: list[tuple[Incoming, str]] = []
    before = frozenset(known.ids)
    renamed: dict[str, str] = {}
    units: list[_Unit] = []
    for each in harvest.records:
        record = each._replace(entry=washed_line(each.entry), wish=washed_line(each.wish))
        origin = f"{harvest.source}:{record.entry}"
        digest, ident = known.origins.get(origin, ("", ""))
        if record.ours and (record.wish in before or record.wish in known.foreign):
            report.already += 1
        elif ident and digest == record.digest:
            renamed[record.wish] = ident
            report.already += 1
        elif ident:
            renamed[record.wish] = ident
            units += _grown(bank, harvest.source, record, ident, way, report)
        else:
            kind = kinds.setdefault(record.kind, load_type(bank, record.kind))
            ident = _id_for(record, kind, way, known.ids)
            renamed[record.wish] = ident
            chosen.append((record, ident))
    for record, ident in chosen:
        links = tuple(
            Link(link.rel, renamed.get(link.to, link.to))
            for link in record.links
            if record.ours or link.to in renamed or link.to in before
        )
        report.misfits += [
            Misfit(record.entry, f"dropped the link {link.rel}: {link.to}, which does not exist")
            for link in record.links
            if not (record.ours or link.to in renamed or link.to in before)
        ]
        # a record without a session stays without one
        session = renamed.get(record.session, record.session) if record.session else ""
        made = record._replace(links=links, session=session)
        unit = _unit(bank, harvest.source, made, ident, kinds[record.kind], way, report)
        units += [unit] if unit else []
    return units


def _grown(bank: BankFolder, source: str, record: Incoming, ident: str, way: Way, report: _Report) -> list[_Unit]:
    """Extend a conversation that only has new messages; any other change is reported and not imported."""
    clean, misfits, rules = washed(record, way.options.allow_secrets)
    more = grown(bank, ident, clean, f"{source}:{record.entry}@{record.digest}", way)
    if more is None:
        report.misfits.append(
            Misfit(record.entry, f"it changed since it was imported as {ident}, which is left unchanged")
        )
        return []
    report.misfits += misfits
    report.secrets(record.entry, [*rules, *more.rules])
    return [
        _Unit(
            more.changes,
            ImportedRecord(record.entry, ident, more.record.type, more.record.title, more.record.file),
            is_grown=True,
        )
    ]


def _id_for(record: Incoming, kind: RecordType, way: Way, taken: set[str]) -> str:
    """Return a record's own id if it has our format and is free, else a new id."""
    ident = record.wish
    if not (_ID.fullmatch(ident) and ident.startswith(f"{kind.prefix}-")) or ident in taken:
        day = way.author.now()
        if record.created:
            day = day.replace(
                year=int(record.created[:4]), month=int(record.created[5:7]), day=int(record.created[8:10])
            )
        ident = ""
        while not ident or ident in taken:
            ident = new_id(kind.prefix, day, way.author.random_bytes)
    taken.add(ident)
    return ident


def _unit(
    bank: BankFolder, source: str, record: Incoming, ident: str, kind: RecordType, way: Way, report: _Report
) -> _Unit | None:
    clean, misfits, rules = washed(record, way.options.allow_secrets)
    report.misfits += misfits
    metadata = dict(clean.metadata)
    if record.wish and record.wish != ident:
        metadata[CAME_AS] = record.wish
    if not record.ours:
        metadata[ORIGIN] = f"{source}:{record.entry}@{record.digest}"
    fields = _fitting(kind, clean, report)
    try:
        new = NewRecord(
            clean.content,
            kind,
            title=clean.title,
            summary=clean.summary,
            tags=clean.tags,
            status=_status(kind, clean, report),
            metadata=metadata,
            links=clean.links,
            fields=fields,
            created=clean.created,
            overrides={
                "project": clean.project,
                "source_tool": clean.source_tool,
                "source_repo": clean.source_repo,
                "session": clean.session,
                "updated": clean.updated,
            },
            ident=ident,
        )
        made = draft(bank, new, way)
        change, more = _without_secrets(made, kind, way)
        rows, hidden = message_rows(clean.messages or (), way)
    except BankError as error:
        report.misfits.append(Misfit(record.entry, f"skipped: {refusal_of(error)}"))
        return None
    report.secrets(record.entry, [*rules, *more, *hidden])
    taken = ImportedRecord(record.entry, ident, kind.name, made.record.title, made.record.file)
    return _Unit([change, *new_messages(bank, ident, rows)], taken)


def _fitting(kind: RecordType, record: Incoming, report: _Report) -> dict[str, object]:
    """Return the fields that the type accepts; the others are reported."""
    fitting: dict[str, object] = {}
    for name, value in record.fields.items():
        if value in ("", None, [], ()):
            continue
        try:
            fitting.update(check_fields(kind, {name: value}, complete=False))
        except FieldError as error:
            report.misfits.append(Misfit(record.entry, refusal_of(error)))
    return fitting


def _status(kind: RecordType, record: Incoming, report: _Report) -> str:
    names = [name for name, _ in kind.statuses]
    if not record.status or record.status in names:
        return record.status
    report.misfits.append(Misfit(record.entry, f"invalid status {record.status!r}: choose from {', '.join(names)}"))
    return ""


def _without_secrets(made: Draft, kind: RecordType, way: Way) -> tuple[FileChange, list[str]]:
    """Redact secrets that are only found in the whole file; the file must still be a valid record.

    Raises:
        BankError: it is no longer a valid record.
    """
    text, found = redacted(made.change.text or "", way.options.allow_secrets)
    if found:
        parse(text.encode(), made.record.file, kind.name)
    return made.change._replace(text=text), [each.rule for each in found]


def _files(bank: BankFolder, files: Sequence[PlainFile], way: Way, report: _Report) -> list[_Unit]:
    units = []
    for file in files:
        parts = file.name.split("/")
        if not all(_PART.match(part) for part in parts):
            report.misfits.append(Misfit(file.entry, "skipped: its name cannot be a file name in the bank"))
            continue
        named = redacted(file.name, way.options.allow_secrets)[1]
        if named:
            why = f"skipped: its name looks like a secret ({named[0].rule})"
            report.misfits.append(Misfit(washed_line(file.entry), why))
            continue
        path = bank.folder / file.name
        resolve(path, (bank.folder,))
        try:
            there = read(path)
        except NoFileError:
            there = None
        text, rules = _clean_text(file, way)
        if there is not None and there == (file.data if text is None else text.encode("utf-8", "surrogateescape")):
            report.already += 1
        elif there is not None and digest_of(there) != file.base:
            report.misfits.append(
                Misfit(file.entry, f"{file.name} already exists with another text, which is left unchanged")
            )
        elif text is None:
            report.misfits.append(Misfit(file.entry, f"skipped: it looks like it has a secret ({rules[0]})"))
        else:
            report.secrets(file.entry, rules)
            units.append(_Unit([FileChange(path, text=text, base=file.base)], None))
    return units


def _clean_text(file: PlainFile, way: Way) -> tuple[str | None, list[str]]:
    """Return a file's text without its secrets, and their rules; None if they cannot be removed."""
    text = file.data.decode("utf-8", "surrogateescape")
    clean, found = redacted(text, way.options.allow_secrets)
    rules = [each.rule for each in found]
    if not found:
        return text, rules
    if b"\0" in file.data:
        return None, rules
    if file.name.endswith(".json"):
        try:
            json.loads(clean)
        except ValueError:
            return None, rules
    return clean, rules


def _batches(units: Sequence[_Unit]) -> list[list[_Unit]]:
    batches: list[list[_Unit]] = []
    files = size = 0
    for unit in units:
        length = sum(len(change.text or "") for change in unit.changes)
        if not batches or files + len(unit.changes) > BATCH_FILES or size + length > BATCH_CHARACTERS:
            batches.append([])
            files = size = 0
        batches[-1].append(unit)
        files += len(unit.changes)
        size += length
    return batches
