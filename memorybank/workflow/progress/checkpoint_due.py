"""Whether a checkpoint is due before a context is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.store.git.repository import changed_since, head_of
from memorybank.workflow.progress.checkpoints import list_checkpoints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.store.folder import BankFolder
    from memorybank.workflow.progress.checkpoints import Checkpoint

TOOL_CALLS, DEBUG_CYCLES, FILES_TOUCHED = 30, 5, 10
_TOOLS = frozenset(("tool", "tool_use", "tool_result", "function"))
_DEBUG = "[DEBUG-"


class CheckpointDue(NamedTuple):
    """The reasons why a checkpoint is due, each with its count; empty if none is due."""

    reasons: tuple[str, ...]
    since: str


def due(bank: BankFolder, session: str) -> CheckpointDue:
    """Check whether a checkpoint is due, by the tool calls, debug attempts and changed files since the last one."""
    last = list_checkpoints(bank).checkpoints[:1]
    since = last[0].timestamp if last else ""
    reasons = []
    if session:
        from memorybank.records.sessions.messages import read_messages

        try:
            messages = read_messages(bank, session).rows
        except BankError:
            messages = []
        calls = sum(1 for message in messages if message.role in _TOOLS and message.at >= since)
        if calls >= TOOL_CALLS:
            reasons.append(f"{calls} tool calls")
    attempts = _attempts(bank, since)
    if attempts >= DEBUG_CYCLES:
        reasons.append(f"{attempts} debug attempts")
    files = _files(bank, last)
    if files >= FILES_TOUCHED:
        reasons.append(f"{files} files touched")
    return CheckpointDue(tuple(reasons), since)


def _attempts(bank: BankFolder, since: str) -> int:
    if (bank.folder / "workflows").is_dir():
        from memorybank.workflow.artifact import find_flow

        try:
            return sum(1 for row in find_flow(bank).value.get("debug", []) if row["at"] >= since)
        except BankError:
            pass
    return _noted_attempts(bank)


def _noted_attempts(bank: BankFolder) -> int:
    """Count the debug attempts under Recent Changes; a file that has none is not parsed."""
    from memorybank.workflow.lines.placement import place_of

    try:
        place = place_of(bank, "change")
        if _DEBUG.encode() not in bank.read(bank.existing(place.file)[0]):
            return 0
        from memorybank.workflow.lines.find import lines_in
        from memorybank.workflow.lines.similarity import plain_of

        lines = [plain_of(line.text) for line in lines_in(bank, place.file, place.section)]
    except BankError:
        # a missing section has no lines
        return 0
    return sum(1 for line in lines if line.startswith(_DEBUG) and not line.startswith("[DEBUG-R"))


def _files(bank: BankFolder, last: Sequence[Checkpoint]) -> int:
    """Count the files that changed since the last checkpoint, in the same way as a checkpoint does."""
    head = head_of(bank.origin)
    mark = str(last[0].value.get("git_commit", "")) if last else ""
    own = bank.names_below(bank.origin)
    changed = changed_since(bank.origin, mark or head, without=own) if head else None
    if changed is None:
        return 0
    before = last[0].value.get("files_modified") if last else None
    known = set(before) if isinstance(before, list) else set()
    return len([file for file in changed.files if file not in known])
