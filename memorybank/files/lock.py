"""One writer at a time: a kernel lock on a file that is never deleted.

The lock ends with its process, so there are no stale locks to clean up. It gives speed and order. What prevents
overwriting is the comparison in `write.publish`, not the lock.
"""
# System calls are made directly, so that a test can make one fail and a trace can show it.
# ruff: noqa: PTH103, PTH116, PTH120

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from memorybank.errors import LockedError, NotAFileError
from memorybank.files.read import NOFOLLOW, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SAY_AFTER = 1.0
# A process that has waited longer tries more often, so that none waits much longer than others.
_FIRST_PAUSE, _LAST_PAUSE = 0.005, 0.0005
_HOLDER_LENGTH = 200
_OPEN_TRIES = 100
# Called with the path before a lock is taken; tests use it to let a second writer go first.
before_locking: list[Callable[[str], None]] = []
# Windows locks bytes, and a waiting process cannot read locked bytes, so the locked byte is after the holder's text.
_WINDOWS_BYTE = 1 << 20


@contextmanager
def lock(
    path: Path, *, timeout: float = 10.0, holder: str = "", on_wait: Callable[[str], None] | None = None
) -> Iterator[float]:
    """Acquire the lock file `path` for a `with` block; yields the seconds waited for it.

    The file is created (0600, its folder 0700), but never deleted, nor emptied by a process without the lock. While
    locked, it contains this process id and `holder`, so that waiting processes can report who has the lock.
    `on_wait` is called once, after a second.

    Raises:
        LockedError: the lock was not free within `timeout` seconds.

    """
    name = os.fspath(path)
    for hook in before_locking:
        hook(name)
    with typed(path):
        fd, waited = _acquire(name, timeout, on_wait)
    try:
        with typed(path):
            _sign(fd, holder)
        yield waited
    finally:
        # Unlock explicitly too: a forked child may still share the open file.
        with suppress(OSError):
            _unlock(fd)
        os.close(fd)


def _acquire(name: str, timeout: float, on_wait: Callable[[str], None] | None) -> tuple[int, float]:
    start = time.monotonic()
    told = False
    fd = -1
    try:
        while True:
            if fd < 0:
                fd = _open(name)
            if _try_lock(fd):
                if _is_at(fd, name):
                    held, fd = fd, -1
                    return held, time.monotonic() - start
                # The file was moved away: new processes open another file, so this lock would protect nothing.
                os.close(fd)
                fd = -1
                continue
            waited = time.monotonic() - start
            if waited >= timeout:
                raise LockedError(holder=_signature(fd), waited=waited)
            if waited >= _SAY_AFTER and not told and on_wait is not None:
                on_wait(f"waiting for {_signature(fd) or 'another process'}")
                told = True
            pause = max(_FIRST_PAUSE * (1 - 10 * waited), _LAST_PAUSE)
            time.sleep(min(pause, timeout - waited))
    finally:
        if fd >= 0:
            os.close(fd)


def _open(name: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | NOFOLLOW
    for _ in range(_OPEN_TRIES):
        try:
            fd = os.open(name, flags, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
            continue
        except OSError as error:
            if error.errno == errno.ESTALE:
                continue
            if error.errno == errno.ELOOP:
                raise NotAFileError(path=name, what="a symbolic link, but must be a regular lock file") from error
            raise
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise NotAFileError(path=name)
        return fd
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _is_at(fd: int, name: str) -> bool:
    try:
        there = os.stat(name, follow_symlinks=False)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno == errno.ESTALE:
            return False
        raise
    return os.path.samestat(os.fstat(fd), there)


def _try_lock(fd: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(fd, _WINDOWS_BYTE, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}:
            return False
        raise
    return True


def _unlock(fd: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(fd, _WINDOWS_BYTE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_UN)


def _sign(fd: int, holder: str) -> None:
    text = f"{holder} (pid {os.getpid()})".strip()
    # The name is only information: a full disk must not stop the process with the lock.
    with suppress(OSError):
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, text[-_HOLDER_LENGTH:].encode("utf-8", "replace"))


def _signature(fd: int) -> str:
    with suppress(OSError):
        os.lseek(fd, 0, os.SEEK_SET)
        text = os.read(fd, 4 * _HOLDER_LENGTH).decode("utf-8", "replace")
        return "".join(character if character.isprintable() else "?" for character in text)
    return ""
