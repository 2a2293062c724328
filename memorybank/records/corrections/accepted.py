"""Accepted corrections: records of the type `correction` as corrections, read from their front matter.

A record's summary, else its title, is the text that counts, so a person who edits it changes what is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.records.corrections.correction import ACCEPTED, TIERS, TYPE, Correction, Origin, Premise
from memorybank.records.corrections.ledger import Entry, read_entries
from memorybank.records.find import scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

# a record without a status was written by hand
HOLDS = ("", "active")
_LARGEST = 1e15


def accepted_corrections(bank: BankFolder) -> list[Correction]:
    """Return the accepted corrections that hold, oldest first; only changed files are opened."""
    return list(accepted_by_file(bank).values())


def accepted_by_file(bank: BankFolder) -> dict[str, Correction]:
    """Return the accepted corrections that hold, by the files of their records."""
    records = scan(bank, kinds=(TYPE,)).records
    held = sorted((each for each in records if each.status in HOLDS), key=lambda each: (said_at(each), each.id))
    return {each.file: accepted_from(each) for each in held}


def known_corrections(bank: BankFolder) -> list[Correction]:
    """Return all corrections of the bank: those that were accepted and hold, then those of the ledger that were not."""
    records = scan(bank, kinds=(TYPE,)).records
    held = {each.id for each in records if each.status in HOLDS}
    known = [each.correction for each in _entries(bank, records)]
    return [*(each for each in known if each.id in held), *(each for each in known if each.status != ACCEPTED)]


def known_entries(bank: BankFolder) -> list[Entry]:
    """Return all corrections of the bank with their times, the earliest said first, whatever became of them.

    An accepted one is as its record says; how often the same was said comes from the ledger, where it is counted.
    """
    return _entries(bank, scan(bank, kinds=(TYPE,)).records)


def _entries(bank: BankFolder, records: Iterable[Record]) -> list[Entry]:
    rest = {each.id: each for each in records}
    entries = []
    for entry in read_entries(bank):
        record = rest.pop(entry.correction.id, None)
        entries.append(_with_record(entry, record) if record else entry)
    entries += [Entry(accepted_from(each), decided_at=each.created) for each in rest.values()]
    return sorted(entries, key=lambda each: (each.correction.origin.at or each.found_at, each.correction.id))


def _with_record(entry: Entry, record: Record) -> Entry:
    said, found = accepted_from(record), entry.correction
    correction = said._replace(
        origin=found.origin,
        misstep=found.misstep,
        similar=max(said.similar, found.similar),
        sessions=max(said.sessions, found.sessions),
    )
    return entry._replace(correction=correction, decided_at=record.created, why="")


def accepted_from(record: Record) -> Correction:
    """Return the correction of a record; a field that is missing or not valid has its default."""
    fields = record.fields
    tier, label = _text(fields.get("tier")), _text(fields.get("label"))
    return Correction(
        id=record.id,
        rule=_text(fields.get("rule")),
        text=record.summary or record.title,
        premise=Premise(_text(fields.get("premise")), _text(fields.get("premise_tool"))),
        origin=Origin(
            client=_text(fields.get("client")),
            session=_text(fields.get("said_in")),
            at=said_at(record),
        ),
        values=_texts(fields.get("values")),
        files=_texts(fields.get("files")),
        commands=_texts(fields.get("commands")),
        tier=tier if tier in TIERS else "medium",
        position=_number(fields.get("position"), 1.0),
        similar=int(_number(fields.get("similar"), 0)),
        sessions=int(_number(fields.get("sessions"), 1)),
        label=label if label in TIERS else "",
        is_pinned=fields.get("pinned") is True,
        status=ACCEPTED,
    )


def said_at(record: Record) -> str:
    """Return when a correction was said, else when its record was made."""
    return _text(record.fields.get("said_at")) or record.created


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _number(value: Any, default: float) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # one that is not finite is not smaller than any limit
    return value if is_number and abs(value) <= _LARGEST else default
