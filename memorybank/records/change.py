"""Change a record in place: only the lines of the given values change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import MAX_CHARACTERS, FieldSpan, find_block, plan_value
from memorybank.document.scanner.line_rules import shielded
from memorybank.document.source import Source, digest_of, with_eol
from memorybank.document.text import check_text, dedented
from memorybank.errors import FieldError, FrontMatterError, NoFileError, NoRecordError
from memorybank.ids import chosen
from memorybank.records.fields import check_title
from memorybank.records.find import ARCHIVE, find_file
from memorybank.records.record import (
    WORDS,
    Record,
    fields_of,
    parse,
    record_of,
    skim_fields,
    split_title,
    titled,
    to_yaml,
)
from memorybank.store.journal.commit import FileChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder


class Target(NamedTuple):
    """A record as it is in its file now."""

    path: Path
    source: Source
    record: Record

    def changed(self, text: str) -> FileChange:
        """Return the change that replaces the file's text, if the file is still as it was read."""
        return FileChange(self.path, text=text, base=self.source.digest)


def target_of(
    bank: BankFolder,
    ident: str,
    *,
    kinds: Iterable[str] = (),
    archived: bool = False,
    every: bool = False,
    broken: bool = False,
) -> Target:
    """Return a record as it is in its file, ready to be changed: a memory, or of the given types, or of any type.

    With `broken`, a record with unreadable front matter is returned too, with only what its file name says.

    Raises:
        NoRecordError: no record or several match the id.
        FrontMatterError: it cannot be read; fix it by hand first.
    """
    path, name, kind = find_file(bank, ident, kinds=kinds, archived=archived, every=every)
    return target_in(bank, path, name, kind, broken=broken)


def target_in(bank: BankFolder, path: Path, name: str, kind: str, *, broken: bool = False) -> Target:
    """Return the record in a file, ready to be changed.

    Raises:
        NoRecordError: the file is gone.
        FrontMatterError: it cannot be read; fix it by hand first.
    """
    try:
        data = bank.read(path)
    except NoFileError:
        raise NoRecordError(ident=name, kind="record", hint="bank list") from None
    try:
        return Target(path, Source(data), parse(data, name, kind))
    except FrontMatterError:
        if not broken:
            raise
        return Target(path, Source(data), record_of({}, name, kind, "", ""))


def with_fields(source: Source, values: Mapping[str, Any], name: str = "") -> Source:
    """Return a text with front-matter fields set in place: all other bytes stay the same.

    Raises:
        FrontMatterError: the block cannot be changed safely.
        FieldError: the front matter would be longer than the limit.
    """
    for field, value in values.items():
        text = to_yaml(value)
        plain = _with_plain_field(source, field, text)
        source = plain or _spliced(source, plan_value(source, field, text, name, WORDS))
    if values and find_block(source.shadow) is None:
        why = f"the front matter would be longer than {MAX_CHARACTERS} characters"
        raise FieldError(field=next(iter(values)), why=why, hint="keep long text in the body")
    return source


def _spliced(source: Source, span: FieldSpan) -> Source:
    return Source(source.to_bytes(source.text[: span.start] + span.text + source.text[span.end :]))


def _with_plain_field(source: Source, field: str, value: str) -> Source | None:
    """Set a one-line value as `plan_value` does, without YAML, whose import takes longer than many commands.

    None if the block, the field or its value is not in the form that bank writes. The block is read again: this field
    has the value, and all others are as they were.
    """
    block = find_block(source.shadow)
    if block is None or "." in field:
        return None
    inner = source.shadow[block.inner_start : block.inner_end]
    before, given = skim_fields(inner), skim_fields(f"{field}: {value}")
    if before is None or given is None or any(isinstance(each.get(field), (list, dict)) for each in (before, given)):
        return None
    row = re.search(rf"^{re.escape(field)}: +(.+)$", inner, re.MULTILINE)
    if row is None:
        start = end = len(inner)
        value = f"{field}: {value}{source.eol_near(0)}"
    else:
        start, end = row.span(1)
    after = skim_fields(f"{inner[:start]}{value}{inner[end:]}".replace("\r\n", "\n"))
    if after is None or list(after.items()) != list((before | given).items()):
        return None
    return _spliced(source, FieldSpan(block.inner_start + start, block.inner_start + end, value))


def with_content(target: Target, content: str) -> Source:
    """Return a record's text with new content below its title."""
    source = target.source
    block = find_block(source.shadow)
    start = block.end if block else 0
    title, body = titled(fields_of(source), source.text[start:])
    head = source.text[: len(source.text) - len(body)] if title else source.text[:start]
    eol = source.eol_near(0)
    lines = with_eol(dedented(with_eol(check_text(content), "\n")).strip("\n"), eol)
    gap = eol if title else ""
    return Source(source.to_bytes(f"{head}{gap}{lines}{eol}"))


def with_title(target: Target, source: Source, title: str) -> Source:
    """Return a text with a new title, in the place of the old one: in the front matter, else the heading."""
    title = check_title(title)
    block = find_block(source.shadow)
    start = block.end if block else 0
    old, body = split_title(source.text[start:])
    if "title" in fields_of(source) or not title:
        return with_fields(source, {"title": title}, target.record.file)
    eol = source.eol_near(0)
    if old:
        heading = source.text[start : len(source.text) - len(body)]
        lead = heading[: len(heading) - len(heading.lstrip("\r\n"))]
        text = f"{source.text[:start]}{lead}# {shielded(title)}{eol}{body}"
    else:
        text = f"{source.text[:start]}# {shielded(title)}{eol}{eol}{body}"
    return Source(source.to_bytes(text))


def next_status(record: Record, kind: RecordType, status: str) -> str:
    """Return a status if the record may change to it.

    Raises:
        FieldError: the type does not have it, or it cannot follow; the error lists the statuses that can.
    """
    status = chosen(status, (name for name, _ in kind.statuses))
    if status == record.status:
        return status
    steps = kind.steps_from(record.status)
    if status == "superseded":
        why = "a record becomes superseded when another record replaces it"
        raise FieldError(field="status", why=why, hint=f"bank supersede {record.id} NEW")
    if status not in steps:
        known = ", ".join(steps) or "none"
        hint = f"bank update {record.id} --status {steps[0]}" if steps else f"bank recall {record.id}"
        raise FieldError(
            field="status", why=f"{status!r} cannot follow {record.status!r}; choose from {known}", hint=hint
        )
    return status


def archived_change(bank: BankFolder, target: Target) -> list[FileChange]:
    """Return the changes that move a record's file into the archive; the copy is written first.

    If the archive already has a file of that name, because the record was brought back once, it is replaced.
    """
    path = bank.folder / ARCHIVE / target.record.file
    try:
        base = digest_of(bank.read(path))
    except NoFileError:
        base = ""
    return [
        FileChange(path, text=target.source.text if base else target.source.whole, base=base),
        FileChange(target.path, base=target.source.digest, gone=True),
    ]
