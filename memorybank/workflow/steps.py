"""What happens to a workflow between its start and its end: phases, tasks, results, gates, notes, debug attempts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.contracts.contract import NONE
from memorybank.document.edits import Append, Replace
from memorybank.document.text import check_text, one_line
from memorybank.errors import FieldError, NoItemError, NoRecordError, UnsupportedTextError
from memorybank.ids import chosen, new_id
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.roles import ROUTER
from memorybank.store.view import find, open_document
from memorybank.workflow.artifact import (
    ACTIVE,
    Workflow,
    WorkflowChange,
    change_flow,
    check_name,
    find_flow,
    flow_changes,
    flow_from,
    moment,
)
from memorybank.workflow.auto_proceed import is_asked, is_auto, pass_by_setting
from memorybank.workflow.evidence.evidence import canonical, parse_told
from memorybank.workflow.lines.find import Line, find_line, lines_in
from memorybank.workflow.lines.item_ages import order_in
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.notes.agent_output import plan_ingest
from memorybank.workflow.notes.queue import enqueue, row_of
from memorybank.workflow.notes.said_notes import said_in
from memorybank.workflow.notes.workflow_notes import keep
from memorybank.workflow.refresh import BEFORE, digests_of
from memorybank.workflow.schema import GATE_STATUSES, KINDS, PHASE_STATUSES, TASK_STATUSES, VERSION
from memorybank.workflow.transient import attempt_line, transient_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.workflow.lines.placement import Placement

CURRENT = "Current Workflow"
SUMMARY_LENGTH = 4000
_PHASES = {
    "PLAN": ("research", "plan", "review"),
    "BUILD": ("plan", "build", "review", "verify"),
    "REVIEW": ("review", "report"),
    "DEBUG": ("reproduce", "investigate", "fix", "verify"),
}
_STATUS = re.compile(r"^\W*STATUS\W*:\W*([A-Z_]+)", re.MULTILINE)
_DEBUG = re.compile(r"\A\[DEBUG-(\d+)\]")


def line(text: str, what: str) -> str:
    """Return a text as one line.

    Raises:
        UnsupportedTextError: the text is empty or has hidden characters.
    """
    found = one_line(check_text(text))
    if not found:
        raise UnsupportedTextError(why=f"the {what} is empty", hint="bank workflow -h")
    return found


def start(  # noqa: PLR0913  each is a field of the intent
    bank: BankFolder,
    kind: str,
    goal: str,
    way: Way,
    *,
    non_goals: Iterable[str] = (),
    constraints: Iterable[str] = (),
    acceptance: Iterable[str] = (),
    open_decisions: Iterable[str] = (),
    phases: Sequence[str] = (),
    ident: str = "",
) -> WorkflowChange:
    """Start a workflow: write its artifact and its name under Current Workflow, as one operation.

    Raises:
        FieldError: the kind is unknown, or the id cannot be used.
        RoleError: the caller is not the router.
    """
    kind = kind.upper()
    if kind not in KINDS:
        raise FieldError(
            field="kind", why=f"{kind!r} is invalid: choose from {', '.join(KINDS)}", hint="bank workflow start -h"
        )
    goal = line(goal, "goal")
    given = check_name(ident) if ident else ""
    names = list(dict.fromkeys(line(phase, "phase") for phase in phases)) or list(_PHASES[kind])

    def make() -> tuple[Workflow, list[FileChange]]:
        name = given or new_id("wf", way.author.now(), way.author.random_bytes)
        at = moment(way)
        rows: list[dict[str, Any]] = [{"name": each, "status": "pending", "history": []} for each in names]
        _turn(rows[0], ACTIVE, way)
        intent = {
            "goal": goal,
            "non_goals": [line(each, "non-goal") for each in non_goals],
            "constraints": [line(constraint, "constraint") for constraint in constraints],
            "acceptance": [line(each, "acceptance") for each in acceptance],
            "open_decisions": [line(decision, "open decision") for decision in open_decisions],
        }
        value: dict[str, Any] = {
            "schema_version": VERSION,
            "id": name,
            "kind": kind,
            "status": ACTIVE,
            "created": at,
            "updated": at,
            "intent": intent,
            "phases": rows,
            "cursor": names[0],
            "tasks": [],
            "results": [],
            "evidence": [],
            "gates": [],
            "memory_notes": [],
            "debug": [],
            BEFORE: digests_of(bank, place_of(bank, "change")),
        }
        focus = current_change(bank, f"{kind}: {goal} ({name})")
        return flow_from(value), [*flow_changes(bank, value, way, "start", goal=goal), *focus]

    flow, receipt = retried(make, bank, "workflow start", way)
    return WorkflowChange(flow, receipt)


def current_change(bank: BankFolder, text: str, *, only: str = "") -> list[FileChange]:
    """Plan the line for the current workflow in progress.md; with `only`, just if that workflow is named there now."""
    contract = bank.contract_of("progress.md")
    if contract is None or contract.spec_of(CURRENT) is None:
        return []
    if only:
        from memorybank.workflow.progress.progress import workflow_of

        if only not in workflow_of(bank):
            return []
    path, _ = bank.existing("progress.md")
    return [FileChange(path, (Replace(CURRENT, text or NONE),))]


def set_phase(
    bank: BankFolder, ident: str, name: str, way: Way, *, status: str = ACTIVE, note: str = ""
) -> WorkflowChange:
    """Set the status of a phase; if it becomes active, the phase before it is done and the cursor moves.

    Raises:
        FieldError: the phase or the status is unknown.
    """
    status = chosen(status, PHASE_STATUSES)
    if status not in PHASE_STATUSES:
        why = f"{status!r} is invalid: choose from {', '.join(PHASE_STATUSES)}"
        raise FieldError(field="status", why=why, hint="bank workflow phase -h")

    def make(value: dict[str, Any], flow: Workflow) -> list[FileChange]:
        rows = {phase["name"]: phase for phase in value["phases"]}
        if name not in rows:
            why = f"unknown phase {name!r}: choose from {', '.join(rows)}"
            raise FieldError(field="phase", why=why, hint=f"bank workflow show {flow.id}")
        now = rows.get(value["cursor"])
        if status == ACTIVE and now is not None and now["name"] != name and now["status"] == ACTIVE:
            _turn(now, "done", way)
        _turn(rows[name], status, way, note)
        if status == ACTIVE:
            value["cursor"] = name
        return []

    return change_flow(bank, ident, way, "phase", make, phase=name, status=status, note=note)


def _turn(row: dict[str, Any], status: str, way: Way, note: str = "") -> None:
    row["status"] = status
    row["history"].append({"status": status, "at": moment(way), **({"note": line(note, "note")} if note else {})})


def add_task(bank: BankFolder, ident: str, text: str, way: Way, *, after: Sequence[str] = ()) -> WorkflowChange:
    """Add a task; the tasks in `after` must be done first.

    Raises:
        NoRecordError: a task in `after` does not exist.
    """
    told = line(text, "task")

    def make(value: dict[str, Any], _of: Workflow) -> list[FileChange]:
        known = [task["id"] for task in value["tasks"]]
        missing = [each for each in after if each not in known]
        if missing:
            raise NoRecordError(ident=missing[0], kind="task", near=known[:3], hint="bank workflow show")
        number = 1 + max((int(each[1:]) for each in known if each[1:].isdigit()), default=0)
        value["tasks"].append({"id": f"t{number}", "text": told, "status": "pending", "depends_on": list(after)})
        return []

    return change_flow(bank, ident, way, "task", make, text=told)


def set_task(bank: BankFolder, ident: str, task: str, status: str, way: Way, *, evidence: str = "") -> WorkflowChange:
    """Set the status of a task, with its evidence: a text, or the `^id` of a proven line.

    Raises:
        NoItemError: no line with evidence has that id.
        NoRecordError: no task matches.
        FieldError: the status is unknown.
    """
    status = chosen(status, TASK_STATUSES)
    if status not in TASK_STATUSES:
        why = f"{status!r} is invalid: choose from {', '.join(TASK_STATUSES)}"
        raise FieldError(field="status", why=why, hint="bank workflow task -h")

    def make(value: dict[str, Any], _of: Workflow) -> list[FileChange]:
        shown = _cited(bank, evidence) if evidence.startswith("^") else evidence
        found = next((each for each in value["tasks"] if task in (each["id"], each["text"])), None)
        if found is None:
            near = [each["id"] for each in value["tasks"][:3]]
            raise NoRecordError(ident=task, kind="task", near=near, hint="bank workflow show")
        found["status"] = status
        if shown:
            found["evidence"] = line(shown, "evidence")
            value.setdefault("evidence", []).append({"at": moment(way), "text": found["evidence"]})
        return []

    return change_flow(bank, ident, way, "task", make, task=task, status=status, evidence=evidence)


def _cited(bank: BankFolder, ident: str) -> str:
    """Return the command and result of a proven line, with its id as the source."""
    found = find_line(bank, ident)
    told = parse_told(found.text)
    if told is None or told.is_broken:
        raise NoItemError(address=found.address, item=found.text, what="line with evidence", hint="bank verify")
    counts = f" ({told.said})" if told.said else ""
    return f"{canonical(told.command, told.exit_code, None)}{counts} ({ident})"


def add_result(bank: BankFolder, ident: str, agent: str, text: str, way: Way, *, status: str = "") -> WorkflowChange:
    """Store what an agent reported, and queue the memory notes in it, as one operation.

    Without `status`, the status is read from the text (`STATUS: PASS`), else it is "done".
    """
    from memorybank.document.text import without_hidden
    from memorybank.secrets.scan import redact

    plain = redact(without_hidden(text)[0].strip())
    found = _STATUS.search(plain)
    told = line(status, "status") if status else found.group(1) if found else "done"
    who = line(agent, "agent")
    passed: list[tuple[str, str]] = []

    def make(value: dict[str, Any], flow: Workflow) -> list[FileChange]:
        row = {"at": moment(way), "agent": who, "status": told, "summary": plain[:SUMMARY_LENGTH]}
        value.setdefault("results", []).append(row)
        notes, left, _, changes = plan_ingest(bank, said_in(plain), way, workflow=flow.id, agent=who)
        passed[:] = left
        keep(value, map(row_of, notes))
        return changes

    done = change_flow(bank, ident, way, "result", make, agent=who, status=told)
    return done._replace(passed=tuple(passed))


def set_gate(
    bank: BankFolder, ident: str, name: str, way: Way, *, question: str = "", status: str = "pending", why: str = ""
) -> WorkflowChange:
    """Open a gate that must be passed before the workflow can finish, or set the status of an open one.

    With AUTO_PROCEED a gate is passed as soon as it is opened, unless it would revert something.

    Raises:
        NoRecordError: the gate was never opened.
    """
    status = chosen(status, GATE_STATUSES)
    if status not in GATE_STATUSES:
        raise FieldError(
            field="status",
            why=f"{status!r} is invalid: choose from {', '.join(GATE_STATUSES)}",
            hint="bank workflow -h",
        )
    told = line(name, "gate")

    def make(value: dict[str, Any], _of: Workflow) -> list[FileChange]:
        gates = value.setdefault("gates", [])
        found = next((gate for gate in gates if gate["name"] == told), None)
        if found is None and status != "pending":
            near = [gate["name"] for gate in gates[:3]]
            raise NoRecordError(ident=told, kind="gate", near=near, hint="bank workflow show")
        if found is None:
            found = {"name": told}
            gates.append(found)
        found |= {"status": status, "at": moment(way)}
        found |= {key: line(text, key) for key, text in (("question", question), ("why", why)) if text}
        if status == "pending" and not is_asked(found) and is_auto(bank):
            pass_by_setting(found, moment(way))
        return []

    return change_flow(bank, ident, way, "gate", make, gate=told, status=status, why=why)


def add_note(bank: BankFolder, ident: str, text: str, way: Way, *, kind: str) -> WorkflowChange:
    """Keep a note for the end of a workflow: in the artifact if the router wrote it, else in the queue."""
    told = line_of(text)
    place_of(bank, kind)
    if way.author.actor.role != ROUTER:
        done = enqueue(bank, told, way, kind=kind, workflow=lambda: find_flow(bank, ident, active=True).id)
        return WorkflowChange(find_flow(bank, done.note.workflow), done.receipt)

    def make(value: dict[str, Any], _of: Workflow) -> list[FileChange]:
        row = {"kind": kind, "text": told, "role": ROUTER, "outcome": "queued"}
        value.setdefault("memory_notes", []).append(row)
        return []

    return change_flow(bank, ident, way, "note", make, kind=kind)


def add_attempt(
    bank: BankFolder, ident: str, tried: str, result: str, way: Way, *, reset: bool = False
) -> WorkflowChange:
    """Record a debug attempt with the next number, in the artifact and under Recent Changes.

    With `reset` the numbers start again at 1: a mark is written, and `tried` may be empty. For a role other than the
    router only the artifact is written: `workflow resume` shows it, and the line would go at the end in any case.
    """
    told = line(tried, "attempt") if tried or not reset else ""
    came = line(result, "result") if result or not reset else ""

    def make(value: dict[str, Any], flow: Workflow) -> list[FileChange]:
        place = place_of(bank, "change")
        path, _ = bank.existing(place.file)
        edits = []
        attempts = value.setdefault("debug", [])
        number = 0 if reset else _last_number(_oldest_first(bank, place), attempts)
        if reset:
            edits.append(Append(place.section, f"[DEBUG-RESET: wf:{flow.id}]", item=True, in_order=True))
        if told:
            attempts.append({"number": number + 1, "tried": told, "result": came, "at": moment(way)})
            edits.append(Append(place.section, attempt_line(attempts[-1]), item=True, in_order=True))
        return [FileChange(path, tuple(edits))] if way.author.actor.role == ROUTER else []

    return change_flow(bank, ident, way, "debug", make, tried=told, result=came, reset=reset)


def _oldest_first(bank: BankFolder, place: Placement) -> list[Line]:
    """Return the lines of a section in the order they were written."""
    lines = lines_in(bank, place.file, place.section)
    if any(plain_of(each.text).startswith("[DEBUG-RESET") for each in lines):
        document = open_document(bank, place.file)
        if order_in(bank, document, find(bank, document, place.section)).newest_first:
            lines.reverse()
    return lines


def _last_number(lines: Sequence[Line], attempts: Sequence[dict[str, Any]]) -> int:
    """Return the number of the last attempt since the last reset; visible lines count before the artifact."""
    numbers: list[int] = []
    for each in lines:
        text = plain_of(each.text)
        found = _DEBUG.match(text)
        if text.startswith("[DEBUG-RESET"):
            numbers = []
        elif found:
            numbers.append(int(found.group(1)))
    if not any(plain_of(each.text).startswith("[DEBUG-RESET") for each in lines):
        # an agent's attempts have no line
        numbers += [attempt["number"] for attempt in attempts[-1:]]
    return max(numbers, default=0)


def abort(bank: BankFolder, ident: str, why: str, way: Way) -> WorkflowChange:
    """Abort a workflow: its transient lines are removed, its notes stay in the queue.

    Raises:
        NoRecordError, FieldError: no active workflow matches.
    """
    told = line(why, "reason")

    def make(value: dict[str, Any], flow: Workflow) -> list[FileChange]:
        value["status"] = "aborted"
        value["reason"] = told
        return [*transient_changes(bank, flow), *current_change(bank, "", only=flow.id)]

    return change_flow(bank, ident, way, "abort", make, why=told)
