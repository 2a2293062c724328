"""Tasks of the current work: the checkboxes of progress.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.anchors import address_of, find_named, near
from memorybank.document.edits import ItemRef, Tick
from memorybank.document.items import body_end, done_of, entries_of, plain_key, ways_to_say
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.text import check_text
from memorybank.document.write import read, resolve
from memorybank.errors import DuplicateAnchorError, NoItemError, StaleEditError
from memorybank.store.commit import FileChange, Way, commit
from memorybank.store.look import open_document
from memorybank.workflow.places import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank


class Task(NamedTuple):
    """One task as it stands in the file; `number` is its place among all tasks, from 1.

    `done` is None where the box holds another `mark`, as of what is begun or dropped: the task is not open.
    """

    number: int
    text: str
    done: bool | None
    section: str
    line: int
    mark: str = ""


class _Found(NamedTuple):
    task: Task
    id: str
    section: str
    place: int


def list_tasks(bank: Bank) -> list[Task]:
    """Read the tasks, in the order of the file; placeholders are none."""
    return [each.task for each in _find_tasks(bank)]


def _find_tasks(bank: Bank) -> list[_Found]:
    place = place_of(bank, "task")
    path, name = bank.existing(place.file)
    contract = bank.contract_of(name)
    document = outline(Source(read(resolve(path, bank.roots))), name, contract=contract is not None)
    names = [place.section, *(place.spec.other_names if place.spec else ())]
    ignored = {plain_key(each) for each in (place.spec.placeholders if place.spec else ())}
    sections = {section.number: section for each in names for section in find_named(document, each)}
    result: list[_Found] = []
    until = 0
    for _, section in sorted(sections.items()):
        if section.start < until:
            # a subsection of such a name: its items were read with those around it
            continue
        until = body_end(document, section)
        address = address_of(document, section).section
        for index, entry in enumerate(entries_of(document, section), 1):
            if plain_key(entry.text) in ignored:
                continue
            mark = entry.item.task
            done = False if mark is None else done_of(mark)
            task = Task(len(result) + 1, entry.text, done, section.name, entry.line, mark or "")
            result.append(_Found(task, entry.id, address, index))
    return result


def finish_task(bank: Bank, ref: ItemRef, way: Way, *, evidence: str = "", expect: str = "") -> Receipt:
    """Tick a task, with the evidence that it is done behind it; a number is the one that `list_tasks` gives.

    Raises:
        NoItemError: no task answers to the reference.
        DuplicateAnchorError: several do.
        StaleEditError: the tasks are not as `expect` says, or changed between the look and the write.
    """
    place = place_of(bank, "task")
    path, name = bank.existing(place.file)
    tasks = _find_tasks(bank)
    if expect:
        # first: a task of a section that changed is another one, or none
        _check_expect(bank, name, [place.section, *(each.section for each in tasks)], expect)
    found = [each for each in tasks if _answers(each, ref)]
    if not found:
        texts = [each.task.text for each in tasks]
        hint = "bank task list"
        raise NoItemError(address=name, item=str(ref), near=near(str(ref), texts), what="task", hint=hint)
    if len(found) > 1:
        lines = [each.task.line for each in found]
        raise DuplicateAnchorError(file=name, section=str(ref), lines=lines, hint="bank task list")
    one = found[0]
    at = ItemRef(text=one.task.text, number=one.place)
    # what stands among the tasks is one, with a box or, in an older bank, without
    edit = Tick(one.section, at, expect=expect, suffix=check_text(evidence), add_box=True)
    return commit(bank, [FileChange(path, name, (edit,))], "task done", way)


def _check_expect(bank: Bank, name: str, sections: Sequence[str], expect: str) -> None:
    document = open_document(bank, name)
    digests = [document.digest_of(each) for section in sections for each in find_named(document, section)]
    if expect not in (document.source.digest, *digests):
        digest = digests[0] if digests else document.source.digest
        raise StaleEditError(address=f"{name}#{sections[0]}", expected=expect, digest=digest)


def _answers(found: _Found, ref: ItemRef) -> bool:
    if not (ref.number or ref.id or ref.text.strip()):
        return False
    text = found.task.text
    return (
        (not ref.number or ref.number == found.task.number)
        and (not ref.id or ref.id == found.id)
        and (not ref.text or ref.text.strip() in ways_to_say(text))
    )
