"""The check of many files costs time in proportion to them; MEMORYBANK_FULL measures a thousand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from memorybank.check.lint import lint
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from tests.running import FULL, START

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

TEXT = "\n".join(f"- item {number} in `src/x{number}.py`, [a link](gone{number}.md) and words " for number in range(20))


def cost(bank: BankFolder) -> float:
    """Give the least CPU seconds of three cold checks: the cache of records is taken away before each."""
    costs = []
    for _ in range(3):
        (bank.state / "records.json").unlink(missing_ok=True)
        begun = time.process_time()
        assert lint(bank, now=START)
        costs.append(time.process_time() - begun)
    return min(costs)


def test_a_check_is_linear_in_the_files(bank: BankFolder, way: Way) -> None:
    few, many = (250, 1000) if FULL else (25, 100)
    costs = []
    made = 0
    for count in (few, many):
        while made < count:
            save(bank, NewRecord(TEXT, kind="fact", title=f"Fact {made}"), way)
            made += 1
        costs.append(cost(bank))
    print(f"{few} files: {costs[0]:.3f} s, {many} files: {costs[1]:.3f} s")
    assert costs[1] < costs[0] * (many / few) * 2.5  # by the square it would be four times
