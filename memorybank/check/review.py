"""A review: questions to go through each week or quarter, each with the command that answers it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.check.lint import lint
from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.errors import BankError
from memorybank.records.find import find_record, scan
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.memories.advice import advice_on
from memorybank.records.memories.tags import count_tags
from memorybank.shell import quoted
from memorybank.times import day_of
from memorybank.workflow.lines.find import lines_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

WEEKLY, QUARTERLY = "weekly", "quarterly"
_OVER = frozenset(("superseded", "deprecated", "rejected", "fixed", "closed", "archived", "obsolete"))
# days after which a record of a type is reviewed again
_DAYS = {"decision": 180, "procedural": 90, "code": 180, "error": 180}
_ASKED = {
    "decision": "is it still valid?",
    "procedural": "do its steps still work? Try them",
    "code": "is this still how it is done?",
    "error": "can it still happen? If not, archive it",
    "fact": "is it still true?",
}
# facts are looked at each week, the oldest first
_STALE_FACT_DAYS, _MOST = 90, 10
_WEEK_DAYS = 7


class Question(NamedTuple):
    """One thing to decide: its topic, the question, the place, and as `hint` the command that answers it."""

    topic: str
    question: str
    where: str
    hint: str


def review(bank: BankFolder, now: datetime, *, period: str = WEEKLY) -> list[Question]:
    """Return the questions of a period, the most urgent first; a quarterly review includes the weekly questions."""
    found = [*_findings(bank, now), *_open_ends(bank), *_new_records(bank, now)]
    found += _old_records(bank, now, {"fact": _STALE_FACT_DAYS})
    if period == QUARTERLY:
        found += [*_old_records(bank, now, _DAYS), *_facts(bank), *_tags(bank), *_gaps(bank)]
    return found


def _findings(bank: BankFolder, now: datetime) -> Iterator[Question]:
    counts = Counter((each.rule, each.hint if each.fixable else "") for each in lint(bank, now=now))
    for (rule, fix), count in sorted(counts.items()):
        what = f"{count} finding{'s' if count > 1 else ''} of {rule}"
        yield Question("findings", what, "", fix or f"bank check --explain {rule}")


def _open_ends(bank: BankFolder) -> Iterator[Question]:
    for section in ("Blockers", "Next Steps"):
        try:
            lines = lines_in(bank, CONTRACT_FILES[0], section)
        except BankError:
            continue  # this bank has other sections
        for each in lines:
            command = f"bank item remove {quoted(f'{each.file}#{section}')} {each.number}"
            yield Question(section.lower(), f"{each.text!r}: is this still true?", each.address, command)
    for record in _standing(bank):
        if record.type == "bug":
            ask = f"{record.title!r} is open: fix it, or write down why not"
            yield Question("bugs", ask, record.file, f"bank bug fix {quoted(record.id)} --fix TEXT")


def _new_records(bank: BankFolder, now: datetime) -> Iterator[Question]:
    """Ask about the memories of this week: whether they have tags, and whether a reader will understand them."""
    since = day_of(now - timedelta(days=_WEEK_DAYS))
    memories = scan(bank).records
    new = [record for record in memories if record.created[:10] >= since and record.status not in _OVER]
    unclear = [record for record in new if _is_unclear(bank, record)]
    for record in unclear:
        ask = f"{record.title!r} is new: does it say enough, so that a search finds it?"
        yield Question("new", ask, record.file, f"bank open {quoted(record.id)}")
    for record in new:
        if not record.tags and record not in unclear:
            ask = f"{record.title!r} is new and has no tags"
            yield Question("new", ask, record.file, f"bank update {quoted(record.id)} --tags TAG,TAG")
    if new:
        count = f"{len(new)} new memor{'ies' if len(new) > 1 else 'y'} this week"
        yield Question(
            "new", f"{count}: are they right, and of the right type?", "", f"bank list --since {_WEEK_DAYS}d"
        )


def _is_unclear(bank: BankFolder, record: Record) -> bool:
    try:
        return bool(advice_on(record, find_record(bank, record.id).content))
    except BankError:
        return False  # `lint` reports what cannot be read


def _old_records(bank: BankFolder, now: datetime, limits: Mapping[str, int]) -> Iterator[Question]:
    records = sorted(_standing(bank), key=lambda record: record.updated or record.created)
    for kind, days in limits.items():
        before = day_of(now - timedelta(days=days))
        old = [each for each in records if each.type == kind and "" < (each.updated or each.created)[:10] < before]
        for record in old[:_MOST]:
            at = (record.updated or record.created)[:10]
            answer = (
                f"bank deprecate {quoted(record.id)}" if kind in {"fact", "error"} else f"bank open {quoted(record.id)}"
            )
            yield Question(f"{kind}s", f"{record.title!r} ({at}): {_ASKED[kind]}", record.file, answer)
        if len(old) > _MOST:
            ask = f"{len(old) - _MOST} more {kind} records are as old"
            yield Question(f"{kind}s", ask, "", f"bank list --type {kind} --until {before}")


def _standing(bank: BankFolder) -> list[Record]:
    return [record for record in scan(bank, every=True).records if record.status not in _OVER]


def _facts(bank: BankFolder) -> Iterator[Question]:
    try:
        pafs = list_pafs(bank)
    except BankError:
        return  # `bank check` reports what is wrong with the file
    for paf in pafs:
        if paf.status in ("proposed", "review"):
            ask = f"{paf.id} is {paf.status}: is it true?"
            yield Question("facts", ask, paf.file, f"bank paf activate {paf.id}")


def _tags(bank: BankFolder) -> Iterator[Question]:
    for rare, usual in count_tags(bank).near:
        ask = f"#{rare} and #{usual}: are they the same tag?"
        yield Question("tags", ask, "", f"bank tags rename {quoted(rare)} {quoted(usual)}")


def _gaps(bank: BankFolder) -> Iterator[Question]:
    """Ask about the empty sections of the patterns file."""
    contract = bank.contract_of(CONTRACT_FILES[1])
    for spec in contract.sections if contract else ():
        try:
            empty = bool(spec.notes) and not lines_in(bank, CONTRACT_FILES[1], spec.name)
        except BankError:
            continue  # `lint` reports a missing section
        if empty:
            ask = f"{spec.name} is empty: is there something to add?"
            yield Question("gaps", ask, f"{CONTRACT_FILES[1]}#{spec.name}", f"bank note TEXT --as {spec.notes[0]}")
