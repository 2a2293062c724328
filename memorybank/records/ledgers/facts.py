"""Permanent architectural facts: lines of pafs.md, in a section for each category; numbers never change."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import address_of, find_named, find_sections
from memorybank.document.edits import Append, InsertSection, ItemRef, ReplaceItem
from memorybank.errors import FieldError
from memorybank.files.write import settle
from memorybank.ids import chosen
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
from memorybank.records.ledgers.fact_list import (
    KIND,
    FoundPaf,
    Paf,
    fact_named,
    facts_in,
    paf_of,
    path_of,
    read_document,
)
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import FileChange, retried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_CATEGORY = re.compile(r"[A-Z][A-Z0-9]{0,19}(?:[-_][A-Z][A-Z0-9]{0,19}){0,3}\Z")
_GONE = ("deprecated", REPLACED)
_VERBS = {"review": "review", ACTIVE: "activate", "deprecated": "deprecate", REPLACED: "replace"}


class FactChange(NamedTuple):
    """A fact as written, and the receipt."""

    paf: Paf
    receipt: Receipt


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
        document = read_document(bank)
        found = facts_in(document)
        given = _given_id(category, ident, found) if ident else _next_id(category, found)
        lines = [write_line(given, text, why=why, mark=mark_of(status, said=said)) for said in (False, True)]
        line, parsed = _meant(lines, (given, text, why, status, "", ""))
        section = _section_for(document, category, found)
        name = section or category
        paf = paf_of(parsed, document.path, name, 0)
        path = path_of(bank)
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


def plan_status(
    bank: BankFolder, ident: str, status: str, *, by: str = "", reason: str = ""
) -> tuple[Paf, list[FileChange]]:
    """Plan to change the status of a fact, as `set_status` does; write nothing."""
    kind = load_type(bank, KIND)
    document = read_document(bank)
    found = fact_named(document, ident)
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
    changed = paf_of(parsed, paf.file, paf.section, paf.line)
    if line == found.line:
        return changed, []
    place = address_of(document, found.section).section if found.section.number else ""
    return changed, [FileChange(path_of(bank), (ReplaceItem(place, ItemRef(text=found.first_line), line),))]


def _successor(document: Document, paf: Paf, by: str) -> str:
    other = fact_named(document, by).paf
    if other.id == paf.id or other.status in _GONE:
        why = "a fact cannot replace itself" if other.id == paf.id else f"{other.id} is {other.status}"
        raise FieldError(field="by", why=why, hint="bank paf list --active")
    return other.id


def _next_id(category: str, found: Sequence[FoundPaf]) -> str:
    numbers = [int(each.paf.id.rpartition("-")[2]) for each in found if each.paf.category == category]
    return f"{category}-{max(numbers, default=0) + 1:03d}"


def _given_id(category: str, ident: str, found: Sequence[FoundPaf]) -> str:
    number = ident.strip().upper().removeprefix("PAF-").removeprefix(f"{category}-")
    if not (number.isascii() and number.isdigit() and len(number) <= 6):  # noqa: PLR2004  digits of an id
        raise FieldError(field="id", why=f"{ident!r} is not a number for {category}", hint="--id 7")
    taken = {(each.paf.category, int(each.paf.id.rpartition("-")[2])): each.paf for each in found}
    there = taken.get((category, int(number)))
    if there is not None:
        raise FieldError(field="id", why=f"{there.id} already exists on line {there.line}", hint="leave out --id")
    return f"{category}-{int(number):03d}"


def _section_for(document: Document, category: str, found: Sequence[FoundPaf]) -> str:
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
