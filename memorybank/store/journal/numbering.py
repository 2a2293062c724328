"""A lock for numbering: whoever takes the next free number holds it until the result is written."""

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
    """Acquire the lock of this name while numbers are counted and the result is committed; a dry run takes no lock.

    It is always taken before the bank's own lock, never while that is held.

    Raises:
        LockedError: another process held it longer than `way.options.timeout`.
    """
    if way.options.dry_run:
        yield
        return
    resolve(bank.state, bank.roots)
    hide_state(bank)
    with lock(bank.state / f"{name}.lock", timeout=way.options.timeout, holder=name, on_wait=way.options.on_wait):
        yield
