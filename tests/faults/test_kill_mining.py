"""A miner that is killed at any change on the disk: the next one finds what is missing, and nothing twice."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.cli.main import run
from memorybank.records.corrections.correction import LEDGER
from tests.corrections.test_mine import denied
from tests.ledger import read_ledger
from tests.running import folder_of, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

COMMENTS = ("keep build, only remove dist", "use the trash, never rm", "never force push to main")
# a run on these logs makes fewer changes than this; later ones kill nothing
STEPS = 30


@pytest.mark.parametrize("due", range(1, STEPS, 3))
def test_a_killed_miner_loses_nothing_and_repeats_nothing(
    tmp_path: Path,
    child: Callable[[Callable[[], None]], int],
    dying_at_a_change: Callable[[int], AbstractContextManager[Any]],
    monkeypatch: pytest.MonkeyPatch,
    due: int,
) -> None:
    project, logs = tmp_path / "project", tmp_path / "logs"
    make_bank(project)
    logs.mkdir()
    for number, comment in enumerate(COMMENTS):
        denied(comment, f"s{number}").write(logs, f"{number}.jsonl")
    monkeypatch.chdir(project)
    words = ["corrections", "mine", "--source", os.fspath(logs)]

    def mine() -> None:
        with dying_at_a_change(due):
            run(words)

    ended = os.waitstatus_to_exitcode(os.waitpid(child(mine), 0)[1])
    assert ended in (0, -signal.SIGKILL)
    assert run(words) == 0
    bank = folder_of(project)
    assert sorted(each.text for each in read_ledger(bank)) == sorted(COMMENTS)
    assert (bank.state / LEDGER).read_text().count('"found_at"') == len(COMMENTS)
