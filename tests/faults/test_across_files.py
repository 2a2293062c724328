"""Operations over several files, cut in the middle or beside another one: nothing that comes next is silently wrong."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.document.edits import ItemRef, RemoveItem
from memorybank.errors import BankError, NoItemError
from memorybank.store.actor import Actor
from memorybank.store.discover import find_bank
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.recover import settle_interrupted, state_of
from memorybank.store.manage.init import init
from memorybank.store.manage.items import list_items, move_item
from memorybank.store.way import Way
from memorybank.workflow import steps as flows
from memorybank.workflow.finish import finish
from memorybank.workflow.ladder.promote import promote
from memorybank.workflow.lines.note import note
from memorybank.workflow.lines.rotate import rotate
from memorybank.workflow.progress.tasks import finish_task
from tests.faults.test_kill_steps import over_the_cap, way_of
from tests.running import second_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from memorybank.store.folder import BankFolder

LEARNINGS, GOTCHAS = "activeContext.md#Learnings", "patterns.md#Common Gotchas"
LINE = "a precious line"


@pytest.fixture
def way() -> Way:
    return Way(way_of(1).author._replace(actor=Actor("tests", "s1"), random_bytes=os.urandom))


@pytest.fixture
def bank(tmp_path: Path, way: Way) -> BankFolder:
    (tmp_path / "project").mkdir()
    return init(tmp_path / "project", way).bank


def text_of(bank: BankFolder) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(bank.folder.glob("*.md")))


def moved(bank: BankFolder, way: Way) -> None:
    move_item(bank, LEARNINGS, ItemRef(text=LINE), GOTCHAS, way)


@pytest.fixture
def torn(
    bank: BankFolder,
    way: Way,
    child: Callable[[Callable[[], None]], int],
    dying_at_a_change: Callable[[int], AbstractContextManager[Any]],
) -> BankFolder:
    """Give the bank as a kill between the two files of a move leaves it."""
    note(bank, LINE, way)
    before = {path: path.read_bytes() for path in bank.folder.glob("*.md")}
    journal = (bank.state / "journal.jsonl").read_bytes()
    for due in range(1, 60):

        def work(due: int = due) -> None:
            with dying_at_a_change(due):
                moved(find_bank(bank.project, environ={}), way)

        assert os.WTERMSIG(os.waitpid(child(work), 0)[1]) == signal.SIGKILL
        if state_of(bank, read_operations(bank)[-1]) == "torn":
            return bank
        for path, data in before.items():
            path.write_bytes(data)
        (bank.state / "journal.jsonl").write_bytes(journal)
    raise AssertionError


def test_between_the_files_of_a_move_the_line_stands_twice(torn: BankFolder) -> None:
    assert text_of(torn).count(LINE) == 2


def test_removing_one_of_two_copies_that_a_crash_left_leaves_one(torn: BankFolder, way: Way) -> None:
    path, _ = torn.existing("activeContext.md")
    settle_interrupted(torn)
    with pytest.raises(NoItemError):
        commit(torn, [FileChange(path, (RemoveItem("Learnings", ItemRef(text=LINE)),))], "item remove", way)
    assert text_of(torn).count(LINE) == 1


def test_without_a_look_before_the_commit_itself_settles(torn: BankFolder, way: Way) -> None:
    path, _ = torn.existing("activeContext.md")
    with pytest.raises(NoItemError):
        commit(torn, [FileChange(path, (RemoveItem("Learnings", ItemRef(text=LINE)),))], "item remove", way)
    assert text_of(torn).count(LINE) == 1


@pytest.mark.parametrize("file", ["activeContext.md", "patterns.md"])
def test_a_line_by_hand_after_a_crash_stays_and_the_moved_one_stands_once(
    torn: BankFolder, way: Way, file: str
) -> None:
    path = torn.folder / file
    path.write_bytes(path.read_bytes() + b"\n- by hand\n")
    note(torn, "next", way)
    assert text_of(torn).count(LINE) == 1
    assert text_of(torn).count("- by hand\n") == 1


def test_a_task_that_came_or_was_done_while_a_workflow_ended_stays_so(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "goal", way, ident="wf-a")
    flows.add_task(bank, "", "Store the offset", way)
    note(bank, "Ship it", way, kind="task")

    def other() -> None:
        note(bank, "Retry on 429", way, kind="task")
        finish_task(bank, ItemRef(text="Ship it"), way, evidence="make: exit 0")

    with second_writer(other):
        finish(bank, way, changed=["c"])
    assert "- [ ] Retry on 429\n" in text_of(bank)
    assert "- [ ] Ship it" not in text_of(bank)
    assert "- [x] Ship it" in text_of(bank)


def test_two_who_rotate_at_once_both_end_well(bank: BankFolder, way: Way) -> None:
    over_the_cap(bank)
    with second_writer(lambda: rotate(bank, way)):
        rotate(bank, way)
    rows = text_of(bank) + "".join(p.read_text(encoding="utf-8") for p in bank.folder.glob("archive/**/*.md"))
    assert all(rows.count(f"- [x] Task {number}\n") == 1 for number in range(13))


def test_a_number_is_the_line_that_was_seen(bank: BankFolder, way: Way) -> None:
    for text in ("the first", "the second"):
        note(bank, text, way)
    path, _ = bank.existing("activeContext.md")
    first = ItemRef(text="the first")

    def other() -> None:
        commit(bank, [FileChange(path, (RemoveItem("Learnings", first),))], "item remove", way)

    with second_writer(other):
        try:
            promote(bank, LEARNINGS, "pattern", way, item="1")
        except BankError:
            assert [each.text for each in list_items(bank, LEARNINGS)] == ["the second"]
            return
    raise AssertionError
