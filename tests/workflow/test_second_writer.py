"""What is planned is planned under the lock: what a writer did just before is seen, and stays."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import ItemRef
from memorybank.errors import StaleEditError
from memorybank.records.find import find_record
from memorybank.records.ledgers import facts as pafs
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.sessions import groups
from memorybank.records.sessions.sessions import start as start_session
from memorybank.store.actor import Actor
from memorybank.store.roles import READ_ONLY
from memorybank.workflow import steps as flows
from memorybank.workflow.artifact import read_flow
from memorybank.workflow.entries.bugs import number_of, report_bug
from memorybank.workflow.finish import finish
from memorybank.workflow.ladder.promote import demote, promote
from memorybank.workflow.lines.note import note
from memorybank.workflow.lines.rotate import rotate
from memorybank.workflow.notes.queue import drop_notes, edit_note, enqueue, waiting
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.progress.checkpoints import save_checkpoint
from memorybank.workflow.progress.tasks import finish_task
from memorybank.workflow.workflow_errors import ContradictionError
from tests.running import second_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def by_hand(bank: BankFolder, file: str, old: str, new: str) -> None:
    path = bank.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_finish_leaves_what_was_added_while_it_waited(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "of the last workflow", way, kind="change")
    note(bank, "[x] Read the spec", way, kind="task")
    flows.start(bank, "BUILD", "Uploads", way)

    def write() -> None:
        note(bank, "Another task", way, kind="task")
        note(bank, "Another change", way, kind="change")
        note(bank, "[x] Another done one", way, kind="task")
        flows.set_gate(bank, "", "late", way)
        flows.set_gate(bank, "", "late", way, status="passed")

    with second_writer(write):
        done = finish(bank, way, changed=["Uploads resume"])
    assert section("progress.md#Tasks") == ["- [ ] Another task"]
    assert section("progress.md#Completed") == ["- [x] Read the spec", "- [x] Another done one"]
    assert section("activeContext.md#Recent Changes")[0].endswith("Another change")
    assert [each["name"] for each in done.flow.value["gates"]] == ["late"]


@pytest.mark.parametrize("item", ["2", ""])
def test_a_line_that_a_number_meant_is_the_one_that_goes_or_none_does(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], item: str
) -> None:
    for text in ("First", "Second", "Third"):
        note(bank, f"{text} of them", way)
        note(bank, f"{text} gotcha", way, kind="gotcha")
    before = section("activeContext.md#Learnings"), section("patterns.md#Common Gotchas")

    def write(file: str, words: str) -> Callable[[], None]:
        return lambda: by_hand(bank, file, f"- First {words}\n", f"- Before all\n- First {words}\n")

    what = "activeContext.md#Learnings" if item else "Second of them"
    with second_writer(write("activeContext.md", "of them")):
        if item:
            with pytest.raises(StaleEditError):
                promote(bank, what, "pattern", way, item=item, section="Common Gotchas")
        else:
            assert promote(bank, what, "pattern", way, section="Common Gotchas").text == "Second of them"
    what = "patterns.md#Common Gotchas" if item else "Second gotcha"
    with second_writer(write("patterns.md", "gotcha")):
        if item:
            with pytest.raises(StaleEditError):
                demote(bank, what, "wrong", way, item=item)
        else:
            assert demote(bank, what, "wrong", way).text == "Second gotcha"
    if item:
        assert section("activeContext.md#Learnings") == ["- Before all", *before[0]]
        assert section("patterns.md#Common Gotchas") == ["- Before all", *before[1]]


def test_a_number_of_a_task_means_the_one_that_was_seen(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    for text in ("First", "Second"):
        note(bank, text, way, kind="task")
    with (
        second_writer(lambda: by_hand(bank, "progress.md", "- [ ] First\n", "- [ ] Before all\n- [ ] First\n")),
        pytest.raises(StaleEditError),
    ):
        finish_task(bank, ItemRef(number=2), way, evidence="`make` → exit 0")
    assert section("progress.md#Tasks") == ["- [ ] Before all", "- [ ] First", "- [ ] Second"]


def test_of_two_at_once_each_has_a_number_of_its_own(bank: BankFolder, way: Way) -> None:
    with second_writer(lambda: report_bug(bank, "It hangs", way)):
        second = report_bug(bank, "It breaks", way)
    assert number_of(second.record) == 2
    with second_writer(lambda: pafs.add_paf(bank, "AUTH", "Tokens live an hour", way)):
        assert pafs.add_paf(bank, "AUTH", "Keys are rotated", way).paf.id == "AUTH-002"


def test_a_fact_that_changed_meanwhile_keeps_the_change(bank: BankFolder, way: Way) -> None:
    pafs.add_paf(bank, "AUTH", "Tokens live an hour", way, status="active")
    with second_writer(lambda: by_hand(bank, "pafs.md", "live an hour", "live two hours")):
        pafs.set_status(bank, "AUTH-001", "deprecated", way, reason="no tokens any more")
    (fact,) = list_pafs(bank)
    assert (fact.status, fact.text) == ("deprecated", "Tokens live two hours")


def test_of_two_decisions_at_once_that_contradict_the_second_is_refused(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    with (
        second_writer(lambda: hand_in(bank, "Cache: Redis", way, kind="decision")),
        pytest.raises(ContradictionError),
    ):
        hand_in(bank, "Cache: SQLite", way, kind="decision")
    assert section("activeContext.md#Decisions") == ["- Cache: Redis"]


def test_a_group_takes_the_session_that_began_meanwhile(bank: BankFolder, way: Way) -> None:
    group = groups.create(bank, "uploads", way).record.id
    first = start_session(bank, way, label="one").record.id
    made: list[str] = []

    def write() -> None:
        made.append(start_session(bank, way, label="two").record.id)
        groups.add(bank, group, made, way)

    with second_writer(write):
        groups.add(bank, group, [first], way)
    assert find_record(bank, group, kinds=("group",)).fields["sessions"] == [made[0], first]


def test_a_note_that_was_edited_or_dropped_meanwhile_is_not_brought_back(bank: BankFolder, way: Way) -> None:
    agent = way.with_actor(Actor("tests", "s1", READ_ONLY))
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    first = enqueue(bank, "one", agent, kind="learning", workflow="wf-up").note.id
    with second_writer(lambda: edit_note(bank, first, way, text="one, said better")):
        edit_note(bank, first, way, kind="gotcha")
    assert [(each.kind, each.text) for each in waiting(bank).notes] == [("gotcha", "one, said better")]
    with second_writer(lambda: enqueue(bank, "two", agent, kind="learning", workflow="wf-up")):
        drop_notes(bank, [first], way)
    rows = read_flow(bank, "wf-up").value["memory_notes"]
    assert [(each["text"], each["outcome"]) for each in rows] == [("one, said better", "dropped"), ("two", "queued")]


def test_a_checkpoint_marks_how_the_work_stands_when_it_is_written(bank: BankFolder, way: Way) -> None:
    with second_writer(lambda: note(bank, "Store it", way, kind="task")):
        made = save_checkpoint(bank, way).checkpoint
    assert json.loads((bank.folder / made.file).read_bytes())["progress"]["todo"] == ["Store it"]


def test_two_rotations_at_once_move_each_item_once(bank: BankFolder, way: Way) -> None:
    for number in range(14):
        note(bank, f"Part {number}", way, kind="done")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: rotate(bank, way), range(4)))
    texts = [
        (bank.folder / name).read_text(encoding="utf-8") for name in ("archive/contracts/progress.md", "progress.md")
    ]
    assert [sum(each.count(f"Part {number}\n") for each in texts) for number in range(14)] == [1] * 14
