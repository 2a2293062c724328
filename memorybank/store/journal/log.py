"""The journal: one line for each operation before it is published, and one when it is done.

`.state/journal.jsonl` is append-only and local. A line holds what an undo needs: the changed whole lines, in order,
each with its offset. Large changes are stored compressed in `.state/kept/`, up to a size limit; the oldest go first.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.receipt import FileReceipt, Receipt
from memorybank.document.sections import Splice
from memorybank.document.source import digest_of, lines_of, without_eol
from memorybank.errors import BankError, NoFileError, NoRecordError
from memorybank.files.read import open_regular, typed
from memorybank.files.write import append_line, make_dirs, publish, read, rotate
from memorybank.store.several import none_or_several

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder

# characters of a part of an id: three can stand at the end of many
_SHORTEST = 4
INLINE_CHARACTERS = 32 * 1024
ROTATE_BYTES = 16 * 1024 * 1024
# how much a write reads to find an unfinished operation and the last size of a file
_TAIL_BYTES = 16 * 1024
_BEGUN = b'"state":"begun"'
# how much is read for the ids of the newest operations, and how the line of one begins
_END_BYTES = 512 * 1024
_HEAD = re.compile(rb'\{"op":"([^"\\]+)","state":"begun","at":"[^"\\]*","verb":"([^"\\]*)"')
# operations that move lines to another place by their age, or move other lines along
_MOVES = frozenset(("rotate", "unarchive", "item move", "migrate", "check --fix"))


class Operation(NamedTuple):
    """One operation in the journal. `state` is begun, done, aborted, or torn if it could not be settled.

    `request` is the same when the same command is typed again, "" if unknown.
    """

    receipt: Receipt
    state: str
    kept: tuple[str, ...] = ()
    undoes: str = ""
    request: str = ""

    @property
    def id(self) -> str:
        """The operation's id."""
        return self.receipt.operation


def journal_path(bank: BankFolder) -> Path:
    """Return the path of a bank's journal."""
    return bank.state / "journal.jsonl"


def begin(bank: BankFolder, receipt: Receipt, *, undoes: str = "", request: str = "") -> None:
    """Record what is about to be published; durable on return, so that a crash can be analysed afterwards."""
    kept = [_keep(bank, receipt.operation, i, each) for i, each in enumerate(receipt.files)]
    files = [
        {
            "file": each.file,
            "before": each.before,
            "after": each.after,
            "size": each.size,
            "sections": each.sections,
            "healed": each.healed,
            "changes": [] if name else each.changes,
            "kept": name,
        }
        for each, name in zip(receipt.files, kept, strict=True)
    ]
    row = {
        "op": receipt.operation,
        "state": "begun",
        "at": receipt.at,
        "verb": receipt.verb,
        "tool": receipt.tool,
        "session": receipt.session,
        "files": files,
    }
    row |= {name: value for name, value in (("undoes", undoes), ("request", request)) if value}
    path = journal_path(bank)
    if _size(path) > ROTATE_BYTES:
        rotate(path, path.with_name("journal.1.jsonl"))
    append_line(path, json.dumps(row, separators=(",", ":")).encode())


def _size(path: Path) -> int:
    with typed(path):
        try:
            return path.lstat().st_size
        except FileNotFoundError:
            return 0


def finish(bank: BankFolder, operation: str, state: str = "done") -> None:
    """Record how an operation ended."""
    append_line(journal_path(bank), json.dumps({"op": operation, "state": state}, separators=(",", ":")).encode())


def keep_orphan(bank: BankFolder, operation: str, data: bytes) -> Path:
    """Keep another program's bytes that were displaced from a file; they are never deleted to free space."""
    folder = bank.state / "orphans"
    make_dirs(folder, 0o700)
    path = folder / f"{operation}.md"
    publish(path, base=None, new=data, mode=0o600)
    return path


def _keep(bank: BankFolder, operation: str, number: int, receipt: FileReceipt) -> str:
    if sum(len(change.old) + len(change.new) for change in receipt.changes) <= INLINE_CHARACTERS:
        return ""
    import zlib

    folder = bank.state / "kept"
    make_dirs(folder, 0o700)
    name = f"{operation}-{number}.z"
    data = zlib.compress(json.dumps(receipt.changes, separators=(",", ":")).encode(), 1)
    path = folder / name
    if path.exists():
        publish(path, base=read(path), new=data, mode=0o600)
    else:
        publish(path, base=None, new=data, mode=0o600)
    _bound(folder, bank.config.kept_megabytes * 1_000_000, name)
    return name


def keep_bases(bank: BankFolder, texts: Iterable[tuple[str, bytes | None]], recent: Sequence[Operation]) -> None:
    """Keep the text of each file that someone else wrote since the last operation, or before the first one.

    An undo compares with it to see where lines moved, and `bank restore` can restore it.
    """
    last = {file.file: file.after for op in recent if op.state != "aborted" for file in op.receipt.files}
    for name, data in texts:
        if not data or digest_of(data) == last.get(name):
            continue
        import zlib

        path = bank.state / "kept" / f"{digest_of(data)}.z"
        make_dirs(path.parent, 0o700)
        if not path.exists():
            publish(path, base=None, new=zlib.compress(data, 1), mode=0o600)
            _bound(path.parent, bank.config.kept_megabytes * 1_000_000, path.name)


def kept_text(bank: BankFolder, digest: str) -> bytes | None:
    """Return the bytes with a digest that `keep_bases` kept; None if there are none."""
    import zlib

    try:
        data = zlib.decompress(read(bank.state / "kept" / f"{digest}.z"))
    except (BankError, zlib.error):
        return None
    return data if digest_of(data) == digest else None


def _bound(folder: Path, limit: int, newest: str) -> None:
    files = sorted((path for path in folder.iterdir() if path.name != newest), key=lambda each: each.stat().st_mtime)
    total = sum(path.stat().st_size for path in folder.iterdir())
    for each in files:
        if total <= limit:
            break
        total -= each.stat().st_size
        each.unlink(missing_ok=True)


def read_operations(bank: BankFolder, *, tail: bool = False) -> list[Operation]:
    """Read the operations, oldest first; with `tail` only those in the last part of the journal.

    A line that a crash cut short, or that is not an operation, is skipped.
    """
    path = journal_path(bank)
    lines = _last_lines(path) if tail else [*_lines(path.with_name("journal.1.jsonl")), *_lines(path)]
    found: dict[str, Operation] = {}
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(row, dict) or not isinstance(row.get("op"), str):
            continue
        if row.get("state") == "begun":
            operation = _operation(row)
            if operation is not None:
                found[row["op"]] = operation
        elif row["op"] in found:
            found[row["op"]] = found[row["op"]]._replace(state=str(row.get("state")))
    return list(found.values())


def newest_operations(bank: BankFolder, most: int) -> list[tuple[str, str]]:
    """Return the ids and verbs of the newest operations from the end of the journal; their changes are not parsed."""
    found: dict[str, str] = {}
    for line in _lines(journal_path(bank), _END_BYTES):
        begun = _HEAD.match(line)
        if begun:
            found[begun[1].decode()] = begun[2].decode("utf-8", "replace")
        elif b'"state":"aborted"' in line:
            found.pop(line[7:].partition(b'"')[0].decode("utf-8", "replace"), None)
    return [*reversed(found.items())][:most]


def _last_lines(path: Path) -> list[bytes]:
    """Return the end of the journal, far enough back to contain an operation if there is one."""
    length, size = _TAIL_BYTES, _size(path)
    while True:
        lines = list(_lines(path, length))
        if length >= size or any(_BEGUN in line for line in lines):
            return lines
        length *= 4


def _lines(path: Path, tail: int = 0) -> Iterator[bytes]:
    with typed(path):
        try:
            # a link is not followed, and a pipe does not block
            fd = open_regular(os.fspath(path))
        except FileNotFoundError:
            return
        with open(fd, "rb") as file:  # noqa: PTH123  a descriptor, not a path
            if tail and os.fstat(fd).st_size > tail:
                file.seek(-tail, os.SEEK_END)
                file.readline()
            yield from file


def _operation(row: dict[str, Any]) -> Operation | None:
    try:
        files = tuple(
            FileReceipt(
                file["file"],
                file["before"],
                file["after"],
                int(file["size"]),
                tuple((a, d) for a, d in file["sections"]),
                tuple(file["healed"]),
                tuple(Splice(*change) for change in file["changes"]),
            )
            for file in row["files"]
        )
        receipt = Receipt(row["op"], row["verb"], row["at"], row["tool"], row["session"], files)
        kept = tuple(file["kept"] for file in row["files"])
        return Operation(receipt, "begun", kept, str(row.get("undoes", "")), str(row.get("request", "")))
    except (KeyError, TypeError, ValueError):
        return None


def lines_written(operations: Sequence[Operation], file: str) -> list[str]:
    """Return the list items that operations added to a file one at a time, newest first.

    Items of undone or aborted operations are left out; so are items that were moved or that replaced other text.
    """
    undone: set[str] = set()
    for each in reversed(operations):
        # newest first: an undo that was itself undone does not count
        if each.undoes and each.state == "done" and each.id not in undone:
            undone.add(each.undoes)
    found: list[str] = []
    for operation in reversed(operations):
        passed = operation.state == "aborted" or operation.undoes or operation.id in undone
        if passed or operation.receipt.verb in _MOVES:
            continue
        for receipt in operation.receipt.files:
            for change in receipt.changes if receipt.file == file else ():
                before = {without_eol(line) for line in lines_of(change.old) if line.strip()}
                after = [without_eol(line) for line in lines_of(change.new) if line.strip()]
                added = [each for each in after if each not in before]
                items = [each for each in added if each[:1] not in " \t"]
                if before.issubset(after) and len(items) == 1:
                    found.append(items[0])
    return found


def changes_of(bank: BankFolder, operation: Operation, number: int) -> tuple[Splice, ...]:
    """Return an operation's changes of one of its files, from the journal line or from the kept data.

    Raises:
        NoRecordError: the kept data is gone, by age or deleted by hand.
    """
    name = operation.kept[number]
    if not name:
        return operation.receipt.files[number].changes
    import zlib

    try:
        data = read(bank.state / "kept" / name)
        return tuple(Splice(*load) for load in json.loads(zlib.decompress(data)))
    except (NoFileError, zlib.error, ValueError, TypeError, RecursionError) as error:
        raise NoRecordError(ident=operation.id, kind="kept text of operation") from error


def standing_undos(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Yield the undos that are not undone themselves, newest first."""
    undone: set[str] = set()
    for operation in reversed(operations):
        if operation.undoes and operation.id not in undone:
            undone.add(operation.undoes)
            yield operation


def find_operation(operations: list[Operation], ident: str) -> Operation:
    """Return the operation with this id, or the only one whose id starts or ends with it.

    A part of an id has four characters or more: `2` is more likely a number of operations.

    Raises:
        NoRecordError: no operation or several operations match, or the part is too short.
    """
    if len(ident) < _SHORTEST:
        raise NoRecordError(ident=ident, kind="operation", hint="bank history")
    found = [operation for operation in operations if operation.id == ident] or [
        operation for operation in operations if operation.id.startswith(ident) or operation.id.endswith(ident)
    ]
    if len(found) == 1:
        return found[0]
    raise none_or_several(ident=ident, found=[each.id for each in found])
