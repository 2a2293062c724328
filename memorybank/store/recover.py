"""Recovery: what a crash left begun is told apart by the files' digests, and finished or taken back.

The files decide, not the journal: a file that holds the new bytes was published, one that holds the old was not.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from memorybank.document.sections import Change
from memorybank.document.source import Source, digest_of, lines_of
from memorybank.document.write import Moved, delete, publish, read, resolve, sweep
from memorybank.errors import BankError, NoFileError, NoRecordError
from memorybank.store.journal import changes_of, finish, read_operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.document.receipt import FileReceipt
    from memorybank.document.sections import Document
    from memorybank.store.bank import Bank
    from memorybank.store.journal import Operation

# beyond this many lines a difference is one block: comparing line by line is quadratic
COMPARED_LINES = 2000


def reverse(text: str, changes: Sequence[Change]) -> str | None:
    """Take changes back from a text, last one first; None when the text is not what they made."""
    for change in reversed(changes):
        end = change.start + len(change.new)
        if text[change.start : end] != change.new:
            return None
        text = text[: change.start] + change.old + text[end:]
    return text


def changes_between(before: str, after: str) -> tuple[Change, ...]:
    """Give the changes in whole lines that lead from one text to another, in order, as `reverse` takes them back."""
    if not before or not after:
        return (Change(0, before, after),)
    from difflib import SequenceMatcher

    old, new = lines_of(before), lines_of(after)
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    rows: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old_middle), 0, len(new_middle))]
    if max(len(old_middle), len(new_middle)) <= COMPARED_LINES:
        rows = SequenceMatcher(None, old_middle, new_middle, autojunk=False).get_opcodes()
    changes = []
    at, done = len("".join(new[:head])), 0
    for tag, i, j, k, n in rows:
        at += len("".join(new_middle[done:k]))
        done = k
        if tag != "equal":
            last = next((m for m in reversed(range(head + k)) if new[m].strip()), 0)
            above = "".join(new[last : head + k])
            changes.append(Change(at, "".join(old_middle[i:j]), "".join(new_middle[k:n]), above))
    return tuple(changes)


def state_of(bank: Bank, operation: Operation) -> str:
    """Tell how an operation that was begun ended: done, aborted, or torn when only some files were published."""
    if operation.state != "begun":
        return operation.state
    states = {_stands(bank, each) for each in operation.receipt.files}
    if states == {"after"}:
        return "done"
    return "aborted" if states == {"before"} else "torn"


def recover(bank: Bank, operations: Sequence[Operation]) -> None:
    """Settle every operation that was begun and not ended. The bank's lock must be held."""
    for operation in operations:
        if operation.state != "begun":
            continue
        _sweep(bank, operation)
        state = state_of(bank, operation)
        if state == "torn":
            _take_back(bank, operation)
            # a file edited since cannot be taken back: what it holds is kept, nothing is lost
            state = "aborted"
        finish(bank, operation.id, state)


def _sweep(bank: Bank, operation: Operation) -> None:
    """Delete what its dead writer left beside the files, which may never be written again."""
    for receipt in operation.receipt.files:
        # a place that leads out now is not ours to clean
        with suppress(BankError):
            sweep(str(resolve(bank.place_of(receipt.file)[0], bank.roots)))


def _stands(bank: Bank, receipt: FileReceipt) -> str:
    digest = _digest(bank, receipt)
    if digest == receipt.after:
        return "after"
    return "before" if digest == receipt.before else "other"


def _digest(bank: Bank, receipt: FileReceipt) -> str:
    try:
        return digest_of(read(resolve(bank.place_of(receipt.file)[0], bank.roots)))
    except NoFileError:
        return ""
    except BankError:
        return "unreadable"


def _take_back(bank: Bank, operation: Operation) -> None:
    for number, receipt in enumerate(operation.receipt.files):
        if _stands(bank, receipt) != "after":
            continue
        try:
            path = resolve(bank.place_of(receipt.file)[0], bank.roots)
            if not receipt.after:
                text = "".join(each.old for each in changes_of(bank, operation, number))
                publish(path, base=None, new=text.encode("utf-8", "surrogateescape"))
                continue
            data = read(path)
            if not receipt.before:
                delete(path, base=data)
                continue
            source = Source(data)
            text_before = reverse(source.text, changes_of(bank, operation, number))
            if text_before is not None:
                publish(path, base=data, new=source.to_bytes(text_before))
        except (Moved, BankError):
            continue


def texts_before(bank: Bank, document: Document) -> Iterator[str]:
    """Give the text a file had before its last operation, before the one before that, and so on, while it is known."""
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
