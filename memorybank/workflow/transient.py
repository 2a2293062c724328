"""Lines that a workflow needs only while it is active: its marks and debug attempts. Its end removes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.document.edits import RemoveItem
from memorybank.store.journal.commit import FileChange
from memorybank.workflow.artifact import ACTIVE, Workflow, list_flows
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.similarity import plain_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.store.folder import BankFolder

_WF = re.compile(r"\bwf:\s*([A-Za-z0-9_.-]+)")
_TRANSIENT = ("[cc10x-internal]", "[BUILD-START", "[DEBUG-", "[SCOPE-DECISION-PENDING")


def attempt_line(attempt: dict[str, Any]) -> str:
    """Return the line for a debug attempt."""
    return line_of(f"[DEBUG-{attempt['number']}]: {attempt['tried']} → {attempt['result']}")


def transient_changes(
    bank: BankFolder, flow: Workflow, *, also: Mapping[tuple[str, str], set[int]] | None = None
) -> list[FileChange]:
    """Plan the removal of a workflow's transient lines, and of the items numbered in `also`.

    Lines that name another workflow stay.
    """
    kept = attempts_of_others(bank, flow)
    found: list[FileChange] = []
    for file in bank.main_files:
        lines = [
            line
            for line in lines_in(bank, file)
            if (is_of(line.text, flow) and plain_of(line.text) not in kept)
            or line.number in (also or {}).get((file, line.section), ())
        ]
        if lines:
            path, _ = bank.existing(file)
            # from the end up, so that the numbers stay valid; planned under the lock, so no digest is needed
            found.append(FileChange(path, tuple(RemoveItem(line.section, line.ref) for line in reversed(lines))))
    return found


def attempts_of_others(bank: BankFolder, flow: Workflow) -> set[str]:
    """Return the debug lines of other active workflows, normalised for comparison."""
    others = [each.value for each in list_flows(bank).flows if each.status == ACTIVE and each.id != flow.id]
    return {plain_of(attempt_line(each)) for value in others for each in value.get("debug", [])}


def is_of(text: str, flow: Workflow) -> bool:
    """Check whether a transient line belongs to a workflow: it names it, or names none and fits its kind."""
    if not is_transient(text):
        return False
    plain = plain_of(text)
    named = _WF.search(plain)
    if named:
        return named.group(1) == flow.id
    return plain.startswith("[DEBUG-") or (plain.startswith("[BUILD-START") and flow.kind == "BUILD")


def is_transient(text: str) -> bool:
    """Check whether a line is needed by a workflow only."""
    return plain_of(text).startswith(_TRANSIENT)
