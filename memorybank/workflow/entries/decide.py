"""Decisions and learnings: write a record and its line in the contract, as one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import first_line, title_in
from memorybank.records.draft import NewRecord
from memorybank.records.memories.advice import same_texts
from memorybank.records.memories.memories import SavedRecord, follow_ups, links_of
from memorybank.records.memories.tags import advice_for
from memorybank.records.record import Link, Record
from memorybank.store.journal.commit import retried
from memorybank.workflow.contradictions.former import RECORD, DecisionTexts, closing_changes, find_former, succession
from memorybank.workflow.lines.record_line import bullets, draft_filled, plain_lines, title_of
from memorybank.workflow.lines.reference_line import put_entry
from memorybank.workflow.lines.together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memorybank.records.draft import Draft
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way
    from memorybank.workflow.contradictions.former import Former

ACCEPTED, SUPERSEDES = "accepted", "supersedes"


class NewDecision(NamedTuple):
    """What a decision is made of. Without `decision`, the title is what was decided.

    A consequence that starts with `+` is positive, with `-` negative.
    """

    title: str
    context: str = ""
    decision: str = ""
    why: str = ""
    alternatives: Sequence[str] = ()
    consequences: Sequence[str] = ()
    implementation: Sequence[str] = ()
    confirmation: str = ""
    decider: str = ""
    status: str = ""
    summary: str = ""
    tags: Iterable[str] = ()
    project: str = ""
    links: Iterable[Link] = ()


class NewLearning(NamedTuple):
    """What a lesson is made of. The text is the lesson itself; if `lesson` is given, the text is only the title."""

    text: str
    what: str = ""
    cause: str = ""
    solution: str = ""
    lesson: str = ""
    applied_to: Sequence[str] = ()
    tags: Iterable[str] = ()
    project: str = ""
    links: Iterable[Link] = ()


def decide(
    bank: BankFolder, new: NewDecision, way: Way, *, supersedes: Sequence[str] | str = (), anyway: bool = False
) -> SavedRecord:
    """Record a decision, with `TITLE - why (ID)` under Decisions, as one operation.

    A superseded record gets a link to the new one, and its line is struck. `supersedes` are ids of a record or of
    facts, or texts of lines without a record. What the words name as replaced (`X instead of Y`) is superseded too.

    Raises:
        NotFoundError: `supersedes` names nothing.
        ContradictionError: it contradicts an earlier decision, and neither `supersedes` nor `anyway` is given.
        BankError: a text or field is invalid, or the contract refuses the line; nothing is written.
    """
    title = title_of(new.title, what="title", hint='bank decide "Use JWT for authentication" --why "Stateless"')
    given, words = tuple(new.links), tuple(new.tags)
    new = new._replace(tags=words, links=given)
    sections = [
        ("Context", new.context),
        ("Decision", new.decision if new.decision.strip() else title),
        ("Rationale", new.why),
        ("Alternatives", bullets(new.alternatives)),
        ("Consequences", consequences_text(new.consequences)),
        ("Implementation", bullets(new.implementation)),
        ("Confirmation", new.confirmation),
    ]
    fields: dict[str, Any] = {"decider": new.decider} if new.decider else {}

    decided = first_line(plain_lines(new.decision))
    texts = DecisionTexts(title, decided, (new.decision, new.why), "bank decide", tuple(_options(new)))

    def make() -> tuple[Draft, str, list[Former]]:
        linked = links_of(bank, given)
        formers = succession(
            bank,
            texts,
            supersedes=supersedes,
            linked=[each.to for each in linked if each.rel == SUPERSEDES],
            # a proposal contradicts nothing yet
            anyway=anyway or new.status not in {"", ACCEPTED},
        )
        linked += [Link(SUPERSEDES, each.ident) for each in formers if each.kind == RECORD]
        made = draft_filled(
            bank,
            NewRecord(
                kind="decision",
                title=title,
                sections=sections,
                fields=fields,
                status=new.status,
                summary=new.summary,
                tags=words,
                project=new.project,
                links=links_of(bank, linked),
            ),
            way,
        )
        record = made.record
        reason = first_line(plain_lines(new.why)) or first_line(plain_lines(new.decision))
        told = record.id if record.status in {"", ACCEPTED} else f"{record.id}, {record.status}"
        line = f"{title} - {reason} ({told})" if reason else f"{title} ({told})"
        return made, line, formers

    return _put(bank, "decision", "decide", way, make)


def _options(new: NewDecision) -> list[str]:
    """Return the options of `bank decide` that say the same."""
    given = [
        ("--context", [new.context]),
        ("--decision", [new.decision]),
        ("--why", [new.why]),
        ("--alternative", new.alternatives),
        ("--consequence", new.consequences),
        ("--implementation", new.implementation),
        ("--confirmation", [new.confirmation]),
        ("--decider", [new.decider]),
        ("--status", [new.status]),
        ("--tags", [",".join(new.tags)]),
        ("--project", [new.project]),
        ("--link", [f"{each.rel}:{each.to}" for each in new.links]),
    ]
    return [word for name, values in given for value in values if value for word in (name, value)]


def _put(
    bank: BankFolder, kind: str, verb: str, way: Way, make: Callable[[], tuple[Draft, str, list[Former]]]
) -> SavedRecord:
    """Save a record and its line; `make` returns the draft, the line, and what it replaces."""

    def changes() -> tuple[tuple[Record, list[Former]], list[FileChange]]:
        made, line, formers = make()
        # earlier lines are struck before the new one is added: both may be in the same section
        gone = closing_changes(bank, formers, made.record.id)
        # the record first: a crash in between leaves a record without its line, never a line without its record
        entry = put_entry(bank, kind, line, way)
        told = {each.ident for each in formers}
        linked = [find_former(bank, each) for each in made.record.linked(SUPERSEDES) if each not in told]
        written = together([made.change, *follow_ups(bank, made.record, way), *gone, *entry])
        return (made.record, [*linked, *formers]), written

    (record, replaced), receipt = retried(changes, bank, verb, way)
    receipt = receipt._replace(superseded=tuple(each.to_superseded() for each in replaced))
    return SavedRecord(record, receipt, (*advice_for(bank, record.id, record.tags), *same_texts(bank, record)))


def consequences_text(texts: Sequence[str]) -> str:
    """Return consequences as lists: first those without a sign, then the positive, then the negative ones."""
    rows: dict[str, list[str]] = {"": [], "+": [], "-": []}
    for text in texts:
        sign = text.lstrip()[:1]
        if sign in rows and sign:
            rows[sign].append(text.lstrip()[1:].strip())
        else:
            rows[""].append(text)
    parts = [bullets(rows[""])]
    for sign, name in (("+", "Positive"), ("-", "Negative")):
        listed = bullets(rows[sign])
        parts.append(f"**{name}:**\n\n{listed}" if listed else "")
    return "\n\n".join(part for part in parts if part)


def learn(bank: BankFolder, new: NewLearning, way: Way) -> SavedRecord:
    """Record a lesson, with its line under Learnings, as one operation.

    Raises:
        BankError: a text or field is invalid, or the contract refuses the line; nothing is written.
    """
    text = plain_lines(new.text)
    title = title_of(title_in(text), what="text", hint='bank learn "Normalise input before validation"')
    sections = [
        ("What Happened", new.what),
        ("Root Cause", new.cause),
        ("Solution", new.solution),
        ("Lesson", new.lesson if new.lesson.strip() else text),
        ("Applied To", bullets(new.applied_to)),
    ]
    given, words = tuple(new.links), tuple(new.tags)

    def make() -> tuple[Draft, str, list[Former]]:
        linked = links_of(bank, given)
        record = NewRecord(
            kind="learning", title=title, sections=sections, tags=words, project=new.project, links=linked
        )
        made = draft_filled(bank, record, way)
        told = first_line(plain_lines(new.lesson))
        line = f"{title} - {told}" if told and told != title else title
        return made, f"{line} ({made.record.id})", []

    return _put(bank, "learning", "learn", way, make)
