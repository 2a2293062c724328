"""Trust: which commands of which bank a person has approved on this machine, by their exact text.

A bank comes with a repository, so what it declares is a stranger's until someone has read it. Approvals stand in the
user's own place, never in the bank; a text that changed by one character is a new one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, DiskError, NoFileError, UntrustedError
from memorybank.files.write import FileMoved, lock, make_dirs, publish, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.store.folder import BankFolder

FILE = "trusted.json"
VERSION = 1

_TRIES = 5


class Runnable(NamedTuple):
    """A command that a bank declares: what it is for, and its text as it stands there."""

    name: str
    text: str


class Approval(NamedTuple):
    """A command that was approved, for which bank (its folder), and when."""

    bank: str
    name: str
    text: str
    at: str


def refuse_untrusted(home: Path, bank: BankFolder, wanted: Iterable[Runnable]) -> None:
    """Let commands pass that were approved as they stand.

    Raises:
        UntrustedError: one of them was not.
    """
    names = [each.name for each in pending(home, bank, wanted)]
    if names:
        raise UntrustedError(names=names)


def pending(home: Path, bank: BankFolder, wanted: Iterable[Runnable]) -> list[Runnable]:
    """Give the commands of a bank that were not approved as they stand."""
    known = {(each.name, each.text) for each in approvals(home) if each.bank == _key(bank)}
    return [each for each in wanted if (each.name, each.text) not in known]


def approvals(home: Path) -> list[Approval]:
    """Give everything that was approved on this machine.

    Raises:
        ConfigError: the file of approvals cannot be read; nothing counts as approved then.
    """
    return _parsed(_read(home)[1], _path(home))


def approve(home: Path, bank: BankFolder, approved: Sequence[Runnable], *, at: str, timeout: float = 10.0) -> None:
    """Keep that these commands may run for this bank on this machine; others of the same name may no more.

    Raises:
        BankError: the user's own place cannot be written.
    """
    names = {each.name for each in approved}
    fresh = [Approval(_key(bank), each.name, each.text, at) for each in approved]
    kept = _Change(bank=_key(bank), names=names)
    _change(home, kept, fresh, timeout)


def revoke(home: Path, bank: BankFolder, names: Iterable[str] = (), *, timeout: float = 10.0) -> list[Approval]:
    """Forget approvals of a bank, all of them when none is named; gives those that were there.

    Raises:
        BankError: the user's own place cannot be written.
    """
    return _change(home, _Change(bank=_key(bank), names=set(names) or None), [], timeout)


class _Change(NamedTuple):
    bank: str
    names: set[str] | None

    def takes_out(self, approval: Approval) -> bool:
        return approval.bank == self.bank and (self.names is None or approval.name in self.names)


def _key(bank: BankFolder) -> str:
    # links are followed: an approval is for a place on the disk, not for one of its names
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
        raise ConfigError(path=path, why="the approvals are of another form")
    fields = Approval._fields
    if any(not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in fields) for row in rows):
        raise ConfigError(path=path, why="the approvals are of another form")
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
