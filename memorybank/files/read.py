"""Read whole files as bytes: only inside the bank, only regular files, and not while another program writes them.

Programs that do not know our lock write in place: they empty the file and fill it a moment later. Linux knows whether
a file is open for writing (it grants a read lease only if it is not), and lets another program's open for writing
wait while we have the lease. Systems without leases compare size and modification time instead.
"""
# System calls are made directly, so that a test can make one fail and a trace can show it.
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
# O_NONBLOCK: if a pipe replaces the file between the check and the open, the open must not hang.
_FLAGS = os.O_RDONLY | CLOEXEC | NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

SIZE_LIMIT = 64 * 1024 * 1024
# A file that looks half saved is read again: after this pause (in seconds), at most this many times.
LOOK_PAUSE = 0.01
LOOKS = 35
_READ_TRIES = 40
_RETRY_PAUSE = 0.005
# Seconds. If a file was changed longer ago than this, no save is in progress.
_RECENT = 1.0
_READ_PATIENCE = 0.25
# Seconds. A program may keep a file open for writing and never write; after this we continue without a lease.
_HOLD_PATIENCE = 0.5
_LEASE_POLL = 0.001
# Seconds. Without leases: how long to wait for a save that is in progress.
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
    """Return the real path of `path`, with all links followed, if it is inside one of `roots`.

    The file itself need not exist yet.

    Raises:
        OutsideError: it is outside, its links form a loop, or its name contains control characters.

    """
    name = os.fspath(path)
    if not name.isprintable() and any(map(_is_control, name)):
        raise OutsideError(path=ascii(name)[1:-1], why="its name contains control characters")
    try:
        real_name = os.path.realpath(name)
        real = Path(real_name)
        if real.is_symlink():
            raise OutsideError(path=path, why="its symbolic links form a loop")
        # a path without links is below a root without links
        inside = real_name == name and any(name.startswith(f"{os.fspath(root)}{os.sep}") for root in roots)
        inside = inside or any(real.is_relative_to(os.path.realpath(root)) for root in roots)
    except OSError as error:
        raise typed_error(path, error) from error
    if not inside:
        why = f"it is a link to {real}" if real != Path(os.path.abspath(name)) else ""
        raise OutsideError(path=path, why=why)
    return real


def _is_control(character: str) -> bool:
    """Check whether a character is of C0, DEL or of C1."""
    return character < " " or "\x7f" <= character <= "\x9f"


def why_outside(folder: Path | str, roots: Sequence[Path]) -> str:
    """Return why a folder is not read: it is a link to a place outside `roots`; "" if it may be read."""
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
    """Record what `read` returns in a `with` block: each path with the `fingerprint` of its bytes, None for no file."""
    noted: dict[str, int | None] = {}
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def fingerprint(data: bytes | None) -> int | None:
    """Return a hash of the bytes, for comparisons within this process."""
    return None if data is None else hash(data)


def read(path: Path) -> bytes:
    """Read a whole regular file as it was at one moment. Links are not followed; see `resolve`.

    Raises:
        NoFileError: there is no file.
        NotAFileError: it is not a regular file; it is not opened, so a pipe cannot block the call.
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
        fd = open_regular(path)
        try:
            return _read_steady(fd, os.fspath(path), patience=_READ_PATIENCE)
        finally:
            os.close(fd)


def settle(path: Path, data: bytes, previous_size: int | None) -> bytes:
    """Return `data` if it is plausible as the file's text; otherwise read the file again for a moment.

    Editors that empty a file and then fill it, full disks and crashes leave files that are empty, contain only NUL
    bytes, or are a small part of what they were. None of these means that the bank is empty.
    `previous_size` is the size in the journal, 0 for a file known to be empty.

    Raises:
        EncodingRefusedError: the file does not change to a plausible text.

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
        hint = f"{back} brings the last text back; to accept the file as it is, add --accept-shrunk"
        raise EncodingRefusedError(path=path, why=why, hint=hint)
    return data


def implausible(data: bytes, previous_size: int | None) -> str:
    """Return why bytes are not plausible as the text of a file that had this size, "" if they are."""
    if not data:
        return "" if previous_size == 0 else "it is empty, but had text before"
    if not data.strip(b"\0"):
        return "it contains only NUL bytes"
    if previous_size is not None and previous_size >= _TINY_FROM and len(data) * TINY_PART < previous_size:
        return f"it has {len(data)} bytes, but had {previous_size} before"
    return ""


class HeldFile:
    """A regular file kept open, with its bytes; it knows whether another program could have written since.

    While it has a lease, another program that opens the file for writing has to wait.
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
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, so that waiting programs can write."""
        os.close(self.fd)

    def is_at(self, name: str) -> bool:
        """Whether `name` is this same file now."""
        try:
            return os.path.samestat(os.stat(name, follow_symlinks=False), self.status)
        except FileNotFoundError:
            return False

    def is_unchanged(self) -> bool:
        """Whether it still has the bytes that were read, and no program waits to write into it."""
        if not _same(os.fstat(self.fd), self.status):
            return False
        return _lease_stands(self.fd) if self._leased else _read_steady(self.fd, self._name) == self.data

    def is_untouched(self) -> bool:
        """Like `is_unchanged`, for a file that was renamed: without a lease, it waits for late writers."""
        if not self._leased:
            deadline = time.monotonic() + _GRACE
            while time.monotonic() < deadline:
                # An early return lets the caller put the save back before another program misses it.
                if not _same(os.fstat(self.fd), self.status):
                    return False
                time.sleep(_LEASE_POLL)
        return self.is_unchanged()


@contextmanager
def typed(path: Path | str) -> Iterator[None]:
    """Convert `OSError` in a `with` block to a `BankError`."""
    try:
        yield
    except OSError as error:
        raise typed_error(path, error) from error


def typed_error(path: Path | str, error: OSError) -> BankError:
    """Return the `BankError` for a failed system call."""
    why = error.strerror or type(error).__name__
    if error.errno == errno.ENOENT:
        return NoFileError(path=path)
    if error.errno in {errno.EACCES, errno.EPERM}:
        refusal: BankError = PermissionRefusedError(path=path, why=why)
    elif error.errno in {errno.EISDIR, errno.ENOTDIR, errno.ENXIO, errno.ELOOP}:
        refusal = NotAFileError(path=path, what=f"not a regular file ({why})")
    else:
        return DiskError(path=path, why=why)
    # a file that could not be created does not exist: show its first existing parent folder
    place = Path(path)
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    refusal.hint = f"ls -ld {quoted(place)}"
    return refusal


def open_regular(name: str | Path) -> int:
    """Open a regular file for reading; anything else is refused without opening it."""
    # Check first: opening a device may have an effect.
    return open_seen(name, os.stat(name, follow_symlinks=False).st_mode)


def beginning_of(name: str, length: int) -> bytes:
    """Read the beginning of a small file as it is now, without waiting for a program that writes it.

    Raises:
        OSError, NotAFileError: it does not exist, or is not a regular file.
    """
    fd = open_regular(name)
    try:
        return os.read(fd, length)
    finally:
        os.close(fd)


def open_seen(name: str | Path, mode: int) -> int:
    """Open a file like `open_regular`, with a file mode that the caller has just read."""
    _refuse_kind(name, mode)
    return _open(name)[0]


def open_listed(entry: os.DirEntry[str]) -> tuple[int, os.stat_result]:
    """Open a file like `open_regular`, as a folder was found to have it; also return its state."""
    if not entry.is_file(follow_symlinks=False):
        _refuse_kind(entry.path, entry.stat(follow_symlinks=False).st_mode)
    return _open(entry.path)


def _open(name: str | Path) -> tuple[int, os.stat_result]:
    fd = os.open(name, _FLAGS)
    try:
        status = os.fstat(fd)
        _refuse_kind(name, status.st_mode)
    except BaseException:
        os.close(fd)
        raise
    return fd, status


def _refuse_kind(name: str | Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotAFileError(path=name, what=_KINDS.get(stat.S_IFMT(mode), "not a regular file"))


def _read_steady(fd: int, name: str, *, patience: float = 0.0) -> bytes:
    """Read until size and time no longer change; with `patience`, first wait for a save in progress to end."""
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
    # One byte more than expected, to notice a file that grew.
    missing = size + 1
    while missing > 0 and (part := os.read(fd, missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return one.st_size == other.st_size and one.st_mtime_ns == other.st_mtime_ns


def _wait_unwritten(fd: int, patience: float) -> bool:
    """Wait until no program has the file open for writing; True if a lease now proves it."""
    deadline = time.monotonic() + patience
    while (given := _take_lease(fd)) is False:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LEASE_POLL)
    return given is True


def _take_lease(fd: int) -> bool | None:
    """Request a read lease: True if granted, False if a program writes the file, None if the system has no leases."""
    if sys.platform != "linux":
        return None
    import fcntl
    import signal

    try:
        # The default signal for a broken lease, SIGIO, ends the process; SIGURG is ignored by default.
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
