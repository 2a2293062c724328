"""Tasks of the current work: the checkboxes of progress.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.addresses import address_of, find_named, near
from memorybank.document.items import body_end, done_of, entries_of, plain_key, ways_to_say
from memorybank.document.text import check_text, one_line
from memorybank.errors import DuplicateAnchorError, NoAnchorError, NoFileError, NoItemError, StaleEditError
from memorybank.listing import Listing
from memorybank.patterns import later
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.view import open_document
from memorybank.workflow.lines.placement import place_of, put_edits
from memorybank.workflow.lines.together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.document.edits import Edit, ItemRef
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


# a letter or a digit as the mark of a checkbox: only among tasks, elsewhere such brackets are plain text
_LETTER = later(r"\\?\[(\w)\\?\]\s+\S")
_EMPTY_BOX = later(r"\\?\[\s*\\?\]\Z")
# struck through completely, optionally followed by its replacement and an id
_STRUCK = later(r"~~(?!\s).+~~(?:\s*(?:→|->).*)?(?:\s+\^[\w-]+)?\Z")


class Task(NamedTuple):
    """One task in the file; `number` is its position among all tasks, from 1.

    `done` is None if the checkbox has another `mark`, like that of a begun or dropped task, or if the task is struck
    through (its `mark` is a tilde): it is not open.
    """

    number: int
    text: str
    done: bool | None
    section: str
    line: int
    mark: str = ""


class TaskList(Listing[Task]):
    """The tasks, in the order of the file."""

    __slots__ = ()
    plural = "tasks"


class FoundTask(NamedTuple):
    """A task with its place: its id, the address of its section, and its number among that section's items."""

    task: Task
    id: str
    section: str
    place: int


def list_tasks(bank: BankFolder) -> TaskList:
    """Read the tasks, in the order of the file, without placeholders."""
    return TaskList(task.task for task in find_tasks(bank))


def find_tasks(bank: BankFolder) -> list[FoundTask]:
    """Read the tasks with their places, in the order of the file, without placeholders."""
    place = place_of(bank, "task")
    document = open_document(bank, place.file)
    names = [place.section, *(place.spec.other_names if place.spec else ())]
    ignored = {plain_key(placeholder) for placeholder in (place.spec.placeholders if place.spec else ())}
    if place.spec is None:
        from memorybank.store.foreign_sections import sections_of_kind

        sections = {section.number: section for section in sections_of_kind(bank, "task", document)}
    else:
        sections = {section.number: section for name in names for section in find_named(document, name)}
    result: list[FoundTask] = []
    until = 0
    for _, section in sorted(sections.items()):
        if section.start < until:
            # a subsection with such a name: its items were read with the outer section
            continue
        until = body_end(document, section)
        address = address_of(document, section).section
        for index, entry in enumerate(entries_of(document, section), 1):
            if plain_key(entry.text) in ignored or _EMPTY_BOX.match(entry.text):
                continue
            mark = entry.item.task
            done = False if mark is None else done_of(mark)
            letter = _LETTER.match(entry.text) if mark is None else None
            if letter:
                done, mark = None, letter[1]
            if done is False and _STRUCK.match(entry.text):
                done, mark = None, "~"
            task = Task(len(result) + 1, entry.text, done, section.name, entry.line, mark or "")
            result.append(FoundTask(task, entry.id, address, index))
    return result


def missing_section(bank: BankFolder) -> str:
    """Return why there are no tasks if their section is missing and another heading may be it; else ""."""
    from memorybank.contracts.similar_headings import refuse_near

    place = place_of(bank, "task")
    try:
        document = open_document(bank, place.file)
        contract = bank.contract_of(place.file)
        if contract is not None and place.spec is not None:
            refuse_near(document, contract, place.spec)
        elif contract is None:
            from memorybank.document.edits import Append

            put_edits(bank, place, (Append(place.section, NONE, item=True),))
    except NoAnchorError as error:
        return error.message
    except NoFileError:
        pass
    return ""


def finish_task(
    bank: BankFolder, ref: ItemRef, way: Way, *, evidence: str = "", expect: str = "", mark: bool = False
) -> Receipt:
    """Move a done task to Completed with its evidence; numbers are those of `list_tasks`.

    Without evidence the task is ticked in place, and with `mark` its line says that there is no evidence. A subtask, or
    a task with open subtasks, is also ticked in place, with its evidence at the end.

    Raises:
        NoItemError: no task matches the reference.
        DuplicateAnchorError: several tasks match.
        StaleEditError: the tasks do not match `expect`, or changed before the write.
    """
    shown = one_line(check_text(evidence))
    return change_task(
        bank, ref, way, lambda found: _done_changes(bank, found, shown, mark=mark), verb="task done", expect=expect
    )


def change_task(
    bank: BankFolder,
    ref: ItemRef,
    way: Way,
    changes: Callable[[FoundTask], list[FileChange]],
    *,
    verb: str,
    expect: str = "",
) -> Receipt:
    """Commit the changes for one task, if it is the same task under the lock.

    Raises:
        NoItemError, DuplicateAnchorError: no task matches the reference, or several do.
        StaleEditError: the tasks do not match `expect`, or changed before the write.
    """
    seen = one_task(bank, ref, expect)

    def make() -> list[FileChange]:
        try:
            now = one_task(bank, ref, expect)
        except (NoItemError, DuplicateAnchorError):
            now = None
        if now is None or (now.task.text, now.place) != (seen.task.text, seen.place):
            # a number may now mean another task, and a text another task with the same words
            raise _stale(bank, seen)
        return changes(now)

    return commit(bank, make, verb, way)


def _done_changes(bank: BankFolder, found: FoundTask, evidence: str, *, mark: bool) -> list[FileChange]:
    from memorybank.document.edits import Append, ItemRef, RemoveItem, Tick
    from memorybank.workflow.refresh import UNPROVEN, filed, is_emptied, listed

    place = place_of(bank, "task")
    path, name = bank.existing(place.file)
    there = listed(bank, place._replace(section=found.section))
    top = next((each for each in there.tops if each.line.number == found.place), None)
    completed = place_of(bank, "done")
    at = ItemRef(text=found.task.text, number=found.place)
    if not evidence or top is None or any(each.done is False for each in top.below):
        suffix = evidence or (UNPROVEN.lstrip(" -") if mark and found.task.done is not True else "")
        # each item in this section is a task; in older banks it may have no checkbox
        return [FileChange(path, (Tick(found.section, at, suffix=suffix, add_box=True),))]
    edits: tuple[Edit, ...] = (RemoveItem(found.section, at),)
    if is_emptied(there, [top]):
        # added before the last item is removed: the list keeps its style
        edits = (Append(found.section, NONE, item=True), *edits)
    arrives = put_edits(bank, completed, (filed(there, top, evidence).edit(completed.section),))
    leaves = FileChange(path, edits)
    # in one file the task is removed first; in two files it is added first: after a crash it may exist twice, but it
    # is never lost
    return together([leaves, arrives] if bank.name_of(arrives.path) == name else [arrives, leaves])


def one_task(bank: BankFolder, ref: ItemRef, expect: str) -> FoundTask:
    """Return the one task that a reference matches.

    Raises:
        NoItemError, DuplicateAnchorError: no task matches, or several do.
        StaleEditError: the tasks do not match `expect`.
    """
    place = place_of(bank, "task")
    name = bank.existing(place.file)[1]
    tasks = find_tasks(bank)
    if expect:
        # checked first: in a changed section the reference may mean another task or none
        _check_expect(bank, name, [place.section, *(task.section for task in tasks)], expect)
    found = [task for task in tasks if answers(task, ref)]
    if not found:
        texts = [task.task.text for task in tasks]
        hint = "bank task list"
        raise NoItemError(address=name, item=str(ref), near=near(str(ref), texts), what="task", hint=hint)
    if len(found) > 1:
        lines = [each.task.line for each in found]
        raise DuplicateAnchorError(file=name, section=str(ref), lines=lines, hint="bank task list")
    return found[0]


def _stale(bank: BankFolder, seen: FoundTask) -> StaleEditError:
    place = place_of(bank, "task")
    document = open_document(bank, place.file)
    return StaleEditError(
        address=f"{document.path}#{seen.section}",
        expected=repr(seen.task.text),
        digest="other tasks",
        hint="bank task list",
    )


def _check_expect(bank: BankFolder, name: str, sections: Sequence[str], expect: str) -> None:
    document = open_document(bank, name)
    digests = [document.digest_of(each) for section in sections for each in find_named(document, section)]
    if expect not in (document.source.digest, *digests):
        digest = digests[0] if digests else document.source.digest
        raise StaleEditError(address=f"{name}#{sections[0]}", expected=expect, digest=digest)


def answers(found: FoundTask, ref: ItemRef) -> bool:
    """Check whether a reference matches a task: all that it has must."""
    if not (ref.number or ref.id or ref.text.strip()):
        return False
    from memorybank.workflow.refresh import without_unproven

    text = found.task.text
    # the remark "(no evidence)" is not part of the task's name
    bare = without_unproven(text, found.id)
    return (
        (not ref.number or ref.number == found.task.number)
        and (not ref.id or ref.id == found.id)
        and (not ref.text or ref.text.strip() in {*ways_to_say(text), *ways_to_say(bare)})
    )
