"""Records of the user's other banks: searched in all banks known on this machine, and only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, DiskError, NoRecordError, NoTypeError
from memorybank.records.filter import Filter, select
from memorybank.records.find import BrokenRecord
from memorybank.store.manage.known_banks import UnreadBank, known_banks, open_known
from memorybank.store.several import none_or_several

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.records.record_answer import RecordAnswer, RecordWire
    from memorybank.store.folder import BankFolder


class RecordPlace(NamedTuple):
    """A record and its bank: the bank's name and folder; of the hub of a team, its project and namespace."""

    record: Record
    bank: str
    folder: str
    namespace: str = ""

    def to_wire(self) -> RecordWire:
        """Return the JSON form: the record's, with the bank in it."""
        if self.namespace:
            return {**self.record.to_wire(), "bank": self.bank, "namespace": self.namespace}
        return {**self.record.to_wire(), "bank": self.bank, "bank_folder": self.folder}

    def place(self) -> str:
        """Return where the bank is, for people."""
        return f"namespace {self.namespace}" if self.namespace else self.folder

    def to_answer(self) -> RecordAnswer:
        """Return the answer of a command that reads one record."""
        return {"record": self.to_wire()}


class RecordsElsewhere(NamedTuple):
    """The records found, newest first, their total number, and the files that could not be read."""

    records: list[RecordPlace]
    total: int
    broken: list[BrokenRecord]


class KnownHere(NamedTuple):
    """The banks to search: this one, then the others; and those that are known and cannot be searched."""

    found: list[BankFolder]
    unread: list[UnreadBank]


def select_everywhere(
    bank: BankFolder, home: Path, wanted: Filter, *, archived: bool = False, limit: int = 0
) -> RecordsElsewhere:
    """Return the records of this bank and all others that match a filter, newest first.

    A project is the record's own, or its bank's if the record names none. A record in several clones of a repository is
    returned once, from this bank if it has it.

    Raises:
        NoTypeError: none of the banks knows a type.
    """
    found: dict[str, RecordPlace] = {}
    broken: list[BrokenRecord] = []
    unknown: NoTypeError | None = None
    known = False
    for each in banks_of(bank, home):
        folder = str(each.folder)
        try:
            rows = _select(each, wanted, archived=archived)
            name = name_of(each)
        except NoTypeError as error:
            unknown = unknown or error
            continue
        except BankError as error:
            broken.append(BrokenRecord(folder, 1, error.message))
            continue
        known = True
        for record in rows[0]:
            found.setdefault(record.id, RecordPlace(record, name, folder))
        broken += [row if each is bank else row._replace(file=f"{folder}/{row.file}") for row in rows[1]]
    if unknown is not None and not known:
        raise unknown
    records = sorted(found.values(), key=lambda each: (each.record.created, each.record.id), reverse=True)
    return RecordsElsewhere(records[:limit] if limit else records, len(records), broken)


def _select(bank: BankFolder, wanted: Filter, *, archived: bool) -> tuple[list[Record], list[BrokenRecord]]:
    if wanted.project and bank.config.project == wanted.project:
        rows = select(bank, wanted._replace(project=""), archived=archived)
        return [record for record in rows.records if record.project in {"", wanted.project}], rows.broken
    rows = select(bank, wanted, archived=archived)
    return rows.records, rows.broken


def recall_everywhere(
    bank: BankFolder, home: Path, ident: str, *, project: str = "", archived: bool = False
) -> RecordPlace:
    """Return the whole record with an id or unique prefix: from this bank, else from another one.

    Raises:
        NoRecordError: no record matches, or several in other banks do.
        FrontMatterError: it cannot be read.
    """
    # the parts that write records, which other searches do not need
    from memorybank.records.memories.memories import recall

    found: dict[str, RecordPlace] = {}
    missing: NoRecordError | None = None
    for each in banks_of(bank, home):
        try:
            record = recall(each, ident, archived=archived)
            if project and project not in {record.project, record.project or each.config.project}:
                continue
            placed = RecordPlace(record, name_of(each), str(each.folder))
        except NoRecordError as error:
            missing = missing or error
            continue
        except BankError:
            if each is bank:
                raise
            continue
        if each is bank:
            return placed
        found.setdefault(record.id, placed)
    if len(found) == 1:
        return next(iter(found.values()))
    if found or missing is None:
        raise none_or_several(ident=ident, kind="record", found=sorted(found), hint="bank list --all-banks")
    raise missing


def banks_of(bank: BankFolder, home: Path) -> list[BankFolder]:
    """Return this bank, then all other existing ones, opened read-only."""
    return known_here(bank, home).found


def known_here(bank: BankFolder, home: Path) -> KnownHere:
    """Return this bank and all others that this machine has seen, opened read-only; and those that are not there."""
    found = [bank]
    unread = []
    here = bank.folder.resolve()
    for known in known_banks(home):
        try:
            other = open_known(known, home)
        except DiskError as error:
            unread.append(UnreadBank(known.path, error.message))
            continue
        if other is None:
            unread.append(UnreadBank(known.path, "it is no longer there (bank banks forget --missing)"))
        elif other.folder.resolve() != here:
            other.read_only = True
            found.append(other)
    return KnownHere(found, unread)


def name_of(bank: BankFolder) -> str:
    """Return a bank's name: as its settings say, else the name of its folder or project."""
    return bank.config.name or (bank.folder if bank.is_users_own else bank.project).name
