"""Find a task by its words, and remove, reword or reopen it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.contracts.contract import NONE
from memorybank.document.addresses import near
from memorybank.document.editing.item_edits import lifted
from memorybank.document.edits import Append, ItemRef, RemoveItem, ReplaceItem, Tick
from memorybank.document.items import ways_to_say, without_box
from memorybank.document.text import has_words
from memorybank.errors import DuplicateAnchorError, NoItemError, StaleEditError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.manage.items import ref_of
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.placement import place_of, put_edits
from memorybank.workflow.lines.together import together
from memorybank.workflow.progress.tasks import answers, change_task, find_tasks
from memorybank.workflow.refresh import is_emptied, listed, without_unproven

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memorybank.document.edits import Edit
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.workflow.progress.tasks import FoundTask, Task
    from memorybank.workflow.refresh import SectionItems, TopItem

# evidence as `bank prove` and `bank task done` write it at the end of a line: what ran, and its exit status
_EVIDENCE = re.compile(r" - `[^`]+` → exit \d+(?: \([^()]*\))?\Z")


class SeveralTasksError(DuplicateAnchorError):
    """The words are in several tasks."""

    def __init__(self, *, file: str, text: str, tasks: Sequence[tuple[int, str, int]], hint: str) -> None:
        super().__init__(file=file, section=text, lines=[line for _, _, line in tasks], hint=hint)
        rows = "".join(f"\n  {number:>3} {words}" for number, words, _ in tasks)
        self.message = f"{text!r} is in {len(tasks)} tasks:{rows}"
        self.args = (self.message,)
        self.instead = (text, str(tasks[0][0]))
        self.details["tasks"] = [{"number": number, "text": words} for number, words, _ in tasks]


def ref_in_words(bank: BankFolder, text: str, *, verb: str, wanted: Callable[[Task], bool] | None = None) -> ItemRef:
    """Return the reference to the task that a user means: by number, ^id or text, otherwise by words that only it has.

    Words count only as a whole: a task is never chosen by a part of a word. Of several tasks with the text or the
    words, the one that is `wanted` is chosen.

    Raises:
        SeveralTasksError: several tasks have the text, or all the words.
    """
    tasks = find_tasks(bank)
    ref = ref_of(text, [each.task.text for each in tasks])
    exact = [each for each in tasks if answers(each, ref)]
    found = exact or [each for each in tasks if has_words(each.task.text, text)]
    found = [each for each in found if wanted is None or wanted(each.task)] or found
    if not found or (exact and (ref.number or ref.id)):
        return ref
    if len(found) > 1:
        rows = [(each.task.number, each.task.text, each.task.line) for each in found]
        file = bank.existing(place_of(bank, "task").file)[1]
        raise SeveralTasksError(file=file, text=text, tasks=rows, hint=f"bank task {verb} {rows[0][0]}")
    return ItemRef(text=found[0].task.text, number=found[0].task.number)


def remove_task(bank: BankFolder, ref: ItemRef, way: Way, *, expect: str = "") -> Receipt:
    """Remove a task with all below it.

    Raises:
        NoItemError, DuplicateAnchorError: no task matches the reference, or several do.
        StaleEditError: the tasks do not match `expect`, or changed before the write.
    """
    place = place_of(bank, "task")
    path = bank.existing(place.file)[0]

    def changes(found: FoundTask) -> list[FileChange]:
        there = listed(bank, place._replace(section=found.section))
        top = [each for each in there.tops if each.line.number == found.place]
        gone: tuple[Edit, ...] = (RemoveItem(found.section, _at(found)),)
        return [FileChange(path, _with_placeholder(there, top, found.section, gone))]

    return change_task(bank, ref, way, changes, verb="task remove", expect=expect)


def edit_task(bank: BankFolder, ref: ItemRef, text: str, way: Way, *, expect: str = "") -> Receipt:
    """Replace the text of a task; its checkbox, its id and what is below it stay.

    Raises:
        NoItemError, DuplicateAnchorError: no task matches the reference, or several do.
        StaleEditError: the tasks do not match `expect`, or changed before the write.
        UnsupportedTextError: the text is not one for a task.
    """
    line = line_of(text)
    path = bank.existing(place_of(bank, "task").file)[0]

    def changes(found: FoundTask) -> list[FileChange]:
        return [FileChange(path, (ReplaceItem(found.section, _at(found), line),))]

    return change_task(bank, ref, way, changes, verb="task edit", expect=expect)


def reopen_task(bank: BankFolder, text: str, way: Way, *, expect: str = "") -> Receipt:
    """Open a done task again: untick it, or move it back from Completed; the evidence of its line is removed.

    Raises:
        NoItemError, DuplicateAnchorError: no done task matches, or several do.
        StaleEditError: the tasks do not match `expect`, or changed before the write.
    """
    ref = ref_in_words(bank, text, verb="reopen", wanted=_is_done)
    there = [each.task for each in find_tasks(bank) if answers(each, ref)]
    if any(map(_is_done, there)) or (there and not _is_completed(bank, text)):
        path = bank.existing(place_of(bank, "task").file)[0]
        return change_task(bank, ref, way, lambda found: [_unticked(path, found)], verb="task reopen", expect=expect)
    return commit(bank, lambda: _moved_back(bank, text, expect), "task reopen", way)


def _is_done(task: Task) -> bool:
    return task.done is not False


def _is_completed(bank: BankFolder, text: str) -> bool:
    """Check whether Completed has a task that a user may mean."""
    try:
        _completed(bank, text, listed(bank, place_of(bank, "done")))
    except NoItemError:
        return False
    except SeveralTasksError:
        return True
    return True


def _unticked(path: Path, found: FoundTask) -> FileChange:
    bare = _bare(without_unproven(found.task.text, found.id), found.id)
    if bare != found.task.text:
        return FileChange(path, (ReplaceItem(found.section, _at(found), f"[ ] {bare}"),))
    return FileChange(path, (Tick(found.section, _at(found), done=False),))


def _moved_back(bank: BankFolder, text: str, expect: str) -> list[FileChange]:
    """Return the changes that move a task from Completed to the tasks."""
    done, place = place_of(bank, "done"), place_of(bank, "task")
    there = listed(bank, done)
    top = _completed(bank, text, there)
    if expect and there.document is not None and there.section is not None:
        digest = there.document.digest_of(there.section)
        if expect not in (digest, there.document.source.digest):
            raise StaleEditError(address=f"{done.file}#{done.section}", expected=expect, digest=digest)
    path, name = bank.existing(done.file)
    gone: tuple[Edit, ...] = (RemoveItem(top.line.section, ItemRef(text=top.line.first, number=top.line.number)),)
    leaves = FileChange(path, _with_placeholder(there, [top], top.line.section, gone))
    arrives = put_edits(bank, place, (_opened(there, top, place.section),))
    return together([leaves, arrives] if bank.name_of(arrives.path) == name else [arrives, leaves])


def _opened(there: SectionItems, top: TopItem, section: str) -> Append:
    if top.line.is_alone or there.document is None or there.section is None:
        words = _bare(without_box(top.line.text), top.line.id)
        return Append(section, words, item=True, task=" ", placeholders=(NONE,))
    whole = lifted(there.document, there.section, top.entry)
    marker, box, rest = whole.partition(f"[{top.entry.item.task}]") if top.entry.item.task else ("", "", whole)
    return Append(section, f"{marker}[ ]{rest}" if box else whole, whole=True, placeholders=(NONE,))


def _completed(bank: BankFolder, text: str, there: SectionItems) -> TopItem:
    """Return the completed task that a user means.

    Raises:
        NoItemError, SeveralTasksError: no completed task matches, or several do.
    """
    wanted = text.strip()
    found = [
        top
        for top in there.tops
        if wanted and wanted in {*ways_to_say(top.line.text), _bare(top.line.text, top.line.id), f"^{top.line.id}"}
    ] or [top for top in there.tops if has_words(top.line.text, wanted)]
    if len(found) == 1:
        return found[0]
    name = bank.existing(place_of(bank, "task").file)[1]
    if found:
        rows = [(top.line.number, top.line.text, top.line.line) for top in found]
        raise SeveralTasksError(file=name, text=text, tasks=rows, hint="bank task reopen 'ALL ITS WORDS'")
    texts = [each.task.text for each in find_tasks(bank) if each.task.done is not False]
    close = near(wanted, [*texts, *(top.line.text for top in there.tops if top.line.text != NONE)])
    raise NoItemError(address=name, item=text, near=close, what="done task", hint="bank task list")


def _bare(text: str, ident: str) -> str:
    """Return a line without the evidence at its end; an id stays."""
    mark = f" ^{ident}" if ident else ""
    return _EVIDENCE.sub("", text.removesuffix(mark).rstrip()) + mark


def _at(found: FoundTask) -> ItemRef:
    return ItemRef(text=found.task.text, number=found.place)


def _with_placeholder(
    there: SectionItems, gone: Sequence[TopItem], section: str, edits: tuple[Edit, ...]
) -> tuple[Edit, ...]:
    # added before the last item is removed: the list keeps its style
    return (Append(section, NONE, item=True), *edits) if is_emptied(there, gone) else edits
