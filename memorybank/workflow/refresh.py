"""What the end of a workflow changes in Recent Changes and Tasks, item by item; everything else stays.

Both are snapshots: changes of an earlier workflow are removed, and a done task moves to Completed. Paragraphs,
comments, text below an item, lines of other workflows and lines added by hand in the meantime stay in place.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.editing.item_edits import edit_item, lifted
from memorybank.document.edits import Append, ItemRef, ReplaceItem, Tick
from memorybank.document.items import entries_of, without_box
from memorybank.document.order import date_of
from memorybank.errors import NoAnchorError, NoFileError
from memorybank.store.view import find, open_document
from memorybank.workflow.lines.find import Line, lines_of_section
from memorybank.workflow.lines.item_ages import moments_of
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.similarity import is_same, plain_of
from memorybank.workflow.transient import attempts_of_others, is_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.items import Entry
    from memorybank.document.order import Day
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.artifact import Workflow
    from memorybank.workflow.lines.placement import Placement

# in an artifact: the digests of the items under Recent Changes when its workflow started
BEFORE = "changes_before"
# added to a task that was ticked without evidence
UNPROVEN = " - (no evidence)"


class TopItem(NamedTuple):
    """A top-level item: its own line, the lines of the items nested below it, and its entry."""

    line: Line
    below: tuple[Line, ...]
    entry: Entry


class SectionItems(NamedTuple):
    """A section with its items, and whether it has no other text; without a document the section is missing."""

    document: Document | None
    section: Section | None
    tops: tuple[TopItem, ...]
    is_bare: bool

    @property
    def address(self) -> str:
        """The name by which an edit finds the section; "" without items."""
        return self.tops[0].line.section if self.tops else ""


class DoneTask(NamedTuple):
    """One done task to be added to Completed: its line, or its whole text if something is nested below it."""

    text: str
    whole: str = ""

    def edit(self, section: str) -> Append:
        """Return the edit that adds it."""
        if self.whole:
            return Append(section, self.whole, whole=True, in_order=True)
        line = line_of(without_box(self.text))
        return Append(section, line, item=True, task="x", placeholders=(NONE,), in_order=True)


def listed(bank: BankFolder, place: Placement) -> SectionItems:
    """Read the items of a section; a missing file or section has none."""
    try:
        document = open_document(bank, place.file)
        section = find(bank, document, place.section)
    except (NoFileError, NoAnchorError):
        return SectionItems(None, None, (), is_bare=True)
    entries = entries_of(document, section)
    lines = {each.number: each for each in lines_of_section(bank, document, section)}
    tops: list[TopItem] = []
    for number, entry in enumerate(entries, 1):
        line = lines.get(number)
        if entry.item.depth == 0 and line is not None:
            tops.append(TopItem(line, (), entry))
        elif tops and line is not None and entry.item.start < tops[-1].entry.item.end:
            tops[-1] = tops[-1]._replace(below=(*tops[-1].below, line))
    return SectionItems(document, section, tuple(tops), is_bare=_is_bare(document, section, entries))


def _is_bare(document: Document, section: Section, entries: Sequence[Entry]) -> bool:
    """Check whether a section has nothing but items."""
    shadow, at, rest = document.source.shadow, section.body, ""
    for entry in entries:
        if entry.item.depth == 0:
            rest += shadow[at : entry.item.start]
            at = entry.item.end
    return not (rest + shadow[at : section.end]).strip()


def digests_of(bank: BankFolder, place: Placement) -> list[str]:
    """Return the digests of a section's items, for the artifact of a new workflow."""
    return [top.entry.digest for top in listed(bank, place).tops]


def outlived(
    bank: BankFolder, there: SectionItems, flow: Workflow, value: dict[str, Any], *, replace: bool
) -> list[TopItem]:
    """Return the changes of earlier workflows, to be replaced by those of this one.

    Lines noted since this workflow started are its own and stay; so do lines of other active workflows. Artifacts of
    older versions do not have the digests of the start: then dates, the journal and git decide. A line of unknown age
    is returned only with `replace`.
    """
    others = attempts_of_others(bank, flow)
    mine = [
        top for top in there.tops if not any(_is_others(line.text, flow, others) for line in (top.line, *top.below))
    ]
    before = value.get(BEFORE)
    if isinstance(before, list):
        known = Counter(str(each) for each in before)
        gone = []
        for each in mine:
            if known[each.entry.digest]:
                known[each.entry.digest] -= 1
                gone.append(each)
        return gone
    if there.document is None or there.section is None:
        return []
    start = date_of(str(value["created"]).replace("T", " "))
    moments = moments_of(bank, there.document, there.section, [each.entry for each in mine])
    return [
        each
        for each, moment in zip(mine, moments, strict=True)
        if _is_older(date_of(each.line.text), moment, start, replace=replace)
    ]


def _is_older(dated: Day | None, moment: Day | None, start: Day | None, *, replace: bool) -> bool:
    if start is None:
        return replace
    if moment is not None:
        return moment < start
    if dated is not None:
        return dated[:3] < start[:3]
    return replace


def _is_others(text: str, flow: Workflow, attempts: set[str]) -> bool:
    """Check whether a line belongs to another active workflow."""
    return plain_of(text) in attempts or ("wf:" in text and not is_of(text, flow) and flow.id not in text)


def done_tasks(there: SectionItems, ended: Sequence[tuple[str, str]]) -> list[tuple[TopItem, DoneTask]]:
    """Return the done tasks, each with its text for Completed; `ended` are those of a workflow, with their evidence.

    A task with an open task below it is not done, and stays as it is.
    """
    found: list[tuple[TopItem, DoneTask]] = []
    left = list(ended)
    for top in there.tops:
        if any(each.done is False for each in top.below):
            continue
        match = next((each for each in left if not top.line.done and is_same(top.line.text, each[0])), None)
        if match is not None:
            left.remove(match)
            found.append((top, filed(there, top, match[1])))
        elif top.line.done:
            found.append((top, filed(there, top, "")))
    return found


def filed(there: SectionItems, top: TopItem, evidence: str) -> DoneTask:
    """Return a task in its form for Completed: with its evidence, and with the items below it."""
    words, mark = top.line.text, f" ^{top.line.id}" if top.line.id else ""
    if evidence:
        words = f"{without_unproven(words, top.line.id).removesuffix(mark)} - {evidence}{mark}"
    if top.line.is_alone or there.document is None or there.section is None:
        return DoneTask(words)
    document, section, number = there.document, there.section, top.line.number
    if not top.line.done or evidence:
        ref = ItemRef(text=top.line.first, number=number)
        edit: Tick | ReplaceItem = Tick(top.line.section, ref, suffix=evidence, add_box=True)
        if top.line.text.removesuffix(mark).rstrip().endswith(UNPROVEN):
            edit = ReplaceItem(top.line.section, ref, f"[x] {words}")
        document = edit_item(document, section, edit).document
        section = next(each for each in document.sections if each.start == section.start and each.number)
    return DoneTask(words, lifted(document, section, entries_of(document, section)[number - 1]))


def without_unproven(text: str, ident: str) -> str:
    """Return a task's line without the remark "(no evidence)"; an id at its end stays."""
    mark = f" ^{ident}" if ident else ""
    return text.removesuffix(mark).rstrip().removesuffix(UNPROVEN) + mark


def is_emptied(there: SectionItems, gone: Sequence[TopItem]) -> bool:
    """Check whether a section would be empty, so that it needs a placeholder."""
    return bool(gone) and len(gone) == len(there.tops) and there.is_bare


def texts_that_stay(there: SectionItems, gone: Sequence[TopItem]) -> list[str]:
    """Return the texts of the top-level items that stay."""
    numbers = {each.line.number for each in gone}
    return [top.line.text for top in there.tops if top.line.number not in numbers]
