"""Preview a plan under a contract: check each edit, put back missing sections, set the date of the last update.

Pure: takes a document and edits, returns the result. A file without a contract takes the same path, without rules.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import Address, address_of, find_named, resolve_section, several
from memorybank.document.conflicts import UnresolvedMergeError, check_merges, find_conflicts
from memorybank.document.editing.apply import apply, check_expect
from memorybank.document.edits import (
    Append,
    Edit,
    InsertSection,
    RemoveItem,
    RemoveSection,
    RenameSection,
    Replace,
    ReplaceItem,
    SetField,
    Tick,
)
from memorybank.document.items import body_end, plain_key, split_marker
from memorybank.document.order import ListOrder, order_of
from memorybank.document.sections import key_of, name_of, splice
from memorybank.document.source import Span, lines_of, without_eol
from memorybank.document.trail import STAMP
from memorybank.errors import (
    ConflictError,
    ContractError,
    DuplicateAnchorError,
    NoAnchorError,
    NotFoundError,
    UnterminatedError,
)
from memorybank.patterns import later
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.contracts.contract import Contract, SectionSpec
    from memorybank.document.editing.verify import AppliedEdit
    from memorybank.document.sections import Document, Section

# a date, optionally with a time and a zone, and nothing else: other words in its place were written by a user
_DATE = later(
    r"\\?\[timestamp\\?\]|[*_\[(`]*\d{4}-\d\d-\d\d(?:[T ,]+\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)?"
    r" ?(?:Z|UTC|GMT|CES?T|[+-]\d\d:?\d\d)?[*_\])`.]*",
    re.IGNORECASE,
)


class Preview(NamedTuple):
    """The result of a plan for one file; `healed` names the sections put back, `addresses` the places edited."""

    before: Document
    after: Document
    addresses: tuple[Address, ...]
    healed: tuple[str, ...]


def preview(
    document: Document,
    edits: Iterable[Edit],
    *,
    contract: Contract | None = None,
    stamp: str = "",
    force: bool = False,
    habit: ListOrder | None = None,
) -> Preview:
    """Apply edits in order, each under the contract's rules; then set the date of the last update.

    `habit` is the order of lists that is known from elsewhere, for example from earlier writes.

    Raises:
        ContractError: the contract does not allow an edit.
        BankError: any other error of `apply`.
    """
    try:
        return _previewed(document, edits, contract, stamp, habit or ListOrder(), force=force)
    except DuplicateAnchorError as error:
        lines = error.details.get("lines")
        merges = [
            conflict
            for conflict in find_conflicts(document)
            if isinstance(lines, list) and any(conflict.first < line < conflict.last for line in lines)
        ]
        if not merges:
            raise
        # the section is on both sides of a merge: the user must resolve the merge, not rename a section
        raise UnresolvedMergeError(path=document.path, conflicts=merges) from error


def _previewed(
    document: Document,
    edits: Iterable[Edit],
    contract: Contract | None,
    stamp: str,
    habit: ListOrder,
    *,
    force: bool,
) -> Preview:
    before = document
    merging = bool(find_conflicts(document))
    addresses: list[Address] = []
    healed: list[str] = []
    if contract is not None and not document.source.text.strip():
        # if the caller accepts that the file is empty, it starts like a new one
        document = splice(document, 0, len(document.source.text), contract.body)
        healed.append(contract.title)
    for edit in edits:
        aliases: tuple[str, ...] = ()
        spec = None
        if contract is not None:
            spec = _spec_of(document, contract, edit)
            if isinstance(edit, InsertSection | RenameSection):
                result, address = _of_contract(document, contract, edit, healed)
                check_merges(document, result)
                document = result
                addresses.append(address)
                continue
            _check_edit(document, spec, edit, force=force)
            if spec is not None:
                result, aliases = _present(document, contract, spec, edit, healed)
                check_merges(document, result)
                document = result
            if spec is not None and isinstance(edit, Append):
                edit = edit._replace(placeholders=spec.placeholders)  # noqa: PLW2901  the edit as its section asks
            if spec is not None and isinstance(edit, RemoveItem):
                edit = edit._replace(placeholder=spec.placeholders[0])  # noqa: PLW2901  the edit as its section asks
        if isinstance(edit, Append) and edit.in_order:
            edit = _at_newest_end(document, edit, aliases, spec, habit)  # noqa: PLW2901  the edit as the list asks
        done = _applied(document, edit, aliases) if merging else apply(document, edit, aliases=aliases)
        document = done.document
        addresses.append(done.address)
    if contract is not None and stamp and document.source.text != before.source.text:
        put_back: list[str] = []
        dated = stamped(document, contract, stamp, put_back)
        # a date that both sides of a merge have set is left to the person who resolves the merge
        if not merging or not _is_torn(document, dated):
            document = dated
            healed += put_back
    return Preview(before, document, tuple(addresses), tuple(healed))


def _applied(document: Document, edit: Edit, aliases: tuple[str, ...]) -> AppliedEdit:
    """Apply an edit to a document with an unresolved merge: outside it, or to the whole section that contains it."""
    whole: list[tuple[int, int]] = []
    if isinstance(edit, Replace | RemoveSection):
        section = resolve_section(document, edit.section, aliases=aliases)
        whole = [section.span if isinstance(edit, RemoveSection) else (section.body, body_end(document, section))]
    done = apply(document, edit, aliases=aliases)
    check_merges(document, done.document, whole=whole)
    return done


def _is_torn(before: Document, after: Document) -> bool:
    try:
        check_merges(before, after)
    except UnresolvedMergeError:
        return True
    return False


def _at_newest_end(
    document: Document, edit: Append, aliases: tuple[str, ...], spec: SectionSpec | None, habit: ListOrder
) -> Append:
    """Return the edit with its line sent to the end of the list that has the newest lines."""
    section = resolve_section(document, edit.section, aliases=aliases)
    order = order_of(document, section, declared=spec.order if spec else "", habit=habit)
    return edit._replace(at_top=order.newest_first)


def _section_name(edit: Edit) -> str:
    if isinstance(edit, SetField):
        return ""
    return edit.anchor if isinstance(edit, InsertSection) else edit.section


def _spec_of(document: Document, contract: Contract, edit: Edit) -> SectionSpec | None:
    name = _section_name(edit)
    spec = contract.spec_of(name) if name else None
    if name and spec is None:
        # named by its path or its number it is the same section, with the same rules
        found = [each for each in find_named(document, name) if each.level == 2]  # noqa: PLR2004  a contract's own
        spec = contract.spec_of(found[0].name) if len(found) == 1 else None
    return spec


def _of_contract(
    document: Document, contract: Contract, edit: InsertSection | RenameSection, healed: list[str]
) -> tuple[Document, Address]:
    """Add a missing section or rename one back to its name: the only headings that may be added or changed."""
    spec = next((each for each in contract.sections if key_of(each.name) == key_of(name_of(edit.name))), None)
    names = (spec.name, *spec.other_names) if spec else ()
    there = find_named(document, *names)
    if isinstance(edit, InsertSection):
        if spec is None or there:
            raise _fixed(document, contract, _section_name(edit))
        check_expect(document, resolve_section(document, edit.anchor), edit.expect)
        # the contract decides its place; a caller who names the section has seen the similar headings
        document = heal(document, contract, spec, healed, edit.text.strip("\r\n"), anyway=True)
        return document, Address(document.path, spec.name)
    section = resolve_section(document, edit.section)
    old = contract.spec_of(section.name)
    if (spec is None and old is not None) or (spec is not None and any(each != section for each in there)):
        raise _fixed(document, contract, edit.section)
    done = apply(
        document, edit._replace(section=address_of(document, section).section, name=spec.heading if spec else edit.name)
    )
    return done.document, done.address


def _is_empty_twin(document: Document, spec: SectionSpec, name: str) -> bool:
    """Whether a section is empty and the contract's own section of that name exists as well."""
    section = resolve_section(document, name, aliases=(spec.name, *spec.other_names))
    own = find_named(document, spec.name)
    known = {plain_key(placeholder) for placeholder in spec.placeholders}
    lines = [line.strip() for line in lines_of(document.text_of(section))]
    return any(each != section for each in own) and all(
        not line or plain_key(split_marker(line)[2]) in known for line in lines
    )


def _fixed(document: Document, contract: Contract, name: str) -> ContractError:
    return ContractError(
        address=f"{document.path}#{name}",
        why=f"the sections of {contract.file} are fixed; write under one of them",
        hint=f"bank outline {quoted(document.path)}",
    )


def _check_edit(document: Document, spec: SectionSpec | None, edit: Edit, *, force: bool) -> None:
    address = f"{document.path}#{_section_name(edit)}"
    if spec is None:
        return
    if isinstance(edit, RemoveSection):
        if _is_empty_twin(document, spec, edit.section):
            return
        raise ContractError(
            address=address,
            why=f"{document.path} must have the section {spec.name}; you can only remove its items",
            hint=f"bank item list {quoted(address)}",
        )
    if spec.kind == "stamp" and isinstance(edit, Append | Tick | ReplaceItem | RemoveItem):
        raise ContractError(address=address, why="every edit of the file sets it", hint="edit another section")
    if isinstance(edit, Replace) and spec.kind == "append" and not (force and edit.expect):
        raise ContractError(
            address=address,
            why=f"{spec.name} only grows",
            hint=f"add to it with --append; to replace it, get its digest with: bank show {quoted(address)}, "
            "then add --force-replace --expect DIGEST",
        )


def _present(
    document: Document, contract: Contract, spec: SectionSpec, edit: Edit, healed: list[str]
) -> tuple[Document, tuple[str, ...]]:
    """Make sure that an edit's section exists under some name; put it back only for an edit that adds text."""
    names = (_section_name(edit), spec.name, *spec.other_names)
    if find_named(document, *names):
        return document, names[1:]
    if not isinstance(edit, Append | Replace):
        return document, names[1:]
    return heal(document, contract, spec, healed), names[1:]


def heal(
    document: Document,
    contract: Contract,
    spec: SectionSpec,
    healed: list[str],
    text: str = "",
    *,
    anyway: bool = False,
) -> Document:
    """Put a missing section back just above the fallback section; without a fallback, at the end.

    Raises:
        NoAnchorError: the file has a heading that may be this section, renamed; `anyway` adds the section regardless.
        UnterminatedError: a fence, comment or HTML block is never closed.
    """
    opened = document.unterminated
    if opened is not None:
        line = document.source.line_of(opened.start)
        raise UnterminatedError(path=document.path, line=line, kind=opened.kind)
    if not anyway:
        from memorybank.contracts.similar_headings import refuse_near

        refuse_near(document, contract, spec)
    fallback = find_named(document, contract.fallback)
    if len(fallback) > 1:
        raise several(document, contract.fallback, fallback)
    # start with the template's placeholder; the edit that needs the section replaces it
    body = text or (spec.placeholders[-1] if spec.kind in {"value", "stamp"} else f"- {spec.placeholders[0]}")
    last = document.sections[-1]
    if spec.name == contract.fallback or not fallback:
        if last.number == 0:
            raise NoAnchorError(
                file=document.path, section=spec.name, command=f"bank check --fix {quoted(document.path)}"
            )
        # text after the last heading belongs to its section, so the new section goes to the very end
        anchor = next(section for section in reversed(document.sections) if section.end == len(document.source.text))
        edit = InsertSection(address_of(document, anchor).section, spec.heading, body)
    else:
        edit = InsertSection(address_of(document, fallback[0]).section, spec.heading, body, before=True)
    done = apply(document, edit)
    healed.append(spec.name)
    return done.document


def stamped(document: Document, contract: Contract, stamp: str, healed: list[str]) -> Document:
    """Return the document with the date of its last update set; its section is put back if it is missing.

    The change gets the role `STAMP`, whatever its text is.
    """
    after = _stamped(document, contract, stamp, healed)
    count = len(document.trail)
    after.trail = (*after.trail[:count], *(each._replace(role=STAMP) for each in after.trail[count:]))
    return after


def _stamped(document: Document, contract: Contract, stamp: str, healed: list[str]) -> Document:
    spec = next((each for each in contract.sections if each.kind == "stamp"), None)
    if spec is None:
        return document
    try:
        section = resolve_section(document, spec.name, aliases=spec.other_names)
    except NoAnchorError:
        # after a fence that is never closed nothing is found or added; the edit itself is before the fence
        if document.unterminated:
            return document
        with suppress(NoAnchorError):  # it was renamed, or the file has no headings: `bank check` reports it
            return heal(document, contract, spec, healed, stamp)
        return document
    except DuplicateAnchorError:
        # there are two: set neither, `bank check` reports both; the edit itself is not affected
        return document
    line = _date_line(document, section)
    if line is not None:
        return splice(document, *line, stamp)
    return apply(document, Append(spec.name, stamp, at_top=True), aliases=spec.other_names).document


def date_line(document: Document, contract: Contract) -> Span | None:
    """Return the span of the date of the last update, without its line ending; None if there is no date."""
    spec = next((each for each in contract.sections if each.kind == "stamp"), None)
    if spec is None:
        return None
    try:
        section = resolve_section(document, spec.name, aliases=spec.other_names)
    except (NotFoundError, ConflictError):
        return None
    return _date_line(document, section)


def _date_line(document: Document, section: Section) -> Span | None:
    at = section.body
    for line in lines_of(document.source.text[section.body : section.own_end]):
        text = without_eol(line)
        if text.strip(" \t"):
            return Span(at, at + len(text)) if _DATE.fullmatch(text.strip()) else None
        at += len(line)
    return None
