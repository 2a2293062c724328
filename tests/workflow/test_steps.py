"""A workflow from start to finish: its artifact is of the published form, and its end is one operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import (
    BankError,
    FieldError,
    NewerVersionError,
    NoItemError,
    NoRecordError,
    UnsupportedTextError,
)
from memorybank.store.actor import Actor
from memorybank.store.journal.undo import undo
from memorybank.store.roles import READ_ONLY, WRITE_AGENT, RoleError
from memorybank.workflow import steps as flows
from memorybank.workflow.artifact import events_of, find_flow, list_flows, read_flow
from memorybank.workflow.finish import finish
from memorybank.workflow.lines.note import note
from memorybank.workflow.notes.agent_output import ingest
from memorybank.workflow.notes.queue import enqueue, waiting
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.resume import resume
from memorybank.workflow.schema import faults_of, render
from memorybank.workflow.task_sync import hydrate, sync
from memorybank.workflow.workflow_errors import GateError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

ROOT = Path(__file__).parents[2]


def as_role(way: Way, role: str) -> Way:
    return way.with_actor(Actor("tests", "s1", role))


def started(bank: BankFolder, way: Way) -> str:
    return flows.start(bank, "build", "Uploads survive a cut", way, acceptance=["1 GB resumes"], ident="wf-up").flow.id


def test_the_published_schema_is_the_one_that_is_held() -> None:
    assert (ROOT / "docs" / "workflow.schema.json").read_text(encoding="utf-8") == render()


def test_a_start_makes_artifact_and_current_workflow(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    done = flows.start(
        bank, "BUILD", "Uploads survive a cut", way, non_goals=["Windows"], open_decisions=["which store"]
    )
    value = json.loads((bank.folder / "workflows" / f"{done.flow.id}.json").read_text(encoding="utf-8"))
    assert faults_of(value) == []
    assert (value["kind"], value["cursor"], value["intent"]["non_goals"]) == ("BUILD", "plan", ["Windows"])
    assert section("progress.md#Current Workflow") == [f"BUILD: Uploads survive a cut ({done.flow.id})"]
    undo(bank, "", way)
    assert list_flows(bank).flows == []
    with pytest.raises(NoRecordError):
        find_flow(bank)


def test_phases_have_a_history_and_a_cursor(bank: BankFolder, way: Way, later: Callable[..., Way]) -> None:
    started(bank, way)
    flows.set_phase(bank, "", "build", later(hours=1))
    done = flows.set_phase(bank, "", "build", later(hours=2), status="failed", note="2 of 31 tests")
    rows = {each["name"]: each for each in done.flow.value["phases"]}
    assert [each["status"] for each in rows["plan"]["history"]] == ["active", "done"]
    assert rows["build"]["history"][-1] == {"status": "failed", "at": "2026-11-21T07:30:00Z", "note": "2 of 31 tests"}
    assert [each["event"] for each in events_of(bank, "wf-up")] == ["start", "phase", "phase"]
    with pytest.raises(FieldError, match="unknown phase"):
        flows.set_phase(bank, "", "party", way)


def test_resume_says_where_it_stopped(bank: BankFolder, way: Way) -> None:
    started(bank, way)
    flows.add_task(bank, "", "Store the offset", way)
    flows.add_task(bank, "", "Resume from it", way, after=["t1"])
    flows.set_gate(bank, "", "scope", way, question="Windows too?")
    found = resume(bank)
    assert ([each["id"] for each in found.ready], [each["id"] for each in found.blocked]) == (["t1"], ["t2"])
    assert found.hint == "bank workflow gate scope --pass"
    flows.set_gate(bank, "", "scope", way, status="passed", why="no")
    flows.set_task(bank, "", "t1", "done", way, evidence="pytest → exit 0 (4/4)")
    found = resume(bank, "wf-up")
    assert ([each["id"] for each in found.ready], found.done_count, found.gates) == (["t2"], 1, [])
    assert (found.last_event["event"], found.acceptance) == ("task", ["1 GB resumes"])
    with pytest.raises(NoRecordError):
        flows.add_task(bank, "", "x", way, after=["t9"])
    with pytest.raises(NoRecordError):
        flows.set_gate(bank, "", "never opened", way, status="passed")


def test_the_end_is_the_memory_update_in_one_operation(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "an older change", way, kind="change")
    ident = started(bank, way)
    note(bank, f"[cc10x-internal] memory_task_id: 7 wf:{ident}", way, kind="reference")
    note(bank, "[cc10x-internal] memory_task_id: 8 wf:wf-other", way, kind="reference")
    note(bank, f"[BUILD-START {ident}] wf:{ident}", way, to="activeContext.md#Blockers")
    note(bank, "Fix the docs", way, kind="task")
    note(bank, "[x] Read the spec", way, kind="task")
    flows.add_task(bank, "", "Store the offset", way)
    flows.add_task(bank, "", "Resume from it", way)
    flows.set_task(bank, "", "t1", "done", way, evidence="`pytest tests/offset` → exit 0 (4/4)")
    flows.add_attempt(bank, "", "pinned the clock", "still red", way)
    flows.add_note(bank, "", "The proxy cuts uploads after 60 s", way, kind="gotcha")
    enqueue(bank, "Offsets are bytes", as_role(way, READ_ONLY), kind="learning", workflow=ident)
    enqueue(bank, "of another workflow", as_role(way, READ_ONLY), kind="learning", workflow="wf-other")
    enqueue(bank, "review: two files read", as_role(way, READ_ONLY), kind="change", workflow=ident)
    before = {
        path: path.read_bytes() for path in bank.folder.rglob("*") if path.is_file() and ".state" not in path.parts
    }
    done = finish(bank, way, changed=["Uploads resume after a cut - src/upload.py"], next_steps=["Windows"])
    assert section("activeContext.md#Recent Changes") == [
        "- [2026-11-21] Uploads resume after a cut - src/upload.py",
        "- [2026-11-21] review: two files read",
    ]
    assert section("activeContext.md#Learnings") == ["- Offsets are bytes"]
    assert section("activeContext.md#References") == ["- [cc10x-internal] memory_task_id: 8 wf:wf-other"]
    assert section("activeContext.md#Blockers") == ["- [None]"]
    assert section("activeContext.md#Next Steps") == ["1. Windows"]
    assert section("patterns.md#Common Gotchas") == ["- The proxy cuts uploads after 60 s"]
    assert section("progress.md#Tasks") == ["- [ ] Fix the docs", "- [ ] Resume from it"]
    assert section("progress.md#Completed") == [
        "- [x] Read the spec",
        "- [x] Store the offset - `pytest tests/offset` → exit 0 (4/4)",
    ]
    assert section("progress.md#Verification") == ["- `pytest tests/offset` → exit 0 (4/4)"]
    assert section("progress.md#Current Workflow") == ["[None]"]
    assert [each.text for each in waiting(bank).notes] == ["of another workflow"]
    assert {each["outcome"] for each in done.flow.value["memory_notes"]} == {"applied"}
    with pytest.raises(FieldError, match="already finished"):
        finish(bank, way, ident=ident)
    undo(bank, "", way)
    after = {
        path: path.read_bytes() for path in bank.folder.rglob("*") if path.is_file() and ".state" not in path.parts
    }
    assert after == before


def test_what_is_left_open_keeps_its_order(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    started(bank, way)
    for text, after in (("Store it", ()), ("Resume it", ("t1",)), ("Tell of it", ("t1", "t2"))):
        flows.add_task(bank, "", text, way, after=after)
    flows.set_task(bank, "", "t1", "done", way)
    finish(bank, way)
    first, second = section("progress.md#Tasks")
    ident = first.rpartition(" ")[2]
    assert (first, second) == (f"- [ ] Resume it {ident}", f"- [ ] Tell of it (after: {ident})")
    assert [each.blocked_by for each in hydrate(bank)] == [[], [ident]]
    assert resume(bank).status == "finished"
    with pytest.raises(NoRecordError, match="no workflow is active"):
        finish(bank, way)


def test_proven_evidence_is_cited_and_filed_once(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    started(bank, way)
    note(bank, "`make test` → exit 0 (4/4) - offsets add up ^v7k2m", way, kind="verification")
    flows.add_task(bank, "", "Store it", way)
    flows.set_task(bank, "", "t1", "done", way, evidence="^v7k2m")
    finish(bank, way)
    assert section("progress.md#Completed") == ["- [x] Store it - `make test` → exit 0 (4/4) (^v7k2m)"]
    assert section("progress.md#Verification") == ["- `make test` → exit 0 (4/4) - offsets add up ^v7k2m"]


def test_evidence_that_is_cited_is_there(bank: BankFolder, way: Way) -> None:
    started(bank, way)
    flows.add_task(bank, "", "Store it", way)
    note(bank, "`make test` → exit 0 (4/4), no longer holds ^v7k2m", way, kind="verification")
    for ident in ("^v00000", "^v7k2m"):
        with pytest.raises(NoItemError):
            flows.set_task(bank, "", "t1", "done", way, evidence=ident)


def test_a_workflow_with_an_open_gate_does_not_finish(bank: BankFolder, way: Way) -> None:
    started(bank, way)
    flows.set_gate(bank, "", "scope", way)
    with pytest.raises(GateError) as refused:
        finish(bank, way)
    assert (refused.value.exit_status, refused.value.details["missing"]) == (5, ["scope"])
    assert finish(bank, way, anyway=True).flow.status == "finished"


def test_a_result_keeps_the_report_and_queues_its_notes(bank: BankFolder, way: Way) -> None:
    started(bank, way)
    text = "STATUS: PASS\nMEMORY_NOTES:\n  learnings: [Offsets are bytes]\n"
    done = flows.add_result(bank, "", "builder", text, as_role(way, WRITE_AGENT))
    assert done.flow.value["results"][0]["status"] == "PASS"
    assert [(each.text, each.workflow, each.agent) for each in waiting(bank).notes] == [
        ("Offsets are bytes", "wf-up", "builder")
    ]


def test_debug_lines_are_numbered_by_the_program(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    started(bank, way)
    flows.add_attempt(bank, "", "one", "red", way)
    flows.add_attempt(bank, "", "two", "red", way)
    flows.add_attempt(bank, "", "", "", way, reset=True)
    flows.add_attempt(bank, "", "afresh", "green", way)
    assert section("activeContext.md#Recent Changes") == [
        "- [DEBUG-1]: one → red",
        "- [DEBUG-2]: two → red",
        "- [DEBUG-RESET: wf:wf-up]",
        "- [DEBUG-1]: afresh → green",
    ]


def test_debug_lines_of_another_workflow_that_goes_on_stay(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    for name in ("wf-a", "wf-b", "wf-c"):
        flows.start(bank, "DEBUG", f"goal of {name}", way, ident=name)
        flows.add_attempt(bank, name, f"tried in {name}", "red", way)
    finish(bank, way, ident="wf-a", changed=["Done"])
    assert section("activeContext.md#Recent Changes")[:2] == [
        "- [DEBUG-2]: tried in wf-b → red",
        "- [DEBUG-3]: tried in wf-c → red",
    ]
    flows.abort(bank, "wf-b", "no longer", way)
    assert section("activeContext.md#Recent Changes")[0] == "- [DEBUG-3]: tried in wf-c → red"


def test_an_aborted_workflow_takes_its_lines_along_and_leaves_its_notes(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    started(bank, way)
    flows.add_attempt(bank, "", "one", "red", way)
    enqueue(bank, "Offsets are bytes", as_role(way, READ_ONLY), kind="learning", workflow="wf-up")
    flows.abort(bank, "", "the provider does it", way)
    assert (section("activeContext.md#Recent Changes"), section("progress.md#Current Workflow")) == (
        ["- [None]"],
        ["[None]"],
    )
    assert (read_flow(bank, "wf-up").status, len(waiting(bank).notes)) == ("aborted", 1)


def test_other_roles_do_not_start_or_finish(bank: BankFolder, way: Way) -> None:
    with pytest.raises(RoleError):
        flows.start(bank, "BUILD", "mine", as_role(way, WRITE_AGENT))
    started(bank, way)
    with pytest.raises(RoleError):
        finish(bank, as_role(way, WRITE_AGENT))
    with pytest.raises(RoleError):
        flows.add_task(bank, "", "x", as_role(way, READ_ONLY))
    flows.add_note(bank, "", "for the end", as_role(way, READ_ONLY), kind="learning")
    hand_in(bank, "no workflow named", as_role(way, READ_ONLY))
    ingest(bank, "MEMORY_NOTES:\n  learnings: [Nor here]\n", way)
    assert [each.workflow for each in waiting(bank).notes] == ["wf-up"] * 3
    finish(bank, way)
    hand_in(bank, "none is active", as_role(way, READ_ONLY))
    assert [each.workflow for each in waiting(bank).notes] == [""]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('"schema_version": 1', '"schema_version": 2', NewerVersionError),
        ('"kind": "BUILD"', '"kind": "PARTY"', SchemaError),
        ('"status": "active"', '"status": 7', SchemaError),
        ('"cursor": "plan",', "", SchemaError),
        ('"id": "wf-up"', '"id": "wf-no"', SchemaError),
        ("{", "", SchemaError),
        ('"tasks": []', '"tasks": [{"id": "t1"}]', SchemaError),
    ],
)
def test_what_is_not_of_the_form_is_refused_and_told(
    bank: BankFolder, way: Way, old: str, new: str, error: type[BankError]
) -> None:
    started(bank, way)
    path = bank.folder / "workflows" / "wf-up.json"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(error):
        read_flow(bank, "wf-up")
    with pytest.raises(BankError):
        flows.add_task(bank, "wf-up", "x", way)
    assert path.read_bytes() == before
    assert len(list_flows(bank).broken) == 1


def test_unknown_fields_are_kept(bank: BankFolder, way: Way) -> None:
    started(bank, way)
    path = bank.folder / "workflows" / "wf-up.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"cursor"', '"theirs": [1],\n  "cursor"'), encoding="utf-8"
    )
    flows.add_task(bank, "", "x", way)
    assert read_flow(bank, "wf-up").value["theirs"] == [1]


@pytest.mark.parametrize("ident", ["../x", "a/b", "", ".hidden", "x" * 90, "wf.events", "notes", "a\nb"])
def test_an_id_is_a_files_name(bank: BankFolder, way: Way, ident: str) -> None:
    if ident:
        with pytest.raises(FieldError):
            flows.start(bank, "BUILD", "goal", way, ident=ident)
    with pytest.raises((FieldError, UnsupportedTextError)):
        flows.start(bank, "PARTY" if not ident else "BUILD", "", way)


def test_open_tasks_go_to_a_task_tool_and_come_back_once(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    for text in ("Store the offset ^k1abc", "Resume from it (after: ^k1abc)", "Write the docs (needs Resume from it)"):
        note(bank, text, way, kind="task")
    note(bank, "[x] Read the spec - spec.md", way, kind="task")
    found = hydrate(bank)
    assert [(each.subject, each.blocked_by) for each in found] == [
        ("Store the offset", []),
        ("Resume from it", ["^k1abc"]),
        ("Write the docs", [found[1].id]),
    ]
    back = json.dumps(
        [
            {"id": "^k1abc", "status": "completed", "evidence": "pytest → exit 0 (4/4)"},
            {"id": "17", "subject": "Resume from it", "status": "completed"},
            {"id": found[2].id, "status": "in_progress"},
            {"id": "18", "subject": "Nobody knows", "status": "done"},
        ]
    )
    done = sync(bank, back, way)
    assert (done.ticked, done.needs_evidence, done.unknown) == (["^k1abc"], [found[1].id], ["18"])
    assert section("progress.md#Tasks")[0] == "- [x] Store the offset - pytest → exit 0 (4/4) ^k1abc"
    again = sync(bank, back, way)
    assert (again.ticked, again.already, again.receipt.operation) == ([], ["^k1abc"], "")
    assert sync(bank, back, way, without_evidence=True).ticked == [found[1].id]
    for text in ("{", "3", "[3]", '{"tasks": 3}'):
        with pytest.raises(FieldError):
            sync(bank, text, way)


def test_what_hangs_below_a_task_comes_first(bank: BankFolder) -> None:
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("end -->\n\n- [None]", "end -->\n\n- [ ] Whole\n  - [ ] Part\n- [ ] Twin\n- [ ] Twin"))
    found = hydrate(bank)
    assert [(each.subject, each.blocked_by) for each in found[:2]] == [("Whole", [found[1].id]), ("Part", [])]
    assert found[2].id != found[3].id
