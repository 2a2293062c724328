"""The past of a bank: its operations, and which of them put a line where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import diff_of, lines_of, without_eol
from memorybank.errors import NoRecordError
from memorybank.store.journal import changes_of, read_operations
from memorybank.store.look import look
from memorybank.store.recover import state_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.bank import Bank


class Past(NamedTuple):
    """One operation as `history` lists it."""

    operation: str
    at: str
    verb: str
    tool: str
    session: str
    state: str
    undone_by: str
    addresses: tuple[str, ...]
    diff: str


class Blamed(NamedTuple):
    """One line and where it comes from: an operation's id, a git commit, or nothing known."""

    line: int
    text: str
    origin: str
    at: str
    tool: str
    session: str


def history(bank: Bank, file: str | None = None, *, limit: int = 20, with_diff: bool = False) -> list[Past]:
    """List the newest operations first; those of one file when it is named (it need not exist any more).

    Raises:
        OutsideError: the file is not of this bank or its project.
    """
    name = bank.locate(file)[1] if file else ""
    operations = read_operations(bank)
    undone: dict[str, str] = {}
    for operation in reversed(operations):
        # newest first: what was undone itself undoes nothing any more
        if operation.undoes and operation.state == "done" and operation.id not in undone:
            undone[operation.undoes] = operation.id
    rows: list[Past] = []
    for operation in reversed(operations):
        receipt = operation.receipt
        if name and all(each.file != name for each in receipt.files):
            continue
        addresses = tuple(address for each in receipt.files for address, _ in each.sections)
        diff = ""
        if with_diff:
            for number, each in enumerate(receipt.files):
                try:
                    changes = changes_of(bank, operation, number)
                except NoRecordError:
                    diff += f"(what {operation.id} changed in {each.file} is no longer kept)\n"
                    continue
                diff += "".join(diff_of(change.old, change.new, each.file) for change in changes)
        rows.append(
            Past(
                operation.id,
                receipt.at,
                receipt.verb,
                receipt.tool,
                receipt.session,
                state_of(bank, operation),
                undone.get(operation.id, ""),
                tuple(dict.fromkeys(addresses)),
                diff,
            )
        )
        if len(rows) == limit:
            break
    return rows


def blame(bank: Bank, address: str) -> list[Blamed]:
    """Say for each line of a section (or file) which operation last wrote it; else which git commit did.

    Raises:
        BankError: what is named is not there, or not alone.
    """
    seen = look(bank, address)
    first = seen.last_line - _line_count(seen.text) + 1
    wanted = {first + i: without_eol(line) for i, line in enumerate(lines_of(seen.text))}
    origins: dict[str, tuple[str, str, str, str]] = {}
    texts = {text for text in wanted.values() if text.strip()}
    for operation in reversed(read_operations(bank)):
        if not texts - origins.keys():
            break
        receipt = operation.receipt
        for number, each in enumerate(receipt.files):
            if each.file != seen.file or operation.state == "aborted":
                continue
            try:
                changes = changes_of(bank, operation, number)
            except NoRecordError:
                continue
            for change in changes:
                old = {without_eol(line) for line in lines_of(change.old)}
                for line in lines_of(change.new):
                    text = without_eol(line)
                    if text in texts and text not in old:
                        origins.setdefault(text, (operation.id, receipt.at, receipt.tool, receipt.session))
    unknown = [line for line, text in wanted.items() if text.strip() and text not in origins]
    commits = _git_blame(bank.existing(seen.file)[0], unknown) if unknown else {}
    nothing = ("", "", "", "")
    return [Blamed(line, text, *(origins.get(text) or commits.get(line) or nothing)) for line, text in wanted.items()]


def _line_count(text: str) -> int:
    return len(lines_of(text))


_HEAD = re.compile(r"([0-9a-f]{40}) \d+ (\d+)")


def _git_blame(path: Path, lines: list[int]) -> dict[int, tuple[str, str, str, str]]:
    """Ask git for lines the journal does not know; nothing where there is no git or no history of the file."""
    from memorybank.store.git import ask

    told = ask(path.parent, "blame", "--line-porcelain", "-L", f"{lines[0]},{lines[-1]}", "--", path.name)
    found: dict[int, tuple[str, str, str, str]] = {}
    commit, line, author, at = "", 0, "", ""
    # a line of a file may hold any other line ending
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
        return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""
