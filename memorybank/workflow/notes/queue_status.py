"""How many notes wait to be applied, and since when: cheap enough to be told wherever the bank is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.roles import QUEUE

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


class QueueStatus(NamedTuple):
    """The number of notes that wait, and the day of the oldest."""

    note_count: int
    since: str

    def __str__(self) -> str:
        """Say it in one line, with the command that shows them."""
        noun = "note waits" if self.note_count == 1 else "notes wait"
        return f"{self.note_count} {noun} to be applied, the oldest since {self.since}: bank notes list"


def wait_of(bank: BankFolder) -> QueueStatus | None:
    """Tell what waits by the names of the files alone; None when nothing does."""
    try:
        names = [each for each in os.listdir(bank.folder / QUEUE) if each.startswith("note-")]  # noqa: PTH208  names are all that is wanted
    except OSError:
        return None
    if not names:
        return None
    day = min(names).removeprefix("note-")[:8]
    return QueueStatus(len(names), f"{day[:4]}-{day[4:6]}-{day[6:]}")
