"""Permanent architectural facts: lines of pafs.md, in a section for each category; numbers never change."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import address_of, find_named, find_sections
from memorybank.document.edits import Append, InsertSection, ItemRef, ReplaceItem
from memorybank.document.items import entries_of, read_body, split_marker, text_end
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.text import one_line
from memorybank.errors import DuplicateAnchorError, FieldError, NoFileError, NoRecordError
from memorybank.files.write import settle
from memorybank.ids import chosen
from memorybank.listing import Listing
from memorybank.records.change import retried
from memorybank.records.fields import check_line
from memorybank.records.ledgers.fact_line import (
    ACTIVE,
    REPLACED,
    PafLine,
    mark_of,
    parse_line,
    parted,
    remark,
    write_line,
)
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import FileChange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

KIND = "paf"
FILE = "pafs.md"

_CATEGORY = re.compile(r"[A-Z][A-Z0-9]{0,19}(?:[-_][A-Z][A-Z0-9]{0,19}){0,3}\Z")
_GONE = ("deprecated", REPLACED)
_VERBS = {"review": "review", ACTIVE: "activate", "deprecated": "deprecate", REPLACED: "replace"}


class Paf(NamedTuple):
    """A fact: its id and category, its text and reason, its status, and its place in the file."""

    id: str
    category: str
    text: str
    why: str
    status: str
    replaced_by: str
    reason: str
    file: str
    section: str
    line: int


class PafList(Listing[Paf]):
    """Facts, in the order of the file."""

    __slots__ = ()
    plural = "pafs"


class FactChange(NamedTuple):
    """A fact as written, and the receipt."""

    paf: Paf
    receipt: Receipt


class _Found(NamedTuple):
    paf: Paf
    parsed: PafLine
    section: Section
    first_line: str
    line: str


def list_pafs(bank: BankFolder, *, category: str = "", status: str = "") -> PafList:
    """Return the facts in file order; only those of the given category or status.

    Raises:
        FieldError: the status is unknown.
        BankError: the file cannot be read.
    """
    statuses = [name for name, _ in load_type(bank, KIND).statuses]
    status = chosen(status, statuses)
    if status and status not in statuses:
        why = f"invalid status {status!r}: choose from {', '.join(statuses)}"
        raise FieldError(field="status", why=why, hint="bank paf list --status active")
    return PafList(
        each.paf
        for each in _found(_document(bank))
        if category.upper() in {"", each.paf.category} and status in {"", each.paf.status}
    )


def add_paf(
    bank: BankFolder, category: str, text: str, way: Way, *, why: str = "", status: str = "", ident: str = ""
) -> FactChange:
    """Add a fact to its category, with the next number, or the number in `ident`.

    Raises:
        FieldError: the category, status or id is not valid, or the id is already used.
        BankError: the text cannot be one line; then nothing is written.
    """
    category = category.strip().upper()
    if not _CATEGORY.match(category):
        raise FieldError(field="category", why=f"{category!r} is not one short word", hint="bank paf add AUTH TEXT")
    kind = load_type(bank, KIND)
    status = chosen(status, dict(kind.statuses)) or kind.first_status
    if status not in dict(kind.statuses):
        why_not = f"invalid status {status!r}: choose from {', '.join(dict(kind.statuses))}"
        raise FieldError(field="status", why=why_not, hint="bank types show paf")
    text, why = parted(check_line("text", text), check_line("why", why))
    if not text:
        raise FieldError(field="text", why="it is empty", hint='bank paf add AUTH "Tokens are signed" --why "…"')

    def make() -> tuple[Paf, list[FileChange]]:
        document = _document(bank)
        found = _found(document)
        given = _given_id(category, ident, found) if ident else _next_id(category, found)
        lines = [write_line(given, text, why=why, mark=mark_of(status, said=said)) for said in (False, True)]
        line, parsed = _meant(lines, (given, text, why, status, "", ""))
        section = _section_for(document, category, found)
        name = section or category
        paf = _paf(parsed, document.path, name, 0)
        path = _path(bank)
        if document.source.data and section:
            return paf, [FileChange(path, (Append(name, line, item=True),))]
        if document.source.data:
            return paf, [FileChange(path, (InsertSection(_last(document), category, f"- {line}"),))]
        if os.path.lexists(path) and not way.options.accept_shrunk:
            # an editor may just be saving the file: an emptied file is not a new one
            settle(path, b"", None)
        base = document.source.digest if os.path.lexists(path) else ""
        body = kind.body.strip("\r\n")
        return paf, [FileChange(path, text=f"{body}\n\n## {category}\n\n- {line}\n", base=base)]

    paf, receipt = retried(make, bank, "paf add", way)
    return FactChange(paf, receipt)


def set_status(bank: BankFolder, ident: str, status: str, way: Way, *, by: str = "", reason: str = "") -> FactChange:
    """Change the status of a fact: only the brackets after its id change.

    Raises:
        FieldError: the status cannot follow the current one, or the replacing fact is no longer valid itself.
        NoRecordError: there is no such fact.
    """
    reason = check_line("why", reason)

    def make() -> tuple[Paf, list[FileChange]]:
        return plan_status(bank, ident, status, by=by, reason=reason)

    changed, receipt = retried(make, bank, f"paf {_VERBS.get(status, status)}", way)
    return FactChange(changed, receipt)


def find_paf(bank: BankFolder, ident: str) -> Paf:
    """Return the fact with an id, with or without the prefix `PAF-`.

    Raises:
        NoRecordError: there is no such fact.
    """
    return _one(_document(bank), ident).paf


def plan_status(
    bank: BankFolder, ident: str, status: str, *, by: str = "", reason: str = ""
) -> tuple[Paf, list[FileChange]]:
    """Plan to change the status of a fact, as `set_status` does; write nothing."""
    kind = load_type(bank, KIND)
    document = _document(bank)
    found = _one(document, ident)
    paf = found.paf
    successor = _successor(document, paf, by) if by else ""
    steps = (paf.status, *kind.steps_from(paf.status))
    if status not in steps or (paf.replaced_by and successor not in {"", paf.replaced_by}):
        now = f"{paf.status} by {paf.replaced_by}" if paf.replaced_by else paf.status
        hint = f"bank paf {_VERBS[steps[1]]} {paf.id}" if len(steps) > 1 and steps[1] in _VERBS else "bank paf list"
        raise FieldError(field="status", why=f"{paf.id} is {now}; {status} cannot follow", hint=hint)
    told = reason
    if status == paf.status:
        successor, told = successor or paf.replaced_by, reason or paf.reason
    marks = [mark_of(status, by=successor, reason=told, said=said) for said in (False, True)]
    wanted = (paf.id, paf.text, paf.why, status, successor, "" if status == ACTIVE else told)
    line, parsed = _meant([remark(found.line, found.parsed, mark) for mark in marks], wanted)
    changed = _paf(parsed, paf.file, paf.section, paf.line)
    if line == found.line:
        return changed, []
    place = address_of(document, found.section).section if found.section.number else ""
    return changed, [FileChange(_path(bank), (ReplaceItem(place, ItemRef(text=found.first_line), line),))]


def _path(bank: BankFolder) -> Path:
    return bank.folder / FILE


def _document(bank: BankFolder) -> Document:
    """Read the file; an empty document if it does not exist."""
    name = bank.name_of(_path(bank))
    try:
        return outline(Source(bank.read(_path(bank))), name)
    except NoFileError:
        return outline(Source(b""), name)


def _found(document: Document) -> list[_Found]:
    found = []
    source = document.source
    for section in document.sections:
        items = read_body(document, section).items
        for entry in entries_of(document, section):
            line = one_line(source.text[entry.item.content : text_end(document, entry.item, items)])
            line = split_marker(f"- {line}")[2] if entry.item.task is not None else line
            parsed = parse_line(line)
            if parsed is not None:
                paf = _paf(parsed, document.path, section.name, entry.line)
                found.append(_Found(paf, parsed, section, entry.text, line))
    return found


def _paf(parsed: PafLine, file: str, section: str, line: int) -> Paf:
    said = (parsed.id, parsed.category, parsed.text, parsed.why, parsed.status, parsed.replaced_by, parsed.reason)
    return Paf(*said, file, section, line)


def _one(document: Document, ident: str) -> _Found:
    wanted = ident.strip().upper()
    rows = _found(document)
    found = [row for row in rows if row.paf.id == wanted] or [
        row for row in rows if row.paf.id == wanted.removeprefix("PAF-")
    ]
    if len(found) > 1:
        lines = [each.paf.line for each in found]
        raise DuplicateAnchorError(file=document.path, section=found[0].paf.id, lines=lines, hint="bank paf list")
    if not found:
        from memorybank.document.addresses import near

        close = near(wanted, [row.paf.id for row in rows]) if wanted else []
        raise NoRecordError(ident=ident, kind="fact", near=close, hint="bank paf list")
    return found[0]


def _successor(document: Document, paf: Paf, by: str) -> str:
    other = _one(document, by).paf
    if other.id == paf.id or other.status in _GONE:
        why = "a fact cannot replace itself" if other.id == paf.id else f"{other.id} is {other.status}"
        raise FieldError(field="by", why=why, hint="bank paf list --active")
    return other.id


def _next_id(category: str, found: Sequence[_Found]) -> str:
    numbers = [int(each.paf.id.rpartition("-")[2]) for each in found if each.paf.category == category]
    return f"{category}-{max(numbers, default=0) + 1:03d}"


def _given_id(category: str, ident: str, found: Sequence[_Found]) -> str:
    number = ident.strip().upper().removeprefix("PAF-").removeprefix(f"{category}-")
    if not (number.isascii() and number.isdigit() and len(number) <= 6):  # noqa: PLR2004  digits of an id
        raise FieldError(field="id", why=f"{ident!r} is not a number for {category}", hint="--id 7")
    taken = {(each.paf.category, int(each.paf.id.rpartition("-")[2])): each.paf for each in found}
    there = taken.get((category, int(number)))
    if there is not None:
        raise FieldError(field="id", why=f"{there.id} already exists on line {there.line}", hint="leave out --id")
    return f"{category}-{int(number):03d}"


def _section_for(document: Document, category: str, found: Sequence[_Found]) -> str:
    """Return the section for facts of a category: the one with its name, else that of its last fact; "" for none."""
    named = find_named(document, category)
    used = [each.section for each in found if each.paf.category == category and each.section.number]
    place = named[0] if named else used[-1] if used else None
    return address_of(document, place).section if place else ""


def _last(document: Document) -> str:
    """Return the section after which a new one goes: it ends with the file and its name is unique."""
    end = len(document.source.text)
    names = [address_of(document, section).section for section in reversed(document.sections[1:]) if section.end == end]
    return next((name for name in names if len(find_sections(document, name)) == 1), "")


def _meant(lines: Sequence[str], wanted: tuple[str, ...]) -> tuple[str, PafLine]:
    """Return the first line that reads back with the intended values.

    Raises:
        FieldError: no line does: the words look like another status, or brackets do not match.
    """
    for line in lines:
        parsed = parse_line(line)
        if parsed is not None and parsed[: len(wanted)] == wanted:
            return line, parsed
    raise FieldError(field="text", why="the line would be read as another fact", hint="use words without brackets")
