"""Texts that a command refused: kept next to the bank, so that nothing the user typed is lost.

A text is written to `.state/typed/`, which git ignores, else to the user's own folder or the folder for temporary
files, never into a git work tree. Only the user can read it. Old texts are deleted when new ones are kept; the newest
always stays.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.files.write import FileMoved, delete, make_dirs, publish, read, resolve
from memorybank.ids import slug_of
from memorybank.store.cache import hide_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypedDict

    from memorybank.store.folder import BankFolder

    class RefusedTextWire(TypedDict):
        """A text that a command refused."""

        path: str
        size: int
        at: str


FOLDER = "typed"
# the second folder holds the copies of records that are being edited
_FOLDERS = (FOLDER, "open")
KEPT_DAYS = 30
KEPT_BYTES = 32 * 1024 * 1024
KEPT_COUNT = 200
# a text younger than this (seconds) may be open in an editor: it is never deleted to make room
_YOUNG = 86_400.0
_NAME_LENGTH = 40


class RefusedText(NamedTuple):
    """A kept text: its file, its size in bytes, and when it was last written, in seconds."""

    path: Path
    size: int
    at: float

    def to_wire(self) -> RefusedTextWire:
        """Return the JSON form."""
        from memorybank.times import stamp_of

        return {"path": str(self.path), "size": self.size, "at": stamp_of(datetime.fromtimestamp(self.at, UTC))}


def keep_text(bank: BankFolder | None, home: Path, data: bytes, about: str, *, mark: str = "") -> Path | None:
    """Keep a text and return its file; the same text is kept once. None if no folder can be written.

    `about` is used in the file's name; `mark` makes the name unique, for a file that will be edited.
    """
    stem = f"{mark or digest_of(data)}-{slug_of(about)[:_NAME_LENGTH].strip('-')}"
    for folder, prefix in _places(bank, home):
        # a name taken by another text or by a file that is not ours is left alone
        for tail in ("", f"-{os.urandom(4).hex()}"):
            path = folder / f"{prefix}{stem}{tail}.md"
            with suppress(BankError, FileMoved, OSError):
                if not os.path.lexists(path):
                    publish(path, base=None, new=data, mode=0o600)
                if _is_ours(path, data):
                    return path
    return None


def list_kept(bank: BankFolder) -> list[RefusedText]:
    """List the texts kept next to a bank, newest first."""
    found: list[RefusedText] = []
    for name in _FOLDERS:
        with suppress(OSError):
            found += _kept_in(bank.state / name)
    return _newest_first(found)


def prune_kept(path: Path, now: float) -> list[Path]:
    """Delete texts in the folder of `path` that are too old, or the oldest if there are too many.

    `now` is in seconds. The newest text and `path` always stay. In a folder shared with other programs nothing is
    deleted. Returns the deleted files.
    """
    gone: list[Path] = []
    if path.parent.name not in _FOLDERS:
        return gone
    size = 0
    for number, each in enumerate(_newest_first(_kept_in(path.parent))):
        size += each.size
        age = now - each.at
        too_many = (size > KEPT_BYTES or number >= KEPT_COUNT) and age > _YOUNG
        if number and each.path != path and (too_many or age > KEPT_DAYS * 86_400) and let_go_of(each.path):
            gone.append(each.path)
    return gone


def let_go_of(path: Path) -> bool:
    """Delete a text that is no longer needed; return whether it is gone."""
    try:
        delete(path, base=read(path))
    except (BankError, FileMoved):
        return False
    return True


def _newest_first(found: Iterable[RefusedText]) -> list[RefusedText]:
    return sorted(found, key=lambda each: (-each.at, each.path.name))


def _places(bank: BankFolder | None, home: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folders that may hold a text, best first, with the prefix of file names there. Creates missing ones."""
    if bank is not None and not bank.read_only:
        with suppress(BankError, OSError):
            resolve(bank.state, bank.roots)
            hide_state(bank)
            yield _hidden(bank.state / FOLDER), ""
    with suppress(BankError, OSError):
        if home.is_dir() and not _in_git(home):
            yield _hidden(home / ".state" / FOLDER), ""
    # the last two are the usual places of a system, in case TMPDIR names a folder that cannot be used
    for name in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108  the file is made safely there
        folder = Path(name)
        if folder.is_dir() and not _in_git(folder):
            yield folder, "bank-typed-"


def _hidden(folder: Path) -> Path:
    make_dirs(folder, 0o700)
    if folder.is_symlink():
        raise NotADirectoryError(os.fspath(folder))
    ignore = folder / ".gitignore"
    if not os.path.lexists(ignore):
        with suppress(FileMoved):
            publish(ignore, base=None, new=b"*\n")
    return folder


def _in_git(folder: Path) -> bool:
    real = Path(os.path.realpath(folder))
    return any(os.path.lexists(parent / ".git") for parent in (real, *real.parents))


def _is_ours(path: Path, data: bytes) -> bool:
    status = path.lstat()
    private = os.name != "posix" or (status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o077)
    return private and read(path) == data


def _kept_in(folder: Path) -> Iterator[RefusedText]:
    if folder.is_symlink():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                status = entry.stat(follow_symlinks=False)
                yield RefusedText(Path(entry.path), status.st_size, status.st_mtime)
