"""Earlier decisions that contradict a new one: lines under Decisions, decision records, architectural facts.

Checked before the write. Only the same subject with another value counts; nothing is ever deleted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.edits import ItemRef, ReplaceItem
from memorybank.errors import BankError, NoItemError, NoRecordError
from memorybank.records.change import target_of
from memorybank.records.find import scan
from memorybank.records.ledgers.facts import list_pafs
from memorybank.records.memories.citations import struck_changes
from memorybank.store.journal.commit import FileChange
from memorybank.workflow.contradictions.clash import clash
from memorybank.workflow.lines.find import find_line, lines_in, stands_in
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.workflow_errors import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.store.folder import BankFolder

_CITED = re.compile(r"\((?P<id>[a-z]{2,4}-\d{8}-[0-9a-z]{5})[^)]*\)")
_HOLDS = ("", "accepted")
_OPEN = ("rejected)", "superseded)", "proposed)")


class Contradiction(NamedTuple):
    """An earlier decision on the same subject with another value: its address, its id, and both values."""

    address: str
    ident: str
    said: str
    subject: str
    new: str
    old: str


class _Earlier(NamedTuple):
    address: str
    ident: str
    said: str


def contradictions(bank: BankFolder, text: str) -> list[Contradiction]:
    """Find the earlier decisions that a new one would contradict; write nothing."""
    found = []
    for each in _earlier(bank):
        between = clash(text, each.said)
        if between is not None:
            found.append(Contradiction(*each, *between))
    return found


def refuse_contradiction(bank: BankFolder, text: str, *, supersedes: Sequence[str] = ()) -> None:
    """Check that a text contradicts no earlier decision, except those it supersedes.

    Raises:
        ContradictionError: it contradicts one; the error quotes it.
    """
    for contradiction in contradictions(bank, text):
        names = {
            contradiction.ident,
            contradiction.address,
            contradiction.said,
            _statement(contradiction.said),
            f"^{contradiction.address.rpartition('^')[2]}",
        }
        if any(
            name in names or (contradiction.ident and contradiction.ident.startswith(name))
            for name in supersedes
            if name
        ):
            continue
        raise ContradictionError(
            text=text,
            address=contradiction.address,
            said=contradiction.said,
            ident=contradiction.ident,
            subject=contradiction.subject,
            new=contradiction.new,
            old=contradiction.old,
        )


def superseded_by(bank: BankFolder, text: str) -> tuple[str, list[str]]:
    """Return the record that a line cites, and the ids of the records it supersedes."""
    cited = _CITED.search(text)
    try:
        record = target_of(bank, cited["id"], every=True).record if cited else None
    except BankError:
        return "", []
    return (record.id, list(record.linked("supersedes"))) if record else ("", [])


def strikes(bank: BankFolder, texts: Iterable[str]) -> list[FileChange]:
    """Plan to strike the lines of superseded records when the lines that replace them are added.

    Each line is found by its words, because other edits of the operation may move it.
    """
    found: list[FileChange] = []
    for text in texts:
        successor, former = superseded_by(bank, text)
        for ident in former:
            try:
                record = target_of(bank, ident, every=True).record
            except BankError:
                continue
            for change in struck_changes(bank, record, successor)[0]:
                edits = (one for one in change.edits if isinstance(one, ReplaceItem))
                words = tuple(one._replace(item=ItemRef(text=one.item.text), expect="") for one in edits)
                found.append(change._replace(edits=words))
    return found


def _earlier(bank: BankFolder) -> Iterator[_Earlier]:
    """Yield the decisions that are still valid; a record cited by a line is covered by that line."""
    place = place_of(bank, "decision")
    told = set()
    try:
        lines = lines_in(bank, place.file, place.section)
    except BankError:
        # a missing section has no lines
        lines = []
    for line in lines:
        text = plain_of(line.text)
        cited = _CITED.search(text)
        ident = cited["id"] if cited else ""
        told.add(ident)
        if not text.startswith("~~") and not (cited and cited.group().endswith(_OPEN)):
            yield _Earlier(line.address, ident, text)
    for record in scan(bank, kinds=("decision",)).records:
        if record.id not in told and record.status in _HOLDS:
            yield _Earlier(record.file, record.id, record.title)
    for fact in list_pafs(bank, status="active"):
        yield _Earlier(f"pafs.md#{fact.category}", fact.id, fact.text)


def record_of_decision(bank: BankFolder, ident: str) -> str:
    """Return the full id of a decision's record, "" if the decision is only a line."""
    try:
        return target_of(bank, ident, kinds=("decision",)).record.id
    except NoRecordError:
        return ""


def _statement(text: str) -> str:
    """Return the decision of a line without its reason."""
    return plain_of(text).partition(" - ")[0]


def struck_line(bank: BankFolder, former: str, successor: str) -> FileChange:
    """Plan to strike a line under Decisions and point to its replacement: an id or a text.

    Raises:
        NoItemError: no decision matches.
    """
    place = place_of(bank, "decision")
    said = [each for each in lines_in(bank, place.file, place.section) if _statement(each.text) == former.strip()]
    line = said[0] if len(said) == 1 else find_line(bank, former, files=(place.file,))
    if not stands_in(line, place):
        raise NoItemError(address=f"{place.file}#{place.section}", item=former, what="decision")
    text = plain_of(line.text)
    struck = text if "~~" in text or text.endswith("\\") else f"~~{text}~~"
    path, _ = bank.existing(place.file)
    return FileChange(path, (ReplaceItem(line.section, line.ref, f"{struck} → {successor}", line.digest),))
