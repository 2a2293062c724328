"""Undo: a plan like any other, made from the journal, and refused if the lines changed since."""

from __future__ import annotations

import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.change_marks import is_stand_in
from memorybank.document.sections import key_of, outline, place_at
from memorybank.document.source import Source, diff_of, digest_of
from memorybank.document.trail import PLACEHOLDER, OverlapError, net_of, reverse
from memorybank.errors import NoFileError, NotFoundError, StaleEditError
from memorybank.files.write import remove_empty_dirs
from memorybank.listing import Listing
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.log import (
    Operation,
    changes_of,
    find_operation,
    read_operations,
    standing_undos,
)
from memorybank.store.journal.recover import state_of
from memorybank.store.journal.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import NotRequired, TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.document.sections import Document, Splice
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class UndoneWire(TypedDict):
        """The JSON form of an undone."""

        undone: list[str]
        count: int
        interrupted: bool
        receipt: ReceiptWire
        receipts: NotRequired[list[ReceiptWire]]


class NothingToUndoError(NotFoundError):
    """There are fewer operations to undo or redo than requested."""

    code = "no-record"

    def __init__(self, *, verb: str, count: int, room: int, since: str = "") -> None:
        message = f"only {room} of {count} can be {verb}ne" if room else f"there is nothing to {verb}"
        why = f": something else was written since the last undo ({since})" if since else ""
        super().__init__(message + why, hint=f"bank undo {since}" if since else "bank history", room=room)


class UndoResult(NamedTuple):
    """The operation that was undone, and the receipt of the undo."""

    undone: str
    receipt: Receipt


class Undone(Listing[UndoResult]):
    """The operations that were undone or redone, one by one; the last step is the last one written.

    `interrupted` is true if the last command was interrupted and changed nothing, so that nothing had to be undone.
    """

    __slots__ = ("interrupted",)

    def __init__(self, steps: Iterable[UndoResult], *, interrupted: bool = False) -> None:
        super().__init__(steps)
        self.interrupted = interrupted

    def to_wire(self) -> UndoneWire:
        """Return the JSON form: the ids, the last receipt, and all of them if there were several steps."""
        wire: UndoneWire = {
            "undone": [each.undone for each in self],
            "count": len(self),
            "interrupted": self.interrupted,
            "receipt": self[-1].receipt.to_wire(),
        }
        if len(self) > 1:
            wire["receipts"] = [each.receipt.to_wire() for each in self]
        return wire


def undo(bank: BankFolder, ident: str, way: Way) -> UndoResult:
    """Undo an operation: the one named, else the last one still in effect.

    Without a name, undone operations and undos are skipped. With a name, an undo can be undone like any other
    operation. A file that is unchanged since the operation gets its old bytes back. In a file edited since, the
    operation's own lines are changed back where they are now, and the rest stays.

    Raises:
        NotFoundError: there is no such operation, or its kept data is gone.
        StaleEditError: its lines have changed since.
    """
    return take_back(bank, lambda found: find_operation([*found], ident) if ident else last_standing(found), way)


def done_operations(bank: BankFolder) -> list[Operation]:
    """Return the operations that were completed, oldest first."""
    return [operation for operation in read_operations(bank) if state_of(bank, operation) == "done"]


def standing(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Yield the operations that are neither undone nor an undo, newest first."""
    undone: set[str] = set()
    for operation in reversed(operations):
        if not operation.undoes:
            if operation.id not in undone:
                yield operation
        elif operation.id not in undone:
            # an undo that was itself undone took nothing back
            undone.add(operation.undoes)


def last_standing(operations: Sequence[Operation]) -> Operation:
    """Return the last operation that is neither undone nor an undo.

    Raises:
        NothingToUndoError: there is no such operation.
    """
    for each in standing(operations):
        return each
    raise NothingToUndoError(verb="undo", count=1, room=0)


def take_back(
    bank: BankFolder, choose: Callable[[Sequence[Operation]], Operation], way: Way, verb: str = "undo"
) -> UndoResult:
    """Undo the operation that `choose` picks from the completed ones.

    With the verb `redo` the chosen operation is an undo; the entry then names the operation which that undo took back.
    """
    # chosen as the caller saw the journal; it is checked again under the lock
    operation = choose(done_operations(bank))
    changes: list[FileChange] = []

    def make() -> list[FileChange]:
        operations = done_operations(bank)
        changes[:] = plan_undo(bank, operations, find_operation(operations, operation.id))
        return changes

    receipt = commit(
        bank, make, f"{verb} {operation.undoes if verb == 'redo' else operation.id}", way, undoes=operation.id
    )
    for change in changes if not way.options.dry_run else ():
        if change.gone:
            remove_empty_dirs(change.path.parent, bank.roots)
    return UndoResult(operation.id, receipt)


def plan_undo(
    bank: BankFolder,
    operations: Sequence[Operation],
    operation: Operation,
    overlay: Mapping[str, bytes | None] = MappingProxyType({}),
) -> list[FileChange]:
    """Return the changes that undo an operation, last file first. `overlay` replaces the bytes of files on disk.

    Raises:
        NoRecordError: its kept data is gone.
        StaleEditError: its lines have changed since.
    """
    by = next((each.id for each in reversed(operations) if each.undoes == operation.id), "")
    is_undone = operation.id in {each.undoes for each in standing_undos(operations)}
    changes = []
    for number, receipt in enumerate(operation.receipt.files):
        path, name = bank.place_of(receipt.file)
        data = overlay[name] if name in overlay else bytes_now(bank, path)
        try:
            change = _change(bank, operations, operation, number, data)
        except _GoneError as gone:
            raise StaleEditError(
                address=name,
                expected=f"the text of {operation.id}" + (f", which {by} undid" if is_undone else ""),
                digest=digest_of(data) if data is not None else "no file",
                diff=gone.diff,
                hint=f"bank undo {by}" if is_undone else f"bank history {quoted(name)}",
            ) from None
        changes.append(change._replace(path=path, base=digest_of(data) if data is not None else ""))
    _refuse_orphans(bank, operations, operation, changes)
    return changes[::-1]


def _refuse_orphans(
    bank: BankFolder, operations: Sequence[Operation], operation: Operation, changes: Sequence[FileChange]
) -> None:
    """Raise an error if a session would be removed while it has messages, which are not part of any operation.

    For the last operation the hint is the one before it that can be undone, so that `bank undo` alone is not stuck.
    """
    paths = {each.path for each in changes}
    for change in changes:
        messages = _messages_of(change.path)
        if change.gone and change.path != messages and messages not in paths and os.path.lexists(messages):
            earlier = _undoable_before(bank, operations, operation)
            raise StaleEditError(
                address=bank.name_of(change.path),
                expected="a session without messages",
                digest="messages in it",
                hint=f"bank undo {earlier}" if earlier else f"bank session delete {quoted(change.path.stem)}",
            )


def _undoable_before(bank: BankFolder, operations: Sequence[Operation], operation: Operation) -> str:
    """Return the next operation that an undo without a name would take, if this is the last one; else "".

    The one that made the bank is not offered: somebody who wants one step back does not want to lose the bank.
    """
    left = standing(operations)
    if next(left, operation).id != operation.id:
        return ""
    others = (each for each in left if each.receipt.verb != "init")
    return next((each.id for each in others if not _makes_a_session_with_messages(bank, each)), "")


def _makes_a_session_with_messages(bank: BankFolder, operation: Operation) -> bool:
    paths = [bank.place_of(each.file)[0] for each in operation.receipt.files if not each.before]
    return any(path != _messages_of(path) and os.path.lexists(_messages_of(path)) for path in paths)


def _messages_of(path: Path) -> Path:
    return path.with_suffix(".jsonl")


class _GoneError(Exception):
    """The lines of an operation have changed; `diff` shows them. Only used inside this module."""

    def __init__(self, diff: str) -> None:
        super().__init__(diff)
        self.diff = diff


def bytes_now(bank: BankFolder, path: Path) -> bytes | None:
    """Return the bytes of a file of the bank; None if it does not exist."""
    try:
        return bank.read(path)
    except NoFileError:
        return None


def _change(
    bank: BankFolder, operations: Sequence[Operation], operation: Operation, number: int, data: bytes | None
) -> FileChange:
    """Return the change that undoes an operation in one file; the caller fills in path and base."""
    receipt = operation.receipt.files[number]
    changes = changes_of(bank, operation, number)
    todo = FileChange(bank.folder)
    if data is None:
        if receipt.after:
            raise _GoneError("the file is gone")
        return todo._replace(text="".join(change.old for change in changes))
    if not receipt.after:
        raise _GoneError("the file is there again")
    source = Source(data)
    if not receipt.before:
        if source.digest != receipt.after:
            raise _GoneError(diff_of("".join(change.new for change in changes), source.text, receipt.file))
        return todo._replace(gone=True)
    line = Timeline(bank, receipt.file, operations, data)
    at = next(number for number, each in enumerate(line.links) if each.operation is operation)
    is_last = source.digest == receipt.after and line.back_at(receipt.after, at + 1) == len(line.links)
    text = reverse(source.text, changes) if is_last else None
    if text is None and is_last and (whole := reverse(source.whole, changes)) is not None:
        # the operation added or removed a byte order mark
        return todo._replace(text=whole, whole=True)
    if text is None:
        try:
            text = _Back(line, at, source).text()
        except OverlapError:
            raise _GoneError(_lost(changes, source.text, receipt.file)) from None
    return todo._replace(text=text)


def _lost(changes: Sequence[Splice], text: str, name: str) -> str:
    """Return a diff of those changes of the operation that are missing now, to show what to look for."""
    parts = [each for each in net_of(changes) if each.role != "stamp"]
    lost = [part for part in parts if (part.new or part.above) not in text] or parts
    return "".join(diff_of(each.new, "", name) if each.new else diff_of("", each.old, name) for each in lost)


class _Back:
    """Undoes one operation in the current text of a file."""

    def __init__(self, line: Timeline, number: int, source: Source) -> None:
        self.line = line
        self.number = number
        self.source = source
        self.before = outline(source, line.name, contract=line.contract is not None)

    def text(self) -> str:
        """Return the text without the operation's changes.

        Raises:
            OverlapError: the operation's lines have changed, or without them other lines would be parsed differently.
        """
        text = self.source.text
        parts = self.line.stands(self.number)
        for part in reversed(parts):
            end = part.start + len(part.new)
            if text[part.start : end] != part.new:
                raise OverlapError
            rest = text[: part.start] + text[end:]
            text = text[: part.start] + self._old(part, rest) + text[end:]
        self._check(parts, text)
        return text

    def _old(self, part: Splice, rest: str) -> str:
        """Return the text that comes back. A placeholder only comes back into an empty section."""
        contract = self.line.contract
        if contract is None or (part.role != PLACEHOLDER and (part.old.strip() or not part.new.strip())):
            return part.old
        document = self._outline(rest)
        name = place_at(document, max(part.start - 1, 0))
        section = next((each for each in document.sections if document.path_of(each) == name), None)
        if section is None or not section.number:
            return part.old
        is_empty = not rest[section.body : section.own_end].strip()
        if part.role == PLACEHOLDER:
            return part.old if is_empty else ""
        return part.old or (self._owed(name) if is_empty else "")

    def _owed(self, place: str) -> str:
        """Return the placeholder that a later undo left out because the section had other lines then."""
        links = self.line.links
        spec = self.line.contract.spec_of(place) if self.line.contract is not None else None
        if spec is None:
            return ""
        undoes = {each.operation.undoes for each in links[self.number + 1 :] if each.operation.undoes}
        for link in reversed(links):
            for part in (self.line.changes(link) or ()) if link.operation.id in undoes else ():
                if part.role == PLACEHOLDER and is_stand_in(part.old, spec) and self._is_of(part, spec.name):
                    return part.old
        return ""

    def _is_of(self, part: Splice, name: str) -> bool:
        spec = self.line.contract.spec_of(part.place) if self.line.contract is not None else None
        return spec is not None and key_of(spec.name) == key_of(name)

    def _outline(self, text: str) -> Document:
        return outline(Source(self.source.to_bytes(text)), self.line.name, contract=self.line.contract is not None)

    def _check(self, parts: Sequence[Splice], text: str) -> None:
        after = self._outline(text)
        gained = sum(_heading_count(part.old) - _heading_count(part.new) for part in parts)
        if len(after.headings) - len(self.before.headings) != gained:
            raise OverlapError
        if after.unterminated and not self.before.unterminated:
            raise OverlapError
        if self.line.name.endswith(".json") and _is_json(self.source.text) and not _is_json(text):
            raise OverlapError


def _heading_count(text: str) -> int:
    return len(outline(Source(text.encode("utf-8", "surrogateescape"))).headings)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
