"""The history of a bank: its operations, and which operation wrote a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.change_marks import recalled
from memorybank.document.addresses import fragment_of
from memorybank.document.sections import key_of, outline
from memorybank.document.source import Source, diff_of, lines_of, without_eol
from memorybank.document.trail import STAMP
from memorybank.errors import NoRecordError
from memorybank.listing import Listing
from memorybank.store.journal.log import changes_of, read_operations
from memorybank.store.journal.recover import state_of
from memorybank.store.view import look, outline_of
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation
    from memorybank.store.view import Row


class HistoryEntry(NamedTuple):
    """One operation in `history`; `text` is the first line that it wrote, or removed."""

    operation: str
    at: str
    verb: str
    tool: str
    session: str
    state: str
    undone_by: str
    addresses: tuple[str, ...]
    diff: str
    text: str = ""


class OperationList(Listing[HistoryEntry]):
    """Operations, newest first."""

    __slots__ = ()
    plural = "operations"


class BlameLine(NamedTuple):
    """One line and its origin: an operation's id, a git commit, or "" if unknown."""

    line: int
    text: str
    origin: str
    at: str
    tool: str
    session: str


class BlameLines(Listing[BlameLine]):
    """The lines of a section with their origins."""

    __slots__ = ()
    plural = "lines"


def history(
    bank: BankFolder, file: str | None = None, *, limit: int = 20, offset: int = 0, with_diff: bool = False
) -> OperationList:
    """List operations, newest first; only those of one file if it is named (the file need not exist any more).

    So many of the newest as `offset` says are left out.

    Raises:
        OutsideError: the file is outside this bank and its project.
        NoFileError: it does not exist, and no operation changed it.
    """
    name = bank.locate(file)[1] if file else ""
    operations = read_operations(bank)
    undone = _undone(operations)
    rows: list[HistoryEntry] = []
    wanted = [one for one in operations if not name or any(each.file == name for each in one.receipt.files)]
    if name and not wanted:
        # a file that was never here is a slip; one that is here may just not have been changed yet
        bank.existing(name)
    newest = wanted[::-1][offset:]
    for operation in newest[:limit] if limit else newest:
        receipt = operation.receipt
        addresses = tuple(address for each in receipt.files for address, _ in each.sections)
        diff = ""
        if with_diff:
            for number, each in enumerate(receipt.files):
                try:
                    changes = changes_of(bank, operation, number)
                except NoRecordError:
                    diff += f"(the changes of {operation.id} in {each.file} are no longer kept)\n"
                    continue
                diff += "".join(diff_of(change.old, change.new, each.file) for change in changes)
        rows.append(
            HistoryEntry(
                operation.id,
                receipt.at,
                receipt.verb,
                receipt.tool,
                receipt.session,
                state_of(bank, operation),
                undone.get(operation.id, ""),
                tuple(dict.fromkeys(addresses)),
                diff,
                _words(bank, operation),
            )
        )
    return OperationList(rows, total=len(wanted))


def _words(bank: BankFolder, operation: Operation) -> str:
    """Return the first line an operation wrote, except the date; else the title of a new file or a removed line."""
    gone = ""
    for number, receipt in enumerate(operation.receipt.files):
        try:
            changes = recalled(changes_of(bank, operation, number), bank.contract_of(receipt.file))
        except NoRecordError:
            continue
        if receipt.file.endswith((".json", ".jsonl", ".toml")) or not receipt.after:
            continue
        if not receipt.before:
            gone = gone or _title("".join(each.new for each in changes))
            continue
        for change in changes:
            if change.role == STAMP:
                continue
            old, new = ([without_eol(line).strip() for line in lines_of(text)] for text in (change.old, change.new))
            written = next((each for each in new if each and each not in old), "")
            if written:
                return written
            taken = next((each for each in old if each and each not in new), "")
            gone = gone or (f"(removed) {taken}" if taken else "")
    return gone


def _title(text: str) -> str:
    """Return the first heading of a new file, or its first line if it has none."""
    document = outline(Source(text.encode("utf-8", "surrogateescape")))
    if document.headings:
        return document.headings[0].text
    return next((line.strip() for line in lines_of(text[document.content_start :][:1000]) if line.strip()), "")


def blame(bank: BankFolder, address: str) -> BlameLines:
    """Return, for each line of a section (or file), the operation that last wrote it, else the git commit.

    Raises:
        BankError: nothing or more than one thing matches the address.
    """
    seen = look(bank, address)
    first = seen.last_line - _line_count(seen.text) + 1
    wanted = {first + i: without_eol(line) for i, line in enumerate(lines_of(seen.text))}
    origins = _origins(bank, seen.file, {line: text for line, text in wanted.items() if text.strip()})
    unknown = [line for line, text in wanted.items() if text.strip() and line not in origins]
    commits = _git_blame(bank.existing(seen.file)[0], unknown) if unknown else {}
    nothing = ("", "", "", "")
    return BlameLines(
        BlameLine(line, text, *(origins.get(line) or commits.get(line) or nothing)) for line, text in wanted.items()
    )


def _undone(operations: Iterable[Operation]) -> dict[str, str]:
    """Return the operations that were undone, each with the operation that undid it."""
    found: dict[str, str] = {}
    for operation in reversed([*operations]):
        # newest first: an undo that was itself undone does not count
        if operation.undoes and operation.state == "done" and operation.id not in found:
            found[operation.undoes] = operation.id
    return found


def _origins(bank: BankFolder, file: str, wanted: dict[int, str]) -> dict[int, tuple[str, str, str, str]]:
    """Return the operation that wrote each line, newest first; undone operations do not count.

    Each written line is matched with one line of the same text, first in a section that the operation names.
    """
    where = _sections_of(bank, file, wanted)
    added = _added(bank, file, set(wanted.values()))
    open_lines: dict[str, list[int]] = {}
    for line, text in wanted.items():
        open_lines.setdefault(text, []).append(line)
    found: dict[int, tuple[str, str, str, str]] = {}
    # a line may have been moved by hand since; it is then matched in another section
    for is_strict in (True, False):
        left: list[_Added] = []
        for each in added:
            lines = open_lines[each.text]
            fits = [line for line in lines if not is_strict or not each.places or each.places & where[line]]
            if fits:
                lines.remove(fits[-1])
                receipt = each.operation.receipt
                found[fits[-1]] = (receipt.operation, receipt.at, receipt.tool, receipt.session)
            else:
                left.append(each)
        added = left
    return found


class _Added(NamedTuple):
    """A line that an operation wrote, and the sections named in its receipt."""

    text: str
    places: frozenset[str]
    operation: Operation


def _added(bank: BankFolder, file: str, texts: set[str]) -> list[_Added]:
    operations = read_operations(bank)
    undone = _undone(operations)
    found: list[_Added] = []
    for operation in reversed(operations):
        if operation.state == "aborted" or operation.undoes or operation.id in undone:
            continue
        for number, each in enumerate(operation.receipt.files):
            if each.file != file:
                continue
            try:
                changes = changes_of(bank, operation, number)
            except NoRecordError:
                continue
            names = [fragment_of(address) for address, _ in each.sections]
            places = frozenset(map(key_of, names)) if all(names) else frozenset()
            for change in reversed(changes):
                old = {without_eol(line) for line in lines_of(change.old)}
                new = [without_eol(line) for line in reversed(lines_of(change.new))]
                found += [_Added(text, places, operation) for text in new if text in texts and text not in old]
    return found


def _sections_of(bank: BankFolder, file: str, lines: Iterable[int]) -> dict[int, set[str]]:
    """Return the names of the sections that contain each line: the innermost one and those around it."""
    rows = outline_of(bank, file)[2][::-1]
    around: list[Row] = []
    found = {}
    for line in sorted(lines):
        while rows and rows[-1].first_line <= line:
            around.append(rows.pop())
        around = [each for each in around if each.last_line >= line]
        names = [name for each in around for name in (each.name, fragment_of(each.address))]
        found[line] = {key_of(name) for name in names}
    return found


def _line_count(text: str) -> int:
    return len(lines_of(text))


_HEAD = re.compile(r"([0-9a-f]{40}) \d+ (\d+)")


def _git_blame(path: Path, lines: list[int]) -> dict[int, tuple[str, str, str, str]]:
    """Ask git about lines the journal does not know; empty without git or without a history of the file."""
    from memorybank.store.git.repository import ask

    told = ask(path.parent, "blame", "--line-porcelain", "-L", f"{lines[0]},{lines[-1]}", "--", path.name)
    found: dict[int, tuple[str, str, str, str]] = {}
    commit, line, author, at = "", 0, "", ""
    # split at "\n" only: a line of the file may contain other line endings
    for row in (told or "").split("\n"):
        head = _HEAD.match(row)
        if head:
            commit, line = head.group(1)[:12], int(head.group(2))
        elif row.startswith("author "):
            author = row[7:].strip()
        elif row.startswith("author-time "):
            at = _moment(row[12:])
        elif row.startswith("\t") and line in lines and commit.strip("0"):
            found[line] = (f"git {commit}", at, author, "")
    return found


def _moment(seconds: str) -> str:
    from datetime import UTC, datetime

    try:
        return stamp_of(datetime.fromtimestamp(int(seconds), UTC))
    except (ValueError, OverflowError, OSError):
        return ""
