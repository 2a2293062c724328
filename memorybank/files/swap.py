"""Two renames that Python does not have: exchange two files, and rename only if the target does not exist.

Both are one system call (`renameat2` on Linux, `renamex_np` on macOS), so another program sees the names as they
were before or after, never in between. `ctypes` is loaded at the first call, not on import.
"""
# System calls are made directly, so that a test can make one fail and a trace can show it.
# ruff: noqa: PTH104, PTH108

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_FDCWD = -100
# The numbers are from linux/fs.h and sys/stdio.h (macOS: RENAME_SWAP 2, RENAME_EXCL 4).
_LINUX_NOREPLACE, _LINUX_EXCHANGE = 1, 2
_MAC_SWAP, _MAC_EXCL = 2, 4
# For a C library without the wrapper (musl, glibc before 2.28).
_SYSCALL_NUMBER = {"x86_64": 316, "aarch64": 276, "riscv64": 276}
# ENOSYS: old kernel; EINVAL and ENOTSUP: this file system has no such rename.
_MISSING = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


class UnsupportedError(Exception):
    """The system or file system has no such rename; nothing was changed."""


def swap(one: str, other: str) -> None:
    """Exchange the names of two existing files in one step.

    Raises:
        UnsupportedError: this system has no such call.
        OSError: the call failed; both names are as before.

    """
    _rename(one, other, _MAC_SWAP if sys.platform == "darwin" else _LINUX_EXCHANGE)


def rename_new(source: str, target: str) -> None:
    """Rename `source`, but never over an existing `target`.

    Without the call, a hard link does the same in two steps. Without hard links, the only protection is a check
    before the rename.

    Raises:
        FileExistsError: `target` exists; `source` is unchanged.

    """
    if sys.platform == "win32":
        os.rename(source, target)
        return
    try:
        _rename(source, target, _MAC_EXCL if sys.platform == "darwin" else _LINUX_NOREPLACE)
    except UnsupportedError:
        _link_then_unlink(source, target)


def _link_then_unlink(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {*_MISSING, errno.EPERM, errno.EMLINK}:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from error
        os.rename(source, target)
    else:
        os.unlink(source)


def _rename(source: str, target: str, flags: int) -> None:
    call = _kernel_call()
    while (number := call(os.fsencode(source), os.fsencode(target), flags)) == errno.EINTR:
        pass
    if number in _MISSING:
        raise UnsupportedError(os.strerror(number))
    if number:
        raise OSError(number, os.strerror(number), source, None, target)


@cache
def _kernel_call() -> Callable[[bytes, bytes, int], int]:
    """Return the rename call of this system; it returns 0 or an errno."""
    if sys.platform not in {"linux", "darwin"}:
        return lambda _source, _target, _flags: errno.ENOSYS
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        return _answering(ctypes.get_errno, library.renamex_np)
    if hasattr(library, "renameat2"):
        return _answering(ctypes.get_errno, lambda a, b, flags: library.renameat2(_AT_FDCWD, a, _AT_FDCWD, b, flags))
    number = _SYSCALL_NUMBER.get(os.uname().machine)
    if number is None:
        return lambda _source, _target, _flags: errno.ENOSYS
    return _answering(ctypes.get_errno, lambda a, b, flags: library.syscall(number, _AT_FDCWD, a, _AT_FDCWD, b, flags))


def _answering(
    last_error: Callable[[], int], call: Callable[[bytes, bytes, int], int]
) -> Callable[[bytes, bytes, int], int]:
    return lambda source, target, flags: last_error() if call(source, target, flags) else 0
