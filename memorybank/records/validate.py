"""Validate a record against its type: for `check`, and for a text that was edited by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.names import is_same_name
from memorybank.errors import FieldError
from memorybank.records.fields import check_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.record import Record
    from memorybank.records.types import RecordType


class Fault(NamedTuple):
    """One fault: the rule, the field, the reason in words, and whether it is an error."""

    rule: str
    field: str
    why: str
    is_error: bool = True


def faults_of(record: Record, kind: RecordType | None, sections: Sequence[str] | None = None) -> list[Fault]:
    """Return the faults of a record; `sections` are the names of its headings, if they were read.

    `kind` is None if the type does not exist.
    """
    if kind is None:
        return [Fault("record-type", "type", f"unknown type {record.type!r}")]
    found = []
    statuses = [name for name, _ in kind.statuses]
    if statuses and record.status and record.status not in statuses:
        found.append(
            Fault("record-status", "status", f"invalid status {record.status!r}: choose from {', '.join(statuses)}")
        )
    stem = record.file.rpartition("/")[2].removesuffix(".md")
    if "{id}" in kind.file and stem != record.id and not stem.startswith(f"{record.id}-"):
        found.append(Fault("record-id", "id", f"the file name does not start with the id {record.id!r}"))
    found += _field_faults(record, kind)
    if sections is not None:
        known = [section for section in kind.sections if any(is_same_name(section.name, name) for name in sections)]
        missing = [section.name for section in kind.sections if section.required and section not in known]
        # a free-form record has none of the type's sections and needs none
        if missing and known:
            why = f"the section '## {missing[0]}' required by type {kind.name} is missing"
            found.append(Fault("record-section", "", why, is_error=False))
    return found


def _field_faults(record: Record, kind: RecordType) -> list[Fault]:
    found = []
    for spec in kind.fields:
        value = record.fields.get(spec.name)
        if value in (None, "", []):
            if spec.required:
                found.append(
                    Fault("record-field", spec.name, f"the field {spec.name!r} required by type {kind.name} is missing")
                )
            continue
        try:
            check_fields(kind, {spec.name: value}, complete=False)
        except FieldError as error:
            found.append(Fault("record-field", spec.name, error.message))
    return found
