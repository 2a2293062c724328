"""The end of a session: write activities, decisions, achievements, challenges and next steps into its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.document.source import lines_of
from memorybank.document.text import one_line
from memorybank.errors import FieldError
from memorybank.records.body import item_of, items_in, section_text, with_lead, with_sections, without_doubles
from memorybank.records.change import Target, target_of, with_fields
from memorybank.records.fields import TEXT_LENGTH, check_line
from memorybank.records.memories.memories import SavedRecord
from memorybank.records.sessions.activity import Span, counted, operations_of, span_of
from memorybank.records.sessions.end_notes import EndNotes
from memorybank.records.sessions.messages import FOLDER, read_messages
from memorybank.records.sessions.sessions import ENDED, KIND, find_session, now_of, relabelled
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import retried
from memorybank.times import stamp_of
from memorybank.workflow.outcome.story import Story, story_of, summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

NOTHING = EndNotes()


def end(
    bank: BankFolder,
    ident: str,
    way: Way,
    *,
    summary: str = "",
    generate_summary: bool = False,
    notes: EndNotes = NOTHING,
) -> SavedRecord:
    """End a session and write its story into its record, with what the user said of it.

    A generated summary only repeats what is recorded.

    Raises:
        NoRecordError: none or several sessions match the id.
        FieldError: the session has already ended.
    """
    record = find_session(bank, ident)
    return _tell(bank, record, way, summary=summary, generate_summary=generate_summary, notes=notes, ends=True)


def save(
    bank: BankFolder,
    ident: str,
    way: Way,
    *,
    label: str | None = None,
    summary: str = "",
    generate_summary: bool = False,
    notes: EndNotes = NOTHING,
) -> SavedRecord:
    """Write a session's story so far into its record, with a label; the session stays active.

    Raises:
        NoRecordError: none or several sessions match the id.
    """
    record = find_session(bank, ident)
    return _tell(
        bank, record, way, label=label, summary=summary, generate_summary=generate_summary, notes=notes, ends=False
    )


def _tell(
    bank: BankFolder,
    record: Record,
    way: Way,
    *,
    label: str | None = None,
    summary: str = "",
    generate_summary: bool = False,
    notes: EndNotes,
    ends: bool,
) -> SavedRecord:
    order = [section.name for section in load_type(bank, KIND).sections]

    def make() -> tuple[Target, list[FileChange]]:
        target = target_of(bank, record.id, kinds=(KIND,))
        now = target.record
        if ends and now.status == ENDED:
            why = f"{now.id} ended at {now.fields.get('ended')}"
            raise FieldError(field="status", why=why, hint=f"bank session resume {now.id}")
        operations = operations_of(bank, [now.id])[now.id]
        span = span_of(bank, now, operations)
        story = story_of(bank, operations, after=str(now.fields.get("told") or ""), day=span.first[:10])
        source = target.source if label is None else relabelled(target, label)
        story = _with_notes(target, story, notes)
        sections = _sections(target, story, span)
        told = summary.strip() or (_summary(bank, now, story, dict(sections)) if generate_summary else "")
        source = with_sections(source, [section for section in sections if section[1].strip()], order, name=now.file)
        if told.strip():
            source = with_lead(source, "Summary", told, was=now.summary, order=order, name=now.file)
        at = stamp_of(way.author.now())
        values: dict[str, Any] = {"last_activity": span.last, "told": story.last, "updated": at}
        if told:
            values["summary"] = check_line("summary", one_line(told)[:TEXT_LENGTH])
        if notes.next_steps:
            values["next_given"] = True
        if notes.estimate:
            values["estimated_minutes"] = notes.estimate
        if ends:
            values |= {"status": ENDED, "ended": at}
        values = {name: value for name, value in values.items() if value}
        return target, [target.changed(with_fields(source, values, now.file).text)]

    target, receipt = retried(make, bank, "session end" if ends else "session save", way)
    return SavedRecord(target.record if way.options.dry_run else now_of(target), receipt)


def _with_notes(target: Target, story: Story, notes: EndNotes) -> Story:
    """Return a story with what the user said: their next steps replace those of the bank, also at a later end."""
    following = notes.next_steps
    if not following and target.record.fields.get("next_given") is True:
        following = tuple(items_in(section_text(target.source, "Next")))
    return story._replace(
        achievements=(*story.achievements, *notes.achievements),
        challenges=(*story.challenges, *notes.challenges),
        next=following or story.next,
    )


def _sections(target: Target, story: Story, span: Span) -> list[tuple[str, str]]:
    """Return the sections with the new items added at the end; `Next` is replaced by the current next steps."""
    said = f"({FOLDER}{target.record.id}.jsonl)"
    # the line with the number of messages is replaced each time
    done = [line for line in lines_of(section_text(target.source, "Activities")) if said not in line]
    activities = [
        *story.activities,
        *([f"{counted(span.message_count, 'message')} {said}"] if span.message_count else []),
    ]
    following = "\n".join(item_of(each) for each in without_doubles(story.next))
    return [
        ("Activities", _with_items("".join(done), activities)),
        ("Decisions", _with_items(section_text(target.source, "Decisions"), story.decisions)),
        ("Achievements", _with_items(section_text(target.source, "Achievements"), story.achievements)),
        ("Challenges", _with_items(section_text(target.source, "Challenges"), story.challenges)),
        ("Next", following or ("- [None]" if section_text(target.source, "Next") else "")),
    ]


def _with_items(text: str, items: Sequence[str]) -> str:
    there = items_in(text)
    # the first real line replaces the template's placeholder
    kept = text.strip("\r\n") if there or text.strip() not in {"", "- [None]"} else ""
    new = [item_of(item) for item in without_doubles(items, there)]
    gap = "\n" if not kept or there else "\n\n"
    return f"{kept}{gap}{chr(10).join(new)}".strip("\n") if new else kept


def _summary(bank: BankFolder, session: Record, story: Story, sections: Mapping[str, str]) -> str:
    from memorybank.workflow.outcome.extract import extract_of

    whole = story._replace(
        decisions=tuple(items_in(sections["Decisions"])),
        achievements=tuple(items_in(sections["Achievements"])),
        challenges=tuple(items_in(sections["Challenges"])),
    )
    said = extract_of(read_messages(bank, session.id).rows)
    told = summary_of(whole)
    return " ".join(part for part in (told, said) if part) or "Nothing was recorded in this session."
