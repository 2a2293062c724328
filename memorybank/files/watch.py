"""A watch on folders: the system reports changes in them, so that their files need not be checked one by one.

Linux only (inotify), and only on file systems of this machine: others, such as network disks, report nothing of what
happens elsewhere. Nothing runs in the background: the reports wait in a queue until they are asked for.
"""

from __future__ import annotations

import os
import platform
import stat
import struct
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

# from sys/inotify.h
_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED, _CREATE, _DELETE, _SELF = 0x2, 0x4, 0x8, 0xC0, 0x100, 0x200, 0xC00
_MASK = _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED | _CREATE | _DELETE | _SELF
_IS_FOLDER = 0x40000000
# the folder is gone, its disk is, or reports were lost
_LOST = 0x2000 | 0x4000 | 0x8000 | _SELF
_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 16
# ext2 to ext4, xfs, btrfs, tmpfs, f2fs, zfs
_LOCAL = frozenset((0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0xF2F52010, 0x2FC12FC1))
_MACHINES = ("x86_64", "aarch64")
# endings of files whose changes count
_ENDS = (b".md", b".markdown", b".jsonl")


class Watch:
    """A watch on some folders, for one thread at a time, in the process that made it."""

    def __init__(self, fd: int, places: dict[str, tuple[int, int]]) -> None:
        self._fd = fd
        # each folder's device and number: another folder in its place is a change
        self._places = places
        # what did not exist: once it does, it has to be watched itself
        self._missing: list[str] = []
        self.is_whole = True

    @classmethod
    def on(cls, folders: Iterable[str]) -> Self | None:
        """Watch folders, and for those that do not exist the place where they would be made; None if it cannot.

        A file with a second name elsewhere could be changed without a report, so with one of them it cannot.
        """
        if sys.platform != "linux" or platform.machine() not in _MACHINES:
            return None
        import ctypes

        try:
            libc = ctypes.CDLL(None, use_errno=True)
            fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, AttributeError):
            return None
        if fd < 0:
            return None
        watch = cls(fd, {})
        for folder in folders:
            if not watch._add(folder, libc):
                watch.close()
                return None
        return watch

    def _add(self, folder: str, libc: Any) -> bool:
        place = folder
        while not os.path.isdir(place) and len(place) > 1:  # noqa: PTH112  avoids pathlib for one line
            place = os.path.dirname(place)  # noqa: PTH120
        if place != folder:
            self._missing.append(folder)
        if place in self._places:
            return True
        state, name = _state_of(place), os.fsencode(place)
        if state is None or not _is_local(name, libc) or (place == folder and _has_second_names(place)):
            return False
        self._places[place] = state
        return bool(libc.inotify_add_watch(self._fd, name, _MASK) >= 0)

    def has_changed(self) -> bool:
        """Check whether anything changed since the last call; True if that is not known."""
        changed = not self.is_whole
        while True:
            try:
                data = os.read(self._fd, _BUFFER)
            except BlockingIOError:
                break
            except OSError:
                self.is_whole = False
                return True
            at = 0
            while at < len(data):
                _, mask, _, length = _HEAD.unpack_from(data, at)
                name = data[at + _HEAD.size : at + _HEAD.size + length].rstrip(b"\0")
                at += _HEAD.size + length
                if mask & _LOST:
                    self.is_whole = False
                # a link has no ending of ours, and may stand for a folder
                changed = changed or bool(mask & (_LOST | _IS_FOLDER)) or _counts(name)
        if any(_state_of(place) != state for place, state in self._places.items()):
            self.is_whole = False
        if any(map(os.path.isdir, self._missing)):
            self.is_whole = False
        return changed or not self.is_whole

    def fileno(self) -> int:
        """Return the descriptor that can be read when there are reports, for `select`."""
        return self._fd

    def close(self) -> None:
        """Stop watching."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1
        self.is_whole = False


def _counts(name: bytes) -> bool:
    return name.endswith(_ENDS) or b"." not in name


def _state_of(place: str) -> tuple[int, int] | None:
    try:
        status = os.stat(place)  # noqa: PTH116
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _is_local(name: bytes, libc: Any) -> bool:
    import ctypes

    found = ctypes.create_string_buffer(512)
    if libc.statfs(name, found) < 0:
        return False
    # the kind of the file system comes first, as a long
    return int.from_bytes(found.raw[: ctypes.sizeof(ctypes.c_long)], sys.byteorder) & 0xFFFFFFFF in _LOCAL


def _has_second_names(folder: str) -> bool:
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with os.scandir(fd) as entries:
            return any(has_second_name(each) for each in entries if _counts(os.fsencode(each.name)))
    finally:
        os.close(fd)


def has_second_name(entry: os.DirEntry[str]) -> bool:
    """Check whether a file has another name, in any folder, under which it can be changed."""
    try:
        return entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_nlink > 1
    except OSError:
        # gone by now: the watch is set already, and reports it
        return False
