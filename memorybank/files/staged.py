"""New files that are written together: the bytes of all of them are on the disk before the first one has its name.

A sync of each file, one after the other, is most of the time that many small files take. The system does several syncs
at once in little more than the time of one.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from memorybank.files.durable import open_folder, sync, sync_folder, write_all
from memorybank.files.read import typed
from memorybank.files.temporary import create, temporary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# so many files are open, and so many of them synced, at once
_OPEN = 64
_SYNCS = 8


@contextmanager
def staged(files: Sequence[tuple[Path, bytes]]) -> Iterator[dict[Path, str]]:
    """Write the bytes of new files, durably, into a temporary file next to each one; yield the names of those.

    `publish_staged` gives them their names. What is left of them is deleted at the end. The folders must be there, and
    swept.

    Raises:
        PermissionRefusedError: a folder may not be written.
        DiskError: a system call failed.
    """
    from concurrent.futures import ThreadPoolExecutor, wait

    names: dict[Path, str] = {}
    with ExitStack() as stack, ThreadPoolExecutor(_SYNCS) as pool:
        for start in range(0, len(files), _OPEN):
            group = files[start : start + _OPEN]
            with ExitStack() as opened:
                fds = []
                for path, data in group:
                    with typed(path):
                        names[path] = stack.enter_context(temporary(os.fspath(path), is_swept=True))
                        fds.append(create(names[path], 0o666))
                        opened.callback(os.close, fds[-1])
                        write_all(fds[-1], data)
                syncs = [pool.submit(sync, fd) for fd in fds]
                # all of them, before one is closed
                wait(syncs)
                for (path, _), each in zip(group, syncs, strict=True):
                    with typed(path):
                        each.result()
        yield names


def sync_folders(paths: Iterable[Path]) -> None:
    """Make the names of files durable; each folder is synced once.

    Raises:
        DiskError: a system call failed.
    """
    for path in {each.parent: each for each in paths}.values():
        with typed(path), open_folder(os.fspath(path)) as folder:
            sync_folder(folder)
