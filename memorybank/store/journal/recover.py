"""Recovery: operations that a crash interrupted are completed or reverted, according to the files' digests.

The files decide, not the journal: a file with the new bytes was published, one with the old bytes was not.
If no file was published, nothing happened. If some were, the others are published now from the lines in the journal.
An operation is reverted only if an unpublished file was edited since and the published ones were not.
"""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import Source, digest_of, lines_of
from memorybank.document.trail import replay, reverse
from memorybank.errors import BankError, LockedError, NoFileError, NoRecordError
from memorybank.files.write import FileMoved, delete, lock, make_dirs, publish, read, resolve, sweep
from memorybank.patterns import later
from memorybank.store.journal.log import changes_of, finish, read_operations
from memorybank.store.journal.unanswered import find_unanswered, keep_unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.document.receipt import FileReceipt
    from memorybank.document.sections import Document
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation

_PLACEHOLDER = later(r"(?:[-*+]|\d+[.)])[ \t]+\[[^\]\n]+\]\s*\Z")
_PARTS = (attrgetter("old"), attrgetter("new"))


def state_of(bank: BankFolder, operation: Operation) -> str:
    """Return how an operation that was begun ended: done, aborted, or torn if only some files were published.

    An operation that could not be settled stays torn until someone has brought its files to one side or the other.
    """
    if operation.state not in ("begun", "torn"):
        return operation.state
    published = {_is_published(bank, operation, number) for number in range(len(operation.receipt.files))}
    if len(published) == 1:
        return "done" if True in published else "aborted"
    return "torn"


class Recovery(NamedTuple):
    """An operation that a crash interrupted, now done, aborted, or torn if neither was possible."""

    operation: Operation
    state: str
    is_changed: bool


def recover(bank: BankFolder, operations: Sequence[Operation]) -> list[Recovery]:
    """Settle every operation that was begun and did not end. The bank's lock must be held."""
    settled = []
    for operation in operations:
        if operation.state != "begun":
            continue
        _sweep(bank, operation)
        state = state_of(bank, operation)
        is_changed = state == "torn"
        if is_changed:
            state = "done" if _completed(bank, operation) else "aborted" if _taken_back(bank, operation) else "torn"
        if state == "done":
            # before the journal says so: a second crash here comes to the same result
            keep_unanswered(bank, operation)
        finish(bank, operation.id, state)
        settled.append(Recovery(operation, state, is_changed))
    return settled


def settle_interrupted(bank: BankFolder) -> list[Recovery]:
    """Settle interrupted operations before a command reads what its plan is based on. Locks only if there are any.

    If another process holds the lock, the open operation is its own, or that process will settle it.
    """
    if all(operation.state != "begun" for operation in read_operations(bank, tail=True)):
        return []
    try:
        with lock(bank.state / "lock", timeout=0.0, holder="recovery"):
            return recover(bank, read_operations(bank, tail=True))
    except LockedError:
        return []


def done_before(bank: BankFolder, request: str) -> Operation | None:
    """Return what an interrupted command wrote if this is the same command typed again, and all of it is there."""
    return find_unanswered(bank, request, _is_there)


def _is_there(bank: BankFolder, operation: Operation) -> bool:
    return all(_is_published(bank, operation, number) for number in range(len(operation.receipt.files)))


def _sweep(bank: BankFolder, operation: Operation) -> None:
    """Delete temporary files that the crashed writer left next to the files; they may never be written again."""
    targets = []
    for receipt in operation.receipt.files:
        # a path that now leads outside is not ours to clean
        with suppress(BankError):
            targets.append(str(resolve(bank.place_of(receipt.file)[0], bank.roots)))
    sweep(*targets)


def _stands(bank: BankFolder, receipt: FileReceipt) -> str:
    digest = _digest(bank, receipt)
    if digest == receipt.after:
        return "after"
    return "before" if digest == receipt.before else "other"


def _digest(bank: BankFolder, receipt: FileReceipt) -> str:
    try:
        return digest_of(bank.read(bank.place_of(receipt.file)[0]))
    except NoFileError:
        return ""
    except BankError:
        return "unreadable"


def _completed(bank: BankFolder, operation: Operation) -> bool:
    """Publish the remaining files; return False if one was edited since or cannot be written."""
    waiting = [
        (number, each)
        for number, each in enumerate(operation.receipt.files)
        if not _is_published(bank, operation, number)
    ]
    if any(_stands(bank, each) != "before" for _, each in waiting):
        return False
    with suppress(FileMoved, BankError):
        return all(_publish(bank, operation, number, each) for number, each in waiting)
    return False


def _publish(bank: BankFolder, operation: Operation, number: int, receipt: FileReceipt) -> bool:
    path = resolve(bank.place_of(receipt.file)[0], bank.roots)
    changes = changes_of(bank, operation, number)
    if not receipt.before:
        new = "".join(change.new for change in changes).encode("utf-8", "surrogateescape")
        if digest_of(new) != receipt.after:
            return False
        make_dirs(path.parent)
        publish(path, base=None, new=new)
        return True
    data = read(path)
    if not receipt.after:
        delete(path, base=data)
        return True
    source = Source(data)
    text = replay(source.text, changes)
    new = source.to_bytes(text) if text is not None else b""
    if digest_of(new) != receipt.after:
        return False
    publish(path, base=data, new=new)
    return True


def _taken_back(bank: BankFolder, operation: Operation) -> bool:
    """Revert the published files; return False if one was edited since or cannot be written."""
    there = [
        (number, each) for number, each in enumerate(operation.receipt.files) if _is_published(bank, operation, number)
    ]
    if any(_stands(bank, each) != "after" for _, each in there):
        return False
    with suppress(FileMoved, BankError):
        for number, each in reversed(there):
            _put_back(bank, operation, number, each)
    return all(_stands(bank, each) == "before" for _, each in there)


def _is_published(bank: BankFolder, operation: Operation, number: int) -> bool:
    """Return whether a file was published; an edited one counts if it has most of the lines the operation wrote."""
    receipt = operation.receipt.files[number]
    stands = _stands(bank, receipt)
    if stands != "other":
        return stands == "after"
    if not receipt.before or not receipt.after:
        # a file that the operation creates exists then, one that it deletes does not
        return bool(receipt.after) == bool(_digest(bank, receipt))
    try:
        text = Source(bank.read(bank.place_of(receipt.file)[0])).text
        changes = changes_of(bank, operation, number)
    except BankError:
        return False
    there = set(lines_of(text))
    old, new = ({line for change in changes for line in lines_of(part(change)) if line.strip()} for part in _PARTS)
    # a placeholder that an item left can be in any section
    added, removed = {line for line in new - old if not _PLACEHOLDER.match(line)}, old - new
    if added:
        return 2 * len(added & there) > len(added)
    return not removed & there


def _put_back(bank: BankFolder, operation: Operation, number: int, receipt: FileReceipt) -> None:
    path = resolve(bank.place_of(receipt.file)[0], bank.roots)
    if not receipt.after:
        text = "".join(change.old for change in changes_of(bank, operation, number))
        publish(path, base=None, new=text.encode("utf-8", "surrogateescape"))
        return
    data = read(path)
    if not receipt.before:
        delete(path, base=data)
        return
    source = Source(data)
    text_before = reverse(source.text, changes_of(bank, operation, number))
    if text_before is not None:
        publish(path, base=data, new=source.to_bytes(text_before))


def texts_before(bank: BankFolder, document: Document) -> Iterator[str]:
    """Yield the text a file had before its last operation, before the one before it, and so on while it is known."""
    text, digest = document.source.text, document.source.digest
    for operation in reversed(read_operations(bank)):
        for number, receipt in enumerate(operation.receipt.files):
            if receipt.file != document.path or receipt.after != digest or not receipt.before:
                continue
            try:
                older = reverse(text, changes_of(bank, operation, number))
            except NoRecordError:
                return
            if older is None:
                return
            text, digest = older, receipt.before
            yield text
