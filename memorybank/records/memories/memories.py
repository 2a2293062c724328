"""Memories: saving, changing and removing records, each as one operation through the one door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import StaleEditError
from memorybank.files.write import read
from memorybank.records.change import (
    Target,
    archived_change,
    next_status,
    retried,
    target_of,
    with_content,
    with_fields,
    with_title,
)
from memorybank.records.draft import draft
from memorybank.records.fields import change_tags, check_fields, check_line, check_metadata
from memorybank.records.memories.tags import advice_for
from memorybank.records.record import Record, parse
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import FileChange
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.records.record import Link
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

DEFAULT_TYPE = "fact"


class SavedRecord(NamedTuple):
    """A record as it was saved, the receipt of the operation, and what could be better, for the writer to decide."""

    record: Record
    receipt: Receipt
    advice: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, object]:
        """Give the record's fields with the receipt beside them."""
        return {"record": self.record.to_wire(), "receipt": self.receipt.to_wire(), "advice": list(self.advice)}


def save(bank: BankFolder, content: str, way: Way, *, kind: str = DEFAULT_TYPE, **given: Any) -> SavedRecord:
    """Save a memory of a type; the other arguments are those of `draft`.

    One that supersedes another does to that one, in the same operation, what `relate.supersede` does.

    Raises:
        BankError: whatever `draft` or the write refuses; nothing is written then.
    """
    given["links"] = links_of(bank, given.get("links", ()))
    made = draft(bank, kind, content, way, **given)
    receipt = retried(lambda: [made.change, *follow_ups(bank, made.record, way)], bank, "save", way)
    return SavedRecord(made.record, receipt, advice_for(bank, made.record.id, made.record.tags))


def links_of(bank: BankFolder, links: Iterable[Link]) -> list[Link]:
    """Give the links of a record that is being made as they are kept.

    Raises:
        BankError: it would supersede what is not there, or several records.
    """
    found = list(links)
    if any("supersede" in each.rel for each in found):
        from memorybank.records.memories.relations import successor_links

        return successor_links(bank, found)
    return found


def follow_ups(bank: BankFolder, made: Record, way: Way) -> list[FileChange]:
    """Give what else a new record changes: the one that it supersedes, and the lines that cite that.

    Raises:
        SupersededError: that one has another successor already.
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
    """Change a record: only the lines of what is given change, and `updated`.

    `tags` may be `+x` and `-y`. `expect` is the file's digest as the caller saw it.

    Raises:
        StaleEditError: the record is not as `expect` says.
        FieldError: a value cannot be, or the status cannot follow the one it has.
        FrontMatterError: the front matter cannot be changed safely.
    """
    last: list[Target] = []

    def make() -> list[FileChange]:
        target = target_of(bank, ident)
        last[:] = [target]
        record = target.record
        if expect and target.source.digest != expect:
            raise StaleEditError(
                address=record.file, expected=expect, digest=target.source.digest, hint=f"bank recall {record.id}"
            )
        source = target.source if title is None else with_title(target, target.source, title)
        if content is not None:
            # below the title that it has now: a heading that the content begins with is none
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
        return [target.changed(changed.text)]

    receipt = retried(make, bank, "update", way)
    before = last[0].record
    if way.options.dry_run:
        return SavedRecord(before, receipt)
    record = _now(last[0])
    added = [each for each in record.tags if each not in before.tags]
    return SavedRecord(record, receipt, advice_for(bank, record.id, added))


def _now(target: Target) -> Record:
    return parse(read(target.path), target.record.file, target.record.type)


def delete(bank: BankFolder, ident: str, way: Way, *, hard: bool = False) -> SavedRecord:
    """Move a record to the archive, or with `hard` remove its file; an undo brings it back either way.

    Raises:
        NoRecordError: no single record answers to the id.
    """
    found: list[Record] = []

    def make() -> list[FileChange]:
        target = target_of(bank, ident)
        found[:] = [target.record]
        if hard:
            return [FileChange(target.path, base=target.source.digest, gone=True)]
        return archived_change(bank, target)

    receipt = retried(make, bank, "delete", way)
    return SavedRecord(found[0], receipt)


def recall(bank: BankFolder, ident: str, *, archived: bool = False) -> Record:
    """Give the whole record that an id or a unique prefix stands for: a memory, or one of any other type.

    Raises:
        NoRecordError: none or several answer to it.
        FrontMatterError: it cannot be read; the line and the reason are told.
    """
    return target_of(bank, ident, archived=archived, every=True).record
