"""Every operation over several files beside three writers: each acknowledged line stands once, whoever was first.

A round by default, 200 of each with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from memorybank.check.doctor import examine
from memorybank.store.actor import Actor
from memorybank.store.journal.log import read_operations
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way, WriteOptions
from memorybank.workflow.lines.note import note
from tests.faults.test_kill_steps import OPERATIONS, opened, way_of
from tests.running import FULL

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 200 if FULL else 1
LINES = 3
KINDS = ("task", "learning", "gotcha")
# which takes back whatever was last, and so may take back a writer's line
LAST = frozenset({"undo"})


def write(project: Path, kind: str, start: Barrier, written: list[str]) -> None:
    way = Way(Author(Actor("writer", "s2"), lambda: datetime.now(UTC), os.urandom), WriteOptions(timeout=60.0))
    bank = opened(project)
    start.wait()
    for number in range(LINES):
        text = f"{kind} number {number} of another writer"
        note(bank, text, way, kind=kind)
        written.append(text)


@pytest.mark.parametrize("name", [each for each in OPERATIONS if each not in LAST])
def test_no_line_of_another_writer_is_lost(tmp_path: Path, name: str) -> None:
    prepare, operation = OPERATIONS[name]
    first = tmp_path / "first"
    first.mkdir()
    prepare(init(first, way_of()).bank)
    for number in range(ROUNDS):
        project = tmp_path / "project"
        shutil.copytree(first, project)
        start = Barrier(len(KINDS) + 1)
        written: list[str] = []
        writers = [Thread(target=write, args=(project, kind, start, written)) for kind in KINDS]
        for each in writers:
            each.start()
        bank = opened(project)
        start.wait()
        operation(bank)
        for each in writers:
            each.join()
        assert len(written) == LINES * len(KINDS)
        text = "".join(path.read_text(encoding="utf-8") for path in bank.folder.glob("*.md"))
        counts = {each: text.count(each) for each in written}
        assert set(counts.values()) == {1}, (name, number, counts)
        assert [each for each in examine(bank) if each.fault] == []
        assert {each.state for each in read_operations(bank)} <= {"done", "aborted"}
        shutil.rmtree(project)
