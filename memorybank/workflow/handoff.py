"""The hand-off summary: goal, state, done, next steps, blockers, what to read; at most 1,500 characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.items import unescaped
from memorybank.errors import BankError
from memorybank.store.journal.log import read_operations
from memorybank.store.view import look
from memorybank.workflow.gate import last_load
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.placement import FOCUS_SECTION, place_of
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.progress.checkpoints import list_checkpoints
from memorybank.workflow.progress.progress import progress_of, workflow_of

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

LIMIT = 1500
_ROW = 160


def standing(bank: BankFolder) -> dict[str, Any]:
    """Return what a compacted context loses first: focus, open tasks, new decisions, next steps, blockers."""
    progress, work = progress_of(bank), _work(bank)
    since = max(last_load(bank), _last_mark(bank))
    value = {
        "focus": _focus(bank),
        "open_tasks": list(dict.fromkeys([*work.open, *progress.in_progress, *progress.todo])),
        "decisions": _decisions(bank, since),
        "next_steps": _rows(bank, "next"),
        "blockers": [*work.gates, *_rows(bank, "blocker")],
        "since": since,
    }
    return {name: each for name, each in value.items() if each}


def handoff(bank: BankFolder) -> str:
    """Return the summary, redacted, of at most 1,500 characters; rows that do not fit are counted."""
    progress, work = progress_of(bank), _work(bank)
    goal, state = work.goal or _focus(bank), work.state or workflow_of(bank)
    pointers = [*work.pointers, *bank.main_files]
    pointers += [plain_of(row) for row in _rows(bank, "reference")]
    parts: list[tuple[str, list[str]]] = [
        ("Goal", [goal] if goal else []),
        ("State", [state] if state else []),
        ("Next", list(dict.fromkeys([*work.open, *progress.in_progress, *progress.todo, *_rows(bank, "next")]))),
        ("Blockers", [*work.gates, *_rows(bank, "blocker")]),
        ("Decisions", _rows(bank, "decision")[-5:][::-1]),
        ("Done", list(dict.fromkeys([*work.done, *list(progress.completed)[::-1]]))),
        ("Read", pointers),
    ]
    return _fitted([(name, [_short(row) for row in rows]) for name, rows in parts if rows])


class _Work(NamedTuple):
    goal: str = ""
    state: str = ""
    pointers: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()


def _work(bank: BankFolder) -> _Work:
    """Return the state of the active workflow; empty if there is none, several, or an unreadable one."""
    if not (bank.folder / "workflows").is_dir():
        return _Work()
    from memorybank.workflow.artifact import find_flow

    try:
        flow = find_flow(bank)
    except BankError:
        return _Work()
    tasks, gates = flow.value["tasks"], flow.value.get("gates", [])
    return _Work(
        flow.goal,
        f"{flow.kind} {flow.id}, phase {flow.value['cursor']}",
        (f"workflows/{flow.id}.json (bank workflow resume)",),
        tuple(task["text"] for task in tasks if task["status"] in ("active", "pending")),
        tuple(task["text"] for task in reversed(tasks) if task["status"] == "done"),
        tuple(
            f"gate {gate['name']}: {gate.get('question') or gate['status']}"
            for gate in gates
            if gate["status"] != "passed"
        ),
    )


def _short(text: str) -> str:
    from memorybank.secrets.scan import redact

    line = redact(" ".join(text.split()))
    return line if len(line) <= _ROW else f"{line[: _ROW - 1]}…"


def _fitted(parts: list[tuple[str, list[str]]]) -> str:
    """Add the first row of each part, then more rows in turn while there is room."""
    taken = {name: 0 for name, _ in parts}
    room = LIMIT - sum(len(f"## {name}\n- … 999 more\n") for name, _ in parts)
    for turn in range(max((len(rows) for _, rows in parts), default=0)):
        for name, rows in parts:
            if turn < len(rows) and taken[name] == turn and len(rows[turn]) + 3 <= room:
                taken[name] += 1
                room -= len(rows[turn]) + 3
    lines = []
    for name, rows in parts:
        lines.append(f"## {name}")
        lines += [f"- {row}" for row in rows[: taken[name]]]
        if len(rows) > taken[name]:
            lines.append(f"- … {len(rows) - taken[name]} more")
    return "\n".join(lines)[:LIMIT]


def _last_mark(bank: BankFolder) -> str:
    return next((checkpoint.timestamp for checkpoint in list_checkpoints(bank).checkpoints), "")


def _focus(bank: BankFolder) -> str:
    file = bank.main_files[0]
    contract = bank.contract_of(file)
    spec = contract.spec_of(FOCUS_SECTION) if contract else None
    try:
        seen = look(bank, f"{file}#{FOCUS_SECTION}")
    except BankError:
        return ""
    text = " ".join(seen.text.split())
    return "" if spec is not None and unescaped(text) in spec.placeholders else text


def _rows(bank: BankFolder, kind: str) -> list[str]:
    try:
        place = place_of(bank, kind)
        lines = lines_in(bank, place.file, place.section)
    except BankError:
        # a missing section has no lines
        return []
    return [plain_of(line.text) for line in lines if not plain_of(line.text).startswith("~~")]


def _decisions(bank: BankFolder, since: str) -> list[str]:
    """Return the lines under Decisions that were written since a time, according to the journal."""
    place = place_of(bank, "decision")
    address = f"{place.file}#{place.section}"
    new = ""
    for operation in read_operations(bank):
        receipt = operation.receipt
        if receipt.at >= since and operation.state == "done":
            for file in receipt.files:
                if address in dict(file.sections):
                    new += "\n".join(change.new for change in file.changes)
    return [row for row in _rows(bank, "decision") if row in new]
