"""Workflows, queued notes, evidence and the state of the work as methods of `Bank`."""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import BankError, FieldError, NoFileError, NoRecordError
from memorybank.facade.bank import Bank
from memorybank.facade.evidence import Checkpoints, Evidence, Member, Milestone, Standing
from memorybank.facade.workflows import Notes, Workflows
from memorybank.wire import to_wire

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    for name in ("MEMORYBANK_SESSION", "CLAUDE_CODE_SESSION_ID", "MEMORYBANK_ROLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Bank.init(tmp_path)


def test_a_workflow_from_its_start_to_its_end(bank: Bank) -> None:
    started = bank.workflows.start("BUILD", "Uploads survive a cut", acceptance="a 1 GB upload resumes")
    ident = started.flow.id
    assert list(started.to_wire()) == ["workflow", "skipped", "receipt"]
    bank.workflows.add_task("Store the offset")
    bank.workflows.add_task("Resume from it", after="t1")
    assert [task["id"] for task in bank.workflows.resume().ready] == ["t1"]
    bank.workflows.set_task("t1", evidence="`make test` → exit 0")
    bank.workflows.phase("review", note="the code stands")
    bank.workflows.note("The proxy cuts uploads after 60 s", kind="gotcha")
    bank.workflows.debug("pinned the clock", result="still red")
    bank.workflows.gate("scope", question="Windows too?")
    with pytest.raises(BankError):
        bank.workflows.finish()
    bank.workflows.gate("scope", status="passed", why="no, next year")
    done = bank.workflows.finish(changed="Uploads resume after a cut", next_steps=["Ship it"])
    assert list(done.to_wire()) == ["workflow", "settled", "stuck", "replaced", "receipt"]
    assert bank.workflows.show(ident).status == "finished"
    assert "Uploads resume after a cut" in bank.show("activeContext.md#Recent Changes").text
    assert "The proxy cuts uploads" in bank.show("patterns.md").text


def test_workflows_are_listed_newest_first_and_by_status(bank: Bank) -> None:
    bank.workflows.start("PLAN", "A plan", workflow="wf-plan")
    bank.workflows.abort(why="somebody else has one")
    bank.workflows.start("DEBUG", "A red test", workflow="wf-red")
    assert {flow.id for flow in bank.workflows.list()} == {"wf-plan", "wf-red"}
    active = bank.workflows.list(status="active")
    row = {"id": "wf-red", "kind": "DEBUG", "status": "active", "goal": "A red test"}
    assert active.to_wire() == {"workflows": [row], "count": 1, "broken": []}
    with pytest.raises(NoRecordError):
        bank.workflows.show("wf-blue")


def test_gates_are_passed_without_asking_only_while_that_is_on(bank: Bank) -> None:
    assert bank.workflows.auto_proceed() is False
    bank.workflows.set_auto_proceed(on=True)
    assert bank.workflows.auto_proceed() is True
    bank.workflows.start("BUILD", "Uploads survive a cut")
    assert bank.workflows.gate("scope").flow.value["gates"][0]["status"] == "passed"


def test_notes_wait_until_they_are_applied(bank: Bank) -> None:
    report = "### Memory Notes (For Workflow-Final Persistence)\n- **Learnings:** WAL mode needs a local disk\n"
    queued = bank.notes.ingest(report, agent="code-reviewer").notes[0]
    other = Bank.open(bank.project, role="write-agent").note("Redis drops idle connections", kind="gotcha")
    assert other.operation
    assert {note.kind for note in bank.notes.list()} == {"learning", "gotcha"}
    bank.notes.edit(queued.id, text="WAL mode needs a disk of its own")
    dropped = next(note.id for note in bank.notes.list() if note.kind == "gotcha")
    bank.notes.drop(dropped)
    bank.note("Tests need a tmpfs", kind="learning")
    waiting = bank.notes.list()
    assert [(row["id"], row["moved"]) for row in waiting.to_wire()["notes"]] == [(queued.id, True)]
    assert [applied.note.id for applied in bank.notes.apply().settled] == [queued.id]
    assert "WAL mode needs a disk of its own" in bank.show("activeContext.md#Learnings").text


def test_results_of_agents_and_their_notes(bank: Bank) -> None:
    bank.workflows.start("REVIEW", "Read the upload code", workflow="wf-read")
    bank.workflows.result("code-reviewer", "STATUS: PASS\nNothing to add.")
    assert bank.workflows.resume().last_result["status"] == "PASS"
    assert list(bank.notes.list(workflow="wf-read")) == []


def test_a_claim_is_proved_in_the_folder_of_the_caller_and_verified(bank: Bank) -> None:
    (bank.project / "src").mkdir()
    (bank.project / "src" / "a.py").write_text("A = 1\n")
    (bank.project / "check.py").write_text("print('Ran 2 tests in 0.1s')\nprint()\nprint('OK')\n")
    inside = Bank.open(bank.project / "src")
    assert inside.run_folder() == bank.project / "src"
    command = [sys.executable, str(bank.project / "check.py")]
    dry = Bank.open(bank.project, dry_run=True).prove("the parser keeps comments", command, covers=["src/**"])
    assert not dry.proved
    proof = bank.prove("the parser keeps comments", command, covers="src/**", trust=True)
    assert (proof.reasons, proof.proved) == ((), True)
    assert bank.verify().is_fresh
    (bank.project / "src" / "a.py").write_text("A = 2\n")
    assert [standing.state for standing in bank.verify().standings] == ["stale"]
    again = bank.verify(which="stale", seconds=60)
    assert list(again.to_wire()) == ["evidence", "count", "runs", "receipt"]
    assert again.is_fresh
    with pytest.raises(FieldError):
        bank.verify(which="some")
    with pytest.raises(FieldError):
        bank.verify(f"^{proof.id}", which="all")


def test_a_line_is_promoted_and_demoted(bank: Bank) -> None:
    bank.note("Redis drops idle connections", kind="learning")
    assert bank.suggest_promotions() == []
    promoted = bank.promote("Redis drops idle connections", to="pattern", section="gotcha")
    assert promoted.target.startswith("patterns.md#")
    bank.demote("Redis drops idle connections", why="fixed in redis-py 5")
    assert "~~Redis drops" in bank.show("patterns.md").text


def test_checkpoints(bank: Bank) -> None:
    bank.checkpoint("one", phase="Design")
    progress = {"completed": ["a"], "in_progress": ["b"], "todo": [], "current_task": "b"}
    marked = bank.checkpoint("two", reason="precompact", progress=progress)
    assert marked.checkpoint.value["reason"] == "precompact"
    assert bank.checkpoints.show(marked.checkpoint.file).value["progress"]["completed"] == ["a"]
    newest = bank.checkpoints.list(limit=1)
    assert (newest.to_wire()["count"], newest.to_wire()["total"]) == (1, 2)
    assert {mark.notes for mark in bank.checkpoints.list(limit=0)} == {"one", "two"}
    with pytest.raises(FieldError):
        bank.checkpoint(reason="boredom")
    with pytest.raises(FieldError):
        bank.checkpoints.list(limit=-1)


def test_the_summary(bank: Bank) -> None:
    with pytest.raises(NoFileError):
        bank.summary()
    bank.refresh_summary()
    changed = bank.set_summary(
        {"license": "MIT"},
        status="in_progress",
        tech_stack={"backend": "FastAPI"},
        team=[Member("Ada", "Developer"), Member("Bob")],
        milestones=[Milestone("MVP", "completed", "2026-11-20"), Milestone("1.0", day="2027-01-01")],
    )
    assert changed.summary["team"] == [{"name": "Ada", "role": "Developer"}, {"name": "Bob"}]
    assert changed.summary["milestones"] == [
        {"name": "MVP", "status": "completed", "completed_at": "2026-11-20"},
        {"name": "1.0", "target_date": "2027-01-01"},
    ]
    read = bank.summary()
    assert (read.value["license"], read.value["tech_stack"]) == ("MIT", {"backend": "FastAPI"})
    bank.set_summary([("license", "ISC")], unset="status", expect=read.digest)
    assert "status" not in bank.summary().value


def test_tasks_go_to_a_task_tool_and_back(bank: Bank) -> None:
    bank.tasks.add("Ship it")
    bank.tasks.add("Tell the users")
    first, second = bank.hydrate()
    done = bank.sync_tasks([{"id": first.id, "status": "completed", "evidence": "`make` → exit 0"}])
    assert done.ticked == [first.id]
    file = bank.project / "tasks.json"
    file.write_text(json.dumps([{"id": second.id, "status": "completed"}]))
    assert bank.sync_tasks(file=file).needs_evidence == [second.id]
    assert bank.sync_tasks(file.read_text(), without_evidence=True).ticked == [second.id]
    with pytest.raises(NoFileError):
        bank.sync_tasks(file="none.json")


def test_a_stage_begins_when_what_it_needs_was_read(bank: Bank) -> None:
    bank.start_session(label="uploads")
    passage = bank.gate("implement")
    assert not passage.is_open
    bank.load_files(passage.missing, mark=True)
    assert bank.gate("implement").is_open
    with pytest.raises(FieldError):
        bank.gate("dance")


def test_the_hand_off_and_its_length(bank: Bank) -> None:
    bank.focus("Uploads survive a cut")
    summary = bank.handoff()
    assert "Uploads survive a cut" in summary.text
    assert to_wire(summary) == {"text": summary.text, "character_count": len(summary.text)}


@pytest.mark.parametrize("namespace", [Workflows, Notes, Evidence, Standing, Checkpoints])
def test_no_method_takes_arguments_without_a_name(namespace: type) -> None:
    for name, method in inspect.getmembers(namespace, inspect.isfunction):
        kinds = {parameter.kind for parameter in inspect.signature(method).parameters.values()}
        assert name.startswith("_") or inspect.Parameter.VAR_KEYWORD not in kinds, name
