"""Durable writes: whole files, synced, with the attributes of the old file; also journals and folders.

After a failed sync, nothing is synced again on the same descriptor: the system may have dropped the bytes and
would then report success. The caller discards the file.
"""
# System calls are made directly, so that a test can make one fail and a trace can show it.
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

# Not O_NONBLOCK: with it, an open would fail while a reader has a lease, instead of waiting for it.
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | NOFOLLOW | CLOEXEC | getattr(os, "O_BINARY", 0)


def append_line(path: Path, line: bytes, *, is_durable: bool = True) -> None:
    """Append one line to a journal, in one write; durable on return.

    If a crash left the last line without a newline, the newline is added first, so at most that line is lost. A new
    file is private (0600). A link is refused. If the write fails, the file is cut back to its old size.

    A log that is not durable may lose its last lines in a crash. Its writers need no lock; after a failed write half a
    line may stay, which the next one ends.

    Raises:
        ValueError: `line` contains a newline before its last byte.

    """
    append_lines(path, [line], is_durable=is_durable)


def append_lines(path: Path, lines: Sequence[bytes], *, is_durable: bool = True) -> None:
    """Append several lines as `append_line` does one: in one write, so that a crash leaves a beginning of them.

    Raises:
        ValueError: a line contains a newline before its last byte.

    """
    if any(b"\n" in line[:-1] for line in lines):
        raise ValueError("a journal line must not contain a newline")
    text = b"".join(line.removesuffix(b"\n") + b"\n" for line in lines)
    target = os.fspath(path)
    with typed(path), nullcontext(-1) if os.path.lexists(target) else open_folder(target) as folder:
        fd = os.open(target, _APPEND, 0o600)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise NotAFileError(path=path)
            _append(fd, folder, status.st_size, text, is_durable=is_durable)
        finally:
            os.close(fd)


def rotate(path: Path, older: Path) -> None:
    """Rename a large journal to `older`, replacing an existing file of that name; durable on return."""
    with typed(path), open_folder(os.fspath(path)) as folder:
        os.replace(path, older)
        sync_folder(folder)


def leave_mark(path: Path) -> None:
    """Create an empty file whose name is what it says. Not synced: it outlives the process, not a loss of power."""
    with typed(path):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | NOFOLLOW | CLOEXEC, 0o600))


def discard(path: Path) -> None:
    """Delete a derived file, if it exists: it is made again when it is needed."""
    with typed(path), suppress(FileNotFoundError):
        os.unlink(path)


def make_dirs(path: Path, mode: int = 0o777) -> None:
    """Create a folder and its missing parents, each durable on return.

    Raises:
        NotAFileError: something on the path is not a folder.

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
    """Remove a folder and its parents, as long as they are empty and inside one of the folders to keep."""
    target = os.path.abspath(os.fspath(path))
    roots = [os.path.abspath(os.fspath(each)) for each in keep]
    # only a clean-up: stop at a folder that is not empty or already gone
    with suppress(OSError):
        while target not in roots and any(target.startswith(root + os.sep) for root in roots):
            os.rmdir(target)
            target = os.path.dirname(target)


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`, with as many calls as needed."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def copy_attributes(old: int, new: int) -> None:
    """Copy the owner, mode, extended attributes and ACL of an old file to a new one, as far as permissions allow."""
    if sys.platform == "win32":
        return
    want, have = os.fstat(old), os.fstat(new)
    # Separately: a member of the group may set the group even if not the owner.
    if want.st_gid != have.st_gid:
        with suppress(PermissionError):
            os.fchown(new, -1, want.st_gid)
    if want.st_uid != have.st_uid:
        with suppress(PermissionError):
            os.fchown(new, want.st_uid, -1)
    os.fchmod(new, stat.S_IMODE(want.st_mode))
    _copy_extended(old, new)


def _copy_extended(old: int, new: int) -> None:
    """Copy extended attributes, including the ACL; labels that only the system may set are skipped."""
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
        # A folder's default ACL would allow more than the old file did.
        with suppress(PermissionError):
            os.removexattr(new, name)


def sync(fd: int) -> None:
    """Flush a file's bytes to the disk."""
    if sys.platform == "darwin":
        import fcntl

        # On macOS fsync only reaches the drive's cache.
        with suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
    os.fsync(fd)


@contextmanager
def open_folder(target: str) -> Iterator[int]:
    """Open the folder of `target` before anything is changed in it; -1 on systems that cannot open folders."""
    if sys.platform == "win32":
        yield -1
        return
    fd = os.open(os.path.dirname(target) or ".", os.O_RDONLY | os.O_DIRECTORY | CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def sync_folder(fd: int) -> None:
    """Flush a folder's entries to the disk."""
    if fd < 0:
        return
    try:
        os.fsync(fd)
    except OSError as error:
        # Some network file systems cannot sync folders.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise


def _append(fd: int, folder: int, size: int, lines: bytes, *, is_durable: bool) -> None:
    text = b"\n" + lines if size > 0 and _last_byte(fd) != b"\n" else lines
    try:
        # One call, so that readers and other appenders never see half a line; a short write means a full disk.
        _refuse_short(os.write(fd, text), len(text))
        if is_durable:
            sync(fd)
            sync_folder(folder)
    except OSError:
        # without a lock another process may have added a line since, so only a journal is cut back
        if is_durable:
            with suppress(OSError):
                os.ftruncate(fd, size)
        raise


def _last_byte(fd: int) -> bytes:
    os.lseek(fd, -1, os.SEEK_END)
    return os.read(fd, 1)


def _refuse_short(written: int, wanted: int) -> None:
    if written != wanted:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
