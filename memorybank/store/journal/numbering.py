"""Numbers are given out one at a time: who counts what is there holds a lock until the result is written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from memorybank.files.write import lock, resolve
from memorybank.store.cache import hide_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


@contextmanager
def serial(bank: BankFolder, name: str, way: Way) -> Iterator[None]:
    """Hold the lock of that name while something is counted and then committed; a dry run takes none.

    It is always taken before the bank's own lock, never inside it.

    Raises:
        LockedError: another process held it for longer than the way waits.
    """
    if way.options.dry_run:
        yield
        return
    resolve(bank.state, bank.roots)
    hide_state(bank)
    with lock(bank.state / f"{name}.lock", timeout=way.options.timeout, holder=name, on_wait=way.options.on_wait):
        yield
