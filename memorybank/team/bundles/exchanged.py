"""What this bank exchanged by bundles, in `.state/sync/`: the versions of its files, and the bundles themselves.

The bundles have the texts that both sides had, which a later merge needs as its base. All of it is local; without it
a bundle is still applied, but a file that both sides changed gets both texts.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.files.lock import lock
from memorybank.files.write import discard, make_dirs, read, replace
from memorybank.store.cache import hide_state
from memorybank.store.journal.log import kept_text, read_operations, standing_undos
from memorybank.store.journal.timeline import Timeline
from memorybank.team.bundles.container import Container, history_of, open_bundle
from memorybank.team.bundles.versions import rewound, sha256_of
from memorybank.team.syncable import sync_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation
    from memorybank.store.way import Way
    from memorybank.team.bundles.versions import History

FOLDER = "sync"
_VERSION = 1
_ENDING = ".bundle"
_SHORT_DIGEST = 16
# applies whose undo is noticed
_MOST_APPLIED = 50


class Pending(NamedTuple):
    """A bundle that is being applied: its id, the mark of its operation in the journal, and the SHA-256 decided."""

    bundle: str
    request: str
    decided: dict[str, str]


class Applied(NamedTuple):
    """A bundle that was applied: its id, and which version each file had before, "" for none."""

    bundle: str
    before: dict[str, str]


class ExchangeMemory:
    """The memory of earlier exchanges: histories by file, and the ids of the bundles that were made or applied here.

    `pending` is what was decided for a bundle that is being applied; it stays when the process is killed. `applied` has
    the last ones by the marks of their operations in the journal.
    """

    def __init__(self, bank: BankFolder) -> None:
        self.bank = bank
        self.histories: dict[str, History] = {}
        self.bundles: list[str] = []
        self.pending: Pending | None = None
        self.applied: dict[str, Applied] = {}
        self._open: dict[str, Container] = {}
        self._operations: list[Operation] | None = None
        self._timelines: dict[str, Timeline] = {}
        self._load()

    @property
    def _folder(self) -> Path:
        return self.bank.state / FOLDER

    def _load(self) -> None:
        try:
            value: Any = json.loads(read(self._folder / "bundles.json"))
            if value["version"] == _VERSION:
                self.histories = {str(name): history_of(rows) for name, rows in value["files"].items()}
                self.bundles = [str(each) for each in value["bundles"]]
                self.pending = _pending_of(value["pending"]) if value["pending"] else None
                self.applied = {str(key): _applied_of(row) for key, row in value.get("applied", {}).items()}
        except (BankError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.histories, self.bundles, self.pending, self.applied = {}, [], None, {}

    def save(self) -> None:
        """Write the memory; durable on return.

        Raises:
            BankError: it cannot be written.
        """
        files = {name: [list(each) for each in history] for name, history in sorted(self.histories.items())}
        pending = self.pending._asdict() if self.pending else None
        applied = {key: each._asdict() for key, each in [*self.applied.items()][-_MOST_APPLIED:]}
        value = {"version": _VERSION, "pending": pending, "bundles": self.bundles, "applied": applied, "files": files}
        hide_state(self.bank)
        make_dirs(self._folder, 0o700)
        replace(self._folder / "bundles.json", json.dumps(value, separators=(",", ":")).encode())

    def forget_undone(self) -> None:
        """Forget the bundles whose apply was undone: their versions are no earlier ones of the files here.

        Otherwise what was undone would look deleted, on the machine that it came from, too.
        """
        if not self.applied:
            return
        operations = [each for each in read_operations(self.bank) if each.state == "done"]
        undone = {each.undoes for each in standing_undos(operations)}
        for operation in operations:
            if operation.id in undone and operation.request in self.applied:
                bundle, before = self.applied.pop(operation.request)
                self.bundles = [each for each in self.bundles if each != bundle]
                for name, ident in before.items():
                    self.histories[name] = rewound(self.histories.get(name, ()), ident)
        self.histories = {name: history for name, history in self.histories.items() if history}

    def keep(self, bundle: Container) -> None:
        """Keep a bundle for the texts in it; the oldest ones go when they take too much space.

        Raises:
            BankError: it cannot be written.
        """
        folder = self._folder / "bundles"
        make_dirs(folder, 0o700)
        replace(folder / f"{bundle.ident}{_ENDING}", bundle.data)
        limit = self.bank.config.kept_megabytes * 1_000_000
        for path in self._stored():
            limit -= path.stat().st_size
            if limit < 0 and path.stem != bundle.ident:
                discard(path)

    def kept(self, ident: str) -> Container | None:
        """Return a kept bundle; None if it is gone."""
        return next((each for each in self._kept() if each.ident == ident), None)

    def text_of(self, name: str, digest: str, *others: bytes | None) -> bytes | None:
        """Return the text of a file with a digest: one of `others`, of a kept bundle, or of the journal."""
        for data in others:
            if data is not None and sha256_of(data) == digest:
                return data
        for bundle in self._kept():
            with suppress(BankError):
                if bundle.has_text(digest):
                    return bundle.text(digest)
        return self._in_journal(name, digest)

    def _in_journal(self, name: str, digest: str) -> bytes | None:
        short = digest[:_SHORT_DIGEST]
        if self._operations is None:
            self._operations = read_operations(self.bank)
        if name not in self._timelines:
            file = self.bank.name_of(sync_path(self.bank, name))
            self._timelines[name] = Timeline(self.bank, file, self._operations, None)
        data = kept_text(self.bank, short) or self._timelines[name].data_of(short)
        return data if data is not None and sha256_of(data) == digest else None

    def _kept(self) -> Iterator[Container]:
        for path in self._stored():
            if path.stem not in self._open:
                with suppress(BankError):
                    self._open[path.stem] = open_bundle(path)
            if path.stem in self._open:
                yield self._open[path.stem]

    def _stored(self) -> list[Path]:
        """List the kept bundles, newest first."""
        folder = self._folder / "bundles"
        try:
            found = [(entry.stat().st_mtime_ns, entry.name) for entry in os.scandir(folder)]
        except OSError:
            return []
        return [folder / name for _, name in sorted(found, reverse=True) if name.endswith(_ENDING)]


def _applied_of(value: Any) -> Applied:
    return Applied(str(value["bundle"]), {str(name): str(ident) for name, ident in value["before"].items()})


def _pending_of(value: Any) -> Pending:
    decided = {str(name): str(digest) for name, digest in value["decided"].items()}
    return Pending(str(value["bundle"]), str(value["request"]), decided)


def exchanging(bank: BankFolder, way: Way) -> AbstractContextManager[float]:
    """Let one process at a time make or apply bundles of a bank.

    Raises:
        LockedError: another one does for longer than the caller waits.
    """
    return lock(bank.state / "bundles.lock", timeout=way.options.timeout, holder="bundle", on_wait=way.options.on_wait)
