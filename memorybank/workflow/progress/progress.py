"""The progress of the work as written in progress.md: what is done, begun and still to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.addresses import find_named
from memorybank.document.items import entries_of, plain_key, unescaped
from memorybank.document.names import is_same_name
from memorybank.errors import FieldError, NoFileError
from memorybank.store.view import open_document
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.progress.tasks import list_tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.store.folder import BankFolder

# checkbox marks that people use for work in progress; CommonMark's task lists do not have them
_BEGUN = ("/", "~")
_BEGUN_SECTION = "in progress"
_WORKFLOW = "Current Workflow"


class Progress(NamedTuple):
    """The tasks by their state; `current_task` is the first one in progress, else the first one to do."""

    completed: tuple[str, ...] = ()
    in_progress: tuple[str, ...] = ()
    todo: tuple[str, ...] = ()
    current_task: str = ""

    def to_wire(self) -> dict[str, object]:
        """Return the fields as in a checkpoint; `current_task` is left out if there is no task."""
        current = {"current_task": self.current_task} if self.current_task else {}
        rows = {"completed": self.completed, "in_progress": self.in_progress, "todo": self.todo}
        return {**current, **{name: list(each) for name, each in rows.items()}}


def progress_from(given: Mapping[str, Any]) -> Progress:
    """Return the state of the work from its parts by name, each a text or a list of texts.

    Raises:
        FieldError: a part is not one.
    """
    rows: dict[str, Any] = {}
    for name, value in given.items():
        if not isinstance(value, str | list | tuple):
            raise FieldError(field="progress", why=f"{name} is not a list of str", hint="pass a list of str")
        rows[name] = value if isinstance(value, str) else tuple(map(str, value))
    return Progress._make(rows.get(name, own) for name, own in Progress._field_defaults.items())


def progress_of(bank: BankFolder) -> Progress:
    """Read the open and completed tasks; empty if there is no file."""
    completed: list[str] = []
    begun: list[str] = []
    todo: list[str] = []
    try:
        tasks = list_tasks(bank)
    except NoFileError:
        return Progress()
    for task in tasks:
        if plain_key(task.text) == plain_key(NONE):
            continue
        if task.done:
            completed.append(task.text)
        elif task.mark in _BEGUN:
            begun.append(task.text)
        elif task.done is False:
            (begun if is_same_name(task.section, _BEGUN_SECTION) else todo).append(task.text)
    completed += [each for each in _completed(bank) if each not in completed]
    return Progress(tuple(completed), tuple(begun), tuple(todo), next(iter((*begun, *todo)), ""))


def _completed(bank: BankFolder) -> list[str]:
    place = place_of(bank, "done")
    stand_ins = place.spec.placeholders if place.spec else ()
    return _entries(bank, place.file, place.section, stand_ins)


def _entries(bank: BankFolder, file: str, name: str, stand_ins: Sequence[str] = ()) -> list[str]:
    try:
        document = open_document(bank, file)
    except NoFileError:
        return []
    ignored = {plain_key(each) for each in (NONE, *stand_ins)}
    return [
        entry.text
        for section in find_named(document, name)
        for entry in entries_of(document, section)
        if plain_key(entry.text) not in ignored
    ]


def workflow_of(bank: BankFolder) -> str:
    """Return the workflow that progress.md names, as one line; "" if it names none."""
    contract = bank.contract_of("progress.md")
    spec = contract.spec_of(_WORKFLOW) if contract else None
    if spec is None:
        return ""
    try:
        document = open_document(bank, "progress.md")
    except NoFileError:
        return ""
    for section in find_named(document, _WORKFLOW):
        words = " ".join(document.source.text[section.body : section.own_end].split())
        if words and unescaped(words) not in (*spec.placeholders, NONE):
            return words[:200]
    return ""
