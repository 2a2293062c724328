"""Notes in the artifact of their workflow, from the moment they are queued, with their outcome.

The queue has the note itself, one file each; the artifact repeats it, so that readers of the workflow see it.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.store.roles import ROUTER
from memorybank.workflow.artifact import ACTIVE, flow_changes, read_flow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way


class Row(NamedTuple):
    """One queued note in an artifact; `outcome` is one of the schema's values."""

    id: str
    workflow: str
    kind: str
    text: str
    role: str
    agent: str
    outcome: str = "queued"
    address: str = ""


def keep(value: dict[str, Any], rows: Iterable[Row]) -> bool:
    """Add notes to a workflow's value or update those already there; return whether that changed it."""
    there = value.setdefault("memory_notes", [])
    known = {each.get("id"): each for each in there if each.get("id")}
    before = copy.deepcopy(there)
    for row in rows:
        told = {name: text for name, text in row._asdict().items() if text and name != "workflow"}
        if row.id in known:
            known[row.id].update(told)
        else:
            there.append(told)
    return bool(there != before)


def artifact_changes(bank: BankFolder, rows: Iterable[Row], way: Way, event: str = "note") -> list[FileChange]:
    """Plan the changes of the workflow artifacts for these notes; an unreadable artifact is skipped.

    A new note is added only to an active workflow; a note already in an artifact is updated.
    """
    changes: list[FileChange] = []
    by_flow: dict[str, list[Row]] = {}
    for row in rows:
        by_flow.setdefault(row.workflow, []).append(row)
    for ident, mine in by_flow.items():
        try:
            flow = read_flow(bank, ident) if ident else None
        except BankError:
            continue
        if flow is None:
            continue
        known = {note.get("id") for note in flow.value.get("memory_notes", [])}
        value = copy.deepcopy(flow.value)
        if keep(value, [each for each in mine if flow.status == ACTIVE or each.id in known]):
            kinds = ", ".join(dict.fromkeys(each.kind for each in mine))
            changes += flow_changes(bank, value, way, event, base=flow.base, kind=kinds, outcome=mine[0].outcome)
    return changes


def by_program(way: Way) -> Way:
    """Return a way of writing that any role may use for the program's own files: only for queue and artifact."""
    return way.with_actor(way.author.actor._replace(role=ROUTER))
