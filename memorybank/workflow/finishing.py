"""The end of a workflow: the Memory Update, all of it one operation.

What changed takes the place of the last workflow's changes, tasks that are done are filed with their evidence, notes
that wait are applied, and the lines that only served this workflow go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.schema import NONE
from memorybank.document.edits import Append, Replace
from memorybank.ids import tail
from memorybank.shell import quoted
from memorybank.store.commit import FileChange
from memorybank.store.role import ROUTER, RoleError
from memorybank.workflow.entries import together
from memorybank.workflow.errors import GateError
from memorybank.workflow.evidence import parse_told
from memorybank.workflow.flow import ACTIVE, Flow, FlowChanged, change_flow, find_flow, moment
from memorybank.workflow.flows import current_change
from memorybank.workflow.likeness import is_same, plain_of
from memorybank.workflow.lines import Line, lines_in
from memorybank.workflow.notes import line_of
from memorybank.workflow.places import Place, place_of
from memorybank.workflow.queue import Queued, Settled, plan_notes, waiting
from memorybank.workflow.transient import attempts_of_others, is_of, transient_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.document.edits import Edit
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way


class Finished(NamedTuple):
    """The workflow as it ended, what became of its notes, those that wait on with the reason, and the receipt."""

    flow: Flow
    settled: list[Settled]
    stuck: list[tuple[str, str]]
    receipt: Receipt


def finish(
    bank: Bank,
    way: Way,
    *,
    ident: str = "",
    changed: Sequence[str] = (),
    next_steps: Sequence[str] = (),
    anyway: bool = False,
) -> Finished:
    """End a workflow with its Memory Update; `changed` says what changed, else its done tasks and its goal do.

    Raises:
        GateError: a gate is still pending, and `anyway` was not asked for.
        RoleError: only the router writes the contracts.
        NoRecordError, FieldError: there is no such active workflow.
    """
    if way.actor.role != ROUTER:
        raise RoleError(role=way.actor.role, why="only the router finishes a workflow", hint="bank workflow show")
    last: list[tuple[list[Settled], list[tuple[str, str]]]] = []
    flow_id = find_flow(bank, ident, active=True).id

    def make(value: dict[str, Any], flow: Flow) -> list[FileChange]:
        _check_gates(value, flow, anyway=anyway)
        change, task = place_of(bank, "change"), place_of(bank, "task")
        replaced = [_address(change), _address(task)]
        notes = [*waiting(bank, workflow=flow.id).notes, *_own_notes(value, flow)]
        settled, stuck, noted = plan_notes(bank, notes, way, replaced=replaced)
        last[:] = [(settled, stuck)]
        _file_notes(value, settled)
        value["status"] = "finished"
        for each in value["phases"]:
            if each["status"] == ACTIVE:
                each["status"] = "done"
                each["history"].append({"status": "done", "at": moment(way)})
        told = [line_of(each) for each in changed] or _done(value) or [f"{flow.kind}: {flow.goal}"]
        updates = [
            _replaced(bank, change, [*_others(bank, change, flow), *(_dated(each, change, way) for each in told)]),
            *_task_changes(bank, value, task, way),
            *_evidence_changes(bank, value, settled),
            *[_appended(bank, place_of(bank, "next"), line_of(each)) for each in next_steps],
            *current_change(bank, "", only=flow.id),
        ]
        # what is taken out goes by number and digest, so it goes before anything is added
        skipped = [(each.file, each.section) for each in (change, task)]
        return together([*transient_changes(bank, flow, without=skipped), *updates, *noted])

    done: FlowChanged = change_flow(bank, flow_id, way, "finish", make, changed=list(changed))
    return Finished(done.flow, *last[0], done.receipt)


def _check_gates(value: dict[str, Any], flow: Flow, *, anyway: bool) -> None:
    pending = [each["name"] for each in value.get("gates", []) if each["status"] != "passed"]
    if pending and not anyway:
        raise GateError(
            why=f"{flow.id} has gates that are not passed: {', '.join(pending)}",
            hint=f"bank workflow gate {quoted(pending[0])} --pass",
            missing=pending,
        )


def _address(place: Place) -> str:
    return f"{place.file}#{place.section}"


def _own_notes(value: dict[str, Any], flow: Flow) -> list[Queued]:
    """Give the router's own notes in the form of the queue; nobody need approve them."""
    rows = [each for each in value.get("memory_notes", []) if each["outcome"] == "queued"]
    return [
        Queued(f"{flow.id}/{number}", "", "", "", "", flow.id, "", each["kind"], each["text"], "", "")
        for number, each in enumerate(rows)
    ]


def _file_notes(value: dict[str, Any], settled: Iterable[Settled]) -> None:
    """Keep in the artifact what became of each note."""
    rows = value.setdefault("memory_notes", [])
    own = iter([each for each in rows if each["outcome"] == "queued"])
    for each in settled:
        outcome = {"outcome": "duplicate" if each.same_as else "applied", "address": each.address}
        if each.note.base:
            note = each.note
            rows.append(
                {"id": note.id, "kind": note.kind, "text": note.text, "role": note.role, "agent": note.agent, **outcome}
            )
        else:
            next(row for row in own if row["text"] == each.note.text).update(outcome)


def _done(value: dict[str, Any]) -> list[str]:
    return [line_of(each["text"]) for each in value["tasks"] if each["status"] == "done"]


def _dated(text: str, place: Place, way: Way) -> str:
    return f"[{way.now():%Y-%m-%d}] {text}" if place.spec is not None and place.spec.dated else text


def _lines(bank: Bank, place: Place) -> list[Line]:
    return lines_in(bank, place.file, place.section)


def _others(bank: Bank, place: Place, flow: Flow) -> list[str]:
    """Give the lines that belong to another workflow that goes on."""
    attempts = attempts_of_others(bank, flow)
    return [
        each.text
        for each in _lines(bank, place)
        if plain_of(each.text) in attempts
        or ("wf:" in each.text and not is_of(each.text, flow) and flow.id not in each.text)
    ]


def _replaced(bank: Bank, place: Place, rows: Sequence[str]) -> FileChange:
    path, name = bank.existing(place.file)
    text = "\n".join(f"- {each}" for each in rows) or f"- {NONE}"
    return FileChange(path, name, (Replace(place.section, text),))


def _appended(bank: Bank, place: Place, text: str, task: str | None = None) -> FileChange:
    path, name = bank.existing(place.file)
    edit: Edit = Append(place.section, text, item=True, task=task, in_order=True)
    return FileChange(path, name, (edit,))


def _task_changes(bank: Bank, value: dict[str, Any], place: Place, way: Way) -> list[FileChange]:
    """File what is done with its evidence, and leave what is open as the tasks."""
    there = _lines(bank, place)
    ended = [
        f"{each['text']} - {each['evidence']}" if each.get("evidence") else each["text"]
        for each in value["tasks"]
        if each["status"] == "done"
    ]
    done = [*(plain_of(each.text) for each in there if each.done), *ended]
    finished = place_of(bank, "done")
    known = [each.text for each in _lines(bank, finished)]
    filed = []
    for each in done:
        if not any(is_same(each, other) for other in known):
            known.append(each)
            filed.append(_appended(bank, finished, line_of(each), "x"))
    rows = [each.text for each in there if not each.done and not any(is_same(each.text, one) for one in ended)]
    rows += [line for text, line in _open_tasks(value, way) if not any(is_same(text, row) for row in rows)]
    return [*filed, _replaced(bank, place, [f"[ ] {each}" for each in rows])]


def _open_tasks(value: dict[str, Any], way: Way) -> list[tuple[str, str]]:
    """Give what is still to be done and its line, with an id where another one comes after it."""
    still = [each for each in value["tasks"] if each["status"] in {"pending", ACTIVE}]
    needed = {name for each in still for name in each.get("depends_on", [])}
    ids = {each["id"]: f"^t{tail(5, way.random_bytes)}" for each in still if each["id"] in needed}
    rows = []
    for each in still:
        after = ", ".join(ids[name] for name in each.get("depends_on", []) if name in ids)
        words = (line_of(each["text"]), f"(after: {after})" if after else "", ids.get(each["id"], ""))
        rows.append((each["text"], " ".join(filter(None, words))))
    return rows


def _evidence_changes(bank: Bank, value: dict[str, Any], settled: Sequence[Settled]) -> list[FileChange]:
    place = place_of(bank, "verification")
    known = [each.text for each in _lines(bank, place)]
    known += [each.note.text for each in settled if each.address == _address(place)]
    filed = []
    for each in value.get("evidence", []):
        if not any(is_same(each["text"], other) or _tells(other, each["text"]) for other in known):
            known.append(each["text"])
            filed.append(_appended(bank, place, line_of(each["text"])))
    return filed


def _tells(line: str, text: str) -> bool:
    """Whether a line tells of the same run, and of what it is about besides."""
    one, other = parse_told(line), parse_told(text)
    if one is None or other is None:
        return False
    return (one.command, one.exit_code, one.said) == (other.command, other.exit_code, other.said)
