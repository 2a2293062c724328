"""Accepted corrections: records of the type `correction` as corrections, read from their front matter.

A record's summary, else its title, is the text that counts, so a person who edits it changes what is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.records.corrections.correction import ACCEPTED, TIERS, TYPE, Correction, Origin, Premise
from memorybank.records.corrections.ledger import read_ledger
from memorybank.records.find import scan

if TYPE_CHECKING:
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

# a record without a status was written by hand
HOLDS = ("", "active")


def accepted_corrections(bank: BankFolder) -> list[Correction]:
    """Return the accepted corrections that hold, oldest first; only changed files are opened."""
    records = scan(bank, kinds=(TYPE,)).records
    held = sorted((each for each in records if each.status in HOLDS), key=lambda each: (said_at(each), each.id))
    return [accepted_from(each) for each in held]


def known_corrections(bank: BankFolder) -> list[Correction]:
    """Return all corrections of the bank: those that were accepted and hold, then those of the ledger that were not.

    How often the same was said comes from the ledger, where it is counted.
    """
    found = read_ledger(bank)
    counted = {each.id: each for each in found if each.status == ACCEPTED}
    accepted = []
    for each in accepted_corrections(bank):
        same = counted.get(each.id, each)
        similar, sessions = max(each.similar, same.similar), max(each.sessions, same.sessions)
        accepted.append(each._replace(origin=same.origin, misstep=same.misstep, similar=similar, sessions=sessions))
    return [*accepted, *(each for each in found if each.status != ACCEPTED)]


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
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else default
