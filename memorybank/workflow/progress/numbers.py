"""Count the numbers of a project: from git, the records of the bank, and the tasks of progress.md."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError
from memorybank.records.find import scan
from memorybank.records.templates import load_types
from memorybank.store.git.repository import count_tracked
from memorybank.workflow.progress.progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.store.folder import BankFolder

# the numbers that only this program sets and removes
COUNTED = ("tracked_files", "tracked_lines", "records", "bugs_open", "bugs_fixed", "tasks_done", "tasks_open")
_OPEN = ("open", "in-progress")
_FIXED = "fixed"


def counted(bank: BankFolder) -> dict[str, Any]:
    """Count what can be counted; a number without a source is left out."""
    found: dict[str, Any] = {}
    tracked = count_tracked(bank.origin)
    if tracked is not None:
        found |= {"tracked_files": tracked.files, "tracked_lines": tracked.lines}
    records = scan(bank, kinds=tuple(load_types(bank))).records
    if records:
        found["records"] = dict(sorted(Counter(record.type for record in records).items()))
    bugs = [record.status for record in records if record.type == "bug"]
    if bugs:
        found |= {"bugs_open": sum(bug in _OPEN for bug in bugs), "bugs_fixed": bugs.count(_FIXED)}
    progress = progress_of(bank)
    done, left = len(progress.completed), len(progress.in_progress) + len(progress.todo)
    return {**found, "tasks_done": done, "tasks_open": left} if done or left else found


def manifest_of(bank: BankFolder) -> dict[str, str]:
    """Return name, version and description from the project's manifest file; empty if there is none."""
    if bank.is_users_own:
        return {}
    for name, table in (("pyproject.toml", "project"), ("Cargo.toml", "package"), ("package.json", "")):
        try:
            data = bank.read(bank.project / name)
        except BankError:
            continue
        value = _parsed(data, name)
        row = value.get(table, {}) if table else value
        if isinstance(row, dict):
            wanted = ("name", "version", "description")
            found = {key: text for key in wanted if isinstance(text := row.get(key), str) and text.strip()}
            if found:
                return found
    return {}


def _parsed(data: bytes, name: str) -> Mapping[str, Any]:
    import tomllib

    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
