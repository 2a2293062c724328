"""`migrate` on a bank: every contract file brought to today's sections, as one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.contracts.migrate import migrate_document
from memorybank.contracts.rules import stamped
from memorybank.errors import NoFileError
from memorybank.store.commit import FileChange, Way, commit
from memorybank.store.look import open_document

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank


class Migrated(NamedTuple):
    """What a migration did, line by line; no receipt when there was nothing to do."""

    report: tuple[str, ...]
    receipt: Receipt | None


def migrate(bank: Bank, way: Way) -> Migrated:
    """Bring every contract file of a bank to today's sections, or change none of them.

    A bank whose layout is read in place (Cline) has no contract of ours, and nothing to migrate.

    Raises:
        BankError: a file changed meanwhile, or cannot be read or written.
    """
    report: list[str] = []
    changes: list[FileChange] = []
    if not bank.layout.contracted:
        return Migrated((f"{bank.layout.name} files are read and edited where they stand, as they are",), None)
    for file in CONTRACT_FILES:
        contract = bank.contract_of(file)
        try:
            document = open_document(bank, file)
        except NoFileError:
            continue
        if contract is None or not document.source.text.strip():
            continue
        after, lines = migrate_document(document, contract)
        if lines:
            after = stamped(after, contract, f"{way.now():%Y-%m-%d %H:%M} UTC", [])
            report += lines
            path, name = bank.locate(file)
            changes.append(FileChange(path, name, text=after.source.text, base=document.source.digest))
    receipt = commit(bank, changes, "migrate", way) if changes else None
    return Migrated(tuple(report), receipt)
