"""A review: questions to go through each week or quarter, each with the command that answers it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.check.lint import lint
from memorybank.contracts.layouts import CONTRACT_FILES, FACTS
from memorybank.errors import BankError
from memorybank.patterns import later
from memorybank.records.find import find_record, scan
from memorybank.records.ledgers.fact_line import ACTIVE
from memorybank.records.ledgers.fact_list import facts_in, read_document
from memorybank.records.memories.advice import advice_on
from memorybank.records.memories.reviewed import dated_day, marked_day, reviewed_day, seen_day, unmarked
from memorybank.records.memories.tag_conventions import read_conventions
from memorybank.records.memories.tags import count_tags
from memorybank.records.templates import load_types
from memorybank.shell import quoted
from memorybank.store.journal.history import blame
from memorybank.times import day_of
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.placement import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.lines.find import Line

WEEKLY, QUARTERLY = "weekly", "quarterly"
_OVER = frozenset(("superseded", "deprecated", "rejected", "fixed", "closed", "archived", "obsolete"))
# after so many days without a change or a confirmation, a memory or a line is asked about; a fact of pafs.md is meant
# to be true for a year
_STALE_DAYS, _WEEK_DAYS, _YEAR_DAYS = 90, 7, 365
# how many old ones of a type a week asks about, the oldest first
_MOST = 10
_ASKED = {
    "decision": "is it still valid?",
    "procedural": "do its steps still work? Try them",
    "code": "is this still how it is done?",
    "error": "can it still happen? If not, archive it",
    "learning": "does it still hold?",
    "episodic": "does anybody still need it? If not, archive it",
}
# old ones of these are archived, those of other types marked as outdated
_ARCHIVED = frozenset(("error", "episodic"))
# bugs are asked about while they are open; corrections lose weight by themselves
_APART = frozenset(("bug", "correction"))
# the kinds of note whose lines are asked about each quarter
_LASTING = ("decision", "learning", "gotcha", "pattern")
# the id of a record at the end of a line: the record is asked about
_CITES = later(r"\(([a-z]{2,8}-\d{8}-[0-9a-z]{5})\b[^()]*\)")


class Question(NamedTuple):
    """One thing to decide: its topic, the question, the place, and the commands that answer it.

    `hint` is the command for what must change. `confirm` is the one that says it is still true, after which a review
    does not ask until its interval has passed; "" if only a change answers the question.
    """

    topic: str
    question: str
    where: str
    hint: str
    confirm: str = ""


def review(bank: BankFolder, now: datetime, *, period: str = WEEKLY) -> list[Question]:
    """Return the questions of a period, the most urgent first; a quarterly review includes the weekly questions."""
    asked = _Asked(bank, now, everything=period == QUARTERLY)
    found = [*_findings(bank, now), *_open_ends(asked), *_new_records(asked), *_old_records(asked)]
    if period == QUARTERLY:
        found += [*_old_lines(asked), *_pafs(asked), *_tags(bank), *_gaps(bank)]
    return found


class _Asked:
    """The bank under review, its memories that are not over, and the days before which something is old."""

    def __init__(self, bank: BankFolder, now: datetime, *, everything: bool) -> None:
        self.bank = bank
        self.now = now
        self.everything = everything
        self.types = load_types(bank)
        self.memories = [each for each in scan(bank).records if not _is_over(each)]

    def day(self, days: int) -> str:
        """Return the day so many days ago."""
        return day_of(self.now - timedelta(days=days))


def _is_over(record: Record) -> bool:
    """Return whether a record is no longer in force: by its status, or by a tag, as people of other tools write it."""
    return record.status.casefold() in _OVER or "deprecated" in record.tags


def _findings(bank: BankFolder, now: datetime) -> Iterator[Question]:
    counts = Counter((each.rule, each.hint if each.fixable else "") for each in lint(bank, now=now))
    for (rule, fix), count in sorted(counts.items()):
        what = f"{count} finding{'s' if count > 1 else ''} of {rule}"
        yield Question("findings", what, "", fix or f"bank check --explain {rule}")


def _open_ends(asked: _Asked) -> Iterator[Question]:
    """Ask about blockers, next steps and open bugs that nobody confirmed this week."""
    for section in ("Blockers", "Next Steps"):
        for each in _lines(asked.bank, CONTRACT_FILES[0], section):
            if marked_day(each.text) < asked.day(_WEEK_DAYS):
                command = f"bank item remove {quoted(f'{each.file}#{section}')} {each.number}"
                ask = f"{_words(each)!r}: is this still true?"
                yield Question(section.lower(), ask, each.address, command, _confirm_line(each))
    for record in asked.memories:
        if record.type == "bug" and reviewed_day(record) < asked.day(_WEEK_DAYS):
            ask = f"{record.title!r} is open: fix it, or write down why not"
            ident = quoted(record.id)
            yield Question("bugs", ask, record.file, f"bank bug fix {ident} --fix TEXT", f"bank confirm {ident}")


def _new_records(asked: _Asked) -> Iterator[Question]:
    """Ask about the memories of this week: whether they have tags, and whether a reader will understand them."""
    since = asked.day(_WEEK_DAYS)
    new = [each for each in asked.memories if each.created[:10] >= since and not reviewed_day(each)]
    new = [each for each in new if seen_day(each, asked.now)]
    unclear = [record for record in new if _is_unclear(asked.bank, record)]
    for record in unclear:
        ask = f"{record.title!r} is new: does it say enough, so that a search finds it?"
        ident = quoted(record.id)
        yield Question("new", ask, record.file, f"bank open {ident}", f"bank confirm {ident}")
    for record in new:
        if not record.tags and record not in unclear:
            ask = f"{record.title!r} is new and has no tags"
            ident = quoted(record.id)
            yield Question("new", ask, record.file, f"bank update {ident} --tags TAG,TAG", f"bank confirm {ident}")
    if new:
        count = f"{len(new)} new memor{'ies' if len(new) > 1 else 'y'} this week"
        ask = f"{count}: are they right, and of the right type?"
        confirm = f"bank confirm {' '.join(quoted(each.id) for each in new)}" if len(new) <= _MOST else ""
        yield Question("new", ask, "", f"bank list --since {_WEEK_DAYS}d", confirm)


def _is_unclear(bank: BankFolder, record: Record) -> bool:
    try:
        return bool(advice_on(record, find_record(bank, record.id).content))
    except BankError:
        return False  # `lint` reports what cannot be read


def _old_records(asked: _Asked) -> Iterator[Question]:
    """Ask about the memories of each type that nobody made, changed or confirmed for long, the oldest first."""
    seen = [(seen_day(each, asked.now), each) for each in asked.memories if each.type not in _APART]
    before = asked.day(_STALE_DAYS)
    old = sorted(((day, each) for day, each in seen if day < before), key=lambda row: (row[0], row[1].id))
    for kind in sorted({each.type for _, each in old}):
        rows = [(day, each) for day, each in old if each.type == kind]
        shown = rows if asked.everything else rows[:_MOST]
        for day, record in shown:
            ident = quoted(record.id)
            ask = f"{record.title!r} ({day or 'without a date'}): {_ASKED.get(kind, 'is it still true?')}"
            command = f"bank delete {ident}" if kind in _ARCHIVED else _outdated(asked, record)
            yield Question(f"{kind}s", ask, record.file, command, f"bank confirm {ident}")
        if len(shown) < len(rows):
            left = len(rows) - len(shown)
            ask = f"{left} more {kind} record{'s are' if left > 1 else ' is'} as old; the next review asks about them"
            yield Question(f"{kind}s", ask, "", f"bank list --type {quoted(kind)} --until {before}")


def _outdated(asked: _Asked, record: Record) -> str:
    """Return the command for a memory that is no longer valid; a type may have no status for it."""
    kind = asked.types.get(record.type)
    verb = "deprecate" if kind is not None and "deprecated" in kind.steps_from(record.status) else "delete"
    return f"bank {verb} {quoted(record.id)}"


def _old_lines(asked: _Asked) -> Iterator[Question]:
    """Ask about the lines of lasting sections by their own date, else by the day on which they were written."""
    before = asked.day(_STALE_DAYS)
    known = {each.id for each in scan(asked.bank, every=True).records}
    for kind in _LASTING:
        try:
            place = place_of(asked.bank, kind)
        except BankError:
            continue  # this bank has no place for them
        written: Mapping[int, str] | None = None
        for each in _lines(asked.bank, place.file, place.section):
            cited = _CITES.search(each.text)
            if each.text.startswith("~~") or each.done or (cited and cited[1] in known):
                continue
            own = max(dated_day(each.text), marked_day(each.text))
            if not own and written is None:
                written = _days_written(asked.bank, f"{place.file}#{place.section}")
            day = own or (written or {}).get(each.line, "")
            if "" < day < before:
                ask = f"{_words(each)!r} ({day}): {_ASKED.get(kind, 'does it still hold?')}"
                command = f"bank item remove {quoted(f'{each.file}#{each.section}')} {each.number}"
                yield Question(f"{kind} lines", ask, each.address, command, _confirm_line(each))


def _days_written(bank: BankFolder, address: str) -> dict[int, str]:
    """Return the day on which each line of a section was written, from the journal or git; those that are known."""
    try:
        return {each.line: each.at[:10] for each in blame(bank, address) if each.at}
    except BankError:
        return {}


def _lines(bank: BankFolder, file: str, section: str) -> list[Line]:
    try:
        return lines_in(bank, file, section)
    except BankError:
        return []  # this bank has other sections, or the file cannot be read, which `lint` reports


def _words(line: Line) -> str:
    """Return the text of a line without its mark and its id."""
    return unmarked(line.text).removesuffix(f" ^{line.id}")


def _confirm_line(line: Line) -> str:
    if line.id:
        return f"bank confirm {quoted(line.address)}"
    return f"bank confirm {quoted(f'{line.file}#{line.section}')} --item {line.number}"


def _pafs(asked: _Asked) -> Iterator[Question]:
    """Ask about facts that are not active yet, and about active ones that nobody looked at for a year."""
    try:
        pafs = facts_in(read_document(asked.bank))
    except BankError:
        return  # `bank check` reports what is wrong with the file
    written = _days_written(asked.bank, FACTS) if pafs else {}
    for found in pafs:
        paf = found.paf
        if paf.status in ("proposed", "review"):
            yield Question("pafs", f"{paf.id} is {paf.status}: is it true?", paf.file, f"bank paf activate {paf.id}")
        day = marked_day(found.line) or written.get(paf.line, "")
        if paf.status == ACTIVE and "" < day < asked.day(_YEAR_DAYS):
            ask = f"{paf.id} ({day}): {paf.text!r}: is it still true?"
            yield Question("pafs", ask, paf.file, f"bank paf deprecate {paf.id}", f"bank confirm {paf.id}")


def _tags(bank: BankFolder) -> Iterator[Question]:
    """Ask about similar tags; the team decided about two that are both in groups."""
    try:
        agreed = {tag for group in read_conventions(bank).groups.values() for tag in group}
    except BankError:
        agreed = set()
    for rare, usual in count_tags(bank).near:
        if {rare, usual} <= agreed:
            continue
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
