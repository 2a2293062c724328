"""Workflow artifacts on disk: read, check against the published schema, find, and change as one operation.

`workflows/ID.json` is the state; `workflows/ID.events.jsonl` has one line for each change.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import Source, digest_of
from memorybank.errors import BankError, FieldError, NewerVersionError, NoFileError
from memorybank.patterns import later
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.several import none_or_several
from memorybank.times import stamp_of
from memorybank.wire import objects_in
from memorybank.workflow.lines.together import together
from memorybank.workflow.schema import ID, VERSION, faults_of
from memorybank.workflow.workflow_errors import NoActiveError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.records.find import BrokenRecord
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class WorkflowAnswer(TypedDict):
        """The answer that has a workflow."""

        workflow: dict[str, Any]

    class SkippedWire(TypedDict):
        """What was not queued, and why."""

        text: str
        why: str

    class WorkflowChangeWire(TypedDict):
        """The JSON form of a workflow change."""

        workflow: dict[str, Any]
        skipped: list[SkippedWire]
        receipt: ReceiptWire


FOLDER = "workflows"
ACTIVE = "active"
_NAME = later(ID.replace("$", r"\Z"))


class Workflow(NamedTuple):
    """A workflow as stored in its file; `value` is the whole content, including unknown fields."""

    id: str
    kind: str
    status: str
    goal: str
    value: dict[str, Any]
    base: str = ""

    def to_wire(self) -> dict[str, Any]:
        """Return the fields of the file."""
        return self.value

    def to_answer(self) -> WorkflowAnswer:
        """Return the answer of a command that reads one workflow."""
        return {"workflow": self.value}


class WorkflowChange(NamedTuple):
    """The workflow after the change, and the receipt; `passed` are notes that were not queued, with the reason."""

    flow: Workflow
    receipt: Receipt
    passed: tuple[tuple[str, str], ...] = ()

    def to_wire(self) -> WorkflowChangeWire:
        """Return the JSON form."""
        skipped: list[SkippedWire] = [{"text": text, "why": why} for text, why in self.passed]
        return {"workflow": self.flow.value, "skipped": skipped, "receipt": self.receipt.to_wire()}


class WorkflowList(NamedTuple):
    """The workflows, newest first, and the files that are not valid workflows."""

    flows: list[Workflow]
    broken: list[BrokenRecord]


def check_name(ident: str) -> str:
    """Return a workflow's id if it can be used as a file name.

    Raises:
        FieldError: it cannot be used.
    """
    if not _NAME.match(ident) or ident.endswith((".events", ".json")) or ident == "notes":
        raise FieldError(field="id", why=f"{ident[:40]!r} is not a valid workflow id", hint="--id wf-login")
    return ident


def read_flow(bank: BankFolder, ident: str) -> Workflow:
    """Read a workflow by its full id.

    Raises:
        NoFileError: the file does not exist.
        NewerVersionError: it was written by a newer version of the program.
        SchemaError: it does not match the published schema.
    """
    name = f"{FOLDER}/{check_name(ident)}.json"
    data = bank.read(bank.folder / name)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SchemaError(path=name, faults=[f"invalid JSON: {str(error)[:100]}"]) from error
    version = value.get("schema_version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise NewerVersionError(path=name, found=version, known=VERSION)
    faults = faults_of(value)
    if not faults and value["id"] != ident:
        faults = [f"its id is {value['id']!r}, which does not match the file name"]
    if faults:
        raise SchemaError(path=name, faults=faults)
    return flow_from(value, digest_of(data))


def flow_from(value: dict[str, Any], base: str = "") -> Workflow:
    """Make a workflow from a valid value."""
    return Workflow(value["id"], value["kind"], value["status"], value["intent"]["goal"], value, base)


def list_flows(bank: BankFolder) -> WorkflowList:
    """Read the workflows, newest first; invalid files are skipped and listed as broken."""
    found = WorkflowList([], [])
    folder = bank.folder / FOLDER
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            found.flows.append(read_flow(bank, path.name.removesuffix(".json")))
        except BankError as error:
            from memorybank.records.find import BrokenRecord

            found.broken.append(BrokenRecord(f"{FOLDER}/{path.name}", 1, error.message))
    found.flows.sort(key=lambda each: (each.value["created"], each.id), reverse=True)
    return found


def find_flow(bank: BankFolder, ident: str = "", *, active: bool = False, ended: bool = False) -> Workflow:
    """Return a workflow by its id or the start or end of it; without an id, the active one.

    With `ended`, return the last one if none is active.

    Raises:
        NoRecordError: none or several match.
        FieldError: it has ended, but `active` was asked for.
    """
    wanted = ident.strip()
    if wanted:
        try:
            flow = read_flow(bank, wanted)
        except (NoFileError, FieldError):
            flows = list_flows(bank).flows
            found = [each for each in flows if each.id.startswith(wanted) or each.id.endswith(wanted)]
            if len(found) != 1:
                several, near = [each.id for each in found], [each.id for each in flows[:3]]
                raise none_or_several(
                    ident=wanted, kind="workflow", found=several, near=near, hint="bank workflow list"
                ) from None
            flow = found[0]
    else:
        flows = list_flows(bank).flows
        found = [each for each in flows if each.status == ACTIVE] or (flows[:1] if ended else [])
        if len(found) != 1:
            raise NoActiveError(active=[each.id for each in found])
        flow = found[0]
    if active and flow.status != ACTIVE:
        why = f"{flow.id} is already {flow.status}"
        raise FieldError(field="status", why=why, hint=f"bank workflow show {flow.id}")
    return flow


def active_id(bank: BankFolder) -> str:
    """Return the id of the only active workflow; "" if there is none or more than one."""
    found = [flow.id for flow in list_flows(bank).flows if flow.status == ACTIVE]
    return found[0] if len(found) == 1 else ""


def change_flow(
    bank: BankFolder,
    ident: str,
    way: Way,
    event: str,
    make: Callable[[dict[str, Any], Workflow], Sequence[FileChange]],
    **told: Any,
) -> WorkflowChange:
    """Change an active workflow: `make` changes its value and returns the other changes of the operation.

    If another writer was faster, it is computed again from the new state, so agents in parallel lose nothing.

    Raises:
        BankError: no workflow matches, the new value does not match the schema, or a write is refused.
    """

    def changes() -> tuple[Workflow, list[FileChange]]:
        flow = find_flow(bank, ident, active=True)
        value = copy.deepcopy(flow.value)
        more = make(value, flow)
        value["updated"] = moment(way)
        return flow_from(value), together([*more, *flow_changes(bank, value, way, event, base=flow.base, **told)])

    flow, receipt = retried(changes, bank, f"workflow {event}", way)
    return WorkflowChange(flow, receipt)


def flow_changes(
    bank: BankFolder, value: dict[str, Any], way: Way, event: str, *, base: str = "", **told: Any
) -> list[FileChange]:
    """Return the changes that write a workflow's state and its event line.

    Raises:
        SchemaError: the state does not match the published schema.
    """
    name = f"{FOLDER}/{value['id']}.json"
    faults = faults_of(value)
    if faults:
        raise SchemaError(path=name, faults=faults)
    text = f"{json.dumps(value, ensure_ascii=False, indent=2)}\n"
    path = bank.folder / name
    row = {
        "at": moment(way),
        "event": event,
        "tool": way.author.actor.tool,
        "session": way.author.actor.session,
        **told,
    }
    log = bank.folder / FOLDER / f"{value['id']}.events.jsonl"
    try:
        source = Source(bank.read(log))
        before, known = source.text, source.digest
    except NoFileError:
        before, known = "", ""
    lead = before if not before or before.endswith("\n") else f"{before}\n"
    line = json.dumps({key: each for key, each in row.items() if each not in ("", None, [])}, ensure_ascii=False)
    return [
        FileChange(path, text=text, base=base),
        FileChange(log, text=f"{lead}{line}\n", base=known),
    ]


def events_of(bank: BankFolder, ident: str) -> list[dict[str, Any]]:
    """Read the events of a workflow, oldest first; a broken line is skipped."""
    try:
        data = bank.read(bank.folder / FOLDER / f"{check_name(ident)}.events.jsonl")
    except NoFileError:
        return []
    return objects_in(data)


def moment(way: Way) -> str:
    """Return the time in the format of artifacts."""
    return stamp_of(way.author.now())
