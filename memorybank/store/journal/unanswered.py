"""Commands that a crash ended after they had written everything, kept until they are typed again.

`.state/unanswered.json` has the id and the request of each, so that any command may settle the operation, and the
repeated command still gets its answer instead of writing a second time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import NoFileError
from memorybank.files.write import delete, lock, publish, read
from memorybank.store.journal.log import read_operations, standing_undos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation

_FILE = "unanswered.json"
_TIMEOUT = 10.0
# how many commands are kept, and how many operations may follow one before its words mean a new entry
_KEPT = 20
_REACH = 50
# these add a text of their own; all others act on what is there, which an operation in between may have changed
_ADDING = frozenset(
    (
        "artifact add",
        "bug new",
        "checkpoint",
        "decide",
        "design new",
        "edit append",
        "edit insert after",
        "edit insert before",
        "edit prepend",
        "group create",
        "learn",
        "log",
        "note",
        "paf add",
        "plan new",
        "queue",
        "research new",
        "save",
        "workflow debug",
        "workflow note",
        "workflow task",
    )
)


class _Entry(NamedTuple):
    operation: str
    request: str


def keep_unanswered(bank: BankFolder, operation: Operation) -> None:
    """Keep that an operation is done and its command was not answered. The bank's lock must be held."""
    if not operation.request:
        return
    data, entries = _read(bank)
    others = [each for each in entries if each.operation != operation.id]
    _write(bank, data, [*others, _Entry(operation.id, operation.request)][-_KEPT:])


def find_unanswered(
    bank: BankFolder, request: str, is_there: Callable[[BankFolder, Operation], bool]
) -> Operation | None:
    """Return the operation of an interrupted command that is typed again; None if the words are another command.

    They are another command if the operation was undone or its text is no longer there, as `is_there` reports. If
    something was written since, only a command that adds a text of its own still counts as the same.
    """
    wanted = [each for each in _read(bank)[1] if _is_whole(each.request, request)]
    if not wanted:
        return None
    operations = [each for each in read_operations(bank) if each.state == "done"]
    undone = {each.undoes for each in standing_undos(operations)}
    for entry in reversed(wanted):
        number = next((n for n, each in enumerate(operations) if each.id == entry.operation), None)
        if number is None or entry.operation in undone:
            continue
        found, since = operations[number], len(operations) - number - 1
        if since and (since > _REACH or not _adds(found)):
            continue
        if is_there(bank, found):
            return found
    return None


def answered(bank: BankFolder, operation: str) -> None:
    """Forget a command whose repetition was answered: the same words are a new command from now on.

    Raises:
        LockedError, MachineError: the state could not be written.
    """
    with lock(bank.state / "lock", timeout=_TIMEOUT, holder="recovery"):
        data, entries = _read(bank)
        if data is not None:
            _write(bank, data, [each for each in entries if each.operation != operation])


def _adds(operation: Operation) -> bool:
    # the secret rules that were allowed follow in brackets
    return operation.receipt.verb.partition(" (")[0] in _ADDING


def _is_whole(request: str, wanted: str) -> bool:
    """Whether an operation was a whole command or its last step."""
    number, _, count = request.removeprefix(f"{wanted}.").partition("/")
    return request == wanted or (request.startswith(f"{wanted}.") and number == count)


def _read(bank: BankFolder) -> tuple[bytes | None, list[_Entry]]:
    try:
        data = read(bank.state / _FILE)
    except NoFileError:
        return None, []
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError):
        rows = None
    pairs = rows if isinstance(rows, list) else []
    return data, [_Entry(str(each["op"]), str(each["request"])) for each in pairs if _is_entry(each)]


def _is_entry(row: object) -> bool:
    return isinstance(row, dict) and row.keys() >= {"op", "request"}


def _write(bank: BankFolder, data: bytes | None, entries: Iterable[_Entry]) -> None:
    rows = [{"op": each.operation, "request": each.request} for each in entries]
    path = bank.state / _FILE
    if rows:
        publish(path, base=data, new=json.dumps(rows, separators=(",", ":")).encode(), mode=0o600)
    elif data is not None:
        delete(path, base=data)
