"""Whole files as bytes: found inside the bank, opened without surprise, read when nobody is writing them.

Programs that do not know our lock write in place: they empty the file and fill it a moment later. Linux can
tell whether anyone has a file open for writing (a read lease is only given when nobody has), and holds such
an open back while the lease stands. Where there are no leases, size and time of change must do.
"""
# Each system call is named as it is, so that a test can fail it and a trace can show it.
# ruff: noqa: PTH100, PTH116

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Self

from memorybank.errors import (
    BankError,
    DiskError,
    EncodingRefusedError,
    LimitError,
    NoFileError,
    NotAFileError,
    OutsideError,
    PermissionRefusedError,
)
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
CLOEXEC = getattr(os, "O_CLOEXEC", 0)
# O_NONBLOCK: a pipe that was put in place of the file between look and open must not hang us.
_FLAGS = os.O_RDONLY | CLOEXEC | NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

SIZE_LIMIT = 64 * 1024 * 1024
# A file that looks half saved is looked at again, this often and this many times.
LOOK_PAUSE = 0.01
LOOKS = 35
_READ_TRIES = 40
_RETRY_PAUSE = 0.005
# A file changed longer ago than this has no save under way that could be half done.
_RECENT = 1.0
_READ_PATIENCE = 0.25
# A program may keep a file open for writing and never write; after this long we go on without a lease.
_HOLD_PATIENCE = 0.5
_LEASE_POLL = 0.001
# Without leases: how long a save that was under way gets to show itself.
_GRACE = 0.02
TINY_PART = 10
_TINY_FROM = 1000

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def resolve(path: Path, roots: Sequence[Path]) -> Path:
    """Give the real path behind `path`, all links followed, when it lies in one of `roots`.

    The file itself need not exist yet.

    Raises:
        OutsideError: it lies elsewhere, its links run in a circle, or its name holds control characters.

    """
    name = os.fspath(path)
    if any(ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F for character in name):  # noqa: PLR2004 - C0, DEL, C1
        raise OutsideError(path=ascii(name)[1:-1], why="its name holds control characters")
    try:
        real = Path(os.path.realpath(name))
        if real.is_symlink():
            raise OutsideError(path=path, why="its symbolic links run in a circle")
        inside = any(real.is_relative_to(os.path.realpath(root)) for root in roots)
    except OSError as error:
        raise typed_error(path, error) from error
    if not inside:
        why = f"it leads to {real}" if real != Path(os.path.abspath(name)) else ""
        raise OutsideError(path=path, why=why)
    return real


def why_outside(folder: Path | str, roots: Sequence[Path]) -> str:
    """Say why a folder is not looked into: a link in its place leads out of `roots`; "" for one that may be."""
    name = os.fspath(folder)
    if os.path.realpath(name) == name:
        return ""
    try:
        resolve(Path(name), roots)
    except BankError as error:
        return error.message
    return ""


_NOTED: ContextVar[dict[str, int | None] | None] = ContextVar("noted", default=None)


@contextmanager
def noting_reads() -> Iterator[dict[str, int | None]]:
    """Note what `read` returns in a `with` block: path to the bytes' `fingerprint`, None where no file was."""
    noted: dict[str, int | None] = {}
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def fingerprint(data: bytes | None) -> int | None:
    """Return a number that other bytes do not share, for a comparison within this process."""
    return None if data is None else hash(data)


def read(path: Path) -> bytes:
    """Read a whole regular file as it stood at one moment. Links are not followed; see `resolve`.

    Raises:
        NoFileError: there is none.
        NotAFileError: something else stands there; it is not opened, so a pipe cannot hang us.
        LimitError: it is larger than 64 MB.

    """
    noted = _NOTED.get()
    try:
        data = _read(path)
    except NoFileError:
        if noted is not None:
            noted.setdefault(os.fspath(path), None)
        raise
    if noted is not None:
        noted.setdefault(os.fspath(path), fingerprint(data))
    return data


def _read(path: Path) -> bytes:
    with typed(path):
        fd = open_regular(os.fspath(path))
        try:
            return _read_steady(fd, os.fspath(path), patience=_READ_PATIENCE)
        finally:
            os.close(fd)


def settle(path: Path, data: bytes, previous_size: int | None) -> bytes:
    """Give `data` when it can be the file's text, else what stands there a moment later.

    Editors that empty a file and then fill it, disks that were full and machines that crashed leave files
    that are empty, all NUL, or a small rest of what they were. None of these is "an empty bank".
    `previous_size` is the size the journal knows, 0 for a file known to be empty.

    Raises:
        EncodingRefusedError: it stays so.

    """
    why = implausible(data, previous_size)
    for _ in range(LOOKS):
        if not why:
            return data
        time.sleep(LOOK_PAUSE)
        data = read(path)
        why = implausible(data, previous_size)
    if why:
        back = f"bank restore {quoted(path.name)}"
        hint = f"bring the last text back: {back}; if this was meant, add --accept-shrunk"
        raise EncodingRefusedError(path=path, why=why, hint=hint)
    return data


def implausible(data: bytes, previous_size: int | None) -> str:
    """Return why bytes can hardly be the text of a file that had this size, "" if they can."""
    if not data:
        return "" if previous_size == 0 else "it is empty where text was"
    if not data.strip(b"\0"):
        return "it holds nothing but NUL bytes"
    if previous_size is not None and previous_size >= _TINY_FROM and len(data) * TINY_PART < previous_size:
        return f"it holds {len(data)} bytes where {previous_size} were"
    return ""


class HeldFile:
    """A regular file kept open, its bytes, and the knowledge whether anyone could have written since.

    While it stands with a lease, another program's open for writing waits.
    """

    __slots__ = ("_leased", "_name", "data", "fd", "status")

    def __init__(self, name: str) -> None:
        self._name = name
        self.fd = open_regular(name)
        try:
            self._leased = _wait_unwritten(self.fd, _HOLD_PATIENCE)
            self.data = _read_steady(self.fd, name)
            self.status = os.fstat(self.fd)
        except BaseException:
            os.close(self.fd)
            raise

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and let those who wait write."""
        os.close(self.fd)

    def is_at(self, name: str) -> bool:
        """Whether this very file now stands at `name`."""
        try:
            return os.path.samestat(os.stat(name, follow_symlinks=False), self.status)
        except FileNotFoundError:
            return False

    def is_unchanged(self) -> bool:
        """Whether it still holds what was read, and nobody waits to write into it."""
        if not _same(os.fstat(self.fd), self.status):
            return False
        return _lease_stands(self.fd) if self._leased else _read_steady(self.fd, self._name) == self.data

    def is_untouched(self) -> bool:
        """Like `is_unchanged`, for a file that has lost its name: without a lease, waits for late writers."""
        if not self._leased:
            deadline = time.monotonic() + _GRACE
            while time.monotonic() < deadline:
                # Seen early, it is put back before anyone reads the file without it.
                if not _same(os.fstat(self.fd), self.status):
                    return False
                time.sleep(_LEASE_POLL)
        return self.is_unchanged()


@contextmanager
def typed(path: Path | str) -> Iterator[None]:
    """Turn the operating system's refusals in a `with` block into errors of our family."""
    try:
        yield
    except OSError as error:
        raise typed_error(path, error) from error


def typed_error(path: Path | str, error: OSError) -> BankError:
    """Give the error of our family for a failed system call."""
    why = error.strerror or type(error).__name__
    if error.errno == errno.ENOENT:
        return NoFileError(path=path)
    if error.errno in {errno.EACCES, errno.EPERM}:
        refusal: BankError = PermissionRefusedError(path=path, why=why)
    elif error.errno in {errno.EISDIR, errno.ENOTDIR, errno.ENXIO, errno.ELOOP}:
        refusal = NotAFileError(path=path, what=f"not a regular file ({why})")
    else:
        return DiskError(path=path, why=why)
    # what could not be made is not there to be looked at: the folder that refused it is
    place = Path(path)
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    refusal.hint = f"ls -ld {quoted(place)}"
    return refusal


def open_regular(name: str) -> int:
    """Open a regular file for reading; anything else is refused without opening or hanging."""
    # Looked at first: merely opening a device may do something.
    return open_seen(name, os.stat(name, follow_symlinks=False).st_mode)


def beginning_of(name: str, length: int) -> bytes:
    """Read the beginning of a small file as it is now, without a wait for who writes it.

    Raises:
        OSError, NotAFileError: there is none, or it is no regular file.
    """
    fd = open_regular(name)
    try:
        return os.read(fd, length)
    finally:
        os.close(fd)


def open_seen(name: str, mode: int) -> int:
    """Like `open_regular`, for a file that was looked at this moment and found to be of this mode."""
    _refuse_kind(name, mode)
    fd = os.open(name, _FLAGS)
    try:
        _refuse_kind(name, os.fstat(fd).st_mode)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _refuse_kind(name: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotAFileError(path=name, what=_KINDS.get(stat.S_IFMT(mode), "not a regular file"))


def _read_steady(fd: int, name: str, *, patience: float = 0.0) -> bytes:
    """Read until size and time stand still; with `patience`, first let a save that is under way end."""
    for _ in range(_READ_TRIES):
        if patience and abs(time.time() - os.fstat(fd).st_mtime) < _RECENT:
            _wait_unwritten(fd, patience)
        before = os.fstat(fd)
        if before.st_size > SIZE_LIMIT:
            raise LimitError(path=name, why=f"it is larger than {SIZE_LIMIT // 1024 // 1024} MB")
        data = _read_from_start(fd, before.st_size)
        if _same(before, os.fstat(fd)) and len(data) == before.st_size:
            return data
        time.sleep(_RETRY_PAUSE)
    raise DiskError(path=name, why="it kept changing while it was read")


def _read_from_start(fd: int, size: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    parts = []
    # One byte more than expected: a file that grew is seen.
    missing = size + 1
    while missing > 0 and (part := os.read(fd, missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return one.st_size == other.st_size and one.st_mtime_ns == other.st_mtime_ns


def _wait_unwritten(fd: int, patience: float) -> bool:
    """Wait until nobody has the file open for writing; True when a lease now proves it."""
    deadline = time.monotonic() + patience
    while (given := _take_lease(fd)) is False:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LEASE_POLL)
    return given is True


def _take_lease(fd: int) -> bool | None:
    """Ask for a read lease: given, refused because of a writer, or (None) not to be had here."""
    if sys.platform != "linux":
        return None
    import fcntl
    import signal

    try:
        # A broken lease is announced by SIGIO, which ends a process; SIGURG is ignored by default.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return False
    except OSError:
        # Not our file, or a file system without leases.
        return None
    return True


def _lease_stands(fd: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_RDLCK
