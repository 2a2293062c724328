"""How many notes are still queued, and since when: cheap enough to report whenever the bank is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.roles import QUEUE

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

KEPT = "outputs"


class QueueStatus(NamedTuple):
    """The number of queued notes, and the day of the oldest."""

    note_count: int
    since: str

    def __str__(self) -> str:
        """Return it as one line, with the command that lists the notes."""
        noun = "note is" if self.note_count == 1 else "notes are"
        return f"{self.note_count} {noun} still queued, the oldest since {self.since}: bank notes list"


def wait_of(bank: BankFolder) -> QueueStatus | None:
    """Return the status from the file names alone; None if the queue is empty."""
    try:
        names = [each for each in os.listdir(bank.folder / QUEUE) if each.startswith("note-")]  # noqa: PTH208  names are all that is wanted
    except OSError:
        return None
    if not names:
        return None
    day = min(names).removeprefix("note-")[:8]
    return QueueStatus(len(names), f"{day[:4]}-{day[4:6]}-{day[6:]}")


def kept_in(bank: BankFolder) -> list[str]:
    """Return the names of the files in local state with notes that could not be queued yet, the oldest first."""
    try:
        return sorted(each for each in os.listdir(bank.state / KEPT) if each.startswith("output-"))  # noqa: PTH208  as above
    except OSError:
        return []
