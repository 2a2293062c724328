"""What this machine knows of a hub, in `.state/sync/`: the state of each file that both had last, and how far it read.

One file for each hub, namespace and project, with a JSON object on each line; it only grows, and is written anew when
most of it is old. Each line is durable before the next step begins. Before changes of others are applied, their states
are noted (`begin`); afterwards, that it is done (`end`). After a kill in between, the bank's own journal knows whether
they were applied. Without the file, everything is compared anew: nothing is lost, but what both sides changed since
becomes a conflict.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import NoFileError
from memorybank.files.write import append_line, make_dirs, publish, read
from memorybank.wire import objects_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "sync"
# lines that are old for each that is not
_OLD = 4
_SMALL = 1000


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


def _texts(value: Any) -> dict[str, str]:
    return {name: each for name, each in value.items() if isinstance(each, str)} if isinstance(value, dict) else {}
