"""A review: what a keeper of the memory walks through each week or quarter, as questions with their commands."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.check.lint import lint
from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.errors import BankError
from memorybank.records.find import scan
from memorybank.records.ledgers.facts import list_pafs
from memorybank.records.memories.tags import count_tags
from memorybank.shell import quoted
from memorybank.times import day_of
from memorybank.workflow.lines.find import lines_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

WEEKLY, QUARTERLY = "weekly", "quarterly"
_OVER = frozenset(("superseded", "deprecated", "rejected", "fixed", "closed", "archived", "obsolete"))
# how long a record of a kind is taken as it stands
_DAYS = {"decision": 180, "procedural": 90}
_ASKED = {"decision": "does it still hold?", "procedural": "do its steps still work? Walk through them"}


class Question(NamedTuple):
    """One thing to decide: what it is about, what is asked, where it stands, and the command that answers."""

    topic: str
    question: str
    where: str
    command: str


def review(bank: BankFolder, now: datetime, *, period: str = WEEKLY) -> list[Question]:
    """Give the questions of a period, the most pressing first; a quarter asks those of a week too."""
    found = [*_findings(bank, now), *_open_ends(bank)]
    if period == QUARTERLY:
        found += [*_old_records(bank, now), *_facts(bank), *_tags(bank), *_gaps(bank)]
    return found


def _findings(bank: BankFolder, now: datetime) -> Iterator[Question]:
    counts = Counter((each.rule, each.hint if each.fixable else "") for each in lint(bank, now=now))
    for (rule, mend), count in sorted(counts.items()):
        what = f"{count} finding{'s' if count > 1 else ''} of {rule}"
        yield Question("findings", what, "", mend or f"bank check --explain {rule}")


def _open_ends(bank: BankFolder) -> Iterator[Question]:
    for section in ("Blockers", "Next Steps"):
        try:
            lines = lines_in(bank, CONTRACT_FILES[0], section)
        except BankError:
            continue  # a bank of other sections
        for each in lines:
            command = f"bank item remove {quoted(f'{each.file}#{section}')} {each.number}"
            yield Question(section.lower(), f"{each.text!r}: is it still so?", each.address, command)
    for record in _standing(bank):
        if record.type == "bug":
            ask = f"{record.title!r} is open: mend it, or say why not"
            yield Question("bugs", ask, record.file, f"bank bug fix {quoted(record.id)} --fix TEXT")


def _old_records(bank: BankFolder, now: datetime) -> Iterator[Question]:
    for record in sorted(_standing(bank), key=lambda each: each.updated or each.created):
        days = _DAYS.get(record.type, 0)
        at = (record.updated or record.created)[:10]
        if days and at and at < day_of(now - timedelta(days=days)):
            ask = f"{record.title!r}, of {at}: {_ASKED[record.type]}"
            yield Question(f"{record.type}s", ask, record.file, f"bank open {quoted(record.id)}")


def _standing(bank: BankFolder) -> list[Record]:
    return [each for each in scan(bank, every=True).records if each.status not in _OVER]


def _facts(bank: BankFolder) -> Iterator[Question]:
    try:
        pafs = list_pafs(bank)
    except BankError:
        return  # `bank check` tells what is wrong with the file
    for each in pafs:
        if each.status in ("proposed", "review"):
            ask = f"{each.id} is {each.status}: does it hold?"
            yield Question("facts", ask, each.file, f"bank paf activate {each.id}")


def _tags(bank: BankFolder) -> Iterator[Question]:
    for rare, usual in count_tags(bank).near:
        ask = f"#{rare} and #{usual}: are they one?"
        yield Question("tags", ask, "", f"bank tags rename {quoted(rare)} {quoted(usual)}")


def _gaps(bank: BankFolder) -> Iterator[Question]:
    """Ask about the sections of the patterns that nobody has filled."""
    contract = bank.contract_of(CONTRACT_FILES[1])
    for spec in contract.sections if contract else ():
        try:
            empty = bool(spec.notes) and not lines_in(bank, CONTRACT_FILES[1], spec.name)
        except BankError:
            continue  # a missing section is a finding
        if empty:
            ask = f"nothing stands under {spec.name}: is there nothing to say?"
            yield Question("gaps", ask, f"{CONTRACT_FILES[1]}#{spec.name}", f"bank note TEXT --as {spec.notes[0]}")
