"""Decisions and learnings: write a record and its line in the contract, as one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.records.change import retried
from memorybank.records.memories.memories import SavedRecord, follow_ups, links_of
from memorybank.records.memories.tags import advice_for
from memorybank.records.record import Link, Record, first_line
from memorybank.workflow.contradictions.earlier import record_of_decision, refuse_contradiction, struck_line
from memorybank.workflow.lines.record_line import bullets, draft_filled, plain_lines, title_of, together
from memorybank.workflow.lines.reference_line import put_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memorybank.records.draft import Draft
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

ACCEPTED = "accepted"


def decide(  # noqa: PLR0913  each is a section or a field of a decision
    bank: BankFolder,
    title: str,
    way: Way,
    *,
    context: str = "",
    decision: str = "",
    why: str = "",
    alternatives: Sequence[str] = (),
    consequences: Sequence[str] = (),
    implementation: Sequence[str] = (),
    confirmation: str = "",
    decider: str = "",
    status: str = "",
    summary: str = "",
    tags: Iterable[str] = (),
    project: str = "",
    links: Iterable[Link] = (),
    supersedes: str = "",
    anyway: bool = False,
) -> SavedRecord:
    """Record a decision, with `TITLE - why (ID)` under Decisions, as one operation.

    A superseded decision gets a link to the new one, and its line is struck. Without `decision` the title is used.
    A consequence that starts with `+` is positive, with `-` negative. `supersedes` is the id of a record, or the text
    of a line without a record.

    Raises:
        ContradictionError: it contradicts an earlier decision, and neither `supersedes` nor `anyway` is given.
        BankError: a text or field is invalid, or the contract refuses the line; nothing is written.
    """
    title = title_of(title, what="title", hint='bank decide "Use JWT for authentication" --why "Stateless"')
    given, words = tuple(links), tuple(tags)
    sections = [
        ("Context", context),
        ("Decision", decision if decision.strip() else title),
        ("Rationale", why),
        ("Alternatives", bullets(alternatives)),
        ("Consequences", consequences_text(consequences)),
        ("Implementation", bullets(implementation)),
        ("Confirmation", confirmation),
    ]
    fields: dict[str, Any] = {"decider": decider} if decider else {}

    def make() -> tuple[Draft, str, str]:
        former = record_of_decision(bank, supersedes) if supersedes else ""
        linked = [*given, *([Link("supersedes", former)] if former else [])]
        if not anyway and status in {"", ACCEPTED}:
            gone = [each.to for each in linked if each.rel == "supersedes"]
            refuse_contradiction(bank, title, supersedes=(*gone, supersedes))
        made = draft_filled(
            bank,
            "decision",
            way,
            title=title,
            sections=sections,
            fields=fields,
            status=status,
            summary=summary,
            tags=words,
            project=project,
            links=links_of(bank, linked),
        )
        record = made.record
        reason = first_line(plain_lines(why)) or first_line(plain_lines(decision))
        told = record.id if record.status in {"", ACCEPTED} else f"{record.id}, {record.status}"
        line = f"{title} - {reason} ({told})" if reason else f"{title} ({told})"
        return made, line, "" if former else supersedes

    return _put(bank, "decision", "decide", way, make)


def _put(bank: BankFolder, kind: str, verb: str, way: Way, make: Callable[[], tuple[Draft, str, str]]) -> SavedRecord:
    """Save a record and its line; `make` returns the draft, the line, and an earlier line to strike or ""."""

    def changes() -> tuple[Record, list[FileChange]]:
        made, line, struck = make()
        # the earlier line is struck before the new one is added: both may be in the same section
        gone = [struck_line(bank, struck, made.record.id)] if struck else []
        # the record first: a crash in between leaves a record without its line, never a line without its record
        entry = put_entry(bank, kind, line, way)
        return made.record, together([made.change, *follow_ups(bank, made.record, way), *gone, *entry])

    record, receipt = retried(changes, bank, verb, way)
    return SavedRecord(record, receipt, advice_for(bank, record.id, record.tags))


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


def learn(  # noqa: PLR0913  each is a section or a field of a learning
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    what: str = "",
    cause: str = "",
    solution: str = "",
    lesson: str = "",
    applied_to: Sequence[str] = (),
    tags: Iterable[str] = (),
    project: str = "",
    links: Iterable[Link] = (),
) -> SavedRecord:
    """Record a lesson, with its line under Learnings, as one operation.

    The text is the lesson itself; if `lesson` is given, the text is only the title.

    Raises:
        BankError: a text or field is invalid, or the contract refuses the line; nothing is written.
    """
    text = plain_lines(text)
    title = title_of(first_line(text), what="text", hint='bank learn "Normalise input before validation"')
    sections = [
        ("What Happened", what),
        ("Root Cause", cause),
        ("Solution", solution),
        ("Lesson", lesson if lesson.strip() else text),
        ("Applied To", bullets(applied_to)),
    ]
    given, words = tuple(links), tuple(tags)

    def make() -> tuple[Draft, str, str]:
        linked = links_of(bank, given)
        made = draft_filled(
            bank, "learning", way, title=title, sections=sections, tags=words, project=project, links=linked
        )
        told = first_line(plain_lines(lesson))
        line = f"{title} - {told}" if told and told != title else title
        return made, f"{line} ({made.record.id})", ""

    return _put(bank, "learning", "learn", way, make)
