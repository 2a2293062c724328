"""`migrate` for a bank: update every contract file to the current sections, in one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.contracts.migrate import migrate_document
from memorybank.contracts.preview import stamped
from memorybank.errors import BankError, NoFileError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.manage.lost_text import find_lost, lost_sections
from memorybank.store.view import open_document
from memorybank.times import minute_of

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# how often a plan is made again because another writer was faster


class MigrateResult(NamedTuple):
    """What a migration changed, line by line, and which files it left unchanged; no receipt if nothing was to do."""

    report: tuple[str, ...]
    receipt: Receipt | None
    unchanged: tuple[str, ...] = ()


def migrate(bank: BankFolder, way: Way) -> MigrateResult:
    """Update every contract file of a bank to the current sections, in one operation.

    What cannot be read with certainty stays byte for byte the same and is listed in `unchanged`. A file that cannot be
    migrated does not block the others. A bank of a layout that is used in place (Cline) has no contracts of ours.

    Raises:
        BankError: a file changed meanwhile, or cannot be written.
    """
    if not bank.layout.contracted:
        return MigrateResult((f"nothing to migrate: {bank.layout.name} files are used in place, as they are",), None)
    last: list[tuple[list[str], list[str]]] = []

    def make() -> list[FileChange]:
        report: list[str] = []
        kept: list[str] = []
        changes = [each for file in CONTRACT_FILES if (each := _change(bank, file, way, report, kept)) is not None]
        last[:] = [(report, kept)]
        return changes

    receipt = commit(bank, make, "migrate", way)
    report, kept = last[0]
    return MigrateResult(tuple(report), receipt if receipt.files else None, tuple(kept))


def _change(bank: BankFolder, file: str, way: Way, report: list[str], kept: list[str]) -> FileChange | None:
    contract = bank.contract_of(file)
    try:
        document = open_document(bank, file)
        if contract is None:
            return None
        lost = None if way.options.accept_shrunk else find_lost(bank, document.path, document.source.data)
        if lost is not None:
            kept.append(f"{file} is unchanged because its text is lost: {lost.why}; bank restore {file}")
        if lost is not None or not document.source.text.strip("\0 \t\r\n"):
            return None
        gone = {} if way.options.accept_shrunk else lost_sections(bank, document, contract)
        after, lines = migrate_document(document, contract, kept, gone)
        if not lines:
            return None
        after = stamped(after, contract, minute_of(way.author.now()), [])
    except NoFileError:
        return None
    except BankError as error:
        kept.append(f"{file} is unchanged: {error.message}")
        return None
    report += lines
    path, _ = bank.locate(file)
    return FileChange(path, text=after.source.text, base=document.source.digest)
