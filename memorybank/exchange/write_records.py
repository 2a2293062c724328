"""Write imported records: skip known ones, redact secrets, write the rest, and report it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import BankError, NoFileError
from memorybank.exchange.account import missing_line, texts_in
from memorybank.exchange.fitting import fitted, unfolded, washed_line
from memorybank.exchange.imported import ImportedRecord, ImportResult
from memorybank.exchange.incoming import BY_CONTENT, CAME_AS, ORIGIN
from memorybank.exchange.known import ID, Known, known_in, origin_name
from memorybank.exchange.record_paths import with_paths
from memorybank.exchange.safe_read import Misfit, refusal_of
from memorybank.exchange.write_messages import grown, message_rows, new_messages
from memorybank.files.write import read, resolve
from memorybank.ids import new_id
from memorybank.records.draft import NewRecord, draft
from memorybank.records.record import Link, parse
from memorybank.records.templates import load_type
from memorybank.secrets.scan import redacted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.numbering import serial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.exchange.fitting import FittedRecord
    from memorybank.exchange.incoming import Incoming, PlainFile, ReadResult
    from memorybank.records.draft import Draft
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# limits of one operation: an undo reverts at most this much at a time
BATCH_FILES = 200
BATCH_CHARACTERS = 8_000_000

_PART = re.compile(r"[^\W_][\w .@+=,()-]{0,200}\Z")


class _Unit(NamedTuple):
    """Changes that belong together, the record they create or extend, and the texts of its entry that are written.

    `points` maps words in the text of the record to the id of another record, whose path stands there.
    """

    changes: list[FileChange]
    taken: ImportedRecord | None
    is_grown: bool = False
    entry: str = ""
    written: tuple[str, ...] = ()
    points: Mapping[str, str] = {}


class _Report:
    """What an import did so far."""

    def __init__(self) -> None:
        self.records: list[ImportedRecord] = []
        self.grown: list[ImportedRecord] = []
        self.files: list[str] = []
        self.misfits: list[Misfit] = []
        # those of the current part
        self.unwashed: list[Misfit] = []
        self.redacted: list[Misfit] = []
        self.unaccounted: list[Misfit] = []
        self.operations: list[str] = []
        self.already = 0
        # entries of the current part whose words need no account: they were there before, or are reported as a whole
        self.settled: set[str] = set()
        self.secret_texts: dict[str, list[str]] = {}

    def tell(self, entry: str, why: str) -> None:
        self.unwashed.append(Misfit(entry, why))

    def secrets(self, entry: str, rules: Iterable[str], texts: Iterable[str] = ()) -> None:
        rules = list(rules)
        self.redacted += [
            Misfit(washed_line(entry), f"{rule} ({rules.count(rule)})" if rules.count(rule) > 1 else rule)
            for rule in dict.fromkeys(rules)
        ]
        self.secret_texts.setdefault(entry, []).extend(texts)


def take_in(bank: BankFolder, parts: Iterable[ReadResult], way: Way) -> ImportResult:
    """Write what a reader found into the bank, part by part; known records stay unchanged.

    Links and sessions are found among the records of a part and of the bank. Each part is written in as few operations
    as its size allows, and is then compared with its source, word by word.

    Raises:
        BankError: an I/O or permission error, or the bank refuses; what earlier operations of the same import wrote
            stays, and the next run continues from there.
    """
    report = _Report()
    source = ""
    # an import that is typed again goes on: what one of its operations wrote is not all that was asked for
    way = way._replace(options=way.options._replace(request=""))
    # if two imports run at once, the second one sees the records of the first
    with serial(bank, "import", way):
        known = known_in(bank)
        for part in parts:
            source = part.source
            report.settled, report.secret_texts = set(), {}
            units = [*_records(bank, part, way, known, report), *_files(bank, part.files, way, report)]
            for batch in _batches(units):
                changes = [change for unit in batch for change in unit.changes]
                receipt = commit(bank, changes, f"import {part.source}", way)
                report.operations += [receipt.operation] if receipt.operation else []
            _take_stock(bank, part, units, report)
    return ImportResult(
        source,
        tuple(report.records),
        tuple(report.grown),
        tuple(report.files),
        report.already,
        tuple(report.misfits),
        tuple(report.redacted),
        tuple(report.unaccounted),
        tuple(report.operations),
        way.options.dry_run,
    )


def _take_stock(bank: BankFolder, part: ReadResult, units: Sequence[_Unit], report: _Report) -> None:
    """Add what was written to the report, and the words of the part that are neither written nor reported."""
    told = [*report.unwashed, *part.misfits, *(part.account.misfits(report.settled) if part.account else ())]
    report.misfits += [Misfit(washed_line(each.where), washed_line(each.why)) for each in told]
    report.unwashed.clear()
    written: dict[str, list[str]] = {}
    for unit in units:
        written.setdefault(unit.entry, []).extend(unit.written)
        if unit.taken is None:
            report.files += [change.path.relative_to(bank.folder).as_posix() for change in unit.changes]
        else:
            (report.grown if unit.is_grown else report.records).append(unit.taken)
    extended = {unit.entry for unit in units if unit.is_grown}
    for entry in part.account.entries if part.account else ():
        if part.account and entry not in report.settled:
            missing = part.account.missing(entry, [*written.get(entry, ()), *report.secret_texts.get(entry, ())])
            if missing and entry in extended:
                why = f"only its new messages are taken: {missing_line(missing, 'changed beside them')}"
                report.tell(washed_line(entry), washed_line(why))
            elif missing:
                report.unaccounted.append(Misfit(washed_line(entry), washed_line(missing_line(missing))))


def _records(bank: BankFolder, part: ReadResult, way: Way, known: Known, report: _Report) -> list[_Unit]:
    kinds: dict[str, RecordType] = {}
    chosen: list[tuple[Incoming, str]] = []
    before = frozenset(known.ids)
    renamed: dict[str, str] = {}
    units: list[_Unit] = []
    for each in part.records:
        record = each._replace(wish=washed_line(each.wish))
        origin = origin_name(part.source, record)
        versions = known.origins.get(origin, [])
        same = next((ident for digest, ident in versions if digest == record.digest), "")
        if record.ours and (record.wish in before or record.wish in known.foreign):
            report.already += 1
            report.settled.add(record.entry)
        elif same:
            renamed[record.wish] = same
            known.seen.add(same)
            report.already += 1
            report.settled.add(record.entry)
        elif versions and record.messages is None:
            renamed[record.wish] = ident = versions[-1][1]
            report.tell(record.entry, f"it changed since it was imported as {ident}, which is left unchanged")
            report.settled.add(record.entry)
        else:
            found = _renewed(bank, part.source, record, known, way, report) if versions else None
            if found is not None:
                renamed[record.wish] = found.ident
                units += found.units
                continue
            kind = kinds.setdefault(record.kind, load_type(bank, record.kind))
            ident = _id_for(record, kind, way, known.ids)
            if versions and not record.key.startswith(BY_CONTENT):
                before_it = versions[-1][1]
                why = f"it changed since it was imported as {before_it}, which is left unchanged"
                report.tell(record.entry, f"{why}; this version is {ident}")
                record = record._replace(links=(*record.links, Link("relates", before_it)))
                renamed[before_it] = before_it
            renamed[record.wish] = ident
            known.renewed(origin, record.digest, ident)
            chosen.append((record, ident))
    for record, ident in chosen:
        exists = {link for link in record.links if record.ours or link.to in renamed or link.to in before}
        # a record without a session stays without one
        session = renamed.get(record.session, record.session) if record.session else ""
        plan = fitted(
            record._replace(session=session), kinds[record.kind], way.options.allow_secrets, exists.__contains__
        )
        links = tuple(Link(link.rel, renamed.get(link.to, link.to)) for link in plan.record.links)
        plan = plan._replace(record=plan.record._replace(links=links))
        unit = _unit(bank, part.source, plan, ident, kinds[record.kind], way, report)
        points = {token: renamed.get(wish, "") for token, wish in record.points.items()}
        units += [unit._replace(points=points)] if unit else []
    known.files.update({unit.taken.id: unit.taken.file for unit in units if unit.taken})
    return [
        unit._replace(changes=[with_paths(bank, unit.changes[0], unit.points, known.files), *unit.changes[1:]])
        if unit.points
        else unit
        for unit in units
    ]


class _Found(NamedTuple):
    """The record that a conversation was imported as, and what changes it."""

    ident: str
    units: list[_Unit]


def _renewed(bank: BankFolder, source: str, record: Incoming, known: Known, way: Way, report: _Report) -> _Found | None:
    """Find a conversation that only has new messages or another title, and extend its record; None if it differs."""
    name = origin_name(source, record)
    by_content = record.key.startswith(BY_CONTENT)
    # two conversations that begin alike are two, also if one of them has all messages of the other
    idents = [ident for _, ident in known.origins[name] if not (by_content and ident in known.seen)]
    fit = fitted(record, load_type(bank, record.kind), way.options.allow_secrets)
    more = grown(bank, idents, fit.record, f"{name}@{record.digest}", way)
    if more is None:
        return None
    known.seen.add(more.record.id)
    if not more.changes:
        report.already += 1
        report.settled.add(record.entry)
        return _Found(more.record.id, [])
    known.renewed(name, record.digest, more.record.id)
    report.unwashed += [*fit.misfits, *(Misfit(record.entry, why) for why in more.whys)]
    report.secrets(record.entry, [*fit.rules, *more.rules], fit.secret_texts)
    taken = ImportedRecord(washed_line(record.entry), more.record.id, "session", more.record.title, more.record.file)
    there = (more.record.title, more.record.summary, *texts_in(more.record.metadata), *texts_in(more.record.fields))
    written = (*there, *texts_in(more.values), *_texts_of(fit.record), *more.hidden)
    return _Found(more.record.id, [_Unit(more.changes, taken, is_grown=True, entry=record.entry, written=written)])


def _texts_of(record: Incoming) -> list[str]:
    return [message.text for message in record.messages or ()]


def _id_for(record: Incoming, kind: RecordType, way: Way, taken: set[str]) -> str:
    """Return a record's own id if it has our format and is free, else a new id."""
    ident = record.wish
    if not (ID.fullmatch(ident) and ident.startswith(f"{kind.prefix}-")) or ident in taken:
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
    bank: BankFolder, source: str, fit: FittedRecord, ident: str, kind: RecordType, way: Way, report: _Report
) -> _Unit | None:
    record = fit.record
    metadata = dict(record.metadata)
    if record.wish and record.wish != ident:
        metadata[CAME_AS] = record.wish
    if not record.ours:
        metadata[ORIGIN] = f"{origin_name(source, record)}@{record.digest}"
    try:
        new = NewRecord(
            record.content,
            kind,
            title=record.title,
            summary=record.summary,
            tags=record.tags,
            status=record.status,
            metadata=metadata,
            links=record.links,
            fields=record.fields,
            created=record.created,
            overrides={
                "project": record.project,
                "source_tool": record.source_tool,
                "source_repo": record.source_repo,
                "session": record.session,
                "updated": record.updated,
            },
            ident=ident,
            undated=True,
        )
        made = draft(bank, new, way)
        change, more, texts = _without_secrets(made, kind, way)
        rows, hidden, lines = message_rows(record.messages or (), way)
        there = parse((change.text or "").encode(), made.record.file, kind.name)
    except BankError as error:
        report.tell(record.entry, f"skipped: {refusal_of(error)}")
        report.settled.add(record.entry)
        return None
    report.unwashed += fit.misfits
    report.secrets(record.entry, [*fit.rules, *more, *hidden], [*fit.secret_texts, *texts, *lines])
    taken = ImportedRecord(washed_line(record.entry), ident, kind.name, made.record.title, made.record.file)
    read_back = (each for text in texts_in(there._asdict()) for each in unfolded(text))
    written = (*read_back, *(json.loads(row)["text"] for row in rows))
    return _Unit([change, *new_messages(bank, ident, rows)], taken, entry=record.entry, written=written)


def _without_secrets(made: Draft, kind: RecordType, way: Way) -> tuple[FileChange, list[str], list[str]]:
    """Redact secrets that are only found in the whole file; return the change, their rules and their texts.

    The file must still be a valid record.

    Raises:
        BankError: it is no longer a valid record.
    """
    whole = made.change.text or ""
    text, found = redacted(whole, way.options.allow_secrets)
    if found:
        parse(text.encode(), made.record.file, kind.name)
    secrets = [whole[each.start : each.end] for each in found]
    return made.change._replace(text=text), [each.rule for each in found], secrets


def _files(bank: BankFolder, files: Sequence[PlainFile], way: Way, report: _Report) -> list[_Unit]:
    units = []
    for file in files:
        parts = file.name.split("/")
        if not all(_PART.match(part) for part in parts):
            report.tell(file.entry, "skipped: its name cannot be a file name in the bank")
            report.settled.add(file.entry)
            continue
        named = redacted(file.name, way.options.allow_secrets)[1]
        if named:
            report.tell(file.entry, f"skipped: its name looks like a secret ({named[0].rule})")
            report.settled.add(file.entry)
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
            report.settled.add(file.entry)
        elif there is not None and digest_of(there) != file.base:
            report.tell(file.entry, f"{file.name} already exists with another text, which is left unchanged")
            report.settled.add(file.entry)
        elif text is None:
            report.tell(file.entry, f"skipped: it looks like it has a secret ({rules[0]})")
            report.settled.add(file.entry)
        else:
            report.secrets(file.entry, rules)
            written = (file.data.decode("utf-8", "surrogateescape"),)
            units.append(_Unit([FileChange(path, text=text, base=file.base)], None, entry=file.entry, written=written))
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
