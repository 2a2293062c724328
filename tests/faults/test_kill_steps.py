"""Killed before each step that changes the disk, in every operation of the work in progress: all of it, or none.

A sample by default, every step with MEMORYBANK_FULL=1; then the repair is killed on its way as well.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.check.doctor import examine, fix_faults
from memorybank.check.lint import fix, lint
from memorybank.records.draft import NewRecord
from memorybank.records.filter import Filter
from memorybank.records.find import scan
from memorybank.records.memories.cleanup import cleanup
from memorybank.records.memories.memories import save
from memorybank.records.memories.relations import supersede
from memorybank.store.actor import Actor
from memorybank.store.approvals import approve
from memorybank.store.discover import find_bank
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.undo import undo
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way
from memorybank.workflow import steps as flows
from memorybank.workflow.evidence.evidence import declared
from memorybank.workflow.evidence.prove import prove
from memorybank.workflow.evidence.run import asked
from memorybank.workflow.evidence.verify import standings, verify
from memorybank.workflow.finish import finish
from memorybank.workflow.ladder.promote import demote, promote
from memorybank.workflow.lines.note import note
from memorybank.workflow.lines.rotate import rotate, unarchive
from memorybank.workflow.notes.agent_output import ingest
from memorybank.workflow.notes.queue import apply_notes, drop_notes, waiting
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.task_sync import sync
from tests.running import FULL, sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from memorybank.store.folder import BankFolder

    Prepare = Callable[[BankFolder], object]
    Do = Callable[[BankFolder], object]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the children are forked")

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SAMPLE = 3
SUITE = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
UNITTEST = (sys.executable, "-m", "unittest", "-q", "suite")
ENVIRON = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
REDIS = "Redis drops idle connections: keepalive 60"
AGENT = "MEMORY_NOTES:\n  learnings: [Offsets are bytes, Parts are numbered]\n  deferred: [Bound the retries]\n"
_TIME = re.compile(r"\d+\.\d+s")


def way_of(hours: int = 0, role: str = "router") -> Way:
    """Give a way of writing whose chance begins anew each time, so that two runs write the same bytes."""
    numbers = count(1 + 1000 * hours)

    def chance(length: int) -> bytes:
        number = next(numbers)
        return bytes((number >> (5 * place)) & 31 for place in reversed(range(length)))

    return Way(Author(Actor("tests", "s1", role), lambda: START + timedelta(hours=hours), chance))


def new(bank: BankFolder) -> None:
    assert bank.main_files


def learned(bank: BankFolder) -> None:
    note(bank, REDIS, way_of(1))


def worked(bank: BankFolder) -> None:
    """A workflow with everything in it, ready to be finished."""
    flows.start(bank, "BUILD", "Uploads survive a cut", way_of(1), ident="wf-up")
    for number, text in enumerate(("Store the offset", "Resume from it")):
        flows.add_task(bank, "", text, way_of(2 + number))
    flows.set_task(bank, "", "t1", "done", way_of(4), evidence="`make` → exit 0 (4/4)")
    flows.add_attempt(bank, "", "pinned the clock", "still red", way_of(5))
    flows.add_note(bank, "", "Parts: kept for a day", way_of(6), kind="decision")
    ingest(bank, AGENT, way_of(7))


def a_pattern(bank: BankFolder) -> None:
    note(bank, REDIS, way_of(1), kind="gotcha")


def an_old_decision(bank: BankFolder) -> None:
    note(bank, "Cache: Redis", way_of(1), kind="decision")


def archived(bank: BankFolder) -> None:
    over_the_cap(bank)
    rotate(bank, way_of(1))


def ended(bank: BankFolder) -> None:
    worked(bank)
    finish(bank, way_of(8))


def over_the_cap(bank: BankFolder) -> None:
    path = bank.folder / "progress.md"
    rows = "".join(f"- [x] Task {number}\n" for number in range(13))
    path.write_text(path.read_text().replace("## Completed\n\n- [None]\n", f"## Completed\n\n{rows}"))


def with_tasks(bank: BankFolder) -> None:
    for number, text in enumerate(("Store the offset ^k1abc", "Resume from it")):
        note(bank, text, way_of(1 + number), kind="task")


def with_a_suite(bank: BankFolder) -> None:
    (bank.project / "suite.py").write_text(SUITE, encoding="utf-8")


def proven(bank: BankFolder) -> object:
    what = asked(UNITTEST, way_of(1), shell=False, folder="", covers=("suite.py",), report="")
    return prove(bank, "it works", what, way_of(1), ENVIRON)


def stale(bank: BankFolder) -> None:
    with_a_suite(bank)
    proven(bank)
    (bank.project / "suite.py").write_text(f"{SUITE}    def test_b(self): pass\n", encoding="utf-8")


def verified(bank: BankFolder) -> object:
    home = bank.project / "home"
    approve(home, bank, declared(bank), at="2026-11-21")
    return verify(bank, way_of(9), ENVIRON, home, which="stale")


def two_decisions(bank: BankFolder) -> None:
    for number in (1, 2):
        save(bank, NewRecord(f"Choice {number}", kind="decision", title=f"Choice {number}"), way_of(number))
    note(bank, f"Cache: Redis ({decisions(bank)[0]})", way_of(3), kind="decision")


def decisions(bank: BankFolder) -> list[str]:
    return sorted(each.id for each in scan(bank, kinds=frozenset({"decision"})).records)


def superseded(bank: BankFolder) -> object:
    old, later = decisions(bank)
    return supersede(bank, old, later, way_of(9))


def twins(bank: BankFolder) -> None:
    for file, section in (("activeContext.md", "Learnings"), ("patterns.md", "Common Gotchas")):
        path = bank.folder / file
        rows = "- Keys expire\n- Keys expire\n"
        path.write_text(path.read_text().replace(f"## {section}\n\n- [None]\n", f"## {section}\n\n{rows}"))


def back(bank: BankFolder) -> object:
    done = {"status": "done", "evidence": "x"}
    return sync(bank, json.dumps([{"id": "^k1abc", **done}, {"subject": "Resume from it", **done}]), way_of(9))


def drop_all(bank: BankFolder) -> object:
    return drop_notes(bank, [each.id for each in waiting(bank).notes], way_of(9))


def replaced(bank: BankFolder) -> object:
    return hand_in(bank, "Cache: SQLite", way_of(9), kind="decision", supersedes="Cache: Redis")


# what is done, by its name, and what must be there before
OPERATIONS: dict[str, tuple[Prepare, Do]] = {
    "start": (new, lambda bank: flows.start(bank, "BUILD", "Uploads", way_of(9), ident="wf-up")),
    "debug": (worked, lambda bank: flows.add_attempt(bank, "", "again", "red", way_of(9))),
    "result": (worked, lambda bank: flows.add_result(bank, "", "x", AGENT.replace("Parts", "All"), way_of(9))),
    "abort": (worked, lambda bank: flows.abort(bank, "", "no need", way_of(9))),
    "finish": (worked, lambda bank: finish(bank, way_of(9), next_steps=["Windows"])),
    "ingest": (new, lambda bank: ingest(bank, AGENT, way_of(9))),
    "apply": (worked, lambda bank: apply_notes(bank, (), way_of(9))),
    "drop": (worked, drop_all),
    "to-document": (learned, lambda bank: promote(bank, REDIS, "document", way_of(9), keep=True)),
    "to-pattern": (learned, lambda bank: promote(bank, REDIS, "pattern", way_of(9))),
    "to-proven": (learned, lambda bank: promote(bank, REDIS, "proven", way_of(9), evidence="`make` → exit 0")),
    "demote": (a_pattern, lambda bank: demote(bank, REDIS, "fixed upstream", way_of(9))),
    "rotate": (over_the_cap, lambda bank: rotate(bank, way_of(9))),
    "unarchive": (archived, lambda bank: unarchive(bank, "progress.md#Completed", way_of(9), count=2)),
    "sync": (with_tasks, back),
    "prove": (with_a_suite, proven),
    "verify": (stale, verified),
    "supersede": (two_decisions, superseded),
    "note-supersedes": (an_old_decision, replaced),
    "cleanup": (two_decisions, lambda bank: cleanup(bank, way_of(20_000), days=30, wanted=Filter(kinds=("decision",)))),
    "check-fix": (twins, lambda bank: fix(bank, lint(bank), way_of(9))),
    "undo": (ended, lambda bank: undo(bank, "", way_of(9))),
}


def opened(project: Path) -> BankFolder:
    return find_bank(project, environ={})


def snapshot(project: Path) -> dict[str, str]:
    """Give every file but local state, without what no two runs share: how long a command took."""
    found = {}
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project).as_posix()
        if path.is_dir() or "/.state/" in f"/{name}" or name.startswith("home/"):
            continue
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        if "/evidence/" in name and name.endswith(".json"):
            value: dict[str, Any] = json.loads(text)
            text = json.dumps({key: each for key, each in value.items() if key not in ("seconds", "sha256")})
        found[name] = _TIME.sub("", text) if "/evidence/" in name else text
    return found


def noted(project: Path) -> None:
    note(opened(project), "the next command", way_of(30), kind="reference")


def repaired(project: Path) -> None:
    fix_faults(opened(project))


AFTERWARDS: dict[str, Callable[[Path], None]] = {"doctor": repaired, "next": noted}


class Killing:
    """An operation on a copy of a project, again and again, killed at one step or another."""

    def __init__(
        self,
        folder: Path,
        operation: tuple[Prepare, Do],
        child: Callable[[Callable[[], None]], int],
        dying: Callable[[int], AbstractContextManager[Any]],
    ) -> None:
        self.first, self.project = folder / "first", folder / "project"
        self.child, self.dying = child, dying
        prepare, self.operation = operation
        self.first.mkdir()
        prepare(init(self.first, way_of()).bank)

    @contextmanager
    def copied(self) -> Iterator[Path]:
        shutil.copytree(self.first, self.project)
        yield self.project
        shutil.rmtree(self.project)

    def do(self) -> None:
        self.operation(opened(self.project))

    def expected(self, then: str, *, done: bool) -> dict[str, str]:
        """Give how the project stands when all of it was done, or none, and the next command after it."""
        with self.copied() as project:
            if done:
                self.do()
            if then == "next":
                noted(project)
            return snapshot(project)

    def steps(self) -> int:
        """Count the steps that change the disk."""
        counted = self.first.with_name("steps")

        def work() -> None:
            with self.dying(sys.maxsize) as trip:
                self.do()
            counted.write_text(str(trip.count))

        with self.copied():
            assert os.waitpid(self.child(work), 0)[1] == 0
        return int(counted.read_text())

    def killed(self, do: Callable[[], None], due: int) -> bool:
        def work() -> None:
            with self.dying(due):
                do()

        status = os.waitpid(self.child(work), 0)[1]
        assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL
        return status != 0


@pytest.mark.parametrize("name", sampled(OPERATIONS, 2))
def test_killed_before_each_step(
    tmp_path: Path,
    child: Callable[[Callable[[], None]], int],
    dying_at_a_change: Callable[[int], AbstractContextManager[Any]],
    name: str,
) -> None:
    killing = Killing(tmp_path, OPERATIONS[name], child, dying_at_a_change)
    wanted = {(then, done): killing.expected(then, done=done) for then in AFTERWARDS for done in (False, True)}
    assert wanted["doctor", False] != wanted["doctor", True]
    steps = killing.steps()
    spread = {1 + number * (steps - 1) // (SAMPLE - 1) for number in range(SAMPLE)}
    for due in range(1, steps + 1) if FULL else sorted(spread):
        # the repair may be killed as well, and is done again
        repairs = [(then, again) for then in AFTERWARDS for again in (0, 1, 2, 3, 5, 8)]
        for then, again in repairs if FULL else repairs[due % 12 :: 12]:
            where = f"{name}: step {due} of {steps}, {then} {again}"
            with killing.copied() as project:
                assert killing.killed(killing.do, due), where
                if again:
                    killing.killed(lambda: repaired(project), again)
                AFTERWARDS[then](project)
                found = snapshot(project)
                assert found in (wanted[then, False], wanted[then, True]), where
                check_sound(opened(project), where)


def check_sound(bank: BankFolder, where: str) -> None:
    """The journal is whole, nothing is left begun, and evidence is that of its lines."""
    assert [each for each in examine(bank) if each.fault] == [], where
    assert {each.state for each in read_operations(bank)} <= {"done", "aborted"}, where
    assert {each.state for each in standings(bank)} <= {"fresh", "stale", "unbound"}, where
