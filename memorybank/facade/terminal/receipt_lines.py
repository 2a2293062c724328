"""Receipts and texts as lines, for a face that prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from memorybank.document.receipt import FileReceipt, Receipt


class ChangedLines(NamedTuple):
    """The lines that went and those that came with one change of a file."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


def plain_lines(text: str) -> list[str]:
    """Return the lines of a text without their endings."""
    from memorybank.document.source import lines_of, without_eol

    return [without_eol(line) for line in lines_of(text)]


def changed_lines(receipt: FileReceipt, *, most: int) -> list[ChangedLines]:
    """Return what changed in a file, without its date and its placeholders; of each change at most `most` characters.

    A placeholder stands for nothing: that it went or came says no more than the line that took its place.
    """
    from memorybank.document.trail import PLACEHOLDER, STAMP

    found = []
    for change in receipt.changes:
        if change.role != STAMP:
            # compared with their endings: a line whose ending changed is another line
            old, new = _lines_in(change.old[:most]), _lines_in(change.new[:most])
            gone = () if change.role == PLACEHOLDER else _only_in(old, new)
            found.append(ChangedLines(_told(gone, receipt.file), _told(_only_in(new, old), receipt.file)))
    return found


def _told(lines: tuple[str, ...], file: str) -> tuple[str, ...]:
    """Return the lines that say something: no placeholder of the template."""
    bare = [line for line in lines if "[" not in line]
    if len(bare) == len(lines):
        return lines
    from memorybank.contracts.contract import NONE
    from memorybank.contracts.load import load_contract
    from memorybank.document.items import plain_key, split_marker

    contract = load_contract(file)
    known = {plain_key(each) for spec in (contract.sections if contract else ()) for each in spec.placeholders}
    known.add(plain_key(NONE))
    return tuple(line for line in lines if plain_key(split_marker(line)[2]) not in known)


def _lines_in(text: str) -> list[str]:
    from memorybank.document.source import lines_of

    return lines_of(text)


def _only_in(lines: list[str], others: list[str]) -> tuple[str, ...]:
    """Return the lines that the others lack, each as often as it is missing there."""
    from collections import Counter

    from memorybank.document.source import without_eol

    left = Counter(others)
    found = []
    # from the end: of equal lines the last ones are the new ones
    for line in reversed(lines):
        if left[line]:
            left[line] -= 1
        elif line.strip():
            found.append(without_eol(line))
    return tuple(reversed(found))


def waits_for_router(receipt: Receipt) -> bool:
    """Whether an operation of another role than the router's left its line of a contract in the queue."""
    from memorybank.store.roles import QUEUE

    return any(QUEUE in file.file and not file.before for file in receipt.files)


def merge_lines(receipt: FileReceipt) -> str:
    """Return the lines of the unresolved merges in a file, as words: `lines 3-9 and 20-24`; "" without one."""
    if not receipt.merges:
        return ""
    from memorybank.document.conflicts import lines_told

    return lines_told(receipt.merges)
