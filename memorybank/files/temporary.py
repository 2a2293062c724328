"""Temporary files next to their target: created so that no other user can plant one, and removed after any crash.

They are named `.<name>.<pid>-<random>.tmp`, so the next writer knows which ones a dead process left.
"""
# System calls are made directly, so that a test can make one fail and a trace can show it.
# ruff: noqa: PTH104, PTH108, PTH116, PTH118, PTH123, PTH208

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from memorybank.files.read import CLOEXEC, NOFOLLOW
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | CLOEXEC | getattr(os, "O_BINARY", 0)
# Leaves room for the process id, the random part and the ending in a name of 255 bytes.
_NAME_BYTES = 200
# Seconds. The process id may belong to another program by now; no publish takes this long.
_OLD = 600.0
_LEFT = later(r"(\..*\.)([0-9]{1,10})-[0-9a-f]{12}\.tmp", re.DOTALL)

_live: set[str] = set()


@contextmanager
def temporary(target: str, *, is_swept: bool = False) -> Iterator[str]:
    """Yield a new name for a temporary file next to `target`; a file of that name is deleted at the end.

    First deletes the files that dead processes left for the same target, unless the caller did (`is_swept`).
    """
    if not is_swept:
        sweep(target)
    name = f"{_stem(target)}{os.getpid()}-{os.urandom(6).hex()}.tmp"
    _live.add(name)
    try:
        yield name
    finally:
        if name in _live:
            remove(name)


def create(name: str, mode: int) -> int:
    """Open a new file for writing; an existing one, or a link, is an error."""
    return os.open(name, _CREATE, mode)


def remove(name: str) -> None:
    """Delete a temporary file if it exists; one that cannot be deleted now is left to the next sweep."""
    _live.discard(name)
    # Try twice: a temporary error must not leave the file behind.
    for _ in range(2):
        try:
            os.unlink(name)
        except FileNotFoundError:
            return
        except OSError:
            continue
        return


def rescue(name: str, target: str) -> str:
    """Rename a temporary file with another program's save to a name that is never swept; returns that name."""
    # Also not deleted at the end of the block if the rename fails.
    _live.discard(name)
    saved = f"{target}.saved-{os.urandom(4).hex()}"
    os.rename(name, saved)
    return saved


def sweep(*targets: str) -> None:
    """Delete the temporary files that dead processes left for these targets; each folder is listed once."""
    starts: dict[str, set[str]] = {}
    for target in targets:
        folder, start = os.path.split(_stem(target))
        starts.setdefault(folder, set()).add(start)
    for folder, wanted in starts.items():
        for entry in _entries(folder):
            found = _LEFT.fullmatch(entry) if entry.endswith(".tmp") else None
            if found and found[1] in wanted:
                _drop_abandoned(os.path.join(folder, entry), int(found[2]))


def _entries(folder: str) -> list[str]:
    # Only a clean-up: if it fails, the publish itself can still succeed.
    with suppress(OSError):
        return os.listdir(folder or ".")
    return []


def _drop_abandoned(name: str, pid: int) -> None:
    with suppress(OSError):
        if name not in _live and _is_abandoned(name, pid):
            os.unlink(name)


def _stem(target: str) -> str:
    folder, name = os.path.split(target)
    short = os.fsdecode(os.fsencode(name)[:_NAME_BYTES])
    return os.path.join(folder, f".{short}.")


def _is_abandoned(name: str, pid: int) -> bool:
    if pid == os.getpid() or not _is_running(pid):
        return True
    # ctime, not mtime: after the exchange this name is the old file, whose text may be years old.
    return abs(time.time() - os.stat(name, follow_symlinks=False).st_ctime) > _OLD


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":
        # on Windows os.kill(pid, 0) ends the process; only the age decides
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # "pid (name) state …": a killed process that its parent has not waited for has state Z.
            return not file.read(512).rpartition(b") ")[2].startswith(b"Z")
    except OSError:
        return True
