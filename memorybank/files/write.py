"""The one place that writes files: whole or not at all, and never over a save of another program.

After a crash at any moment a file has its old bytes or its new ones; after a return the new ones are on the disk.
To notice a save by a program that does not know our lock, the two files are exchanged and the old one is checked:
if it is not what the caller read, it is put back and `FileMoved` is raised. Where the system cannot exchange files
(Windows, some network file systems), the bytes are compared just before the rename, and a save in between is
overwritten. Hard links to the old file keep the old bytes.
"""
# System calls are made directly, so that a test can make one fail and a trace can show it.
# ruff: noqa: PTH105, PTH108

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from memorybank.errors import (
    BankError,
    DiskError,
    NoFileError,
    PermissionRefusedError,
    ReadbackError,
)
from memorybank.files import swap as exchange
from memorybank.files.durable import (
    append_line,
    copy_attributes,
    discard,
    make_dirs,
    open_folder,
    remove_empty_dirs,
    rotate,
    sync,
    sync_folder,
    write_all,
)
from memorybank.files.lock import lock
from memorybank.files.read import (
    LOOK_PAUSE,
    LOOKS,
    HeldFile,
    fingerprint,
    noting_reads,
    read,
    resolve,
    settle,
    typed,
)
from memorybank.files.temporary import create, remove, rescue, sweep, temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = [
    "FileMoved",
    "append_line",
    "delete",
    "discard",
    "fingerprint",
    "lock",
    "make_dirs",
    "noting_reads",
    "publish",
    "publish_staged",
    "read",
    "read_back",
    "remove_empty_dirs",
    "replace",
    "resolve",
    "rotate",
    "settle",
    "sweep",
]

_WRITE_BITS = 0o222
_TURNS = 16
_TRIES = 3
_PAUSE = 0.05


class FileMoved(Exception):  # noqa: N818 - not an error: the caller reads again and replays its plan
    """The file on disk is not `base`, or another program is about to write it; nothing of ours was written.

    `current` is what was found (None: no file). `orphan` is a save that another program overwrote while it was being
    put back; the caller should keep it. It is nearly always None.
    """

    def __init__(self, current: bytes | None, *, orphan: bytes | None = None) -> None:
        super().__init__("the file changed")
        self.current = current
        self.orphan = orphan


def publish(path: Path, *, base: bytes | None, new: bytes, mode: int = 0o666, is_swept: bool = False) -> None:
    """Write `new` to `path`, provided the file contains `base`; None means that the file must not exist yet.

    Durable on return. `path` is a real path (see `resolve`); a link there is refused. Mode, owner, extended
    attributes and ACL of the old file are kept; a new one gets `mode` minus the umask. A caller that publishes many
    files calls `sweep` for all of them first and sets `is_swept`: otherwise each file lists its whole folder.

    Raises:
        FileMoved: the file had other content; it is unchanged.
        PermissionRefusedError: the folder may not be written, or the file's own mode bits forbid it.
        DiskError: a system call failed; the file has its old bytes.

    """
    target = os.fspath(path)
    with typed(path), open_folder(target) as folder, temporary(target, is_swept=is_swept) as temp:
        if base is None:
            _publish_new(target, temp, folder, new, mode)
        else:
            _publish_over(target, temp, folder, base, new)


def publish_staged(path: Path, temp: str) -> None:
    """Rename a file that `staged` wrote to its own name, which no file may have yet; `sync_folders` makes that durable.

    Raises:
        FileMoved: there is a file; it is unchanged.
        DiskError: a system call failed; there is no file.

    """
    target = os.fspath(path)
    with typed(path):
        try:
            exchange.rename_new(temp, target)
        except FileExistsError:
            raise FileMoved(_current(target)) from None


def replace(path: Path, new: bytes, *, mode: int = 0o600) -> None:
    """Write a cache in place of whatever is there: a reader sees the old bytes or the new ones.

    Only for what can be made again: it is not durable, and a save of another program is overwritten.

    Raises:
        PermissionRefusedError: the folder may not be written.
        DiskError: a system call failed; the file has its old bytes.

    """
    target = os.fspath(path)
    with typed(path), temporary(target) as temp:
        fd = create(temp, mode)
        try:
            write_all(fd, new)
        finally:
            os.close(fd)
        os.replace(temp, target)


def read_back(path: Path, new: bytes, base: bytes | None) -> None:
    """Check that the published bytes are on the disk.

    Another program may already have saved a newer text, so any other text passes. It fails if, for a third of a
    second, there is `base` again, no file, or a damaged `new` (only its beginning, or `new` with NUL bytes).

    Raises:
        ReadbackError: the check failed.

    """
    for _ in range(LOOKS):
        try:
            found = read(path)
        except NoFileError:
            found = None
        if found == new or (found is not None and found != base and not _is_damaged(found, new)):
            return
        time.sleep(LOOK_PAUSE)
    raise ReadbackError(path=path)


def delete(path: Path, *, base: bytes, is_swept: bool = False) -> None:
    """Delete the file, provided it contains `base`. Durable on return; `is_swept` as in `publish`.

    Raises:
        FileMoved: it had other content, or did not exist.

    """
    target = os.fspath(path)
    with typed(path), open_folder(target) as folder, temporary(target, is_swept=is_swept) as temp:
        if sys.platform == "win32":
            # Windows can neither rename nor delete a file that is open.
            with _holding(target, base) as held:
                _refuse_read_only(target, held.status)
            os.unlink(target)
            return
        with _holding(target, base) as held:
            _refuse_read_only(target, held.status)
            try:
                exchange.rename_new(target, temp)
            except FileNotFoundError:
                raise FileMoved(None) from None
            try:
                is_gone = _is_still(held, temp, base, folder)
            except (OSError, BankError):
                _restore(temp, target)
                raise
            if is_gone:
                remove(temp)
                return
            # Before the file is closed, so that a program that waits to write finds it under its name.
            _restore(temp, target)
        raise FileMoved(_current(target))


def _publish_new(target: str, temp: str, folder: int, new: bytes, mode: int) -> None:
    if os.path.lexists(target):
        raise FileMoved(_current(target))
    fd = create(temp, mode)
    try:
        write_all(fd, new)
        sync(fd)
    finally:
        os.close(fd)
    try:
        exchange.rename_new(temp, target)
    except FileExistsError:
        raise FileMoved(_current(target)) from None
    try:
        sync_folder(folder)
    except OSError:
        # Not known to be durable, so remove it: the error means that nothing was written.
        with suppress(OSError, BankError), HeldFile(target) as held:
            if held.data == new:
                exchange.rename_new(target, temp)
        raise


def _publish_over(target: str, temp: str, folder: int, base: bytes, new: bytes) -> None:
    # While we hold the old file open, a program that wants to write it in place waits in its open.
    with _holding(target, base) as old:
        _refuse_read_only(target, old.status)
        _write_like(old, temp, new)
        is_unchanged = old.is_at(target) and old.is_unchanged()
        if is_unchanged and _trade(old, target, temp, folder, base=base, new=new):
            return
    # The old file is closed now: waiting programs write, and Windows can replace it.
    if not is_unchanged:
        raise FileMoved(_current(target))
    os.replace(temp, target)
    sync_folder(folder)


def _trade(old: HeldFile, target: str, temp: str, folder: int, *, base: bytes, new: bytes) -> bool:
    """Exchange the new and the old file, and back if the old one was not `base`; False if not supported."""
    try:
        exchange.swap(temp, target)
    except exchange.UnsupportedError:
        return False
    except FileNotFoundError:
        raise FileMoved(_current(target)) from None
    try:
        is_kept = _is_still(old, temp, base, folder)
    except (OSError, BankError):
        _take_back(old, target, temp, base=base, ours=new)
        raise
    if not is_kept:
        raise _take_back(old, target, temp, base=base, ours=new)
    # While it is still held open, no program can have started to write it.
    remove(temp)
    return True


def _is_still(old: HeldFile, name: str, base: bytes, folder: int) -> bool:
    """Whether the file that was moved to `name` contains `base` and nobody wrote to it, with the folder synced.

    The sync takes milliseconds. In that time a program that opened the file by its old name is noticed.
    """
    if old.is_at(name):
        sync_folder(folder)
        return old.is_untouched()
    # Another file with the same text is fine too; some file systems derive a file's number from its name.
    with HeldFile(name) as came:
        if came.data != base:
            return False
        sync_folder(folder)
        return came.is_untouched()


def _take_back(old: HeldFile, target: str, temp: str, *, base: bytes, ours: bytes) -> FileMoved:
    """Put another program's save back, by exchanging until we get back what we had placed.

    First we placed our own text. If the exchange returns something else, that is an even newer save.
    """
    placed = ours
    data: bytes | None = None
    try:
        # The held file is not read again: programs that want to write it wait for us.
        data = base if old.is_at(temp) else _current(temp)
        for _ in range(_TURNS):
            _put_back(temp, target)
            came = _current(temp)
            if came is None or came == placed:
                return FileMoved(data, orphan=None if placed in {base, ours} else placed)
            placed, data = data or b"", came
        raise DiskError(path=target, why="other programs kept saving it")
    except (OSError, BankError) as error:
        if data in {base, ours}:
            raise
        saved = rescue(temp, target)
        raise DiskError(path=target, why=f"another program's version was kept as {saved}") from error


def _put_back(temp: str, target: str) -> None:
    def put() -> None:
        try:
            exchange.swap(temp, target)
        except FileNotFoundError:
            # The other program deleted the file we had placed; its own text must not be lost with it.
            exchange.rename_new(temp, target)

    _insist(put)


def _restore(temp: str, target: str) -> None:
    """Undo the first step of `delete`; if a newer file was created at `target` meanwhile, both are kept."""

    def restore() -> None:
        try:
            exchange.rename_new(temp, target)
        except FileExistsError:
            rescue(temp, target)

    try:
        _insist(restore)
    except OSError:
        rescue(temp, target)
        raise


def _insist(step: Callable[[], None]) -> None:
    for tries_left in range(_TRIES, 0, -1):
        try:
            step()
        except OSError:
            if tries_left == 1:
                raise
        else:
            return


@contextmanager
def _holding(target: str, base: bytes) -> Iterator[HeldFile]:
    try:
        held = HeldFile(target)
    except FileNotFoundError:
        # Some editors move the file away before they save the new one.
        time.sleep(_PAUSE)
        raise FileMoved(_current(target)) from None
    with held:
        if held.data != base:
            raise FileMoved(held.data)
        yield held


def _current(name: str) -> bytes | None:
    try:
        with HeldFile(name) as held:
            return held.data
    except FileNotFoundError:
        return None


def _write_like(old: HeldFile, temp: str, new: bytes) -> None:
    """Write `new` to `temp`, durably, with the attributes of the old file."""
    fd = create(temp, 0o600)
    try:
        write_all(fd, new)
        copy_attributes(old.fd, fd)
        sync(fd)
    finally:
        # Also so that no program sees the new file open for writing.
        os.close(fd)


def _refuse_read_only(target: str, status: os.stat_result) -> None:
    # Check the mode bits too: root may write everything, but somebody made the file read-only on purpose.
    effective = os.access in os.supports_effective_ids
    if not status.st_mode & _WRITE_BITS or not os.access(target, os.W_OK, effective_ids=effective):
        raise PermissionRefusedError(path=target, why="the file is read-only")


def _is_damaged(found: bytes, new: bytes) -> bool:
    return (len(found) < len(new) and new.startswith(found)) or (b"\0" in found and b"\0" not in new)
