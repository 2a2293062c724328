"""Checkpoints: the state of the work at one moment, as a JSON file that is never changed afterwards.

The content is read from its sources: tasks from progress.md, files and lines from git. What has no source is left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.text import check_text
from memorybank.errors import BankError, FieldError
from memorybank.files.write import resolve
from memorybank.ids import tail
from memorybank.store.git.repository import changed_since, head_of, is_known
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.several import none_or_several
from memorybank.times import stamp_of
from memorybank.workflow.progress.measured import measured_of, with_measured
from memorybank.workflow.progress.progress import Progress, progress_of, workflow_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.records.find import BrokenRecord
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class CheckpointRowWire(TypedDict):
        """A checkpoint, as a list shows it."""

        file: str
        timestamp: str
        phase: str
        notes: str

    class CheckpointAnswer(TypedDict):
        """The answer that has a checkpoint."""

        checkpoint: dict[str, Any]


FOLDER = "checkpoints"
# the numbers that only git sets
COUNTED = ("files_modified", "lines_added", "lines_removed")
FILES_SHOWN = 500
COMMITS_TRIED = 20


class Checkpoint(NamedTuple):
    """A checkpoint as stored in its file; `value` is the whole content, including unknown fields."""

    file: str
    timestamp: str
    phase: str
    notes: str
    value: Mapping[str, Any]

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form: the fields of the file, and its name."""
        return {"file": self.file, **self.value}

    def to_answer(self) -> CheckpointAnswer:
        """Return the answer of a command that reads one checkpoint."""
        return {"checkpoint": self.to_wire()}


class CheckpointResult(NamedTuple):
    """The new checkpoint, and the receipt."""

    checkpoint: Checkpoint
    receipt: Receipt


class CheckpointList(NamedTuple):
    """The checkpoints, newest first, and those that could not be read."""

    checkpoints: list[Checkpoint]
    broken: list[BrokenRecord]


def save_checkpoint(
    bank: BankFolder,
    way: Way,
    *,
    note: str = "",
    phase: str = "",
    progress: Progress | None = None,
    metrics: Mapping[str, Any] | None = None,
    completed: bool = False,
    more: Mapping[str, Any] | None = None,
) -> CheckpointResult:
    """Save the current state of the work; `progress` replaces that of progress.md, `more` are additional fields.

    Files and lines are those changed since the last checkpoint's commit, or since the last commit without a
    checkpoint; the bank's own files are not counted. `metrics` are numbers that were measured elsewhere. A `completed`
    phase is also an entry of the development log, in the same operation.

    Raises:
        FieldError: a metric is one that is counted, or a completed phase has no name.
        UnsupportedTextError: a text has hidden characters.
        SecretError: a text looks like a secret.
    """
    now = way.author.now()
    measured = measured_of(metrics or {}, way, counted=COUNTED)
    phase = check_text(phase).strip()
    if completed and not phase:
        raise FieldError(
            field="phase", why="which phase is completed?", hint="bank checkpoint --phase Design --completed"
        )
    entry = None
    if completed:
        from memorybank.records.ledgers.devlog import entry_of

        entry = entry_of(bank, check_text(note), way, title=f"{phase} completed")
    # git runs before the lock is taken: it may be slow, and other writers would wait
    changed = _changes(bank)
    stem = f"checkpoint_{now:%Y%m%d_%H%M%S}_{tail(5, way.author.random_bytes)}"
    path = bank.folder / FOLDER / f"{stem}.json"
    resolve(path, bank.roots)
    name = bank.name_of(path)

    def make() -> tuple[dict[str, Any], list[FileChange]]:
        given = {
            "timestamp": stamp_of(now),
            "session_id": way.author.actor.session,
            "phase": phase or workflow_of(bank),
            "status": "completed" if completed else "",
            "progress": (progress or progress_of(bank)).to_wire(),
            **with_measured(changed, measured),
            "notes": check_text(note).strip(),
            **(more or {}),
        }
        value = {name: each for name, each in given.items() if each or name == "files_modified"}
        text = f"{json.dumps(value, ensure_ascii=False, indent=2)}\n".encode("utf-8", "backslashreplace").decode()
        if entry is None:
            return value, [FileChange(path, text=text)]
        from memorybank.records.ledgers.devlog import log_change

        return value, [FileChange(path, text=text), *log_change(bank, entry, way)]

    if entry is None:
        value, receipt = retried(make, bank, "checkpoint", way)
    else:
        from memorybank.store.journal.numbering import serial

        with serial(bank, "log", way):
            value, receipt = retried(make, bank, "checkpoint", way)
    return CheckpointResult(_checkpoint(name, value), receipt)


def _changes(bank: BankFolder) -> dict[str, Any]:
    """Ask git what changed since the last checkpoint; empty without git."""
    folder = bank.origin
    head = head_of(folder)
    if not head:
        return {}
    earlier = dict.fromkeys(
        str(checkpoint.value.get("git_commit", "")) for checkpoint in list_checkpoints(bank).checkpoints
    )
    # after a rewritten history the commits may be gone, so git checks each one
    base = next((each for each in list(earlier)[:COMMITS_TRIED] if is_known(folder, each)), head)
    own = bank.names_below(folder)
    changed = changed_since(folder, base, without=own)
    if changed is None:
        return {"git_commit": head}
    found: dict[str, Any] = {
        "metrics": {
            "files_modified": len(changed.files),
            "lines_added": changed.lines_added,
            "lines_removed": changed.lines_removed,
        },
        "files_modified": list(changed.files[:FILES_SHOWN]),
        "git_commit": head,
    }
    return found if base == head else {**found, "since_commit": base}


def list_checkpoints(bank: BankFolder) -> CheckpointList:
    """Read the checkpoints, newest first; unreadable files are skipped and listed as broken."""
    found = CheckpointList([], [])
    folder = bank.folder / FOLDER
    # the file time decides between checkpoints of the same second
    for path in sorted(folder.glob("*.json"), key=lambda each: each.lstat().st_mtime_ns) if folder.is_dir() else []:
        name = f"{FOLDER}/{path.name}"
        try:
            value = json.loads(bank.read(path))
        except (BankError, ValueError, RecursionError) as error:
            from memorybank.records.find import BrokenRecord

            line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
            found.broken.append(BrokenRecord(name, line, error.message if isinstance(error, BankError) else str(error)))
            continue
        if isinstance(value, dict):
            found.checkpoints.append(_checkpoint(name, value))
        else:
            from memorybank.records.find import BrokenRecord

            found.broken.append(BrokenRecord(name, 1, "it is not a JSON object"))
    found.checkpoints.reverse()
    found.checkpoints.sort(key=lambda each: each.timestamp, reverse=True)
    return found


def find_checkpoint(bank: BankFolder, ident: str = "") -> Checkpoint:
    """Find a checkpoint by its name, or by the start or end of it; without a name, the newest.

    Raises:
        NoRecordError: none or several match.
    """
    rows = list_checkpoints(bank).checkpoints
    wanted = ident.strip().removesuffix(".json").rpartition("/")[2]
    stems = [(row.file.rpartition("/")[2].removesuffix(".json"), row) for row in rows]
    found = [each for stem, each in stems if stem == wanted] or [
        each for stem, each in stems if stem.startswith(wanted) or stem.endswith(wanted)
    ]
    if not wanted and rows:
        return rows[0]
    if len(found) == 1:
        return found[0]
    several = [each.file.rpartition("/")[2] for each in found]
    what, hint = ident or "the newest", "bank checkpoint list"
    raise none_or_several(ident=what, kind="checkpoint", found=several, hint=hint)


def _checkpoint(name: str, value: dict[str, Any]) -> Checkpoint:
    at, phase, notes = (
        each if isinstance(each := value.get(key), str) else "" for key in ("timestamp", "phase", "notes")
    )
    return Checkpoint(name, at, phase, notes, value)
