"""Memories: save, change and remove records, each in one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import StaleEditError
from memorybank.files.write import read
from memorybank.records.change import (
    Target,
    archived_change,
    next_status,
    target_of,
    with_content,
    with_fields,
    with_title,
)
from memorybank.records.draft import NewRecord, draft
from memorybank.records.fields import change_tags, check_fields, check_line, check_metadata
from memorybank.records.record import Record, parse
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import FileChange, commit, retried
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.records.record import Link
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


class SavedRecord(NamedTuple):
    """A record as saved, the receipt, and advice for the writer on possible improvements."""

    record: Record
    receipt: Receipt
    advice: tuple[str, ...] = ()


def save(bank: BankFolder, new: NewRecord, way: Way) -> SavedRecord:
    """Save a memory.

    If it supersedes a record, that record is changed in the same operation as `relate.supersede` would.

    Raises:
        BankError: `draft` or the write refuses it; then nothing is written.
    """
    from memorybank.records.memories.advice import advice_on, same_texts
    from memorybank.records.memories.tags import advice_for

    made = draft(bank, new._replace(links=links_of(bank, new.links)), way)
    receipt = commit(bank, lambda: [made.change, *follow_ups(bank, made.record, way)], "save", way)
    advice = (*advice_for(bank, made.record.id, made.record.tags), *advice_on(made.record, new.content))
    return SavedRecord(made.record, receipt, (*advice, *same_texts(bank, made.record)))


def links_of(bank: BankFolder, links: Iterable[Link]) -> list[Link]:
    """Return the links of a new record in stored form.

    Raises:
        BankError: it would supersede a record that does not exist, or several records.
    """
    found = list(links)
    if any("supersede" in each.rel for each in found):
        from memorybank.records.memories.relations import successor_links

        return successor_links(bank, found)
    return found


def follow_ups(bank: BankFolder, made: Record, way: Way) -> list[FileChange]:
    """Return the further changes a new record causes: the superseded record, and the lines that cite it.

    Raises:
        SupersededError: that record already has another successor.
    """
    if not made.linked("supersedes"):
        return []
    from memorybank.records.memories.relations import succession_changes

    return succession_changes(bank, made, way)


def update(  # noqa: PLR0913  each is a field of a record
    bank: BankFolder,
    ident: str,
    way: Way,
    *,
    content: str | None = None,
    title: str | None = None,
    summary: str | None = None,
    tags: Sequence[str] | None = None,
    status: str = "",
    project: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    expect: str = "",
) -> SavedRecord:
    """Change a record: only the lines of the given values change, and `updated`.

    `tags` may be `+x` and `-y`. `expect` is the file's digest as the caller read it.

    Raises:
        StaleEditError: the record does not match `expect`.
        FieldError: a value is not valid, or the status cannot follow the current one.
        FrontMatterError: the front matter cannot be changed safely.
    """

    def make() -> tuple[Target, list[FileChange]]:
        target = target_of(bank, ident)
        record = target.record
        if expect and target.source.digest != expect:
            raise StaleEditError(
                address=record.file, expected=expect, digest=target.source.digest, hint=f"bank recall {record.id}"
            )
        source = target.source if title is None else with_title(target, target.source, title)
        if content is not None:
            # goes below the title it has now: a heading at the start of the content is not a title
            source = with_content(target._replace(source=source), content)
        kind = load_type(bank, record.type)
        values: dict[str, Any] = {}
        if summary is not None:
            values["summary"] = check_line("summary", summary)
        if tags is not None:
            values["tags"] = list(change_tags(record.tags, tags))
        if project is not None:
            values["project"] = check_line("project", project)
        if status:
            values["status"] = next_status(record, kind, status)
        for name, value in check_metadata(metadata or {}).items():
            values[f"metadata.{name}"] = value
        values.update(check_fields(kind, fields or {}, complete=False))
        changed = with_fields(source, values, record.file)
        if changed.data != target.source.data:
            changed = with_fields(changed, {"updated": stamp_of(way.author.now())}, record.file)
        return target, [target.changed(changed.text)]

    target, receipt = retried(make, bank, "update", way)
    before = target.record
    if way.options.dry_run:
        return SavedRecord(before, receipt)
    from memorybank.records.memories.tags import advice_for

    record = _now(target)
    added = [tag for tag in record.tags if tag not in before.tags]
    return SavedRecord(record, receipt, advice_for(bank, record.id, added))


def _now(target: Target) -> Record:
    return parse(read(target.path), target.record.file, target.record.type)


def delete(bank: BankFolder, ident: str, way: Way, *, hard: bool = False) -> SavedRecord:
    """Move a record to the archive, or with `hard` delete its file; an undo restores it either way.

    Raises:
        NoRecordError: no record or several match the id.
    """

    def make() -> tuple[Record, list[FileChange]]:
        target = target_of(bank, ident)
        if hard:
            return target.record, [FileChange(target.path, base=target.source.digest, gone=True)]
        return target.record, archived_change(bank, target)

    record, receipt = retried(make, bank, "delete", way)
    return SavedRecord(record, receipt)


def recall(bank: BankFolder, ident: str, *, archived: bool = False) -> Record:
    """Return the whole record with an id or unique prefix: a memory, or a record of any other type.

    Raises:
        NoRecordError: no record or several match.
        FrontMatterError: it cannot be read; the error has the line and the reason.
    """
    return target_of(bank, ident, archived=archived, every=True).record
