"""What this machine knows of a hub, in `.state/sync/`: the state of each file that both had last, and how far it read.

One file for each hub, namespace and project, with a JSON object on each line; it only grows, and is written anew when
most of it is old. Each line is durable before the next step begins. Before changes of others are applied, their states
are noted (`begin`); afterwards, that it is done (`end`). After a kill in between, the bank's own journal knows whether
they were applied. Without the file, everything is compared anew: nothing is lost, but what both sides changed since
becomes a conflict.

Beside it is a file of the states of the files themselves (`SeenFiles`): which of them need not be read.
"""

from __future__ import annotations

import json
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, NoFileError
from memorybank.files.write import append_line, make_dirs, publish, read, replace
from memorybank.wire import objects_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# lines that are old for each that is not
_OLD = 4
_SMALL = 1000
# a file that was changed a moment ago may change again without a new time: some disks count in steps of two seconds
_RACY_NS = 2_000_000_000
# a file that was changed a moment ago may change again without a new time: disks count in up to two seconds
_RACY_NS = 2_000_000_000


class RefusedRow(NamedTuple):
    """A state of a file in the hub that was not applied here, and why; it is tried again with each sync."""

    sequence: int
    digest: str
    code: str
    why: str


class SyncState:
    """The state of one bank against one hub. With `dry_run` it changes in memory only.

    `files` has the digest of each file that the hub and this bank both had last; a file that both deleted is not in it.
    `cursor` is the number up to which the hub was read, and `mark` what the operation of this number was. `allowed`
    has the secret rules that somebody allowed for a file.
    """

    def __init__(self, path: Path, *, dry_run: bool = False) -> None:
        self.path = path
        self.files: dict[str, str] = {}
        self.cursor = 0
        self.mark = ""
        self.kept: dict[str, RefusedRow] = {}
        self.allowed: dict[str, tuple[str, ...]] = {}
        self.begun: tuple[str, dict[str, str]] | None = None
        self._dry_run = dry_run
        self._load()

    def note(self, **change: Any) -> None:
        """Take a change over, and keep it; durable on return."""
        self._take(change)
        if not self._dry_run:
            append_line(self.path, json.dumps(change, separators=(",", ":")).encode())

    def _load(self) -> None:
        try:
            data = read(self.path)
        except NoFileError:
            if not self._dry_run:
                make_dirs(self.path.parent, 0o700)
            return
        rows = objects_in(data)
        for row in rows:
            self._take(row)
        entries = sum(len(row.get("files") or ()) or 1 for row in rows)
        if not self._dry_run and entries > _OLD * len(self.files) + _SMALL and self.begun is None:
            whole = {
                "files": self.files,
                "cursor": self.cursor,
                "mark": self.mark,
                "kept": {name: list(each) for name, each in self.kept.items()},
                "allowed": {name: list(each) for name, each in self.allowed.items()},
            }
            publish(self.path, base=data, new=json.dumps(whole, separators=(",", ":")).encode() + b"\n", mode=0o600)

    def _take(self, change: Mapping[str, Any]) -> None:
        """Apply one line. What is not of the right form is skipped: others may have edited it."""
        if change.get("forget") is True:
            self.files, self.cursor, self.mark, self.kept = {}, 0, "", {}
        if isinstance(change.get("begin"), str):
            self.begun = (change["begin"], _texts(change.get("files")))
            return
        if isinstance(change.get("end"), str):
            self.begun = None
        for name, digest in _texts(change.get("files")).items():
            if digest:
                self.files[name] = digest
            else:
                self.files.pop(name, None)
        if isinstance(change.get("cursor"), int) and isinstance(change.get("mark"), str):
            self.cursor, self.mark = change["cursor"], change["mark"]
        kept = change.get("kept")
        for name, row in kept.items() if isinstance(kept, dict) else ():
            self.kept.pop(name, None)
            if isinstance(row, list) and [type(each) for each in row] == [int, str, str, str]:
                self.kept[name] = RefusedRow(*row)
        allowed = change.get("allowed")
        for name, rules in allowed.items() if isinstance(allowed, dict) else ():
            self.allowed[name] = tuple(map(str, rules)) if isinstance(rules, list) else ()


class SeenFiles:
    """The size, the times and the number that files had when they had a digest: with these, they still have it.

    A cache in `.state/sync/`: without it, or where it is not readable, all files are read. A file whose time is newer
    than the last two seconds before the sync began, by the disk's clock, is not kept: it could change unnoticed.
    """

    def __init__(self, state: Path) -> None:
        self._path = state.with_suffix(".seen")
        self._kept = _kept(self._path)
        self._looked: dict[str, str] = {}
        self._found: dict[str, list[str]] = {}
        try:
            began = state.with_name("lock").stat().st_mtime_ns
        except OSError:
            began = 0
        self._limit = min(began, time.time_ns()) - _RACY_NS

    def is_unchanged(self, name: str, path: Path, digest: str) -> bool:
        """Whether a file has the digest that it had, without reading it. To be asked before the file is read."""
        try:
            status = path.lstat()
        except OSError:
            return False
        if not stat.S_ISREG(status.st_mode):
            return False
        state = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
        if digest and self._kept.get(name) == [digest, state]:
            self._found[name] = [digest, state]
            return True
        if max(status.st_mtime_ns, status.st_ctime_ns) < self._limit:
            self._looked[name] = state
        return False

    def note(self, name: str, digest: str) -> None:
        """Remember that a file that was asked for, and then read, has a digest, and the hub as well."""
        if name in self._looked:
            self._found[name] = [digest, self._looked[name]]

    def save(self) -> None:
        """Keep what was found, if it is not what was kept. A disk that refuses it costs time only."""
        if self._found != self._kept:
            with suppress(BankError):
                replace(self._path, json.dumps(self._found, separators=(",", ":")).encode())


def _kept(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read(path))
    except (BankError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(value: Any) -> dict[str, str]:
    return {name: each for name, each in value.items() if isinstance(each, str)} if isinstance(value, dict) else {}
