"""Set one field of a file's front matter; a change that makes a record of a known type invalid is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.edits import SetField
from memorybank.document.frontmatter import plan_field
from memorybank.document.source import Source
from memorybank.errors import FieldError, FrontMatterError
from memorybank.records.record import parse
from memorybank.records.templates import load_types
from memorybank.records.validate import faults_of
from memorybank.store.journal.commit import FileChange, commit

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def set_field(bank: BankFolder, file: str, field: str, value: str, way: Way, *, expect: str = "") -> Receipt:
    """Set one field of a Markdown file; only the characters of its value change.

    Raises:
        FieldError: the type of the record does not allow this value.
        FrontMatterError: the block cannot be read or changed safely.
        StaleEditError: the file does not match `expect`.
    """

    def make() -> list[FileChange]:
        path, name = bank.existing(file)
        _check(bank, path, name, field, value)
        return [FileChange(path, (SetField(field, value, expect),))]

    return commit(bank, make, "set", way)


def _check(bank: BankFolder, path: Path, name: str, field: str, value: str) -> None:
    before = Source(bank.read(path))
    span = plan_field(before, field, value, name)
    after = f"{before.text[: span.start]}{span.text}{before.text[span.end :]}"
    try:
        old, new = parse(before.data, name), parse(after.encode("utf-8", "surrogateescape"), name)
    except FrontMatterError:
        # the fault was there before, or the edit itself reports it
        return
    kind = load_types(bank).get(new.type)
    known = {(each.field, each.why) for each in faults_of(old, kind)}
    for fault in faults_of(new, kind) if kind is not None else ():
        if fault.is_error and fault.field == field and (fault.field, fault.why) not in known:
            raise FieldError(field=field, why=fault.why, hint=f"bank types show {new.type}")
