"""How far mining is: what waits, when logs were read last, and how much of each is not read yet."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.mine import logs_of
from memorybank.corrections.transcripts.progress import FILE, read_state, unread
from memorybank.records.corrections.accepted import known_entries
from memorybank.records.corrections.correction import ACCEPTED, DROPPED, PROPOSED, UNDECIDED
from memorybank.records.corrections.ledger import has_ledger
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from memorybank.corrections.mine import Search
    from memorybank.store.folder import BankFolder


class LogStatus(NamedTuple):
    """One log: its client, its size in bytes, up to which byte it was read, and whether it has something new."""

    client: str
    path: str
    size: int
    read_to: int
    is_new: bool


class MiningStatus(NamedTuple):
    """How many corrections wait, were accepted and dropped, when logs were mined last ("" for never), and the logs.

    `proposed_count` is how many of the waiting ones were proposed.
    `other_log_count` is how many logs were read that are not among these, such as those of `mine --source`.
    """

    waiting_count: int
    proposed_count: int
    accepted_count: int
    dropped_count: int
    mined_at: str
    logs: list[LogStatus]
    other_log_count: int


def mining_status(bank: BankFolder, search: Search) -> MiningStatus:
    """Return how far mining is; nothing is written.

    Raises:
        ConfigError: a setting is invalid.
    """
    counted = Counter(entry.correction.status for entry in known_entries(bank))
    state = read_state(bank.state) if has_ledger(bank) else {}
    logs = []
    for log in logs_of(bank, search):
        reached = state.get(str(log.path))
        is_new = unread(log, state) is not None
        logs.append(LogStatus(log.client, str(log.path), log.size, reached.offset if reached else 0, is_new))
    others = sum(1 for each in state.keys() - {each.path for each in logs} if os.path.exists(each))  # noqa: PTH110
    counts = (sum(counted[each] for each in UNDECIDED), counted[PROPOSED], counted[ACCEPTED], counted[DROPPED])
    return MiningStatus(*counts, _mined_at(bank), logs, others)


def _mined_at(bank: BankFolder) -> str:
    try:
        changed = (bank.state / FILE).stat().st_mtime
    except OSError:
        return ""
    return stamp_of(datetime.fromtimestamp(changed, UTC)) if has_ledger(bank) else ""
