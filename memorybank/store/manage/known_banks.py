"""The user's banks that were seen on this machine: `banks.json` in the user's own folder.

It only helps to find other banks. It may be deleted at any time; a bank is listed again when it is next used.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.layouts import HOME
from memorybank.errors import BankError, DiskError, NoFileError, OutsideError
from memorybank.files.write import FileMoved, publish, read
from memorybank.store.cache import hide_state
from memorybank.store.discover import bank_at
from memorybank.store.folder import BankFolder
from memorybank.store.several import none_or_several
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import TypedDict

    class KnownBankWire(TypedDict):
        """The JSON form of a known bank."""

        bank: str
        bank_folder: str
        project: str
        root: str
        remote: str
        seen: str


VERSION = 1
_FILE = "banks.json"
_TRIES = 20


class KnownBank(NamedTuple):
    """A known bank: its folder, name and project, and its git repository (first commit and remote)."""

    path: str
    name: str = ""
    project: str = ""
    root: str = ""
    remote: str = ""
    seen: str = ""

    def to_wire(self) -> KnownBankWire:
        """Return the JSON form, without whether it is still there."""
        return {
            "bank": self.name,
            "bank_folder": self.path,
            "project": self.project,
            "root": self.root,
            "remote": self.remote,
            "seen": self.seen,
        }


class UnreadBank(NamedTuple):
    """A bank that could not be searched, and the reason."""

    bank_folder: str
    why: str


def known_banks(home: Path) -> list[KnownBank]:
    """List all known banks, also those whose folder is gone; empty if the list cannot be read."""
    return _parse(_read(home))


def remember(bank: BankFolder, home: Path, now: datetime) -> None:
    """Add a bank to the list; a listed one costs only a read. If the list cannot be written, nothing is lost."""
    with suppress(BankError, FileMoved, OSError):
        path = str(bank.folder.resolve())
        name = bank.config.name or bank.folder.name if bank.is_users_own else bank.config.name or bank.project.name
        there = next((each for each in known_banks(home) if each.path == path), None)
        if there and (there.name, there.project) == (name, bank.config.project):
            return
        from memorybank.store.git.repository import Repository, repository_of

        root, remote = Repository("", "") if bank.is_users_own else repository_of(bank.project)
        known = KnownBank(path, name, bank.config.project, root, remote, stamp_of(now))
        _change(home, lambda rows: [*(row for row in rows if row.path != path), known])


def forget(home: Path, name: str, *, dry_run: bool = False) -> KnownBank:
    """Remove a bank from the list, by its folder or by a name that only it has. The bank itself is not touched.

    Raises:
        NoRecordError: no bank or several banks match.
    """
    rows = known_banks(home)
    folder = str(Path(name).absolute())
    found = [row for row in rows if row.path in {name, folder, f"{folder}/{HOME.folder}"}] or [
        row for row in rows if row.name == name
    ]
    if len(found) != 1:
        paths = [each.path for each in found]
        raise none_or_several(ident=name, kind="bank", found=paths, hint="bank banks list")
    if not dry_run:
        _change(home, lambda rows: [row for row in rows if row.path != found[0].path])
    return found[0]


def forget_missing(home: Path, *, dry_run: bool = False) -> list[KnownBank]:
    """Remove the banks whose folder is gone from the list, and return them."""
    gone = [bank for bank in known_banks(home) if not is_there(bank, home)]
    if gone and not dry_run:
        paths = {each.path for each in gone}
        _change(home, lambda rows: [row for row in rows if row.path not in paths])
    return gone


def is_there(known: KnownBank, home: Path) -> bool:
    """Check whether a bank is still where it was seen; one that cannot be looked at is taken to be there."""
    try:
        return open_known(known, home) is not None
    except DiskError:
        return True


def open_known(known: KnownBank, home: Path) -> BankFolder | None:
    """Return the bank object for a known bank; None if it is gone.

    Raises:
        DiskError: its folder cannot be looked at.
    """
    folder = Path(known.path)
    try:
        found = bank_at(folder, home) if folder.is_dir() else None
    except OutsideError:
        return None
    except OSError as error:
        raise DiskError(path=folder, why=error.strerror or str(error)) from error
    return found if found and found.folder == folder else None


def _path(home: Path) -> Path:
    return home / ".state" / _FILE


def _read(home: Path) -> bytes | None:
    try:
        return read(_path(home))
    except NoFileError:
        return None
    except BankError:
        return b""


def _parse(data: bytes | None) -> list[KnownBank]:
    try:
        value: Any = json.loads(data or b"{}")
        rows = value["banks"] if value["version"] == VERSION else []
        found = [KnownBank(**{name: str(row.get(name, "")) for name in KnownBank._fields}) for row in rows]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return []
    return [each for each in found if each.path]


def _change(home: Path, change: Callable[[list[KnownBank]], list[KnownBank]]) -> None:
    hide_state(BankFolder(home, home, HOME))
    for left in reversed(range(_TRIES)):
        data = _read(home)
        rows = change(_parse(data))
        value = {"version": VERSION, "banks": [row._asdict() for row in rows]}
        try:
            publish(_path(home), base=data, new=f"{json.dumps(value, indent=1)}\n".encode(), mode=0o600)
        except FileMoved:
            if not left:
                raise
        else:
            return
