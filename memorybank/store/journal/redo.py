"""Undo and redo several operations, and redo one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.receipt import FileReceipt
from memorybank.document.source import Source, digest_of
from memorybank.document.trail import changes_between
from memorybank.errors import BankError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.log import Operation, standing_undos
from memorybank.store.journal.undo import (
    NothingToUndoError,
    UndoResult,
    bytes_now,
    done_operations,
    last_standing,
    plan_undo,
    standing,
    take_back,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def redo(bank: BankFolder, way: Way) -> UndoResult:
    """Redo what the last undo took back; `undone` in the result is the id of that undo.

    As in an editor, what was undone before a new operation cannot be redone. `undo` with the id of that undo still
    brings it back, if the lines allow it.

    Raises:
        NothingToUndoError: there is nothing to redo.
        StaleEditError: the lines changed since the undo.
    """
    return take_back(bank, last_undo, way, "redo")


def last_undo(operations: Sequence[Operation]) -> Operation:
    """Return the undo that `redo` takes back.

    Raises:
        NothingToUndoError: there is nothing to redo.
    """
    found = redoable(operations)
    if not found:
        raise _nothing("redo", operations, 1, 0)
    return found[-1]


def redoable(operations: Sequence[Operation]) -> list[Operation]:
    """Return the undos since the last other operation, without undone ones; `redo` takes back the last one first."""
    by_id = {each.id: each for each in operations}
    # whether an operation took something back; the undo of an undo brought it back again
    is_undo: dict[str, bool] = {}
    found: list[Operation] = []
    for operation in operations:
        is_undo[operation.id] = bool(operation.undoes) and not is_undo.get(operation.undoes, False)
        if not operation.undoes:
            found = []
        elif is_undo[operation.id]:
            found.append(operation)
        else:
            found = [one for one in found if one is not by_id.get(operation.undoes)]
    return found


def walk_back(bank: BankFolder, count: int, way: Way) -> list[UndoResult]:
    """Undo the last operations still in effect, each as its own operation; a dry run shows them as one.

    Raises:
        NothingToUndoError: there are fewer; then nothing is undone.
        StaleEditError: the lines of one changed; those after it are undone and listed in the error's `undone`.
    """
    return _walk(bank, count, way, "undo", last_standing, lambda found: len([*standing(found)]))


def walk_forward(bank: BankFolder, count: int, way: Way) -> list[UndoResult]:
    """Redo what the last undos took back, each as its own operation; a dry run shows them as one.

    Raises:
        NothingToUndoError: there are fewer; then nothing is redone.
        StaleEditError: the lines of one changed; those before it are redone and listed in the error's `undone`.
    """
    return _walk(bank, count, way, "redo", last_undo, lambda found: len(redoable(found)))


def _walk(
    bank: BankFolder,
    count: int,
    way: Way,
    verb: str,
    choose: Callable[[Sequence[Operation]], Operation],
    room: Callable[[Sequence[Operation]], int],
) -> list[UndoResult]:
    operations = done_operations(bank)
    before = _done_before(operations, way.options.request, count)
    if room(operations) < count - before:
        raise _nothing(verb, operations, count - before, room(operations))
    if way.options.dry_run:
        return _shown(bank, operations, count - before, way, verb, choose)
    on_wait = way.options.on_wait
    if before and on_wait is not None:
        on_wait(f"{before} of {count} were done before this command was interrupted; continuing with the rest")
    done: list[UndoResult] = []
    for number in range(before + 1, count + 1):
        step = way._replace(options=way.options._replace(request=step_request(way.options.request, number, count)))
        try:
            done.append(redo(bank, step) if verb == "redo" else take_back(bank, choose, step))
        except BankError as error:
            error.details["undone"] = [each.undone for each in done]
            raise
    return done


def step_request(request: str, number: int, count: int) -> str:
    """Return the request mark of one step of a command with several operations: it has the step and the count."""
    return f"{request}.{number}/{count}" if request and count > 1 else request


def _done_before(operations: Sequence[Operation], request: str, count: int) -> int:
    """Return how many steps an interrupted run of the same command did, if nothing was done since."""
    if not request or not operations:
        return 0
    last = operations[-1].request
    return next((each for each in range(1, count) if last == step_request(request, each, count)), 0)


def _shown(
    bank: BankFolder,
    operations: list[Operation],
    count: int,
    way: Way,
    verb: str,
    choose: Callable[[Sequence[Operation]], Operation],
) -> list[UndoResult]:
    """Plan the operations one after the other, each based on the result of the one before."""
    overlay: dict[str, bytes | None] = {}
    paths: dict[str, Path] = {}
    ids = []
    for number in range(count):
        operation = choose(operations)
        ids.append(operation.id)
        changes = plan_undo(bank, operations, operation, overlay)
        # a plan takes the files back last one first
        files = [file.file for file in reversed(operation.receipt.files)]
        for name, change in zip(files, changes, strict=True):
            overlay.setdefault(name, bytes_now(bank, change.path))
            paths[name] = change.path
        receipts = tuple(_seen(name, change, overlay) for name, change in zip(files, changes, strict=True))
        imagined = operation.receipt._replace(operation=f"{operation.id}-{number}", files=receipts)
        operations = [*operations, Operation(imagined, "done", ("",) * len(receipts), operation.id)]
    now = {name: bytes_now(bank, path) for name, path in paths.items()}
    todo = [_to(paths[name], now[name], data) for name, data in overlay.items() if data != now[name]]
    receipt = commit(bank, todo, f"{verb} {' '.join(ids)}", way, undoes=ids[-1])
    return [UndoResult(each, receipt) for each in ids]


def _seen(name: str, change: FileChange, overlay: dict[str, bytes | None]) -> FileReceipt:
    """Apply a change to the overlay, and return its receipt."""
    before = overlay[name]
    old = Source(before or b"")
    text = "" if change.gone else change.text or ""
    is_whole = change.whole or not before
    after = None if change.gone else text.encode("utf-8", "surrogateescape") if is_whole else old.to_bytes(text)
    overlay[name] = after
    changes = changes_between(old.whole if change.gone or is_whole else old.text, text)
    return FileReceipt(name, _digest(before), _digest(after), len(after or b""), (), (), changes)


def _digest(data: bytes | None) -> str:
    return "" if data is None else digest_of(data)


def _to(path: Path, now: bytes | None, data: bytes | None) -> FileChange:
    if data is None:
        return FileChange(path, base=_digest(now), gone=True)
    return FileChange(path, text=Source(data).whole, base=_digest(now), whole=True)


def _nothing(verb: str, operations: Sequence[Operation], count: int, room: int) -> NothingToUndoError:
    """Return the error with the possible count; if something was written since the last undo, with that undo's id."""
    earlier = next(standing_undos(operations), None) if verb == "redo" and not room else None
    return NothingToUndoError(verb=verb, count=count, room=room, since=earlier.id if earlier is not None else "")
