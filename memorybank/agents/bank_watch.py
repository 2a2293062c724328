"""A watch on a bank's files: which of them changed, whoever changed them, for programs that keep running.

Where the system reports changes (`files/watch.py`), waiting costs nothing; elsewhere the files' states are compared
every half second. Either way a change counts only if the state of a file is another one than before, so reading, and
a lock or an index that is written, are none.
"""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Self

from memorybank.files.watch import Watch
from memorybank.recall.sources import states_of_bank

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

# seconds: between two looks where nothing is reported; until the files are quiet; the longest wait for that; between
# two looks although the system reports, for what it cannot see
_POLL, _QUIET, _LONGEST, _CHECK = 0.5, 0.1, 1.0, 60.0
_MOST_FOLDERS = 500


class BankChanges(NamedTuple):
    """The files that changed, by their names in the bank: those that were made, edited and removed."""

    made: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.made, *self.edited, *self.removed)


class BankWatch:
    """A watch on one bank, from its making on until `stop`; `wait` in one thread, `stop` from any."""

    def __init__(self, bank: BankFolder, *, reported: bool = True) -> None:
        self._bank = bank
        self._reported = reported
        self._watch: Watch | None = None
        self._folders: frozenset[str] = frozenset()
        # `stop` sends a byte through them: `wait` returns
        self._wake, self._waker = socket.socketpair()
        self._is_stopped = False
        self._states = self._look()

    def __enter__(self) -> Self:
        """Return the watch, which stops with the block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.close()

    @property
    def is_reported(self) -> bool:
        """Whether the system reports changes, so that nothing is done while there are none."""
        return self._watch is not None

    def wait(self, timeout: float | None = None) -> BankChanges | None:
        """Wait for the next changes and return them, when nothing more has changed for a tenth of a second.

        Several changes of one file are one. None if there was none within `timeout` seconds, or after `stop`. The bank
        may be deleted meanwhile: its files are removed then, and made if it comes back.
        """
        ends = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if ends is None else ends - time.monotonic()
            if left is not None and left <= 0:
                return None
            step = _CHECK if self._watch is not None else _POLL
            if not self._sleep(step if left is None else min(step, left)):
                return None
            states = self._look()
            if states == self._states:
                continue
            changes = compared(self._states, states := self._settled(states))
            self._states = states
            if changes.files:
                return changes

    def stop(self) -> None:
        """Let a `wait` in another thread return at once; later ones return at once, too."""
        self._is_stopped = True
        # it is closed already, or nobody has read what was sent before
        with suppress(OSError):
            self._waker.send(b"x")

    def close(self) -> None:
        """Stop, and give back what the watch holds; no `wait` may be running."""
        self._is_stopped = True
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._wake.close()
        self._waker.close()

    def _settled(self, states: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        """Look again until two looks are equal: an editor saves a file in several steps."""
        ends = time.monotonic() + _LONGEST
        while not self._is_stopped and time.monotonic() < ends:
            time.sleep(_QUIET)
            before, states = states, self._look()
            if states == before:
                break
        return states

    def _sleep(self, seconds: float) -> bool:
        """Sleep until something is reported, or the time is over; False once the watch is stopped."""
        if self._is_stopped:
            return False
        if not hasattr(select, "poll"):
            select.select([self._wake], [], [], max(seconds, 0))
            return not self._is_stopped
        # `select` takes no descriptor above 1,023
        poll = select.poll()
        for each in (self._wake, self._watch):
            if each is not None:
                poll.register(each.fileno(), select.POLLIN)
        poll.poll(max(seconds, 0) * 1000)
        return not self._is_stopped

    def _look(self) -> dict[str, tuple[int, ...]]:
        """Return the state of each file; the watch is set before, so that no change falls between the two."""
        if self._watch is not None and (self._watch.has_changed() and not self._watch.is_whole):
            self._watch.close()
            self._watch = None
        folders, states = self._read()
        if self._reported and (self._watch is None or folders != self._folders):
            self._arm(folders)
            # what came into a new folder before the watch was set
            folders, states = self._read()
        return states

    def _arm(self, folders: frozenset[str]) -> None:
        if self._watch is not None:
            self._watch.close()
        is_there = self._bank.folder.is_dir()
        self._watch = Watch.on(sorted(folders)) if is_there and len(folders) <= _MOST_FOLDERS else None
        self._folders = folders

    def _read(self) -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
        base = os.fspath(self._bank.folder)
        folders = {base, f"{base}/memories", f"{base}/archive", f"{base}/archive/memories"}
        states: dict[str, tuple[int, ...]] = {}
        if not self._bank.folder.is_dir():
            return frozenset(folders), states
        for folder, rows in states_of_bank(self._bank):
            if folder.path != base and not folder.path.startswith(f"{base}/"):
                continue  # documents of the project
            folders.add(folder.path)
            for name, *state in rows:
                states[f"{folder.prefix}{name}"] = tuple(state)
        return frozenset(folders), states


def compared(before: dict[str, tuple[int, ...]], after: dict[str, tuple[int, ...]]) -> BankChanges:
    """Return the changes between two states of a bank's files, each in the order of names."""
    return BankChanges(
        made=tuple(sorted(after.keys() - before.keys())),
        edited=tuple(sorted(name for name in after.keys() & before.keys() if after[name] != before[name])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )
