"""What a bank has for each day of a new member: sections, facts, records and documents, as parts in their order."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import FACTS, SUMMARY
from memorybank.document.addresses import address_of
from memorybank.document.inline import plain_words, title_in
from memorybank.document.items import plain_key, split_marker
from memorybank.document.source import each_line, without_eol
from memorybank.errors import BankError
from memorybank.records.find import find_record, scan
from memorybank.records.ledgers.fact_line import ACTIVE
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.shell import quoted
from memorybank.store.view import open_document, placeholders_of
from memorybank.team.hygiene.as_markdown import code, inline, quote
from memorybank.team.hygiene.days import DAYS, day_of_record, day_of_section, is_about_architecture
from memorybank.workflow.progress.summary import read_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memorybank.document.sections import Document, Section
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.team.hygiene.days import Day

_OVER = frozenset(("superseded", "deprecated", "rejected", "archived", "obsolete"))
# records of a type that a day shows: as many as a search does
_MOST = 20
# types whose text is what the day is about
_WHOLE = frozenset(("procedural", "code"))


class Part(NamedTuple):
    """One thing to read: the heading above it, its place, its lines of Markdown, and the command that prints all of it.

    `short` are the lines if there is no room for `lines`; none if only they make sense.
    """

    head: str
    where: str
    lines: tuple[str, ...]
    command: str
    short: tuple[str, ...] = ()


class Shelf(NamedTuple):
    """The parts of one day, and how many more records of a type there are, with the command that lists them."""

    day: Day
    parts: tuple[Part, ...]
    more: tuple[tuple[int, str], ...]


def shelf_of(bank: BankFolder, day: Day) -> Shelf:
    """Return what a bank has for a day; what cannot be read is left out, as `bank check` reports it."""
    records = [each for each in scan(bank, every=True).records if each.status.casefold() not in _OVER]
    records = [each for each in records if day_of_record(each.type, _words(each)) == day.number]
    parts = [*_documents(bank, day), *(_summary(bank) if day.number == DAYS[0].number else ())]
    parts += _sections(bank, day, {each.id for each in records})
    parts += _pafs(bank) if day.number == DAYS[0].number else ()
    more = []
    for kind in day.kinds:
        rows = [each for each in records if each.type == kind]
        rows.sort(key=lambda each: (each.created, each.id), reverse=True)
        if kind == "fact" and day.number == DAYS[0].number:
            rows.sort(key=lambda each: not is_about_architecture(_words(each)))
        parts += [_record(bank, each) for each in rows[:_MOST]]
        if len(rows) > _MOST:
            more.append((len(rows) - _MOST, f"bank list --type {quoted(kind)} --limit {len(rows)}"))
    return Shelf(day, tuple(parts), tuple(more))


def unread(bank: BankFolder) -> tuple[tuple[str, str], ...]:
    """Return what cannot be read, or not be split into sections, each with the command that says why."""
    found = []
    for file in bank.present_files():
        try:
            is_whole = open_document(bank, file).unterminated is None
        except BankError:
            is_whole = False
        if not is_whole:
            found.append((file, f"bank check {quoted(file)}"))
    found += [(each.file, f"bank check {quoted(each.file)}") for each in scan(bank, every=True).broken]
    return tuple(found)


def _words(record: Record) -> str:
    return " ".join((record.title, record.summary, *record.tags))


def _documents(bank: BankFolder, day: Day) -> Iterator[Part]:
    """Yield the files of the project to read, each once, also where names differ only in case."""
    seen = set()
    for name in day.files:
        path = bank.project / name
        if path.is_file() and not path.is_symlink() and (key := path.stat().st_ino) not in seen:
            seen.add(key)
            yield Part("Documents", name, (f"- {code(name)}",), f"cat {quoted(name)}")


def _summary(bank: BankFolder) -> Iterator[Part]:
    try:
        value = read_summary(bank).value
    except BankError:
        return
    rows = []
    for name in ("project_name", "version", "status", "description", "tech_stack"):
        found = value.get(name)
        text = ", ".join(map(str, found)) if isinstance(found, list) else str(found or "")
        if isinstance(found, dict):
            text = ", ".join(f"{key}: {each}" for key, each in found.items())
        if text:
            rows.append(f"- {inline(name)}: {inline(text)}")
    if rows:
        yield Part("The project", SUMMARY, tuple(rows), "bank summary show")


def _sections(bank: BankFolder, day: Day, records: set[str]) -> list[Part]:
    """Return the sections of the memory files that belong to a day, first those whose headings say so."""
    found: list[tuple[bool, Part]] = []
    for file in bank.present_files():
        try:
            document = open_document(bank, file)
        except BankError:
            continue
        above: list[Section] = []
        for section in document.sections[1:] if document.unterminated is None else ():
            above = [*(each for each in above if each.level < section.level), section]
            path = [plain_words(each.name) for each in above if each.level > 1]
            number, is_said = day_of_section(file, path)
            lines = tuple(_own_lines(bank, document, section, records)) if number == day.number else ()
            if lines:
                where = str(address_of(document, section))
                part = Part(
                    plain_words(section.name), where, tuple(quote("\n".join(lines))), f"bank show {quoted(where)}"
                )
                found.append((is_said, part))
    return [part for is_first in (True, False) for is_said, part in found if is_said is is_first]


def _own_lines(bank: BankFolder, document: Document, section: Section, records: set[str]) -> Iterator[str]:
    """Yield the lines of a section without placeholders, comments, and lines of records that the day shows anyway."""
    if document.contract and section.level != 2:  # noqa: PLR2004  the level of a contract's sections
        return
    end = section.end if document.contract else section.own_end
    ignored = placeholders_of(bank, document, section)
    rows = [without_eol(line).rstrip() for line in each_line(document.source.text[section.body : end])]
    kept = []
    for row in rows:
        marker, _, words = split_marker(row.strip())
        is_ignored = plain_key(words if marker else row) in ignored
        is_comment = row.strip().startswith("<!--") and row.strip().endswith("-->")
        is_record = bool(marker) and row.endswith(")") and any(f"({each}" in row for each in records)
        if not (is_ignored or is_comment or is_record):
            kept.append(row)
    while kept and not kept[0].strip():
        del kept[0]
    while kept and not kept[-1].strip():
        del kept[-1]
    yield from kept


def _pafs(bank: BankFolder) -> Iterator[Part]:
    try:
        pafs = list_pafs(bank)
    except BankError:
        return
    for paf in pafs:
        if paf.status == ACTIVE:
            why = f" — {inline(paf.why)}" if paf.why else ""
            line = f"- {code(paf.id)} {inline(paf.text)}{why}"
            yield Part("Architectural facts", f"{FACTS}#{paf.section}", (line,), "bank paf list --active")


def _record(bank: BankFolder, record: Record) -> Part:
    head = f"Records: {record.type}"
    command = f"bank recall {quoted(record.id)}"
    try:
        content = find_record(bank, record.id, kinds=(record.type,)).content
    except BankError:
        content = ""  # it is gone since it was listed, or its id is not that of its file
    said = record.summary if record.summary != record.title else ""
    said = said or _first_words(content, record.title)
    line = f"- {inline(record.title)}{f' — {inline(said)}' if said else ''} ({code(command)})"
    if record.type not in _WHOLE or not content.strip():
        return Part(head, record.file, (line,), command)
    title = f"- {inline(record.title)} ({code(command)})"
    return Part(head, record.file, (title, "", *(f"  {row}" for row in quote(content)), ""), command, (line,))


def _first_words(content: str, title: str) -> str:
    """Return the first line of a text that is neither a heading nor the title again."""
    rows = (without_eol(line) for line in islice(each_line(content), 200))
    for row in rows:
        words = "" if row.lstrip().startswith(("#", "```", "~~~")) else title_in(row)
        if words and words != title:
            return words
    return ""


def listed(parts: Iterable[Part]) -> Iterator[str]:
    """Yield the lines of parts, each heading once above those that follow it."""
    head = ""
    for part in parts:
        if part.head != head:
            head = part.head
            is_section = "#" in part.where and not part.where.startswith(FACTS)
            place = f" ({code(part.where)})" if is_section else ""
            yield from ("", f"### {inline(head)}{place}", "")
        yield from part.lines
