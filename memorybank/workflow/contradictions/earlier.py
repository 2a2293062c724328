"""What a bank says already that a new decision could contradict: decisions, patterns, learnings, architectural facts.

Checked before the write. Only the same subject with another value counts; nothing is ever deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.inline import first_line
from memorybank.errors import BankError
from memorybank.ids import RANDOM_ID
from memorybank.listing import Listing
from memorybank.patterns import later
from memorybank.records.body import section_text
from memorybank.records.find import scan
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.store.view import find, open_document
from memorybank.workflow.contradictions.choices import said_in
from memorybank.workflow.contradictions.claims import claims_of
from memorybank.workflow.contradictions.clash import clash
from memorybank.workflow.lines.find import lines_of_section
from memorybank.workflow.lines.placement import kinds_of, place_of
from memorybank.workflow.lines.similarity import plain_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypedDict

    from memorybank.document.sections import Document
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.lines.find import Line

    class ContradictionWire(TypedDict):
        """The JSON form of a contradiction."""

        address: str
        id: str
        text: str
        subject: str
        new: str
        old: str
        kind: str


DECISION, PATTERN, LEARNING, FACT = "decision", "pattern", "learning", "paf"
# the kinds of note whose sections are looked at; the first kind of a section says what its lines are
_NOTES = {
    DECISION: (DECISION,),
    PATTERN: ("standard", "pattern", "convention", "structure", "testing", "gotcha", "api", "error", "dependency"),
    LEARNING: (LEARNING,),
}
# each is a file to read; of older ones without a line in a memory file only the titles are compared
_MOST_LESSONS = 300
CITED = later(rf"\((?P<id>{RANDOM_ID})[^)]*\)")
_HOLDS = {DECISION: ("", "accepted"), LEARNING: ("", "active")}
_OPEN = ("rejected)", "superseded)", "proposed)")


class Contradiction(NamedTuple):
    """What a new decision contradicts: its address, its id, its text, the subject, and both values.

    `kind` is decision, pattern, learning or paf.
    """

    address: str
    ident: str
    said: str
    subject: str
    new: str
    old: str
    kind: str = DECISION

    def to_wire(self) -> ContradictionWire:
        """Return the JSON form."""
        return {
            "address": self.address,
            "id": self.ident,
            "text": self.said,
            "subject": self.subject,
            "new": self.new,
            "old": self.old,
            "kind": self.kind,
        }


class ContradictionList(Listing[Contradiction]):
    """The earlier decisions that a new one would contradict."""

    __slots__ = ()
    plural = "contradictions"


class Earlier(NamedTuple):
    """One text of a bank that a decision could contradict; `line` is its place in a memory file, if it has one."""

    kind: str
    address: str
    ident: str
    said: str
    line: Line | None = None


def contradictions(bank: BankFolder, text: str) -> ContradictionList:
    """Find what a new decision would contradict, decisions first; write nothing."""
    # a text that claims and names nothing contradicts nothing, and then nothing has to be read
    if not claims_of(text) and not any(said_in(text)):
        return ContradictionList()
    return ContradictionList(found for found, _ in contradicted(bank, text))


def advice_on(bank: BankFolder, record: Record) -> list[str]:
    """Return what a saved decision contradicts, each with the command that says which one holds."""
    if record.status not in _HOLDS[DECISION]:
        return []
    gone = {record.id, *record.linked("supersedes")}
    found = contradictions(bank, record.title or first_line(record.content))
    advice = []
    for each in (one for one in found if one.ident not in gone):
        is_record = each.kind in _HOLDS and each.ident
        step = f"bank supersede {each.ident} {record.id}" if is_record else "bank undo, then bank decide --supersedes"
        advice.append(f"it contradicts {each.address}: {each.said}. Next: {step}")
    return advice


def contradicted(bank: BankFolder, text: str) -> Iterator[tuple[Contradiction, Earlier]]:
    """Yield what a new decision would contradict, with its place."""
    for each in earlier(bank):
        for said in statements_of(each):
            between = clash(text, said, strict=each.kind in {PATTERN, LEARNING})
            if between is not None:
                yield Contradiction(each.address, each.ident, each.said, *between, each.kind), each
                break


def statements_of(each: Earlier) -> tuple[str, ...]:
    """Return the parts of a text that can claim something: a learning is often an event, a dash, and its lesson."""
    head, _, lesson = each.said.partition(" - ") if each.kind == LEARNING else (each.said, "", "")
    return (head, lesson) if lesson else (each.said,)


def earlier(bank: BankFolder) -> Iterator[Earlier]:
    """Yield what still holds; a record cited by a line is covered by that line."""
    told: set[str] = set()
    for kind, line in valid_lines(bank):
        text = plain_of(line.text)
        cited = CITED.search(text)
        ident = cited["id"] if cited else ""
        told.add(ident)
        if not text.startswith("~~") and not (cited and cited.group().endswith(_OPEN)):
            yield Earlier(kind, line.address, ident, text, line)
    unread = _MOST_LESSONS
    records = scan(bank, kinds=(DECISION, LEARNING)).records
    for record in sorted(records, key=lambda each: each.created, reverse=True):
        if record.id not in told and record.status in _HOLDS[record.type]:
            lesson = ""
            if record.type == LEARNING and unread:
                unread -= 1
                lesson = _lesson(bank, record.file)
            said = f"{record.title} - {lesson}" if lesson and lesson != record.title else record.title
            yield Earlier(record.type, record.file, record.id, said)
    for fact in list_pafs(bank, status="active"):
        yield Earlier(FACT, f"pafs.md#{fact.category}", fact.id, fact.text)


def valid_lines(bank: BankFolder) -> Iterator[tuple[str, Line]]:
    """Yield the lines of the sections for decisions, patterns and learnings, each with its kind."""
    known = kinds_of(bank)
    documents: dict[str, Document | None] = {}
    seen: set[tuple[str, int]] = set()
    for kind, notes in _NOTES.items():
        for note in notes:
            if note not in known:
                continue
            place = place_of(bank, note)
            if place.file not in documents:
                documents[place.file] = _document(bank, place.file)
            document = documents[place.file]
            try:
                section = find(bank, document, place.section) if document is not None else None
            except BankError:
                # a missing section has no lines
                continue
            if document is None or section is None or (place.file, section.start) in seen:
                continue
            seen.add((place.file, section.start))
            for line in lines_of_section(bank, document, section):
                yield kind, line


def _document(bank: BankFolder, file: str) -> Document | None:
    try:
        return open_document(bank, file)
    except BankError:
        return None


def _lesson(bank: BankFolder, file: str) -> str:
    """Return the first line of a learning's lesson, "" if it cannot be read."""
    from memorybank.document.source import Source

    try:
        text = section_text(Source(bank.read(bank.place_of(file)[0])), "Lesson")
    except BankError:
        return ""
    return next((row.strip().removeprefix("- ") for row in text.split("\n") if row.strip()), "")
