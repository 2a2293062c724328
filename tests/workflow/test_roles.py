"""Only the router writes the contracts; what the others hand in waits, is looked over again, and is applied once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import Append
from memorybank.errors import ContractError, NoRecordError, UnsupportedTextError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.store.actor import Actor, actor_from
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.undo import undo
from memorybank.store.roles import READ_ONLY, ROUTER, WRITE_AGENT, RoleError, narrowed, role_of
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.entries.decide import NewDecision, decide
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.notes.agent_output import ingest
from memorybank.workflow.notes.queue import apply_notes, drop_notes, edit_note, enqueue, has_moved, waiting
from memorybank.workflow.notes.queue_status import wait_of
from memorybank.workflow.notes.said_notes import AgentNote, said_in
from memorybank.workflow.notes.submit import hand_in
from tests.running import bank as run_bank
from tests.running import make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

CONTRACT = """I built it.

### Router Contract (MACHINE-READABLE)
```yaml
STATUS: PASS
CONFIDENCE: 90
MEMORY_NOTES:
  learnings:
    - WAL mode: needs a local disk
    - "The lock is per host"
    - None
  patterns: ["Tests share one database", "N/A"]
  verification:
    - "`pytest` → exit 0 (12/12)"
  deferred: [Windows paths]
NEXT: review
```
Done.
"""
BLOCK = """## Review

All fine.

### Memory Notes (For Workflow-Final Persistence)
- **Learnings:** Uploads are cut by the proxy
- **Patterns:**
  - Every endpoint answers JSON
  - [Conventions discovered]
- **Verification:** Approve - 3 files read
- **Deferred:** None

### Task Status
- not a note
"""


def as_role(way: Way, role: str, session: str = "s1") -> Way:
    return way.with_actor(Actor("tests", session, role))


def test_the_role_comes_from_the_environment_and_only_narrows() -> None:
    assert actor_from({}).role == ROUTER
    assert actor_from({"MEMORYBANK_ROLE": "read-only"}).role == READ_ONLY
    assert narrowed(ROUTER, WRITE_AGENT) == WRITE_AGENT
    assert narrowed(WRITE_AGENT, "") == WRITE_AGENT
    for role, asked in ((READ_ONLY, ROUTER), (WRITE_AGENT, ROUTER), (READ_ONLY, WRITE_AGENT), (ROUTER, "king")):
        with pytest.raises(RoleError):
            narrowed(role, asked)
    with pytest.raises(RoleError, match="unknown role"):
        role_of({"MEMORYBANK_ROLE": "raed-only"})


def test_the_door_is_shut_to_every_other_role(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    before = path.read_bytes()
    change = FileChange(path, (Append("Learnings", "x", item=True),))
    for role in (WRITE_AGENT, READ_ONLY):
        agent = as_role(way, role)
        for attempt in (
            lambda agent=agent: commit(bank, [change], "sneak", agent),
            lambda agent=agent: commit(bank, [change], "sneak", Way(agent.author, WriteOptions(dry_run=True))),
            lambda agent=agent: focus(bank, "mine", agent),
            lambda agent=agent: undo(bank, "", agent),
        ):
            with pytest.raises(RoleError) as refused:
                attempt()
            assert (refused.value.code, refused.value.exit_status) == ("role", 5)
    save(bank, NewRecord("a fact"), as_role(way, WRITE_AGENT))
    with pytest.raises(RoleError):
        save(bank, NewRecord("a fact"), as_role(way, READ_ONLY))
    with pytest.raises(RoleError):
        decide(bank, NewDecision("Use Redis"), as_role(way, READ_ONLY))
    assert path.read_bytes() == before


def test_a_note_of_an_agent_waits_and_is_applied_by_the_router(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    hand_in(bank, "The lock is per host", as_role(way, READ_ONLY), why="seen in review")
    hand_in(bank, "Retry 429", as_role(way, WRITE_AGENT), kind="gotcha")
    hand_in(bank, "pin it", as_role(way, WRITE_AGENT), to="patterns.md#Dependencies")
    assert section("activeContext.md#Learnings") == ["- [None]"]
    assert [(each.role, each.address) for each in waiting(bank).notes] == [
        ("read-only", "activeContext.md#Learnings"),
        ("write-agent", "patterns.md#Common Gotchas"),
        ("write-agent", "patterns.md#Dependencies"),
    ]
    assert str(wait_of(bank)).startswith("3 notes are still queued, the oldest since 2026-11-21")
    with pytest.raises(RoleError, match="only the router"):
        apply_notes(bank, [], as_role(way, WRITE_AGENT))
    done = apply_notes(bank, [], way)
    assert section("activeContext.md#Learnings") == ["- The lock is per host - seen in review"]
    assert section("patterns.md#Common Gotchas") == ["- Retry 429"]
    assert section("patterns.md#Dependencies") == ["- pin it"]
    assert (wait_of(bank), waiting(bank).notes, done.stuck) == (None, [], [])
    undo(bank, "", way)
    assert len(waiting(bank).notes) == 3
    assert section("patterns.md#Common Gotchas") == ["- [None]"]


def test_a_note_stays_applicable_when_its_file_moves_on(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    queued = enqueue(bank, "WAL needs a local disk", as_role(way, READ_ONLY), kind="learning").note
    assert not has_moved(bank, queued)
    note(bank, "another one", way)
    assert has_moved(bank, queued)
    apply_notes(bank, [queued.id[-5:]], way)
    assert section("activeContext.md#Learnings") == ["- another one", "- WAL needs a local disk"]


def test_equal_notes_leave_the_queue_unwritten_and_are_named(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "Cache keys must include the tenant id", way)
    first = enqueue(bank, "Cache keys must include the tenant id", as_role(way, READ_ONLY), kind="learning").note
    enqueue(bank, "Uploads are cut by the proxy", as_role(way, READ_ONLY), kind="learning")
    twin = enqueue(bank, "Uploads are cut by the proxy ", as_role(way, WRITE_AGENT), kind="learning").note
    done = apply_notes(bank, [], way)
    assert {each.note.id: each.same_as for each in done.settled if each.same_as} == {
        first.id: "Cache keys must include the tenant id",
        twin.id: "Uploads are cut by the proxy",
    }
    assert section("activeContext.md#Learnings") == [
        "- Cache keys must include the tenant id",
        "- Uploads are cut by the proxy",
    ]


@pytest.mark.parametrize(
    ("there", "handed_in"),
    [
        ("✅ Deploys on staging work", "❌ Deploys on staging work"),
        ("Cache keys must include the tenant id", "Cache keys must not include the tenant id"),
        ("Write the new parser in C", "Write the new parser in C++"),
        ("Import `Foo` from the package", "Import `foo` from the package"),
        ("~~Use Redis for the cache~~", "Use Redis for the cache"),
    ],
)
def test_a_note_that_is_merely_close_is_written(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], there: str, handed_in: str
) -> None:
    note(bank, there, way)
    enqueue(bank, handed_in, as_role(way, READ_ONLY), kind="learning")
    (settled,) = apply_notes(bank, [], way).settled
    assert settled.same_as == ""
    assert section("activeContext.md#Learnings") == [f"- {there}", f"- {handed_in}"]


def test_a_note_that_equals_what_hangs_below_another_line_is_written(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("## Learnings\n\n- [None]", "## Learnings\n\n- Redis\n  - default port"), "utf-8")
    enqueue(bank, "default port", as_role(way, READ_ONLY), kind="learning")
    (settled,) = apply_notes(bank, [], way).settled
    assert settled.same_as == ""
    assert section("activeContext.md#Learnings") == ["- Redis", "  - default port", "- default port"]


def test_a_task_that_is_done_does_not_hide_a_new_one(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("end -->\n\n- [None]", "end -->\n\n- [x] Ship the search"), "utf-8")
    enqueue(bank, "Ship the search", as_role(way, READ_ONLY), kind="task")
    assert apply_notes(bank, [], way).settled[0].same_as == ""
    assert section("progress.md#Tasks") == ["- [x] Ship the search", "- [ ] Ship the search"]


def test_nobody_applies_what_was_handed_in_in_the_same_role(bank: BankFolder, way: Way) -> None:
    queued = enqueue(bank, "approve me", way, kind="learning").note
    with pytest.raises(RoleError, match="same role"):
        apply_notes(bank, [queued.id], way)


def test_a_note_that_cannot_be_written_any_more_waits_on(bank: BankFolder, way: Way) -> None:
    queued = enqueue(bank, "fine", as_role(way, READ_ONLY), kind="learning").note
    path = bank.folder / "workflows" / "notes" / f"{queued.id}.json"
    path.write_text(path.read_text().replace('"learning"', '"poem"').replace('Learnings"', 'Poems"'))
    done = apply_notes(bank, [], way)
    assert [each[0] for each in done.stuck] == [queued.id]
    assert [each.id for each in waiting(bank).notes] == [queued.id]


def test_a_note_that_would_be_a_heading_stays_queued_and_stops_no_other(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    queued = enqueue(bank, "## a heading", as_role(way, READ_ONLY), kind="learning").note
    enqueue(bank, "words", as_role(way, READ_ONLY), kind="learning")
    done = apply_notes(bank, [], way)
    assert [each[0] for each in done.stuck] == [queued.id]
    assert section("activeContext.md#Learnings") == ["- words"]


def test_a_note_can_be_edited_and_dropped_by_its_author_and_the_router(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    mine, other = as_role(way, READ_ONLY, "a"), as_role(way, READ_ONLY, "b")
    queued = enqueue(bank, "frist", mine, kind="learning").note
    for attempt in (lambda: edit_note(bank, queued.id, other, text="x"), lambda: drop_notes(bank, [queued.id], other)):
        with pytest.raises(RoleError):
            attempt()
    edit_note(bank, queued.id, mine, text="first", kind="gotcha")
    with pytest.raises(UnsupportedTextError):
        edit_note(bank, queued.id, mine, text="- ")
    apply_notes(bank, [], way)
    assert section("patterns.md#Common Gotchas") == ["- first"]
    second = enqueue(bank, "second", mine, kind="learning").note
    drop_notes(bank, [second.id], way)
    with pytest.raises(NoRecordError):
        drop_notes(bank, [second.id], way)


def test_a_note_goes_to_a_section_of_the_memory_files_only(bank: BankFolder, way: Way) -> None:
    with pytest.raises(ContractError):
        enqueue(bank, "x", as_role(way, READ_ONLY), kind="learning", to="docs/a.md#B")
    with pytest.raises(ContractError):
        enqueue(bank, "x", as_role(way, READ_ONLY), kind="poem")


def notes_in(text: str) -> list[AgentNote]:
    return [each for each in said_in(text) if each.kind]


def test_notes_are_found_in_a_contract_and_in_a_block() -> None:
    assert [(each.kind, each.text) for each in notes_in(CONTRACT)] == [
        ("learning", "WAL mode: needs a local disk"),
        ("learning", "The lock is per host"),
        ("testing", "Tests share one database"),
        ("verification", "`pytest` → exit 0 (12/12)"),
        ("next", "[Deferred]: Windows paths"),
    ]
    assert [(each.kind, each.text) for each in notes_in(BLOCK)] == [
        ("learning", "Uploads are cut by the proxy"),
        ("api", "Every endpoint answers JSON"),
        ("verification", "Approve - 3 files read"),
    ]
    assert len(notes_in(f"{BLOCK}\n\n{CONTRACT}\n{BLOCK}")) == 8


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("MEMORY_NOTES:", []),
        ("MEMORY_NOTES: {learnings: [one]}", ["one"]),
        (
            "  MEMORY_NOTES:\n    learnings: one: two: three\n    patterns:\n      - a: b: c\n",
            ["one: two: three", "a: b: c"],
        ),
        ("MEMORY_NOTES:\n  learnings:\n  - at the key's depth\nNEXT: x", ["at the key's depth"]),
        ("MEMORY_NOTES:\n  learnings: |\n    - one\n    - two\n", ["one", "two"]),
        ("MEMORY_NOTES:\n  learnings: 'text'\r\n  unknown: [x]\r\n", ["text"]),
        ("```\n### Memory Notes\n- quoted, not said\n```", []),
        ("### Memory Notes\n- plain\n1. numbered\n#### Gotchas\n- deep\n---\n- after", ["plain", "numbered", "deep"]),
        ("# Memory notes are important\nwords", []),
        ("MEMORY_NOTES:\n  learnings: [" + "[" * 5000, []),
        ("MEMORY_NOTES:\n  learnings:\n    - a\u202eb\x1b[31m", ["ab[31m"]),
    ],
)
def test_notes_in_every_shape(text: str, found: list[str]) -> None:
    assert [each.text for each in notes_in(text)] == found


def test_what_is_ingested_is_the_agents_and_can_be_ingested_again(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    token = "ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"
    text = f"{BLOCK}\n{CONTRACT}\n### Memory Notes\n- the token is {token}\n"
    done = ingest(bank, text, way, workflow="wf-20261121-00001", agent="reviewer")
    assert (len(done.notes), done.redacted_count, done.passed) == (9, 1, [])
    assert {each.role for each in done.notes} == {READ_ONLY, WRITE_AGENT}
    assert "<redacted:" in json.dumps([each.text for each in waiting(bank).notes])
    again = ingest(bank, text, way, workflow="wf-20261121-00001")
    assert (again.notes, len(again.passed), again.receipt.operation) == ([], 9, "")
    apply_notes(bank, [], way)
    assert section("activeContext.md#Next Steps") == ["1. [Deferred]: Windows paths"]
    assert section("progress.md#Verification")[0] == "- Approve - 3 files read"


def test_broken_files_of_the_queue_are_told(bank: BankFolder, way: Way) -> None:
    folder = bank.folder / "workflows" / "notes"
    folder.mkdir(parents=True)
    (folder / "note-1.json").write_text("{")
    (folder / "note-2.json").write_text('{"schema_version": 9}')
    (folder / "note-3.json").write_text("[" * 100_000)
    (folder / "note-4.json").symlink_to("/etc/passwd")
    enqueue(bank, "fine", as_role(way, READ_ONLY), kind="learning")
    found = waiting(bank)
    assert (len(found.notes), len(found.broken)) == (1, 4)


def test_a_write_agent_records_its_debug_attempts(tmp_path: Path) -> None:
    """They are in the artifact, which outlives the session; the memory files stay the router's."""
    make_bank(tmp_path)
    agent = {"MEMORYBANK_ROLE": "write-agent"}
    assert run_bank(tmp_path, "workflow", "start", "DEBUG", "Lost parts", "--id", "wf-1").returncode == 0
    before = (tmp_path / ".memorybank" / "activeContext.md").read_bytes()
    for number in (1, 2):
        done = run_bank(tmp_path, "workflow", "debug", f"pinned {number}", "--result", "still red", env=agent)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / ".memorybank" / "activeContext.md").read_bytes() == before
    assert run_bank(tmp_path, "workflow", "debug", "swapped it", "--result", "green").returncode == 0
    value = json.loads((tmp_path / ".memorybank" / "workflows" / "wf-1.json").read_bytes())
    assert [(each["number"], each["result"]) for each in value["debug"]] == [
        (1, "still red"),
        (2, "still red"),
        (3, "green"),
    ]
    assert "[DEBUG-3]: swapped it" in (tmp_path / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
