"""How far each log was read, so that a log that grew is read on and one that did not change is not opened.

Kept in `.state/transcripts.json`. What is lost of it only costs time: everything is read again, and a correction that
was found before has the same id.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.transcripts.counts import Start
from memorybank.corrections.transcripts.lines import TAIL
from memorybank.corrections.transcripts.read_log import GROWING
from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.files.lock import lock
from memorybank.files.read import open_regular, read
from memorybank.files.write import replace

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.corrections.transcripts.log_places import LogFile

FILE = "transcripts.json"
_LOCK = "transcripts.lock"
_WAIT = 5.0
# turns and answers are read again only if they are not further back
_BACK = 512 * 1024
# the latest logs are remembered
_LOGS = 20_000


class Reached(NamedTuple):
    """How far a log was read: the file as it was, where reading ended, from where it goes on, and the last bytes."""

    size: int
    mtime: int
    inode: int
    offset: int
    line: int
    from_offset: int
    from_line: int
    tail: int
    digest: str


class Unread(NamedTuple):
    """Where a log is read on. What is found in lines before `first_new` was found before: they are only context."""

    start: Start
    first_new: int


State = dict[str, Reached]


def read_state(folder: Path) -> State:
    """Return how far the logs were read; `folder` is the `.state` folder of the bank."""
    try:
        rows = json.loads(read(folder / FILE))
    except (BankError, ValueError, RecursionError):
        return {}
    return {path: Reached(*row) for path, row in rows.items() if _is_valid(row)} if isinstance(rows, dict) else {}


def unread(log: LogFile, state: State) -> Unread | None:
    """Return from where a log is to be read; None if it has nothing new."""
    before = state.get(str(log.path))
    everything = Unread(Start(), 1)
    if before is None:
        return everything
    if (log.size, log.mtime, log.inode) == before[:3]:
        return None
    if log.client not in GROWING or log.size < before.offset or not _has_same_tail(log.path, before):
        return everything
    if log.size == before.size == before.offset:
        return None
    return Unread(Start(before.from_offset, before.from_line), before.line)


def note(log: LogFile, counts: LogCounts, state: State) -> None:
    """Note that a log was read to the end of `counts`; a log that could not be read is not noted."""
    if str(log.path) in counts.refused:
        return
    end = counts.end
    start = _context(counts)
    state[str(log.path)] = Reached(
        log.size,
        log.mtime,
        log.inode,
        end.offset,
        end.line,
        start.offset,
        start.line,
        len(counts.tail),
        digest_of(counts.tail),
    )


def save_state(folder: Path, state: State) -> None:
    """Save how far logs were read, beside what another process has saved meanwhile.

    Raises:
        BankError: it cannot be written.
    """
    with lock(folder / _LOCK, timeout=_WAIT, holder="mine"):
        whole = {**read_state(folder), **state}
        latest = sorted(whole, key=lambda path: whole[path].mtime)[-_LOGS:]
        replace(folder / FILE, json.dumps({path: whole[path] for path in latest}, separators=(",", ":")).encode())


def _context(counts: LogCounts) -> Start:
    """Return where the next reading begins: some turns back, or in a turn that is very long some answers back."""
    end = counts.end
    for places in (counts.turns, counts.answers):
        near = [place for place in places if 0 <= end.offset - place.offset <= _BACK]
        if near:
            return min(near)
    return max((place for place in counts.answers if place.offset <= end.offset), default=end)


def _is_valid(row: object) -> bool:
    if not isinstance(row, list) or len(row) != len(Reached._fields) or not isinstance(row[-1], str):
        return False
    return all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in row[:-1])


def _has_same_tail(path: Path, before: Reached) -> bool:
    """Return whether a file still has the bytes before the place where reading ended."""
    size = min(before.tail, TAIL, before.offset)
    try:
        with open(open_regular(os.path.realpath(path)), "rb", buffering=0) as file:  # noqa: PTH123  a descriptor
            file.seek(before.offset - size)
            return digest_of(file.read(size)) == before.digest
    except (BankError, OSError):
        return False
