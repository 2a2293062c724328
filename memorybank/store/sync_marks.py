"""When a bank last tried to sync with a hub, and when it last did: the times of two empty files in `.state/sync/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from memorybank.files.durable import discard, leave_mark, make_dirs

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

    Mark = Literal["tried", "done"]

FOLDER = "sync"


def leave(bank: BankFolder, mark: Mark) -> None:
    """Let a mark have the time of now.

    Raises:
        BankError: local state cannot be written.
    """
    make_dirs(bank.state / FOLDER, 0o700)
    discard(_path(bank, mark))
    leave_mark(_path(bank, mark))


def time_of(bank: BankFolder, mark: Mark) -> float | None:
    """Return when a mark was left, in seconds; None if it never was."""
    try:
        return _path(bank, mark).lstat().st_mtime
    except OSError:
        return None


def _path(bank: BankFolder, mark: Mark) -> Path:
    return bank.state / FOLDER / mark
