"""Restore a file's text as an operation left it, and show what an operation changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import Source, diff_of, digest_of
from memorybank.errors import NoRecordError
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.log import Operation, changes_of, find_operation, read_operations
from memorybank.store.journal.timeline import Timeline
from memorybank.store.journal.undo import bytes_now, done_operations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class FileDiffWire(TypedDict):
        """What was changed in a file."""

        file: str
        diff: str

    class OperationDiffWire(TypedDict):
        """The JSON form of an operation diff."""

        operation: str
        verb: str
        at: str
        files: list[FileDiffWire]
        count: int


class NotKeptError(NoRecordError):
    """No text of the file is kept that could be restored."""

    def __init__(self, *, file: str, operation: str, is_known: bool) -> None:
        by = f" as {operation} left it" if operation else ""
        why = f"the text of {file}{by} is no longer kept" if is_known else f"no operation wrote {file}"
        hint = f"bank history {quoted(file)}" if is_known else "bank history"
        super(NoRecordError, self).__init__(why, hint=hint, where=file, near=[])


class RestoreResult(NamedTuple):
    """The operation whose text was restored, and the receipt."""

    restored: str
    receipt: Receipt


class OperationDiff(NamedTuple):
    """What an operation changed: each file's name and diff, "" if it is no longer kept."""

    operation: str
    verb: str
    at: str
    files: tuple[tuple[str, str], ...]

    def to_wire(self) -> OperationDiffWire:
        """Return the JSON form."""
        files: list[FileDiffWire] = [{"file": file, "diff": diff} for file, diff in self.files]
        return {"operation": self.operation, "verb": self.verb, "at": self.at, "files": files, "count": len(files)}


def restore(bank: BankFolder, file: str, way: Way, *, at: str = "") -> RestoreResult:
    """Write a file's text as an operation left it: the operation `at`, else the last one whose text is kept.

    Works for a file that another program emptied, cut short or deleted. The current text is kept, so an undo brings it
    back.

    Raises:
        NotKeptError: no operation wrote the file, or its text is no longer kept.
    """
    path, name = bank.locate(file)
    last: list[str] = []

    def make() -> list[FileChange]:
        operations = done_operations(bank)
        data = bytes_now(bank, path)
        found, new = _text_at(Timeline(bank, name, operations, data), operations, at)
        last[:] = [found]
        if new == data:
            return []
        base = "" if data is None else digest_of(data)
        return [FileChange(path, text=Source(new).whole, base=base, whole=True)]

    receipt = commit(bank, make, f"restore {name}", way)
    return RestoreResult(last[0], receipt)


def _text_at(line: Timeline, operations: Sequence[Operation], at: str) -> tuple[str, bytes]:
    """Return the operation and the bytes it left."""
    wanted = find_operation([*operations], at).id if at else ""
    found = line.last_kept(wanted)
    if found is not None:
        return found[0].id, found[1]
    raise NotKeptError(file=line.name, operation=wanted, is_known=bool(line.links))


def changed_by(bank: BankFolder, ident: str = "") -> OperationDiff:
    """Return what an operation changed; the last operation if none is named.

    Raises:
        NoRecordError: there is no such operation.
    """
    operations = [each for each in read_operations(bank) if each.state != "aborted"]
    if not operations and not ident:
        raise NoRecordError(ident="the last one", kind="operation", hint="bank history")
    operation = find_operation(operations, ident) if ident else operations[-1]
    receipt = operation.receipt
    files = tuple((each.file, _difference(bank, operations, operation, i)) for i, each in enumerate(receipt.files))
    return OperationDiff(receipt.operation, receipt.verb, receipt.at, files)


def _difference(bank: BankFolder, operations: Sequence[Operation], operation: Operation, number: int) -> str:
    receipt = operation.receipt.files[number]
    line = Timeline(bank, receipt.file, operations, bytes_now(bank, bank.place_of(receipt.file)[0]))
    old, new = (line.text_of(each) if each else "" for each in (receipt.before, receipt.after))
    if old is not None and new is not None:
        return diff_of(old, new, receipt.file)
    try:
        return "".join(diff_of(change.old, change.new, receipt.file) for change in changes_of(bank, operation, number))
    except NoRecordError:
        return ""
