"""Where a workflow stopped: its phase, tasks that are ready, tasks that are blocked, and the next command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.shell import command
from memorybank.workflow.artifact import ACTIVE, events_of, find_flow
from memorybank.workflow.notes.queue import waiting

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.artifact import Workflow


class WorkflowState(NamedTuple):
    """The state of a workflow. `ready` tasks can be done now, `blocked` ones wait; `hint` is the next command."""

    id: str
    kind: str
    status: str
    goal: str
    phase: str
    phase_status: str
    ready: list[dict[str, Any]]
    blocked: list[dict[str, Any]]
    done_count: int
    gates: list[dict[str, Any]]
    open_decisions: list[str]
    acceptance: list[str]
    note_count: int
    last_result: dict[str, Any]
    last_attempt: dict[str, Any]
    last_event: dict[str, Any]
    hint: str


def resume(bank: BankFolder, ident: str = "") -> WorkflowState:
    """Return where a workflow stopped; without an id, the active or the last one. Change nothing.

    Raises:
        NoRecordError: no workflow matches.
    """
    flow = find_flow(bank, ident, ended=True)
    value = flow.value
    done = {task["id"] for task in value["tasks"] if task["status"] in {"done", "dropped"}}
    still = [task for task in value["tasks"] if task["id"] not in done]
    ready = [each for each in still if set(each.get("depends_on", [])) <= done]
    gates = [gate for gate in value.get("gates", []) if gate["status"] != "passed"]
    notes = len(waiting(bank, workflow=flow.id).notes)
    notes += sum(1 for note in value.get("memory_notes", []) if note["outcome"] == "queued" and not note.get("id"))
    cursor: dict[str, Any] = next((phase for phase in value["phases"] if phase["name"] == value["cursor"]), {})
    events = events_of(bank, flow.id)
    return WorkflowState(
        flow.id,
        flow.kind,
        flow.status,
        flow.goal,
        value["cursor"],
        str(cursor.get("status", "")),
        ready,
        [each for each in still if each not in ready],
        len(done),
        gates,
        value["intent"].get("open_decisions", []),
        value["intent"].get("acceptance", []),
        notes,
        (value.get("results") or [{}])[-1],
        (value.get("debug") or [{}])[-1],
        (events or [{}])[-1],
        _next(flow, ready, gates, cursor),
    )


def _next(flow: Workflow, ready: list[dict[str, Any]], gates: list[dict[str, Any]], cursor: dict[str, Any]) -> str:
    if flow.status != ACTIVE:
        return 'bank workflow start BUILD "What should be true at the end"'
    if gates:
        return command("bank workflow gate", gates[0]["name"], "--pass")
    if ready:
        return f"bank workflow task {ready[0]['id']} --status done --evidence 'COMMAND → exit 0'"
    names = [phase["name"] for phase in flow.value["phases"]]
    later = names[names.index(cursor["name"]) + 1 :] if cursor.get("name") in names else []
    return command("bank workflow phase", later[0]) if later else "bank workflow finish"
