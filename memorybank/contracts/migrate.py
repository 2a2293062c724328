"""Bringing an older file to its contract: merged sections joined, tables made lines, nothing dropped. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.contracts.rules import heal
from memorybank.document.anchors import address_of, find_sections
from memorybank.document.items import read_body, split_marker
from memorybank.document.proof import outline_of, what_changed
from memorybank.document.sections import key_of, splice
from memorybank.document.source import lines_of, without_eol
from memorybank.document.text import blank_lead, content_end, is_blank_at
from memorybank.errors import SpillError, UnterminatedError

if TYPE_CHECKING:
    from memorybank.contracts.schema import Contract, SectionSpec
    from memorybank.document.sections import Document, Section

_ROW = re.compile(r"\s*\|(.*)\|\s*\Z")
_RULE = re.compile(r"\s*\|?[\s:|-]+\|?\s*\Z")
_CODE = re.compile(r"`[^`]+`")
# the names of a table's columns say nothing that its lines do not; a first row of any other words is evidence too
_COLUMN = re.compile(
    r"(?:#|(?:check|command|item|note|result|step|test)s?|date|evidence|exit|exit code|expected|outcome|output|scenario"
    r"|status|time|verification)\Z"
)
_PREFIX = {"Plan Reference": "Plan", "Design Reference": "Design", "Research References": "Research"}


def migrate_document(document: Document, contract: Contract) -> tuple[Document, list[str]]:
    """Give the document with today's sections, and one line of report for each change.

    A section of an older name becomes today's (the first of several is renamed where it stands, the others' text
    joins it); sections that no contract knows stay as they are. Running it again changes nothing.

    Raises:
        UnterminatedError: something that is never closed would swallow what is joined.
        SpillError: another heading than the old one would come or go.
    """
    report: list[str] = []
    for spec in contract.sections:
        for old in spec.merges:
            while True:
                # a subsection of such a name is part of another section's text
                found = [each for each in find_sections(document, old) if each.level == 2]  # noqa: PLR2004
                if not found:
                    break
                merged = _merge(document, spec, found[0], old, report)
                _check_headings(document, merged, spec, found[0])
                document = merged
    for spec in contract.sections:
        if not spec.optional and not find_sections(document, spec.name):
            healed: list[str] = []
            document = heal(document, contract, spec, healed)
            report.append(f"{document.path}: '## {spec.name}' was missing and is there now")
    return document, report


def _merge(document: Document, spec: SectionSpec, old: Section, name: str, report: list[str]) -> Document:
    source = document.source
    opened = document.unterminated
    if opened is not None:
        raise UnterminatedError(path=document.path, line=source.line_of(opened.start), kind=opened.kind)
    eol = source.eol_near(old.body)
    lines = _converted(document, spec, old, name, eol)
    targets = find_sections(document, spec.name)
    if not targets:
        report.append(f"{document.path}: '## {name}' is '## {spec.name}' now")
        return splice(document, old.start, old.end, f"## {spec.heading}{eol}" + lines)
    report.append(f"{document.path}: '## {name}' joined '## {spec.name}'")
    target = targets[0]
    kept = lines.strip("\r\n")
    if old.start > target.start:
        # the later place first, so that the earlier offsets stay good
        document = splice(document, old.start, old.end, "")
        return _join(document, target, spec, kept, eol)
    document = _join(document, target, spec, kept, eol)
    return splice(document, old.start, old.end, "")


def _join(document: Document, target: Section, spec: SectionSpec, kept: str, eol: str) -> Document:
    if not kept.strip():
        return document
    source = document.source
    at = content_end(document, target)
    own = source.text[target.body : at]
    known = {key_of(each) for each in spec.placeholders}
    if own.strip() and all(key_of(split_marker(line.strip())[2]) in known for line in lines_of(own) if line.strip()):
        start = target.body + len(blank_lead(own))
        return splice(document, start, at, kept + eol)
    glue = "" if at == 0 or source.shadow[at - 1] == "\n" else eol
    first = split_marker(without_eol(lines_of(kept)[0]))[0]
    last = split_marker(without_eol(lines_of(own)[-1]))[0] if own.strip() else ""
    blank = "" if not own.strip() or (first and last) else eol
    if not own.strip():
        at = target.body
    tail = "" if is_blank_at(source.shadow, at) or at == len(source.text) else eol
    return splice(document, at, at, glue + blank + kept + eol + tail)


def _check_headings(before: Document, after: Document, spec: SectionSpec, old: Section) -> None:
    """Refuse a merge that would change any heading but the one of the old section."""
    wanted = [(each.level, each.text) for each in before.headings if each.start != old.start]
    if not find_sections(before, spec.name):
        wanted.append((old.level, spec.heading))
    if sorted(wanted) != sorted(outline_of(after)):
        raise SpillError(address=str(address_of(before, old)), why=what_changed(before, after))


def _converted(document: Document, spec: SectionSpec, old: Section, name: str, eol: str) -> str:
    """Give a section's text in the form of the section it joins; what has no form there stays as it is."""
    result = []
    known = {key_of(each) for each in spec.placeholders}
    lines = lines_of(document.source.text[old.body : old.end])
    # a file in another encoding gets no bytes of UTF-8
    arrow = "→" if document.source.stray_at is None else "->"
    code = [each for each in read_body(document, old).blocks if each.kind in ("fence", "code", "html")]
    at = old.body
    for number, line in enumerate(lines):
        begin, at = at, at + len(line)
        if any(each.start <= begin < each.end for each in code):
            result.append(line)
            continue
        text = without_eol(line)
        row = _ROW.match(text)
        if spec.name == "Verification" and row:
            # the row above a table's rule names its columns, if those are names
            below = without_eol(lines[number + 1]) if number + 1 < len(lines) else ""
            cells = _cells_of(row.group(1))
            is_first = _ROW.match(below) and _RULE.match(below)
            names_columns = is_first and all(_COLUMN.match(key_of(each)) for each in cells)
            if cells and not _RULE.match(text) and not names_columns:
                result.append(_row_as_item(cells, arrow) + eol)
            continue
        marker, task, rest = split_marker(text)
        if key_of(rest) in known and text.strip():
            continue
        if name in _PREFIX and rest.strip() and not rest.strip().casefold().startswith(f"{_PREFIX[name].casefold()}:"):
            result.append(
                f"- {_PREFIX[name]}: {rest.strip()}{eol}" if marker or not text.startswith((" ", "\t")) else line
            )
        elif spec.tasks and marker and task is None and not text.startswith((" ", "\t")):
            result.append(f"{marker} [ ] {rest}{line[len(text) :]}")
        else:
            result.append(line)
    return "".join(result)


def _cells_of(row: str) -> list[str]:
    parts = [each.strip().replace("\\|", "|") for each in re.split(r"(?<!\\)\|", row)]
    return [each for each in parts if each]


def _row_as_item(cells: list[str], arrow: str) -> str:
    """Write a row of a table of evidence as a line: the command, an arrow, the rest."""
    parts = list(cells)
    command = parts.pop(next((i for i, each in enumerate(parts) if _CODE.search(each)), 0))
    shown = command if "`" in command else f"`{command}`"
    return f"- {shown} {arrow} {', '.join(parts)}" if parts else f"- {shown}"
