"""The end of a workflow: the Memory Update, as one operation.

The new changes replace those of the last workflow, done tasks move to Completed with their evidence, queued notes are
applied, and transient lines of this workflow are removed. Each edit changes one item: the rest of a section stays as
it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.edits import Append
from memorybank.ids import tail
from memorybank.shell import command
from memorybank.store.roles import ROUTER, RoleError
from memorybank.times import day_of
from memorybank.workflow.artifact import ACTIVE, Workflow, WorkflowChange, change_flow, moment
from memorybank.workflow.auto_proceed import is_asked, is_auto, pass_by_setting
from memorybank.workflow.evidence.evidence import parse_told
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.placement import Placement, place_of, put_edits
from memorybank.workflow.lines.similarity import is_same
from memorybank.workflow.lines.together import together
from memorybank.workflow.notes.queue import plan_notes, rows_of, waiting
from memorybank.workflow.notes.queued import AppliedNote, QueuedNote
from memorybank.workflow.notes.workflow_notes import keep
from memorybank.workflow.refresh import (
    DoneTask,
    SectionItems,
    TopItem,
    done_tasks,
    is_emptied,
    listed,
    outlived,
    texts_that_stay,
)
from memorybank.workflow.steps import current_change
from memorybank.workflow.transient import is_of, transient_changes
from memorybank.workflow.workflow_errors import GateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypedDict

    from memorybank.document.edits import Edit
    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way
    from memorybank.workflow.notes.queued import AppliedNoteWire, StuckNoteWire

    class FinishWire(TypedDict):
        """The JSON form of a finish."""

        workflow: dict[str, Any]
        settled: list[AppliedNoteWire]
        stuck: list[StuckNoteWire]
        replaced: list[str]
        receipt: ReceiptWire


class FinishResult(NamedTuple):
    """The finished workflow, the applied notes, the notes still queued with the reason, and the receipt.

    `replaced` are the removed changes of earlier workflows.
    """

    flow: Workflow
    settled: list[AppliedNote]
    stuck: list[tuple[str, str]]
    receipt: Receipt
    replaced: list[str] = []  # noqa: RUF012  never changed

    def to_wire(self) -> FinishWire:
        """Return the JSON form."""
        return {
            "workflow": self.flow.value,
            "settled": [each.to_wire() for each in self.settled],
            "stuck": [{"id": ident, "why": why} for ident, why in self.stuck],
            "replaced": list(self.replaced),
            "receipt": self.receipt.to_wire(),
        }


def finish(
    bank: BankFolder,
    way: Way,
    *,
    ident: str = "",
    changed: Sequence[str] = (),
    next_steps: Sequence[str] = (),
    anyway: bool = False,
) -> FinishResult:
    """Finish a workflow with its Memory Update; `changed` says what changed, by default its done tasks or its goal.

    Raises:
        GateError: a gate is not passed, and `anyway` is not set.
        RoleError: only the router writes the contracts.
        NoRecordError, FieldError: no active workflow matches.
    """
    if way.author.actor.role != ROUTER:
        raise RoleError(
            role=way.author.actor.role, why="only the router can finish a workflow", hint="bank workflow show"
        )
    last: list[tuple[list[AppliedNote], list[tuple[str, str]], list[str]]] = []

    def make(value: dict[str, Any], flow: Workflow) -> list[FileChange]:
        if is_auto(bank):
            _pass_gates(value, moment(way))
        _check_gates(value, flow, anyway=anyway)
        change, task = place_of(bank, "change"), place_of(bank, "task")
        changes, tasks = listed(bank, change), listed(bank, task)
        # in a bank of another tool the list of changes is not a snapshot: all of it stays
        is_snapshot = change.spec is not None
        replaced = outlived(bank, changes, flow, value, replace=bool(changed)) if is_snapshot else []
        ended = [(each["text"], each.get("evidence", "")) for each in value["tasks"] if each["status"] == "done"]
        done = done_tasks(tasks, ended)
        notes = [*waiting(bank, workflow=flow.id).notes, *_own_notes(value, flow)]
        rows = [
            _dated(each, change, way)
            for each in _told(changed, value, flow, changes, replaced, notes)
            if not any(is_same(each, stays) for stays in texts_that_stay(changes, replaced))
        ]
        opened = _open_tasks(value, way, tasks)
        stays = {
            _address(change): [*texts_that_stay(changes, replaced), *rows],
            _address(task): texts_that_stay(tasks, [top for top, _ in done]),
        }
        settled, stuck, noted = plan_notes(bank, notes, way, stays=stays)
        last[:] = [(settled, stuck, [each.line.text for each in replaced])]
        _file_notes(value, settled)
        value["status"] = "finished"
        for phase in value["phases"]:
            if phase["status"] == ACTIVE:
                phase["status"] = "done"
                phase["history"].append({"status": "done", "at": moment(way)})
        leaving = {
            (change.file, changes.address): {each.line.number for each in replaced},
            (task.file, tasks.address): {top.line.number for top, _ in done},
        }
        filled = [_item(task, each, " ", in_order=False) for each in opened]
        if not opened and is_emptied(tasks, [top for top, _ in done]):
            filled = [Append(task.section, NONE, item=True)]
        # if no item stays, the new ones are added below the last item before it is removed: the list keeps its style
        all_go = all(each in replaced or is_of(each.line.text, flow) for each in changes.tops)
        ahead = [
            *_put(bank, change, [_item(change, row, in_order=False) for row in rows] if all_go else []),
            *_put(bank, task, filled),
        ]
        updates = [
            *_put(bank, change, [] if all_go else [_item(change, row) for row in rows]),
            *_put(bank, place_of(bank, "done"), _filed(bank, done, ended)),
            *_put(bank, place_of(bank, "verification"), _evidence(bank, value, settled)),
            *_put(bank, place_of(bank, "next"), [_item(place_of(bank, "next"), line_of(step)) for step in next_steps]),
            *current_change(bank, "", only=flow.id),
        ]
        # items to remove are found by their number, so nothing is added above them first
        return together([*ahead, *transient_changes(bank, flow, also=leaving), *updates, *noted])

    done: WorkflowChange = change_flow(bank, ident, way, "finish", make, changed=list(changed))
    settled, stuck, replaced = last[0]
    return FinishResult(done.flow, settled, stuck, done.receipt, replaced)


def _told(
    changed: Sequence[str],
    value: dict[str, Any],
    flow: Workflow,
    changes: SectionItems,
    replaced: Sequence[TopItem],
    notes: Sequence[QueuedNote],
) -> list[str]:
    """Return what changed: `changed` if given, else the done tasks, else the goal if no change was noted."""
    told = [line_of(each) for each in changed] or _done(value)
    noted = [top for top in changes.tops if top not in replaced and not is_of(top.line.text, flow)]
    if told or noted or any(note.kind == "change" for note in notes):
        return told
    return [f"{flow.kind}: {flow.goal}"]


def _pass_gates(value: dict[str, Any], at: str) -> None:
    """Pass the gates that were opened before AUTO_PROCEED was set."""
    for gate in value.get("gates", []):
        if gate["status"] == "pending" and not is_asked(gate):
            pass_by_setting(gate, at)


def _check_gates(value: dict[str, Any], flow: Workflow, *, anyway: bool) -> None:
    pending = [gate["name"] for gate in value.get("gates", []) if gate["status"] != "passed"]
    if pending and not anyway:
        raise GateError(
            why=f"{flow.id} has gates that were not passed: {', '.join(pending)}",
            hint=command("bank workflow gate", pending[0], "--pass"),
            missing=pending,
        )


def _address(place: Placement) -> str:
    return f"{place.file}#{place.section}"


def _own_notes(value: dict[str, Any], flow: Workflow) -> list[QueuedNote]:
    """Return the router's own notes in the form of the queue; they need no approval."""
    rows = [note for note in value.get("memory_notes", []) if _is_own(note)]
    return [
        QueuedNote(f"{flow.id}/{number}", "", "", "", "", flow.id, "", each["kind"], each["text"], "", "")
        for number, each in enumerate(rows)
    ]


def _file_notes(value: dict[str, Any], settled: Iterable[AppliedNote]) -> None:
    """Record the outcome of each note in the artifact."""
    rows = value.setdefault("memory_notes", [])
    own = iter([row for row in rows if _is_own(row)])
    for each in settled:
        if not each.note.base:
            outcome = "duplicate" if each.same_as else "applied"
            next(row for row in own if row["text"] == each.note.text).update(outcome=outcome, address=each.address)
    keep(value, rows_of(settled))


def _is_own(row: dict[str, Any]) -> bool:
    """Check whether a note is the router's own and still queued in the artifact; notes of others have a queue file."""
    return row["outcome"] == "queued" and not row.get("id")


def _done(value: dict[str, Any]) -> list[str]:
    return [line_of(task["text"]) for task in value["tasks"] if task["status"] == "done"]


def _dated(text: str, place: Placement, way: Way) -> str:
    return f"[{day_of(way.author.now())}] {text}" if place.spec is not None and place.spec.dated else text


def _put(bank: BankFolder, place: Placement, edits: Sequence[Edit]) -> list[FileChange]:
    return [put_edits(bank, place, tuple(edits))] if edits else []


def _item(place: Placement, text: str, task: str | None = None, *, in_order: bool = True) -> Edit:
    return Append(place.section, text, item=True, task=task, placeholders=(NONE,), in_order=in_order)


def _filed(bank: BankFolder, done: Sequence[tuple[TopItem, DoneTask]], ended: Sequence[tuple[str, str]]) -> list[Edit]:
    """Return the edits that move done tasks to Completed; what is already there is not added again."""
    place = place_of(bank, "done")
    known = texts_that_stay(listed(bank, place), ())
    told = [each for _, each in done]
    there = [top.line.text for top, _ in done]
    told += [
        DoneTask(f"{text} - {evidence}" if evidence else text)
        for text, evidence in ended
        if not any(is_same(text, each) for each in there)
    ]
    edits: list[Edit] = []
    for each in told:
        if each.whole or not any(is_same(each.text, other) for other in known):
            known.append(each.text)
            edits.append(each.edit(place.section))
    return edits


def _open_tasks(value: dict[str, Any], way: Way, there: SectionItems) -> list[str]:
    """Return the lines of open tasks that are not listed yet, with an id if another task depends on them."""
    known = [line.text for top in there.tops for line in (top.line, *top.below)]
    still = [task for task in value["tasks"] if task["status"] in {"pending", ACTIVE}]
    needed = {name for each in still for name in each.get("depends_on", [])}
    ids = {each["id"]: f"^t{tail(5, way.author.random_bytes)}" for each in still if each["id"] in needed}
    rows = []
    for each in still:
        if any(is_same(each["text"], other) for other in known):
            continue
        after = ", ".join(ids[name] for name in each.get("depends_on", []) if name in ids)
        words = (line_of(each["text"]), f"(after: {after})" if after else "", ids.get(each["id"], ""))
        rows.append(" ".join(filter(None, words)))
    return rows


def _evidence(bank: BankFolder, value: dict[str, Any], settled: Sequence[AppliedNote]) -> list[Edit]:
    place = place_of(bank, "verification")
    known = [line.text for top in listed(bank, place).tops for line in (top.line, *top.below)]
    known += [each.note.text for each in settled if each.address == _address(place)]
    filed = []
    for each in value.get("evidence", []):
        if not any(is_same(each["text"], other) or _tells(other, each["text"]) for other in known):
            known.append(each["text"])
            filed.append(_item(place, line_of(each["text"])))
    return filed


def _tells(line: str, text: str) -> bool:
    """Check whether a line reports the same run as a text: the same command, exit status and counts."""
    one, other = parse_told(line), parse_told(text)
    if one is None or other is None:
        return False
    return (one.command, one.exit_code, one.said) == (other.command, other.exit_code, other.said)
