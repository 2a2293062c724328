"""Send tasks to an agent's task tool and back: progress.md is the source of truth, the tool's ids are not stored.

A task is identified by its `^id`, else by a digest of its words. The order comes from `(after: ^id, ^id)` in its line,
and from nesting: nested tasks come before their parent.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.edits import ItemRef, Tick
from memorybank.document.source import digest_of
from memorybank.document.text import check_text, one_line
from memorybank.errors import FieldError
from memorybank.listing import Listing
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.manage.items import list_items
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.progress.tasks import list_tasks
from memorybank.workflow.refresh import UNPROVEN

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_AFTER = re.compile(r"\((?:after|needs|depends on|blocked by):?\s+(?P<names>[^)]+)\)", re.IGNORECASE)
_DONE = frozenset(("completed", "complete", "done", "finished", "closed"))
_EVIDENCE = re.compile(r" - \S|→ exit \d")


class OpenTask(NamedTuple):
    """One open task: its id, its words, its status, and the ids of open tasks that come first.

    `names_nothing` are the names in its `(after: …)` that match no task, open or done.
    """

    id: str
    subject: str
    status: str
    blocked_by: list[str]
    section: str
    names_nothing: list[str] = []  # noqa: RUF012  never changed


class OpenTaskList(Listing[OpenTask]):
    """The open tasks, in the order of the file."""

    __slots__ = ()
    plural = "tasks"


class SyncResult(NamedTuple):
    """The tasks that were ticked, were already done, lack evidence, or are unknown; and the receipt."""

    ticked: list[str]
    already: list[str]
    needs_evidence: list[str]
    unknown: list[str]
    receipt: Receipt


class _Task(NamedTuple):
    id: str
    text: str
    done: bool
    section: str
    after: list[str]
    is_open: bool = True
    lost: tuple[str, ...] = ()


def hydrate(bank: BankFolder) -> OpenTaskList:
    """Return the open tasks, each with the tasks that block it, ready for a task tool."""
    tasks = _tasks(bank)
    still = {task.id for task in tasks if task.is_open}
    return OpenTaskList(
        OpenTask(
            task.id,
            _AFTER.sub("", plain_of(task.text)).strip(),
            "pending",
            [other for other in task.after if other in still and other != task.id],
            task.section,
            _lost(bank, task.lost),
        )
        for task in tasks
        if task.is_open
    )


def _tasks(bank: BankFolder) -> list[_Task]:
    place = place_of(bank, "task")
    rows = {item.line: item for item in list_items(bank, f"{place.file}#{place.section}")} if _is_there(bank) else {}
    found: list[_Task] = []
    above: list[tuple[int, int]] = []
    waits: dict[int, list[str]] = {}
    seen: dict[str, int] = {}
    for task in list_tasks(bank):
        row = rows.get(task.line)
        words = plain_of(task.text)
        ident = f"^{row.id}" if row is not None and row.id else _ident(words, seen)
        depth = row.depth if row is not None else 0
        while above and above[-1][0] >= depth:
            above.pop()
        if above:
            # a nested task is part of its parent, which is done last
            waits.setdefault(above[-1][1], []).append(ident)
        above.append((depth, len(found)))
        after = _AFTER.search(words)
        names = [part.strip() for part in after["names"].split(",")] if after else []
        found.append(_Task(ident, task.text, task.done is True, task.section, names, task.done is False))
    known = {each.id: each.id for each in found}
    numbers = {str(number): each.id for number, each in enumerate(found, 1)}
    texts = {_AFTER.sub("", plain_of(each.text)).strip().casefold(): each.id for each in found}

    def known_as(name: str) -> str:
        return known.get(name) or numbers.get(name) or texts.get(name.casefold(), "")

    return [
        each._replace(
            after=list(dict.fromkeys(filter(None, map(known_as, (*each.after, *waits.get(place_in, ())))))),
            lost=tuple(name for name in each.after if name and not known_as(name)),
        )
        for place_in, each in enumerate(found)
    ]


def _lost(bank: BankFolder, names: tuple[str, ...]) -> list[str]:
    """Return the names that match no line at all; tasks that moved to Completed still match."""
    if not names:
        return []
    lines = [line for file in bank.main_files for line in lines_in(bank, file)]
    known = {f"^{line.id}" for line in lines if line.id} | {_bare(line.text) for line in lines if line.done}
    return [name for name in names if name not in known and name.casefold() not in known]


def _is_there(bank: BankFolder) -> bool:
    from memorybank.errors import BankError

    place = place_of(bank, "task")
    try:
        list_items(bank, f"{place.file}#{place.section}")
    except BankError:
        return False
    return True


def _bare(text: str) -> str:
    """Return a task's words without its `(after: …)` and without its evidence."""
    return _AFTER.sub("", plain_of(text)).partition(" - ")[0].strip().casefold()


def _ident(words: str, seen: dict[str, int]) -> str:
    """Return an id that depends only on the words, not on the evidence; equal tasks are numbered."""
    base = f"task-{digest_of(_bare(words).encode('utf-8', 'surrogateescape'))[:10]}"
    seen[base] = seen.get(base, 0) + 1
    return base if seen[base] == 1 else f"{base}-{seen[base]}"


def sync(bank: BankFolder, text: str, way: Way, *, without_evidence: bool = False) -> SyncResult:
    """Tick each task that the tool reports as completed with evidence; a task is ticked once.

    `text` is JSON: a list of tasks, or an object with `tasks`; each has `id` (or `subject`), `status`, `evidence`.

    Raises:
        FieldError: the JSON is invalid.
    """
    wanted = [each for each in _rows(text) if str(each.get("status", "")).casefold() in _DONE]

    def make() -> tuple[tuple[list[str], list[str], list[str], list[str]], list[FileChange]]:
        tasks = _tasks(bank)
        ticked: list[str] = []
        already: list[str] = []
        lacking: list[str] = []
        unknown: list[str] = []
        edits: list[Tick] = []
        for row in wanted:
            task = _find(tasks, row)
            evidence = one_line(check_text(str(row.get("evidence") or "")))
            if task is None:
                unknown.append(str(row.get("id") or row.get("subject") or "?")[:200])
            elif task.done:
                already.append(task.id)
            elif not evidence and not without_evidence and not _EVIDENCE.search(task.text.removesuffix(UNPROVEN)):
                lacking.append(task.id)
            elif task.id not in ticked:
                ticked.append(task.id)
                shown = evidence or ("" if _EVIDENCE.search(task.text) else UNPROVEN.lstrip(" -"))
                edits.append(Tick(task.section, ItemRef(text=task.text), suffix=shown, add_box=True))
        if not edits:
            return (ticked, already, lacking, unknown), []
        path, _ = bank.existing(place_of(bank, "task").file)
        return (ticked, already, lacking, unknown), [FileChange(path, tuple(edits))]

    tasks, receipt = retried(make, bank, "hydrate sync", way)
    return SyncResult(*tasks, receipt)


def _find(tasks: list[_Task], row: dict[str, Any]) -> _Task | None:
    ident = str(row.get("id") or "")
    metadata = row.get("metadata")
    own = str(metadata.get("bank_id") or "") if isinstance(metadata, dict) else ""
    for name in (own, ident, f"^{ident}"):
        found = [task for task in tasks if name and task.id == name]
        if found:
            return found[0]
    subject = str(row.get("subject") or row.get("content") or "").strip().casefold()
    found = [task for task in tasks if _bare(task.text) == subject]
    return found[0] if len(found) == 1 else None


def _rows(text: str) -> list[dict[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FieldError(field="tasks", why=f"invalid JSON: {str(error)[:100]}", hint="bank hydrate") from error
    rows = value.get("tasks") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FieldError(field="tasks", why="expected a list of objects", hint="bank hydrate")
    return rows
