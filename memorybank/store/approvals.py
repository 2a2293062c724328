"""Approvals: which commands of which bank the user has approved on this machine, by their exact text.

A bank comes with a repository, so its commands are untrusted until the user has read them. Approvals are stored in
the user's own folder, never in the bank. A command whose text changed by one character needs a new approval.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, DiskError, NoFileError, UntrustedError
from memorybank.files.write import FileMoved, lock, make_dirs, publish, read
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypedDict

    from memorybank.store.folder import BankFolder

    class RunnableWire(TypedDict):
        """The JSON form of a runnable."""

        name: str
        command: str

    class ApprovalWire(TypedDict):
        """The JSON form of an approval."""

        bank_folder: str
        name: str
        command: str
        at: str


FILE = "trusted.json"
VERSION = 1

_TRIES = 5


class Runnable(NamedTuple):
    """A command that a bank declares: its purpose, and its exact text."""

    name: str
    text: str

    def to_wire(self) -> RunnableWire:
        """Return the JSON form."""
        return {"name": self.name, "command": self.text}


class Approval(NamedTuple):
    """An approved command: its bank (the folder), its text, and when it was approved."""

    bank: str
    name: str
    text: str
    at: str

    def to_wire(self) -> ApprovalWire:
        """Return the JSON form."""
        return {"bank_folder": self.bank, "name": self.name, "command": self.text, "at": self.at}


class ApprovalList(Listing[Approval]):
    """What was approved on this machine, for every bank."""

    __slots__ = ()
    plural = "approvals"


def refuse_untrusted(home: Path, bank: BankFolder, wanted: Iterable[Runnable]) -> None:
    """Check that all these commands are approved with their exact text.

    Raises:
        UntrustedError: at least one is not.
    """
    names = [each.name for each in pending(home, bank, wanted)]
    if names:
        raise UntrustedError(names=names)


def pending(home: Path, bank: BankFolder, wanted: Iterable[Runnable]) -> list[Runnable]:
    """Return the commands of a bank that are not approved with their exact text."""
    known = {(approval.name, approval.text) for approval in approvals(home) if approval.bank == _key(bank)}
    return [each for each in wanted if (each.name, each.text) not in known]


def approvals(home: Path) -> ApprovalList:
    """Return all approvals on this machine.

    Raises:
        ConfigError: the file of approvals cannot be read; then nothing counts as approved.
    """
    return ApprovalList(_parsed(_read(home)[1], _path(home)))


def approve(home: Path, bank: BankFolder, approved: Sequence[Runnable], *, at: str, timeout: float = 10.0) -> None:
    """Approve these commands for this bank on this machine, in place of earlier approvals of the same names.

    Raises:
        BankError: the user's own folder cannot be written.
    """
    names = {each.name for each in approved}
    fresh = [Approval(_key(bank), each.name, each.text, at) for each in approved]
    kept = _Change(bank=_key(bank), names=names)
    _change(home, kept, fresh, timeout)


def revoke(
    home: Path, bank: BankFolder, names: Iterable[str] = (), *, timeout: float = 10.0, dry_run: bool = False
) -> list[Approval]:
    """Remove approvals of a bank, all of them if no name is given, and return the removed ones.

    A dry run returns what would be removed.

    Raises:
        BankError: the user's own folder cannot be written.
    """
    change = _Change(bank=_key(bank), names=set(names) or None)
    if dry_run:
        return [approval for approval in approvals(home) if change.takes_out(approval)]
    return _change(home, change, [], timeout)


class _Change(NamedTuple):
    bank: str
    names: set[str] | None

    def takes_out(self, approval: Approval) -> bool:
        return approval.bank == self.bank and (self.names is None or approval.name in self.names)


def _key(bank: BankFolder) -> str:
    # links are followed: an approval is for a place on disk, not for one of its names
    return os.path.realpath(bank.folder)


def _path(home: Path) -> Path:
    return Path(os.path.realpath(home)) / ".state" / FILE


def _read(home: Path) -> tuple[bytes | None, Any]:
    path = _path(home)
    try:
        data = read(path)
    except NoFileError:
        return None, {}
    try:
        return data, json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigError(path=path, why=f"the approvals cannot be read: {error}") from error


def _parsed(value: Any, path: Path) -> list[Approval]:
    rows = value.get("approvals", []) if isinstance(value, dict) else None
    if not isinstance(rows, list) or (isinstance(value, dict) and value.get("version", VERSION) != VERSION):
        raise ConfigError(path=path, why="the approvals have an unknown format")
    fields = Approval._fields
    if any(not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in fields) for row in rows):
        raise ConfigError(path=path, why="the approvals have an unknown format")
    return [Approval(*(row[name] for name in fields)) for row in rows]


def _change(home: Path, change: _Change, fresh: list[Approval], timeout: float) -> list[Approval]:
    path = _path(home)
    make_dirs(path.parent, 0o700)
    with lock(path.with_suffix(".lock"), timeout=timeout, holder="trust"):
        for _ in range(_TRIES):
            data, value = _read(home)
            known = _parsed(value, path)
            gone = [each for each in known if change.takes_out(each)]
            rows = [each._asdict() for each in (*(each for each in known if each not in gone), *fresh)]
            new = json.dumps({"version": VERSION, "approvals": rows}, indent=1).encode()
            try:
                publish(path, base=data, new=new + b"\n", mode=0o600)
            except FileMoved:
                continue
            return gone
    raise DiskError(path=path, why="another program keeps writing it")
