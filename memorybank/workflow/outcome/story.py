"""The story of a session, from the journal, the records and the contracts only. Nothing is invented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.change_marks import recalled
from memorybank.document.items import plain_key
from memorybank.document.source import lines_of, without_eol
from memorybank.document.trail import STAMP
from memorybank.errors import BankError, NoRecordError
from memorybank.files.write import read
from memorybank.records.record import Record, parse
from memorybank.records.types import MEMORIES
from memorybank.store.journal.log import Operation, changes_of
from memorybank.store.manage.items import list_items
from memorybank.workflow.lines.placement import kinds_of, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.store.folder import BankFolder

LINE_LENGTH = 160
# how many items of one kind a line of the summary lists
NAMED = 5

_DONE = re.compile(r"\s*[-*+]\s+\\?\[[xX]\\?\]\s+(.+)")
_WORDS = re.compile(r"\s*(?:(?:[-*+]|\d+[.)])\s+)?(?:\\?\[.\\?\]\s+)?(.*)")
_FIXED = "status: fixed"
# record types with their own part of the story
_DECISIONS, _CHALLENGES = ("decision",), ("error", "bug")
_TOLD = _DECISIONS + _CHALLENGES


class Story(NamedTuple):
    """The story of a session; each entry is one line.

    `saved` are the other new records, `last` is the id of the last operation in the story.
    """

    activities: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    achievements: tuple[str, ...] = ()
    challenges: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    last: str = ""


class _Deed(NamedTuple):
    """One operation of the story: time, verb, added lines, new records, changed files."""

    at: str
    verb: str
    lines: tuple[str, ...]
    made: tuple[Record, ...]
    files: tuple[str, ...]
    kinds: frozenset[str]
    fixed: tuple[str, ...]


def story_of(bank: BankFolder, operations: Sequence[Operation], *, after: str = "", day: str = "") -> Story:
    """Return the story of operations; only those after the operation `after`, if it is one of them.

    Times on `day` are shown without the date.
    """
    ids = [operation.id for operation in operations]
    told = operations[ids.index(after) + 1 :] if after in ids else operations
    kinds = _kinds_by_place(bank)
    deeds = [_deed(bank, each, kinds) for each in told]
    return Story(
        tuple(_activities(deeds, day)),
        _unique(line for deed in deeds for line in _noted(deed, "decision", _DECISIONS)),
        _unique(line for deed in deeds for line in (*_finished(deed), *deed.fixed)),
        _unique(line for deed in deeds for line in _noted(deed, "blocker", _CHALLENGES)),
        tuple(_next_steps(bank)),
        _unique(record.title for deed in deeds for record in deed.made if record.type not in _TOLD),
        _unique(file for deed in deeds for file in deed.files if not deed.made),
        operations[-1].id if operations else after,
    )


def summary_of(story: Story) -> str:
    """Return the story in a few sentences that only repeat its entries; "" if it has none."""
    parts = [("Done", story.achievements), ("Decided", story.decisions), ("Problems", story.challenges)]
    parts += [("Saved", story.saved), ("Changed", story.files), ("Next", story.next)]
    told = [f"{name}: {_some(rows)}." for name, rows in parts if rows]
    return " ".join(told)


def _some(rows: Sequence[str]) -> str:
    shown = "; ".join(row.rstrip(".") for row in rows[:NAMED])
    return f"{shown}; and {len(rows) - NAMED} more" if len(rows) > NAMED else shown


def _unique(rows: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for row in rows if row))


def _kinds_by_place(bank: BankFolder) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for kind, address in kinds_of(bank).items():
        found[address] = found.get(address, frozenset()) | {kind}
    return found


def _deed(bank: BankFolder, operation: Operation, places: dict[str, frozenset[str]]) -> _Deed:
    receipt = operation.receipt
    lines: list[str] = []
    made: list[Record] = []
    fixed: list[str] = []
    kinds: frozenset[str] = frozenset()
    for number, each in enumerate(receipt.files):
        try:
            known = recalled(changes_of(bank, operation, number), bank.contract_of(each.file))
            changes = [change for change in known if change.role != STAMP]
        except NoRecordError:
            # the kept texts were pruned, but the operation is still listed
            changes = []
        added = [line for change in changes for line in _added(change.old, change.new)]
        if each.file.startswith(MEMORIES):
            if not each.before and changes:
                made += _parsed(changes[0].new, each.file)
            elif _FIXED in added:
                fixed += _title_now(bank, each.file)
            continue
        lines += added if each.before else []
        for address, _ in each.sections:
            kinds |= places.get(address, frozenset())
    files = tuple(dict.fromkeys(file.file for file in receipt.files))
    return _Deed(receipt.at, receipt.verb, tuple(lines), tuple(made), files, kinds, tuple(fixed))


def _added(old: str, new: str) -> Iterator[str]:
    there = {without_eol(line) for line in lines_of(old)}
    for line in lines_of(new):
        words = without_eol(line)
        if words.strip() and words not in there:
            yield words


def _parsed(text: str, file: str) -> list[Record]:
    try:
        return [parse(text.encode("utf-8", "surrogateescape"), file)]
    except BankError:
        return []


def _title_now(bank: BankFolder, file: str) -> list[str]:
    try:
        record = parse(read(bank.place_of(file)[0]), file)
    except BankError:
        return []
    return [f"{record.title} ({record.id})"]


def _finished(deed: _Deed) -> list[str]:
    found = [_DONE.match(line) for line in deed.lines]
    return [_cut(each.group(1)) for each in found if each]


def _noted(deed: _Deed, kind: str, types: tuple[str, ...]) -> list[str]:
    """Return the new records of some types; without any, the lines added to the section of a kind."""
    titles = [f"{each.title} ({each.id})" for each in deed.made if each.type in types]
    return titles or ([_words(line) for line in deed.lines] if kind in deed.kinds else [])


def _activities(deeds: Sequence[_Deed], day: str) -> Iterator[str]:
    """Yield the operations with their times; consecutive ones with the same verb share one line."""
    run: list[_Deed] = []
    for deed in deeds:
        if run and run[0].verb != deed.verb:
            yield _activity(run, day=day)
            run = []
        run.append(deed)
    if run:
        yield _activity(run, day=day)


def _activity(run: Sequence[_Deed], *, day: str) -> str:
    first, last = _clock(run[0].at, day=day), _clock(run[-1].at, day=day)
    times = first if first == last else f"{first} to {last}"
    rows = _unique(_told(each) for each in run)
    words = _some(rows)
    files = _some(_unique(file for each in run for file in each.files if not each.made))
    count = f" ({len(run)})" if len(run) > 1 else ""
    return f"{times} {run[0].verb}{count}: {words or files}{f' in {files}' if words and files else ''}"


def _told(deed: _Deed) -> str:
    if deed.made:
        return "; ".join(_cut(each.title) for each in deed.made)
    return _words(deed.lines[0]) if deed.lines else ""


def _clock(at: str, *, day: str) -> str:
    return at[11:16] if at[:10] == day else f"{at[:10]} {at[11:16]}"


def _words(line: str) -> str:
    found = _WORDS.match(line)
    return _cut(found.group(1) if found else line)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LINE_LENGTH else f"{text[: LINE_LENGTH - 1]}…"


def _next_steps(bank: BankFolder) -> list[str]:
    """Return the current next steps; empty if the bank has no section for them."""
    try:
        place = place_of(bank, "next")
        rows = list_items(bank, f"{place.file}#{place.section}")
    except BankError:
        return []
    ignored = {plain_key(placeholder) for placeholder in (place.spec.placeholders if place.spec else ())} | {
        "[none]",
        "none",
    }
    return [
        _cut(row.text)
        for row in rows
        if row.depth == 0 and plain_key(row.text) not in ignored and row.mark in ("", " ")
    ]
