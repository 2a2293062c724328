"""Bringing an older file to its contract: merged sections joined, blocks kept whole, nothing dropped. Pure."""

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
# what stands before an item that is no open task: a mark of another kind, a word that says it is over, a stroke
_MARK = re.compile(
    r"\\?\[[^\]\n]?\\?\](?![(\[])|\[(?:done|dropped|skipped|cancell?ed|closed|wontfix)\]|~~|[✅☑✔✓❌✗✘☐⬜🚫⏭]",
    re.IGNORECASE,
)


def migrate_document(
    document: Document, contract: Contract, kept: list[str] | None = None, lost: Mapping[str, int] | None = None
) -> tuple[Document, list[str]]:
    """Return the document with today's sections, and one line of report for each change.

    A section of an older name becomes today's (the first of several is renamed where it stands, the others' text
    joins it); sections that no contract knows stay as they are. What cannot be read for certain stays too, and `kept`
    gets a line that says so; `lost` names sections that are gone with so many lines, and are not put back empty.
    Running it again changes nothing.

    Raises:
        UnterminatedError: something that is never closed would swallow what is joined.
    """
    report: list[str] = []
    kept = [] if kept is None else kept
    while True:
        left: list[str] = []
        count = len(report)
        document = _join_all(document, contract, report, kept, left)
        # what joined may have made room for what could not join before
        if not left or len(report) == count:
            kept += left
            break
    for spec in contract.sections:
        if lost and spec.name in lost:
            count = lost[spec.name]
            kept.append(f"{document.path}: '## {spec.name}' is missing with {count} lines of it; see bank check")
        elif not spec.optional and not any(find_named(document, each) for each in (spec.name, *spec.merges)):
            healed: list[str] = []
            try:
                document = heal(document, contract, spec, healed)
            except (NoAnchorError, DuplicateAnchorError) as error:
                kept.append(f"{document.path}: '## {spec.name}' is missing and cannot be put back: {error.message}")
                continue
            report.append(f"{document.path}: '## {spec.name}' was missing and is there now")
    return document, report


def _join_all(document: Document, contract: Contract, report: list[str], kept: list[str], left: list[str]) -> Document:
    """Join each section of an older name with the one of today; `left` gets a line for each that stays."""
    for spec in contract.sections:
        for old in spec.merges:
            skipped = 0
            # a subsection of such a name is part of another section's text
            while len(found := [each for each in find_named(document, old) if each.level == 2]) > skipped:  # noqa: PLR2004
                told: list[str] = []
                try:
                    text = _converted(document, spec, found[skipped], old, told)
                    merged, what = _merge(document, spec, found[skipped], old, text)
                    _check(document, merged, spec, found[skipped], text)
                except (_UnreadError, SpillError) as error:
                    why = error.message if isinstance(error, SpillError) else str(error)
                    left.append(f"{document.path}: '## {old}' stays as it is: {why}")
                    skipped += 1
                    continue
                document = merged
                report.append(what)
                kept += told
    return document


class _UnreadError(ValueError):
    """A section cannot join the one of today; its text stays under its old name."""


def _merge(document: Document, spec: SectionSpec, old: Section, name: str, lines: str) -> tuple[Document, str]:
    source = document.source
    eol = source.eol_near(old.body)
    targets = find_named(document, spec.name)
    if not targets:
        what = f"{document.path}: '## {name}' is '## {spec.name}' now"
        return splice(document, old.start, old.end, f"## {spec.heading}{eol}" + lines), what
    what = f"{document.path}: '## {name}' joined '## {spec.name}'"
    target = targets[0]
    # the indent of a first line may be what makes it code
    text = lines[len(blank_lead(lines)) :].rstrip("\r\n")
    if old.start > target.start:
        # the later place first, so that the earlier offsets stay good
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
    known = {plain_key(each) for each in spec.placeholders}
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
    """Whether a text goes on with the list that another one ends with."""
    (blocks, items), (next_blocks, next_items) = _read(above), _read(below)
    if not blocks or not next_blocks or blocks[-1].kind != "list" or next_blocks[0].kind != "list":
        return False
    marker = _top(items)[-1].marker
    return marker == next_items[0].marker and not marker[:-1].isdigit()


def _check(before: Document, after: Document, spec: SectionSpec, old: Section, converted: str) -> None:
    """Refuse a merge that would change any heading but the one of the old section, or how a block is read."""
    _check_headings(before, after, spec, old)
    targets = find_named(before, spec.name)
    known = {plain_key(each) for each in spec.placeholders}
    there = _units(before.text_of(targets[0])) if targets else []
    wanted = there + _units(converted)
    now = _units(after.text_of(find_named(after, spec.name)[0]))
    if sorted(wanted) != sorted(now) and sorted(each for each in wanted if not _is_placeholder(each, known)) != sorted(
        now
    ):
        raise _UnreadError("next to the other text it would be read as something else")


def _units(text: str) -> list[str]:
    """Return the blocks of a text, each item of a list as one."""
    return [text[each.start : each.end].strip() for each in _in_order(*_read(text))]


def _in_order(blocks: Iterable[Block], items: Iterable[Item]) -> list[Block | Item]:
    units: list[Block | Item] = [each for each in blocks if each.kind != "list"]
    return sorted([*units, *_top(items)], key=lambda each: each.start)


def _check_headings(before: Document, after: Document, spec: SectionSpec, old: Section) -> None:
    """Refuse a merge that would change any heading but the one of the old section."""
    wanted = [(each.level, each.text) for each in before.headings if each.start != old.start]
    if not find_named(before, spec.name):
        wanted.append((old.level, spec.heading))
    if sorted(wanted) != sorted(outline_of(after)):
        raise SpillError(address=str(address_of(before, old)), why=what_changed(before, after))


def _converted(document: Document, spec: SectionSpec, old: Section, name: str, kept: list[str]) -> str:
    """Return a section's text in the form of the section it joins.

    Only what is read for certain changes: a mark before an item, a table of evidence, a placeholder that goes. All
    else, and whole sections whose blocks have no form there, stay as they are, and `kept` says so.

    Raises:
        ContractError: it cannot join, and stays under its old name.
    """
    opened = document.unterminated
    if opened is not None:
        raise UnterminatedError(path=document.path, line=document.source.line_of(opened.start), kind=opened.kind)
    text = document.source.text[old.body : old.end]
    eol = document.source.eol_near(old.body)
    blocks, items = _read(text)
    known = {plain_key(each) for each in spec.placeholders}
    units = _in_order(blocks, items)
    rest = [each for each in units if not _is_placeholder(text[each.start : each.end], known)]
    edits = [(each.start, each.end, "") for each in units if each not in rest]
    place = f"{document.path}: '## {name}'"
    if spec.tasks:
        edits += [
            (each.content, each.content, "[ ] ") for each in rest if isinstance(each, Item) and _takes_box(text, each)
        ]
    elif spec.name == "Verification":
        edits += _rows(document, text, rest, eol, kept, place)
    elif name in _PREFIX:
        if any(isinstance(each, Block) and each.kind == "heading" for each in blocks):
            raise _UnreadError("it has headings of its own; move its text by hand")
        found = _prefixed(text, rest, _PREFIX[name])
        result = _edited(text, units, [*edits, *found]) if found is not None else None
        if result is None:
            kept.append(f"{place} has text that is no line of its own; it stays as it is below '{_PREFIX[name]}:'")
            lead = blank_lead(text)
            result = f"{lead or eol}{_PREFIX[name]}:{eol}{eol}{text[len(lead) :]}"
        return result
    result = _edited(text, units, edits)
    if result is None:
        raise _UnreadError("its text would be read as something else")
    return result


def _edited(text: str, units: Sequence[Block | Item], edits: Sequence[tuple[int, int, str]]) -> str | None:
    """Return a text with edits made, None when that changes how another block is read."""
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
    return [each for each in items if each.depth == 0]


def _is_placeholder(text: str, known: set[str]) -> bool:
    """Whether a block is one line that the template puts there; one that is ticked is somebody's."""
    _, task, rest = split_marker(text.strip())
    return "\n" not in text.strip() and task not in ("x", "X") and plain_key(rest) in known


def _prefixed(text: str, units: Sequence[Block | Item], kind: str) -> list[tuple[int, int, str]] | None:
    """Return what to put before the entries of a section so that each says its kind; None where one is no entry."""
    edits = []
    for each in units:
        line = text[each.start : each.end].strip()
        if isinstance(each, Item):
            at = _words_at(text, each)
            if at is None:
                return None
            if not text[at : each.end].casefold().startswith(f"{kind.casefold()}:"):
                edits.append((at, at, f"{kind}: "))
        elif each.kind == "paragraph" and len(lines_of(line)) == 1 and "|" not in line and not line.endswith(":"):
            if not line.casefold().startswith(f"{kind.casefold()}:"):
                indent = len(text[each.start :]) - len(text[each.start :].lstrip(" \t"))
                edits.append((each.start, each.start + indent, f"- {kind}: "))
        elif each.kind != "html":
            return None
    return edits


def _words_at(text: str, item: Item) -> int | None:
    """Return where an item's own words begin, behind its box; None where it begins with another block or nothing."""
    box = _BOX.match(text, item.content, item.end) if item.task is not None else None
    at = box.end() if box else item.content
    line = without_eol(lines_of(text[at : item.end])[0]) if at < item.end else ""
    blocks, inner = _read(line)
    return at if len(blocks) == 1 and blocks[0].kind == "paragraph" and not inner else None


def _takes_box(text: str, item: Item) -> bool:
    """Whether an item is a task without a box: plain words, no mark of another kind, not struck."""
    at = _words_at(text, item)
    return item.task is None and at is not None and not _MARK.match(text, at, item.end)


def _rows(
    document: Document, text: str, units: Sequence[Block | Item], eol: str, kept: list[str], place: str
) -> list[tuple[int, int, str]]:
    """Return what takes the place of each table of evidence; one that cannot be read stays, and `kept` says so."""
    # a file in another encoding gets no bytes of UTF-8
    arrow = "→" if document.source.stray_at is None else "->"
    edits = []
    for each in units:
        if isinstance(each, Item) or each.kind != "paragraph":
            continue
        rows = lines_of(text[each.start : each.end])
        table = find_table([without_eol(row) for row in rows])
        if table is None:
            if all(without_eol(row).strip().startswith("|") for row in rows):
                kept.append(f"{place} holds rows without a header; they stay as they are")
            continue
        lines, why = lines_of_table(table, arrow)
        if not why and not all(_is_entry(line) for line in lines):
            why = "a cell would be read as something else on a line"
        if why:
            kept.append(f"{place} holds a table that stays as it is: {why}")
            continue
        start = each.start + sum(map(len, rows[: table.first]))
        gap = eol if table.first and lines else ""
        edits.append((start, each.end, gap + "".join(f"- {line}{eol}" for line in lines)))
    return edits


def _is_entry(line: str) -> bool:
    """Whether a line is read as words when it stands in a list."""
    blocks, _ = _read(line)
    return len(blocks) == 1 and blocks[0].kind == "paragraph" and split_marker(f"- {line}")[1] is None
