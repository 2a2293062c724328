"""Temporary files beside their target: made so that nobody can plant one, and gone after any crash.

They are named `.<name>.<pid>-<random>.tmp`, so the next writer knows which ones a dead process left.
"""
# Each system call is named as it is, so that a test can fail it and a trace can show it.
# ruff: noqa: PTH104, PTH108, PTH116, PTH118, PTH123, PTH208

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from memorybank.files.read import CLOEXEC, NOFOLLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | CLOEXEC | getattr(os, "O_BINARY", 0)
# Room for the process number, the random part and the ending in a name of 255 bytes.
_NAME_BYTES = 200
# A process number may by now be another program's; no publish takes this long.
_OLD = 600.0

_live: set[str] = set()


@contextmanager
def temporary(target: str) -> Iterator[str]:
    """Give a new name for a temporary file beside `target`; what stands there at the end is deleted.

    First deletes what dead processes left for the same target.
    """
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
    """Delete a temporary file if it is there; what cannot be deleted now is left to the next sweep."""
    _live.discard(name)
    # Tried twice: a passing error must not leave it.
    for _ in range(2):
        try:
            os.unlink(name)
        except FileNotFoundError:
            return
        except OSError:
            continue
        return


def rescue(name: str, target: str) -> str:
    """Give a temporary file that holds another program's save a name that is never swept; gives that name."""
    # Not deleted at the end of the block either, should the rename fail.
    _live.discard(name)
    saved = f"{target}.saved-{os.urandom(4).hex()}"
    os.rename(name, saved)
    return saved


def sweep(target: str) -> None:
    """Delete the temporary files that dead processes left for `target`."""
    folder, start = os.path.split(_stem(target))
    pattern = re.compile(re.escape(start) + r"([0-9]{1,10})-[0-9a-f]{12}\.tmp")
    # A courtesy to the folder: when it fails, the publish itself need not.
    with suppress(OSError):
        for entry in os.listdir(folder or "."):
            found = pattern.fullmatch(entry)
            name = os.path.join(folder, entry)
            if found and name not in _live and _is_abandoned(name, int(found[1])):
                os.unlink(name)


def _stem(target: str) -> str:
    folder, name = os.path.split(target)
    short = os.fsdecode(os.fsencode(name)[:_NAME_BYTES])
    return os.path.join(folder, f".{short}.")


def _is_abandoned(name: str, pid: int) -> bool:
    if pid == os.getpid() or not _is_running(pid):
        return True
    # ctime, not mtime: after the exchange the name holds the old file, whose text may be years old.
    return abs(time.time() - os.stat(name, follow_symlinks=False).st_ctime) > _OLD


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":
        # os.kill(pid, 0) ends the process there; age decides alone.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # "pid (name) state …": a killed process that nobody has waited for stays as Z.
            return not file.read(512).rpartition(b") ")[2].startswith(b"Z")
    except OSError:
        return True
