"""The rules for the structure of a file; each rule is one function, and its docstring is the manual page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.contracts.similar_headings import (
    foreign_sections,
    near_sections,
    outer_headings,
    renamed_headings,
    twins_of,
    ways_out,
)
from memorybank.document.addresses import address_of, find_named
from memorybank.document.conflicts import find_conflicts, lines_told
from memorybank.document.items import entries_of
from memorybank.document.scanner.reference_parser import headings_by_authority
from memorybank.document.sections import key_of, name_of
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.check.findings import Severity
    from memorybank.contracts.contract import Contract
    from memorybank.document.sections import Document

    Rule = Callable[[Document, Contract | None], Iterator[Finding]]


def check_empty(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """A contract file is not empty, filled with NUL, or cut short, as by an editor or a full disk.

    --fix does not write the template over lost text; `bank restore FILE` brings the last text back.
    """
    if contract is not None and not document.source.text.strip("\0 \t\r\n"):
        hint = f"bank history {document.path} --diff"
        yield Finding("empty-file", "error", document.path, 1, "the file is empty", hint)


def check_encoding(document: Document, _contract: Contract | None) -> Iterator[Finding]:
    """Text is UTF-8 without NUL: other bytes are kept as they are, but most programs cannot show them."""
    text = document.source.text
    for bad, what in (("\0", "a NUL byte"), ("\ufffd", "")):
        at = text.find(bad) if what else -1
        if at >= 0:
            yield Finding("encoding", "warning", document.path, document.source.line_of(at), f"the file has {what}")
    found = re.search("[\ud800-\udfff]", text)
    if found:
        line = document.source.line_of(found.start())
        yield Finding("encoding", "warning", document.path, line, "the file has bytes that are not UTF-8")


def check_unterminated(document: Document, _contract: Contract | None) -> Iterator[Finding]:
    """Every fence, comment and HTML block is closed; an open one hides all headings after it."""
    opened = document.unterminated
    if opened is not None:
        line = document.source.line_of(opened.start)
        message = f"the {opened.kind} opened here is never closed"
        yield Finding("unterminated", "error", document.path, line, message, f"close the {opened.kind}")


def check_conflict(document: Document, _contract: Contract | None) -> Iterator[Finding]:
    """No file contains merge conflict markers: someone has to choose one of the two sides."""
    for conflict in find_conflicts(document):
        lines = lines_told([(conflict.first, conflict.last)])
        hint = f"bank merge {quoted(document.path)}"
        yield Finding(
            "conflict-marker", "error", document.path, conflict.first, f"an unresolved merge on {lines}", hint
        )


def check_title(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """The file has its contract's title: programs recognise the file by it.

    --fix adds a missing title, and gives a changed one its name back if the file has most sections of its contract.
    """
    if contract is None:
        return
    titles = [section for section in document.sections[1:] if section.level == 1]
    if not titles:
        message = f"the title '# {contract.title}' is missing"
        yield Finding("title", "error", document.path, 1, message, "bank check --fix", fixable=True)
    elif key_of(titles[0].name) != key_of(contract.title):
        line = document.source.line_of(titles[0].start)
        message = f"the title is not '# {contract.title}'"
        there = [spec for spec in contract.sections if find_named(document, spec.name, *spec.other_names)]
        is_sure = titles[0] is document.sections[1] and 2 * len(there) > len(contract.sections)
        hint = f"bank check --fix {quoted(document.path)}" if is_sure else ""
        yield Finding("title", "error", document.path, line, message, hint, fixable=is_sure)


def check_missing(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """Every section of the contract exists, unless it is optional; --fix adds it above Last Updated.

    If another heading may be the missing section under a new name, nothing is added: see renamed-section.
    """
    for spec in contract.sections if contract else ():
        is_missing = not spec.optional and not find_named(document, spec.name, *spec.other_names)
        if contract is not None and is_missing and not near_sections(document, contract, spec):
            message = f"the section '## {spec.name}' is missing"
            yield Finding("missing-section", "error", document.path, 1, message, "bank check --fix", fixable=True)


def check_renamed(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """A section of the contract keeps its name: other tools look for it, and new entries need one place.

    An added emoji, number or mark does not matter: such a section is used as it is. If a section is missing and another
    heading may be that section, by its words or its place, edits that need the section are refused. --fix renames the
    heading where only one can be meant. Otherwise use `bank edit ADDRESS --rename NAME`, or
    `bank edit ADDRESS --insert-after NAME` to create the section if the heading is a different subject.
    """
    for each in renamed_headings(document, contract) if contract else ():
        name = name_of(each.heading.text)
        if each.is_decorated:
            message, grave = f"'## {name}' is '## {each.spec.name}' with decoration", False
        elif each.heading.level == 1:
            message, grave = f"'# {name}' is not a section: it should be '## {each.spec.name}'", True
        else:
            message, grave = f"'## {each.spec.name}' is missing, and '## {name}' may be it", True
        hint = f"bank check --fix {quoted(document.path)}"
        if not each.is_sure and contract is not None:
            near = near_sections(document, contract, each.spec)
            hint = ways_out(document, each.spec, near)[0] if near else "bank migrate --dry-run"
        severity: Severity = "error" if grave else "warning"
        yield Finding("renamed-section", severity, document.path, each.line, message, hint, fixable=each.is_sure)


def check_foreign(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """A memory file has only the sections of its contract: lists and loads ignore text under other headings.

    Move its lines to the right section, or into a document. To keep a section, allow it in bank.toml with
    `allow = ["foreign-section: NAME"]` under [check].
    """
    if contract is None:
        return
    near = {heading.heading.start for heading in renamed_headings(document, contract)}
    for section in foreign_sections(document, contract):
        if section.start not in near:
            line = document.source.line_of(section.start)
            message = f"'## {section.name}' is not a section of {contract.file}"
            hint = f"bank item list {quoted(str(address_of(document, section)))}"
            yield Finding("foreign-section", "warning", document.path, line, message, hint)


def check_duplicate(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """No section of the contract exists twice, decorated or not: an edit could not know which one is meant."""
    if contract is None:
        return
    for spec in contract.sections:
        found = twins_of(document, spec)
        for twin in found[1:]:
            first, line = document.source.line_of(found[0].start), document.source.line_of(twin.start)
            message = f"'## {found[0].name}' already exists on line {first}"
            if key_of(twin.name) != key_of(found[0].name):
                message = f"'## {twin.name}' is the same section as '## {found[0].name}' on line {first}"
            hint = f"bank item list {quoted(str(address_of(document, twin)))}"
            yield Finding("duplicate-section", "error", document.path, line, message, hint)
    for heading, spec in outer_headings(document, contract):
        if twins_of(document, spec):
            line = document.source.line_of(heading.start)
            message = f"'# {name_of(heading.text)}' repeats the section '## {spec.name}' as a title"
            yield Finding("duplicate-section", "error", document.path, line, message, "merge the two by hand")


def check_order(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """Last Updated is the last section of the contract: missing sections are added just above it."""
    if contract is None:
        return
    last = find_named(document, contract.fallback)
    for spec in contract.sections:
        for section in find_named(document, spec.name):
            if last and section.number > last[-1].number:
                line = document.source.line_of(section.start)
                message = f"'## {spec.name}' is below '## {contract.fallback}'"
                yield Finding("section-order", "warning", document.path, line, message)


def check_legacy(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """No section has its name from an older version; such sections still work, and `bank migrate` updates them."""
    for spec in contract.sections if contract else ():
        for name in spec.merges:
            for section in find_named(document, name):
                if section.level == 2:  # noqa: PLR2004  a subsection of that name is text
                    line = document.source.line_of(section.start)
                    message = f"'## {name}' is now called '## {spec.name}'"
                    yield Finding("legacy-section", "warning", document.path, line, message, "bank migrate --dry-run")


def check_cap(document: Document, contract: Contract | None) -> Iterator[Finding]:
    """A section has no more entries than its cap: long lists are not read; `bank rotate` archives the oldest."""
    for spec in contract.sections if contract else ():
        for section in find_named(document, spec.name) if spec.cap else ():
            count = sum(1 for entry in entries_of(document, section) if entry.item.depth == 0)
            if count > spec.cap:
                line = document.source.line_of(section.start)
                message = f"'## {spec.name}' has {count} entries, more than its cap of {spec.cap}"
                hint = "bank rotate"
                yield Finding("over-cap", "warning", document.path, line, message, hint)


def check_authority(document: Document, _contract: Contract | None) -> Iterator[Finding]:
    """The editor and markdown-it-py find the same headings; where they differ, edits may go wrong."""
    wanted = headings_by_authority(document.source.shadow, document.content_start)
    if wanted is None:
        return
    found = [(document.source.line_of(heading.start), heading.level) for heading in document.headings]
    if found != wanted:
        line = min({line for line, _ in set(found) ^ set(wanted)}, default=1)
        message = "the editor and markdown-it-py find different headings here"
        yield Finding("parser", "error", document.path, line, message, "report the file, and edit it by hand")


RULES: dict[str, Rule] = {
    "empty-file": check_empty,
    "encoding": check_encoding,
    "unterminated": check_unterminated,
    "conflict-marker": check_conflict,
    "title": check_title,
    "missing-section": check_missing,
    "renamed-section": check_renamed,
    "foreign-section": check_foreign,
    "duplicate-section": check_duplicate,
    "section-order": check_order,
    "legacy-section": check_legacy,
    "over-cap": check_cap,
    "parser": check_authority,
}
