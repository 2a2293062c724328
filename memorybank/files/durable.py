"""Bytes brought to the disk: written whole, synced, with what belongs to the old file; journals and folders.

After a failed sync nothing is synced again on the same descriptor: the system may have dropped the bytes and
would then report success. The caller throws the file away.
"""
# Each system call is named as it is, so that a test can fail it and a trace can show it.
# ruff: noqa: PTH100, PTH102, PTH105, PTH106, PTH108, PTH112, PTH120

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from memorybank.errors import NotAFileError
from memorybank.files.read import CLOEXEC, NOFOLLOW, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Not O_NONBLOCK: with it an open would fail while a reader holds a lease, instead of waiting for it.
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | NOFOLLOW | CLOEXEC | getattr(os, "O_BINARY", 0)


def append_line(path: Path, line: bytes) -> None:
    """Add one line to the end of a journal, in one write; durable on return.

    A last line that a crash left without its end is ended first, so at most that line is lost. A new file is
    private (0600). A link is refused. When it fails, the file is cut back to what it was.

    Raises:
        ValueError: `line` holds a newline other than its last byte.

    """
    if b"\n" in line[:-1]:
        raise ValueError("a journal line must not hold a newline")
    target = os.fspath(path)
    with typed(path), nullcontext(-1) if os.path.lexists(target) else open_folder(target) as folder:
        fd = os.open(target, _APPEND, 0o600)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise NotAFileError(path=path)
            _append(fd, folder, status.st_size, line.removesuffix(b"\n") + b"\n")
        finally:
            os.close(fd)


def rotate(path: Path, older: Path) -> None:
    """Let a journal that has grown large become `older`, in place of one that is there; durable on return."""
    with typed(path), open_folder(os.fspath(path)) as folder:
        os.replace(path, older)
        sync_folder(folder)


def discard(path: Path) -> None:
    """Delete a derived file, if it is there: what it held is made anew when it is asked for."""
    with typed(path), suppress(FileNotFoundError):
        os.unlink(path)


def make_dirs(path: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing, each one durable on return.

    Raises:
        NotAFileError: something other than a folder stands in the way.

    """
    target = os.path.abspath(os.fspath(path))
    missing = []
    with typed(path):
        while not os.path.isdir(target):
            missing.append(target)
            target = os.path.dirname(target)
        for name in reversed(missing):
            try:
                os.mkdir(name, mode)
            except FileExistsError:
                if not os.path.isdir(name):
                    raise NotAFileError(path=name, what="not a folder") from None
            with open_folder(name) as folder:
                sync_folder(folder)


def remove_empty_dirs(path: Path, keep: Sequence[Path]) -> None:
    """Take a folder away, and those above it, as far as they are empty and below one of the folders to keep."""
    target = os.path.abspath(os.fspath(path))
    roots = [os.path.abspath(os.fspath(each)) for each in keep]
    # a courtesy: a folder that holds something, or is gone already, ends it
    with suppress(OSError):
        while target not in roots and any(target.startswith(root + os.sep) for root in roots):
            os.rmdir(target)
            target = os.path.dirname(target)


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`, in as many calls as it takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def copy_attributes(old: int, new: int) -> None:
    """Give a new file the owner, mode, extended attributes and ACL of an old one, as far as we may."""
    if sys.platform == "win32":
        return
    want, have = os.fstat(old), os.fstat(new)
    # Each for itself: a member of the group may keep the group though not the owner.
    if want.st_gid != have.st_gid:
        with suppress(PermissionError):
            os.fchown(new, -1, want.st_gid)
    if want.st_uid != have.st_uid:
        with suppress(PermissionError):
            os.fchown(new, want.st_uid, -1)
    os.fchmod(new, stat.S_IMODE(want.st_mode))
    _copy_extended(old, new)


def _copy_extended(old: int, new: int) -> None:
    """Copy extended attributes, among them the ACL; labels that only the system may set are left to it."""
    if sys.platform != "linux":
        return
    try:
        names, present = os.listxattr(old), os.listxattr(new)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return
        raise
    for name in names:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENODATA}:
                raise
    for name in set(present) - set(names):
        # A folder's default ACL would widen what the old file allowed.
        with suppress(PermissionError):
            os.removexattr(new, name)


def sync(fd: int) -> None:
    """Bring a file's bytes to the disk itself."""
    if sys.platform == "darwin":
        import fcntl

        # There fsync stops at the drive's cache.
        with suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
    os.fsync(fd)


@contextmanager
def open_folder(target: str) -> Iterator[int]:
    """Open the folder of `target` before anything is changed in it; -1 where folders cannot be opened."""
    if sys.platform == "win32":
        yield -1
        return
    fd = os.open(os.path.dirname(target) or ".", os.O_RDONLY | os.O_DIRECTORY | CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def sync_folder(fd: int) -> None:
    """Bring a folder's names to the disk."""
    if fd < 0:
        return
    try:
        os.fsync(fd)
    except OSError as error:
        # Some network file systems have no such call for folders.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise


def _append(fd: int, folder: int, size: int, line: bytes) -> None:
    text = b"\n" + line if size > 0 and _last_byte(fd) != b"\n" else line
    try:
        # One call, so that readers and other appenders never see half a line; a short one means a full disk.
        _refuse_short(os.write(fd, text), len(text))
        sync(fd)
        sync_folder(folder)
    except OSError:
        with suppress(OSError):
            os.ftruncate(fd, size)
        raise


def _last_byte(fd: int) -> bytes:
    os.lseek(fd, -1, os.SEEK_END)
    return os.read(fd, 1)


def _refuse_short(written: int, wanted: int) -> None:
    if written != wanted:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
