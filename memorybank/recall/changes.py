"""What changed on disk since the index was updated: by the state of each file, or by a watch in a long process.

A program that keeps running, such as one with a `Bank`, sets a watch when it searches a bank again. As long as the
system reports nothing, the files need not be checked one by one.
"""

from __future__ import annotations

import os
import time
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from memorybank.recall.index import DiskState, compared
from memorybank.recall.sources import folders_below, states_of, states_of_bank

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memorybank.files.watch import Watch
    from memorybank.store.folder import BankFolder

# banks that are watched at the same time, and folders of one of them
_MOST_BANKS, _MOST_FOLDERS = 8, 500
# seconds after which the files are checked although the watch reported nothing: a file that has a second name in
# another folder can be changed under that
_TRUSTED = 60.0


def look_of(bank: BankFolder) -> Callable[[Mapping[str, bytes]], DiskState | None]:
    """Return the function that looks for changes in a bank's files, see `IndexSource`."""
    return partial(_look, bank)


def look_below(root: str, known: Mapping[str, bytes]) -> DiskState | None:
    """Look for changes in a folder of Markdown and the folders below it."""
    return compared([(each, states_of(each)) for each in folders_below(root)], known)


class _Watched:
    """A bank that was searched in this process, and the folders that were there."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.folders = folders
        self._watch: Watch | None = None
        # what the index knew when nothing had changed, and when that was
        self._known: Mapping[str, bytes] | None = None
        self._checked = 0.0

    def is_quiet(self, known: Mapping[str, bytes]) -> bool:
        """Check whether nothing changed since the files were last checked; False if that is not certain."""
        if self._watch is None:
            return False
        if self._watch.has_changed():
            self._known = None
        is_recent = 0 <= time.monotonic() - self._checked < _TRUSTED
        return self._known is not None and is_recent and known == self._known

    def arm(self) -> None:
        """Watch the folders, if they are not watched already."""
        from memorybank.files.watch import Watch

        if self._watch is None or not self._watch.is_whole:
            self.close()
            self._watch = Watch.on(self.folders) if len(self.folders) <= _MOST_FOLDERS else None

    def trust(self, known: Mapping[str, bytes], since: float) -> None:
        """Trust the watch from now on: the index knew the state of the disk."""
        self._known, self._checked = dict(known), since

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.close()
        self._watch, self._known = None, None


class _All:
    """The banks that were searched in this process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.watched: dict[str, _Watched] = {}

    def forget(self) -> None:
        """Begin again in a child process: it shares the queue of reports with its parent, and perhaps a held lock."""
        for each in self.watched.values():
            each.close()
        self.__init__()  # type: ignore[misc]  # as new


_ALL = _All()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_ALL.forget)


def _look(bank: BankFolder, known: Mapping[str, bytes]) -> DiskState | None:
    name = os.fspath(bank.folder)
    with _ALL.lock:
        watched = _ALL.watched.pop(name, None)
        if watched is not None and watched.is_quiet(known):
            _ALL.watched[name] = watched
            return None
        since = time.monotonic()
        if watched is not None:
            # most programs search once: a watch would cost them more than it saves
            watched.arm()
        states = states_of_bank(bank)
        changed = compared(states, known)
        # what is not there yet is made in one of these
        above = (f"{name}/memories", f"{name}/archive/memories")
        folders = (*above, *(folder.path for folder, _ in states))
        if watched is None or watched.folders != folders:
            if watched is not None:
                watched.close()
            watched = _Watched(folders)
        elif changed is None:
            watched.trust(known, since)
        while len(_ALL.watched) >= _MOST_BANKS:
            _ALL.watched.pop(next(iter(_ALL.watched))).close()
        _ALL.watched[name] = watched
        return changed
