"""What agents hand in: a write agent's records are files at once, all lines wait where they are seen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from memorybank.store.actor import Actor
from memorybank.store.journal.undo import undo
from memorybank.store.roles import READ_ONLY, WRITE_AGENT, RoleError
from memorybank.workflow import steps as flows
from memorybank.workflow.artifact import read_flow
from memorybank.workflow.entries.bugs import fix_bug, report_bug
from memorybank.workflow.entries.decide import NewDecision, NewLearning, decide, learn
from memorybank.workflow.finish import finish
from memorybank.workflow.lines.note import note
from memorybank.workflow.notes.agent_output import ingest
from memorybank.workflow.notes.queue import apply_notes, drop_notes, edit_note, enqueue, waiting
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.progress.documents import new_document
from memorybank.workflow.resume import resume
from memorybank.workflow.workflow_errors import ContradictionError
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def as_role(way: Way, role: str) -> Way:
    return way.with_actor(Actor("tests", "s1", role))


def noted(bank: BankFolder, ident: str = "wf-up") -> list[tuple[str, str]]:
    return [(each["text"], each["outcome"]) for each in read_flow(bank, ident).value["memory_notes"]]


def test_a_write_agent_saves_records_and_their_lines_wait(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    agent = as_role(way, WRITE_AGENT)
    before = {name: (bank.folder / name).read_bytes() for name in bank.main_files}
    decided = decide(bank, NewDecision("Use JWT for authentication", why="Stateless"), agent)
    learned = learn(bank, NewLearning("Normalise before validation"), agent)
    plan = new_document(bank, "plan", "Search over sessions", agent)
    research = new_document(bank, "research", "SQLite on network disks", agent)
    bug = report_bug(bank, "Email is compared case-sensitively", agent)
    fixed = fix_bug(bank, bug.record.id, agent, fix="casefold", lesson="Fold case before comparing")
    for file in (decided.record.file, learned.record.file, bug.record.file):
        assert (bank.folder / file).is_file()
    for file in (plan.file, research.file):
        assert (bank.project / file).is_file()
    assert {name: (bank.folder / name).read_bytes() for name in bank.main_files} == before
    assert [(each.kind, each.text) for each in waiting(bank).notes] == [
        ("decision", f"Use JWT for authentication - Stateless ({decided.record.id})"),
        ("learning", f"Normalise before validation ({learned.record.id})"),
        ("reference", f"Plan: `{plan.file}` → Search over sessions"),
        ("reference", f"Research: `{research.file}` → SQLite on network disks"),
        ("learning", f"Fold case before comparing ({fixed.learning.id})"),  # type: ignore[union-attr]
        ("change", f"Fixed #1 Email is compared case-sensitively - casefold ({bug.record.id})"),
    ]
    assert apply_notes(bank, [], way).stuck == []
    assert section("activeContext.md#Decisions") == [f"- Use JWT for authentication - Stateless ({decided.record.id})"]
    assert len(section("activeContext.md#References")) == 2


def test_a_decision_that_supersedes_another_can_be_handed_in(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    first = decide(bank, NewDecision("Cache: Redis"), way)
    agent = as_role(way, WRITE_AGENT)
    with pytest.raises(ContradictionError):
        decide(bank, NewDecision("Cache: SQLite"), agent)
    second = decide(bank, NewDecision("Cache: SQLite"), agent, supersedes=first.record.id)
    assert section("activeContext.md#Decisions") == [f"- Cache: Redis ({first.record.id})"]
    assert apply_notes(bank, [], way).stuck == []
    assert section("activeContext.md#Decisions") == [
        f"- ~~Cache: Redis ({first.record.id})~~ → {second.record.id}",
        f"- Cache: SQLite ({second.record.id})",
    ]


def test_the_command_says_that_the_line_waits(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    for words in (
        ("decide", "Use JWT", "--why", "Stateless"),
        ("plan", "new", "Search"),
        ("research", "new", "Locks"),
        ("bug", "new", "It breaks"),
        ("bug", "fix", "1", "--fix", "mended"),
        ("learn", "Locks are per host"),
    ):
        done = run_bank(tmp_path, *words, "--role", "write-agent")
        assert (done.returncode, done.stderr) == (0, "")
        waits = "its line is queued for the router: bank notes list"
        assert (waits in done.stdout) == (words[:2] != ("bug", "new"))
        assert run_bank(tmp_path, *words, "--role", "read-only").returncode == 5


def test_undo_takes_back_the_record_and_its_line(bank: BankFolder, way: Way) -> None:
    agent = as_role(way, WRITE_AGENT)
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    saved = decide(bank, NewDecision("Use JWT"), agent)
    assert noted(bank) == [(f"Use JWT ({saved.record.id})", "queued")]
    undo(bank, "", agent)
    assert (waiting(bank).notes, noted(bank)) == ([], [])
    assert not (bank.folder / saved.record.file).exists()


def test_notes_stand_in_the_artifact_as_soon_as_they_are_handed_in(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    reader, builder = as_role(way, READ_ONLY), as_role(way, WRITE_AGENT)
    hand_in(bank, "from the command", reader)
    enqueue(bank, "by the library", builder, kind="gotcha", workflow="wf-up", agent="builder")
    flows.add_note(bank, "", "by name", reader, kind="learning")
    ingest(bank, "MEMORY_NOTES:\n  learnings: [in a contract, and another]\n", way)
    flows.add_result(bank, "", "builder", "STATUS: PASS\nMEMORY_NOTES:\n  gotchas: [in a result]\n", builder)
    texts = ["from the command", "by the library", "by name", "in a contract", "and another", "in a result"]
    assert noted(bank) == [(each, "queued") for each in texts]
    row = read_flow(bank, "wf-up").value["memory_notes"][1]
    assert row == {
        "id": waiting(bank).notes[1].id,
        "kind": "gotcha",
        "text": "by the library",
        "role": "write-agent",
        "agent": "builder",
        "outcome": "queued",
    }
    assert resume(bank).note_count == 6


def test_the_artifact_tells_what_became_of_them(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    reader = as_role(way, READ_ONLY)
    for text in ("one", "two", "three", "four"):
        hand_in(bank, text, reader)
    ids = [each.id for each in waiting(bank).notes]
    edit_note(bank, ids[0], reader, text="one, said better")
    drop_notes(bank, [ids[1]], reader)
    apply_notes(bank, [ids[2]], way)
    assert noted(bank) == [("one, said better", "queued"), ("two", "dropped"), ("three", "applied"), ("four", "queued")]
    finish(bank, way)
    assert [each for _, each in noted(bank)] == ["applied", "dropped", "applied", "applied"]
    assert len(read_flow(bank, "wf-up").value["memory_notes"]) == 4


def test_a_reader_writes_nothing_else_of_a_workflow(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    with pytest.raises(RoleError):
        flows.add_task(bank, "", "x", as_role(way, READ_ONLY))
    with pytest.raises(RoleError):
        flows.add_result(bank, "", "reviewer", "STATUS: PASS", as_role(way, READ_ONLY))


def test_a_broken_artifact_keeps_no_note_out_of_the_queue(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    (bank.folder / "workflows" / "wf-up.json").write_text("{", encoding="utf-8")
    enqueue(bank, "all the same", as_role(way, READ_ONLY), kind="learning", workflow="wf-up")
    assert [each.text for each in waiting(bank).notes] == ["all the same"]


def test_agents_side_by_side_all_stand_there(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads", way, ident="wf-up")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: hand_in(bank, f"note {number}", as_role(way, READ_ONLY)), range(24)))
    assert sorted(each for each, _ in noted(bank)) == sorted(f"note {number}" for number in range(24))
    assert {each["id"] for each in read_flow(bank, "wf-up").value["memory_notes"]} == {
        each.id for each in waiting(bank).notes
    }
    assert json.loads((bank.folder / "workflows" / "wf-up.json").read_text(encoding="utf-8"))["id"] == "wf-up"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("MEMORY_NOTES:\n  learnings: [one]\n  surprises: [the disk was full]\n", "surprises: the disk was full"),
        ("MEMORY_NOTES:\n  learnings: [one]\n  risks:\n    disk: full\n    parts: [a, b]\n", "risks: parts: a; b"),
        ("MEMORY_NOTES:\n  learnings: ['one]\n  surprises:\n    - the disk was full\n", "surprises: the disk was full"),
        ("MEMORY_NOTES: the disk was full\n", "the disk was full"),
        ("MEMORY_NOTES:\n  - the disk was full\n", "- the disk was full"),
        ("MEMORY_NOTES: [the disk was full]\n", "the disk was full"),
    ],
)
def test_what_stands_below_no_known_key_is_told(bank: BankFolder, way: Way, text: str, told: str) -> None:
    done = ingest(bank, text, way)
    assert told in [each for each, _ in done.passed]
    assert all(why.startswith("it is not below a known key (learnings, ") for _, why in done.passed)
    assert "full" not in " ".join(each.text for each in done.notes)
    flows.start(bank, "BUILD", "Uploads", way)
    assert told in [each for each, _ in flows.add_result(bank, "", "builder", text, way).passed]


@pytest.mark.parametrize("text", ["MEMORY_NOTES: None", "MEMORY_NOTES:\n  surprises: [N/A]", "MEMORY_NOTES: {}", "x"])
def test_what_stands_for_nothing_is_not_told(bank: BankFolder, way: Way, text: str) -> None:
    assert ingest(bank, text, way).passed == []


def test_no_more_notes_are_dropped_without_a_word_than_with_one(bank: BankFolder, way: Way) -> None:
    rows = "".join(f"    - note {number}\n" for number in range(203))
    done = ingest(bank, f"MEMORY_NOTES:\n  learnings:\n{rows}", way)
    assert (len(done.notes), [why for _, why in done.passed]) == (200, ["at most 200 are queued at once"] * 3)


def test_a_skill_is_named_once(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    hints = "patterns.md#Project SKILL_HINTS"
    for _ in range(2):
        note(bank, "cc10x:research <!-- Vitest -->", way, kind="skill")
    assert note(bank, "cc10x:research <!-- Vitest -->", way, to=hints).operation == ""
    note(bank, "cc10x:research", way, kind="skill")
    note(bank, "cc10x:Research", way, kind="skill")
    assert section(hints) == ["- cc10x:research <!-- Vitest -->", "- cc10x:Research"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: note(bank, "react-best-practices", way, kind="skill"), range(8)))
    assert section(hints)[2:] == ["- react-best-practices"]
    note(bank, "twice", way)
    note(bank, "twice", way)
    assert section("activeContext.md#Learnings") == ["- twice", "- twice"]
