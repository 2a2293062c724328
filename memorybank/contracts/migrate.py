"""Migrate an older file to its contract: join merged sections, keep blocks whole, lose nothing. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.contracts.evidence_table import find_table, lines_of_table
from memorybank.contracts.preview import heal
from memorybank.document.addresses import address_of, find_named
from memorybank.document.editing.verify import outline_of, what_changed
from memorybank.document.items import plain_key, split_marker
from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.scanner.line_rules import BOX
from memorybank.document.scanner.nodes import Block, Item
from memorybank.document.sections import splice
from memorybank.document.source import lines_of, shadow_of, without_eol
from memorybank.document.text import blank_lead, content_end, is_blank_at
from memorybank.errors import DuplicateAnchorError, NoAnchorError, SpillError, UnterminatedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.contracts.contract import Contract, SectionSpec
    from memorybank.document.sections import Document, Section

_PREFIX = {"Plan Reference": "Plan", "Design Reference": "Design", "Research References": "Research"}
_BOX = re.compile(rf"{BOX}[ \t]+")
# the start of an item that is not an open task: another kind of mark, a word such as "done", or strikethrough
_MARK = re.compile(
    r"\\?\[[^\]\n]?\\?\](?![(\[])|\[(?:done|dropped|skipped|cancell?ed|closed|wontfix)\]|~~|[✅☑✔✓❌✗✘☐⬜🚫⏭]",
    re.IGNORECASE,
)


def migrate_document(
    document: Document, contract: Contract, kept: list[str] | None = None, lost: Mapping[str, int] | None = None
) -> tuple[Document, list[str]]:
    """Return the document with the current sections, and one line of report for each change.

    A section with an old name gets the current name: the first of several is renamed in place, and the text of the
    others is moved into it. Sections that no contract knows are not changed. Text that cannot be read for certain is
    not changed either, and `kept` gets a line about it. `lost` maps sections that are gone to the number of their
    lines; these are not put back empty. Running the migration again changes nothing.

    Raises:
        UnterminatedError: a block that is never closed would swallow the text that is moved.
    """
    report: list[str] = []
    kept = [] if kept is None else kept
    while True:
        left: list[str] = []
        count = len(report)
        document = _join_all(document, contract, report, kept, left)
        # a section that could not be merged before may be possible after another merge
        if not left or len(report) == count:
            kept += left
            break
    for spec in contract.sections:
        if lost and spec.name in lost:
            count = lost[spec.name]
            kept.append(f"{document.path}: '## {spec.name}' is missing with {count} lines of text; run: bank check")
        elif not spec.optional and not any(find_named(document, merge) for merge in (spec.name, *spec.merges)):
            healed: list[str] = []
            try:
                document = heal(document, contract, spec, healed)
            except (NoAnchorError, DuplicateAnchorError) as error:
                kept.append(f"{document.path}: '## {spec.name}' is missing and cannot be added: {error.message}")
                continue
            report.append(f"{document.path}: '## {spec.name}' was missing and has been added")
    return document, report


def _join_all(document: Document, contract: Contract, report: list[str], kept: list[str], left: list[str]) -> Document:
    """Merge each section with an old name into the current one; `left` gets a line for each that is not merged."""
    for spec in contract.sections:
        for old in spec.merges:
            skipped = 0
            # a subsection of that name is part of another section's text
            while len(found := [each for each in find_named(document, old) if each.level == 2]) > skipped:  # noqa: PLR2004
                told: list[str] = []
                try:
                    text = _converted(document, spec, found[skipped], old, told)
                    merged, what = _merge(document, spec, found[skipped], old, text)
                    _check(document, merged, spec, found[skipped], text)
                except (_UnreadError, SpillError) as error:
                    why = error.message if isinstance(error, SpillError) else str(error)
                    left.append(f"{document.path}: '## {old}' was not merged: {why}")
                    skipped += 1
                    continue
                document = merged
                report.append(what)
                kept += told
    return document


class _UnreadError(ValueError):
    """A section cannot be merged into the current one; its text stays under its old name."""


def _merge(document: Document, spec: SectionSpec, old: Section, name: str, lines: str) -> tuple[Document, str]:
    source = document.source
    eol = source.eol_near(old.body)
    targets = find_named(document, spec.name)
    if not targets:
        what = f"{document.path}: '## {name}' renamed to '## {spec.name}'"
        return splice(document, old.start, old.end, f"## {spec.heading}{eol}" + lines), what
    what = f"{document.path}: '## {name}' merged into '## {spec.name}'"
    target = targets[0]
    # keep the indent of the first line: it may make the line a code block
    text = lines[len(blank_lead(lines)) :].rstrip("\r\n")
    if old.start > target.start:
        # change the later place first, so that earlier offsets stay valid
        document = splice(document, old.start, old.end, "")
        return _join(document, target, spec, text, eol), what
    document = _join(document, target, spec, text, eol)
    return splice(document, old.start, old.end, ""), what


def _join(document: Document, target: Section, spec: SectionSpec, text: str, eol: str) -> Document:
    if not text.strip():
        return document
    source = document.source
    at = content_end(document, target)
    own = source.text[target.body : at]
    known = {plain_key(placeholder) for placeholder in spec.placeholders}
    if own.strip() and all(_is_placeholder(line, known) for line in lines_of(own) if line.strip()):
        start = target.body + len(blank_lead(own))
        return splice(document, start, at, text + eol)
    glue = "" if at == 0 or source.shadow[at - 1] == "\n" else eol
    blank = "" if not own.strip() or _is_one_list(own, text) else eol
    if not own.strip():
        at = target.body
    tail = "" if is_blank_at(source.shadow, at) or at == len(source.text) else eol
    return splice(document, at, at, glue + blank + text + eol + tail)


def _is_one_list(above: str, below: str) -> bool:
    """Whether a text continues the list that the text above ends with."""
    (blocks, items), (next_blocks, next_items) = _read(above), _read(below)
    if not blocks or not next_blocks or blocks[-1].kind != "list" or next_blocks[0].kind != "list":
        return False
    marker = _top(items)[-1].marker
    return marker == next_items[0].marker and not marker[:-1].isdigit()


def _check(before: Document, after: Document, spec: SectionSpec, old: Section, converted: str) -> None:
    """Refuse a merge that would change another heading than the old section's own, or how a block is parsed."""
    _check_headings(before, after, spec, old)
    targets = find_named(before, spec.name)
    known = {plain_key(placeholder) for placeholder in spec.placeholders}
    there = _units(before.text_of(targets[0])) if targets else []
    wanted = there + _units(converted)
    now = _units(after.text_of(find_named(after, spec.name)[0]))
    if sorted(wanted) != sorted(now) and sorted(each for each in wanted if not _is_placeholder(each, known)) != sorted(
        now
    ):
        raise _UnreadError("next to the other text, Markdown would read it differently")


def _units(text: str) -> list[str]:
    """Return the blocks of a text; each list item counts as a block."""
    return [text[each.start : each.end].strip() for each in _in_order(*_read(text))]


def _in_order(blocks: Iterable[Block], items: Iterable[Item]) -> list[Block | Item]:
    units: list[Block | Item] = [block for block in blocks if block.kind != "list"]
    return sorted([*units, *_top(items)], key=lambda each: each.start)


def _check_headings(before: Document, after: Document, spec: SectionSpec, old: Section) -> None:
    """Refuse a merge that would change another heading than the old section's own."""
    wanted = [(heading.level, heading.text) for heading in before.headings if heading.start != old.start]
    if not find_named(before, spec.name):
        wanted.append((old.level, spec.heading))
    if sorted(wanted) != sorted(outline_of(after)):
        raise SpillError(address=str(address_of(before, old)), why=what_changed(before, after))


def _converted(document: Document, spec: SectionSpec, old: Section, name: str, kept: list[str]) -> str:
    """Return a section's text in the form of the section it is merged into.

    Only three things change: the mark before an item, a table of evidence, and a placeholder, which is removed. All
    other text is not changed; `kept` gets a line about text that does not fit the new form.

    Raises:
        UnterminatedError: a block is never closed.
        _UnreadError: the section cannot be merged; it stays under its old name.
    """
    opened = document.unterminated
    if opened is not None:
        raise UnterminatedError(path=document.path, line=document.source.line_of(opened.start), kind=opened.kind)
    text = document.source.text[old.body : old.end]
    eol = document.source.eol_near(old.body)
    blocks, items = _read(text)
    known = {plain_key(placeholder) for placeholder in spec.placeholders}
    units = _in_order(blocks, items)
    rest = [unit for unit in units if not _is_placeholder(text[unit.start : unit.end], known)]
    edits = [(unit.start, unit.end, "") for unit in units if unit not in rest]
    place = f"{document.path}: '## {name}'"
    if spec.tasks:
        edits += [
            (each.content, each.content, "[ ] ") for each in rest if isinstance(each, Item) and _takes_box(text, each)
        ]
    elif spec.name == "Verification":
        edits += _rows(document, text, rest, eol, kept, place)
    elif name in _PREFIX:
        if any(isinstance(block, Block) and block.kind == "heading" for block in blocks):
            raise _UnreadError("it has subheadings; move its text by hand")
        found = _prefixed(text, rest, _PREFIX[name])
        result = _edited(text, units, [*edits, *found]) if found is not None else None
        if result is None:
            kept.append(f"{place} has text that is not a list; it was moved unchanged below '{_PREFIX[name]}:'")
            lead = blank_lead(text)
            result = f"{lead or eol}{_PREFIX[name]}:{eol}{eol}{text[len(lead) :]}"
        return result
    result = _edited(text, units, edits)
    if result is None:
        raise _UnreadError("Markdown would read its text differently")
    return result


def _edited(text: str, units: Sequence[Block | Item], edits: Sequence[tuple[int, int, str]]) -> str | None:
    """Return a text with the edits applied; None if they change how another block is parsed."""
    wanted = [each for unit in units for each in _units(_spliced(text, unit.start, unit.end, edits))]
    result = _spliced(text, 0, len(text), edits)
    return result if _units(result) == wanted else None


def _spliced(text: str, start: int, end: int, edits: Sequence[tuple[int, int, str]]) -> str:
    result = text[start:end]
    for at, to, new in sorted(edits, reverse=True):
        if start <= at and to <= end:
            result = result[: at - start] + new + result[to - start :]
    return result


def _read(text: str) -> tuple[tuple[Block, ...], tuple[Item, ...]]:
    blocks, items, _ = parse_blocks(shadow_of(text), 0, len(text))
    return blocks, items


def _top(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.depth == 0]


def _is_placeholder(text: str, known: set[str]) -> bool:
    """Whether a block is a single placeholder line of the template; a ticked one was written by a user."""
    _, task, rest = split_marker(text.strip())
    return "\n" not in text.strip() and task not in ("x", "X") and plain_key(rest) in known


def _prefixed(text: str, units: Sequence[Block | Item], kind: str) -> list[tuple[int, int, str]] | None:
    """Return the edits that put the kind before each entry of a section; None if a block is not an entry."""
    edits = []
    for unit in units:
        line = text[unit.start : unit.end].strip()
        if isinstance(unit, Item):
            at = _words_at(text, unit)
            if at is None:
                return None
            if not text[at : unit.end].casefold().startswith(f"{kind.casefold()}:"):
                edits.append((at, at, f"{kind}: "))
        elif unit.kind == "paragraph" and len(lines_of(line)) == 1 and "|" not in line and not line.endswith(":"):
            if not line.casefold().startswith(f"{kind.casefold()}:"):
                indent = len(text[unit.start :]) - len(text[unit.start :].lstrip(" \t"))
                edits.append((unit.start, unit.start + indent, f"- {kind}: "))
        elif unit.kind != "html":
            return None
    return edits


def _words_at(text: str, item: Item) -> int | None:
    """Return the offset of an item's text after its checkbox; None if it is empty or begins with another block."""
    box = _BOX.match(text, item.content, item.end) if item.task is not None else None
    at = box.end() if box else item.content
    line = without_eol(lines_of(text[at : item.end])[0]) if at < item.end else ""
    blocks, inner = _read(line)
    return at if len(blocks) == 1 and blocks[0].kind == "paragraph" and not inner else None


def _takes_box(text: str, item: Item) -> bool:
    """Whether an item is a task without a checkbox: plain words, no other mark, no strikethrough."""
    at = _words_at(text, item)
    return item.task is None and at is not None and not _MARK.match(text, at, item.end)


def _rows(
    document: Document, text: str, units: Sequence[Block | Item], eol: str, kept: list[str], place: str
) -> list[tuple[int, int, str]]:
    """Return the edits that replace each table of evidence; `kept` gets a line for a table that is not changed."""
    # do not write UTF-8 bytes into a file of another encoding
    arrow = "→" if document.source.stray_at is None else "->"
    edits = []
    for unit in units:
        if isinstance(unit, Item) or unit.kind != "paragraph":
            continue
        rows = lines_of(text[unit.start : unit.end])
        table = find_table([without_eol(row) for row in rows])
        if table is None:
            if all(without_eol(row).strip().startswith("|") for row in rows):
                kept.append(f"{place} has table rows without a header; they were not changed")
            continue
        lines, why = lines_of_table(table, arrow)
        if not why and not all(_is_entry(line) for line in lines):
            why = "Markdown would read a cell differently in a list item"
        if why:
            kept.append(f"{place} has a table that was not changed: {why}")
            continue
        start = unit.start + sum(map(len, rows[: table.first]))
        gap = eol if table.first and lines else ""
        edits.append((start, unit.end, gap + "".join(f"- {line}{eol}" for line in lines)))
    return edits


def _is_entry(line: str) -> bool:
    """Whether a line is parsed as plain words in a list item."""
    blocks, _ = _read(line)
    return len(blocks) == 1 and blocks[0].kind == "paragraph" and split_marker(f"- {line}")[1] is None
