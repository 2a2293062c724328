"""Tasks of the current work: the checkboxes of progress.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.anchors import find_sections
from memorybank.document.edits import ItemRef, Tick
from memorybank.document.items import entries_of
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.text import check_text
from memorybank.document.write import read, resolve
from memorybank.store.commit import FileChange, Way, commit
from memorybank.workflow.places import place_of

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank


class Task(NamedTuple):
    """One task as it stands in the file; `number` is its place in the section, from 1."""

    number: int
    text: str
    done: bool
    section: str
    line: int


def list_tasks(bank: Bank) -> list[Task]:
    """Read the tasks, in the order of the file; placeholders are none."""
    place = place_of(bank, "task")
    path, name = bank.existing(place.file)
    contract = bank.contract_of(name)
    document = outline(Source(read(resolve(path, bank.roots))), name, contract=contract is not None)
    names = [place.section, *(place.spec.other_names if place.spec else ())]
    ignored = {each.casefold() for each in (place.spec.placeholders if place.spec else ())}
    return [
        Task(number, entry.text, entry.item.task in ("x", "X"), section.name, entry.line)
        for each in names
        for section in find_sections(document, each)
        for number, entry in enumerate(entries_of(document, section), 1)
        if entry.text.casefold() not in ignored
    ]


def finish_task(bank: Bank, ref: ItemRef, way: Way, *, evidence: str = "") -> Receipt:
    """Tick a task, with the evidence that it is done behind it.

    Raises:
        NoItemError: no single task answers to the reference.
    """
    place = place_of(bank, "task")
    path, name = bank.existing(place.file)
    # what stands among the tasks is one, with a box or, in an older bank, without
    edit = Tick(place.section, ref, suffix=check_text(evidence), add_box=True)
    return commit(bank, [FileChange(path, name, (edit,))], "task done", way)
