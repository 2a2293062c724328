"""Bugs: a record from report to fix; a fix adds a line under Recent Changes and optionally a lesson.

A bug's number (`#7`) is for people; its id is the key. Two branches can assign the same number: then use the id.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import first_line, title_in
from memorybank.errors import FieldError, NoRecordError
from memorybank.ids import chosen
from memorybank.records.body import with_sections
from memorybank.records.change import Target, next_status, target_of, with_fields
from memorybank.records.draft import NewRecord
from memorybank.records.fields import check_line
from memorybank.records.filter import Filter, select
from memorybank.records.find import RecordHeaders, scan
from memorybank.records.memories.advice import same_texts
from memorybank.records.memories.memories import SavedRecord
from memorybank.records.memories.tags import advice_for
from memorybank.records.record import Link, Record, parse
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import retried
from memorybank.store.several import none_or_several
from memorybank.times import stamp_of
from memorybank.workflow.lines.record_line import bullets, draft_filled, plain_lines, title_of
from memorybank.workflow.lines.reference_line import put_entries
from memorybank.workflow.lines.together import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

KIND = "bug"
FIXED = "fixed"
DEFAULT_SEVERITY = "medium"

_MARKER = re.compile(r"\A(?:[0-9]{1,9}[.)]|[-*+])\s+", re.ASCII)
_DIGITS = 9
_NUMBER = re.compile(r"#?([0-9]{1,9})\Z", re.ASCII)
_PLACE = re.compile(r"(?P<place>.*?)[\s,]*(?:\bon\s+)?\(?(?P<day>\d{4}-\d\d-\d\d)?\)?\Z", re.ASCII | re.DOTALL)


class BugFix(NamedTuple):
    """A fixed bug, the learning from it (None without a lesson), and the receipt."""

    record: Record
    learning: Record | None
    receipt: Receipt


def report_bug(  # noqa: PLR0913  each is a section or a field of a bug
    bank: BankFolder,
    title: str,
    way: Way,
    *,
    severity: str = "",
    description: str = "",
    steps: Sequence[str] = (),
    expected: str = "",
    actual: str = "",
    reported_by: str = "",
    number: int = 0,
    tags: Iterable[str] = (),
    project: str = "",
) -> SavedRecord:
    """Report a bug, with a `number`, else the next one of the bank; without a description the title is used.

    Raises:
        FieldError: the number is taken, also by a bug in the archive.
        BankError: a text or field is invalid; nothing is written.
    """
    title = title_of(title, what="title", hint='bank bug new "Email is compared case-sensitively"')
    tags = tuple(tags)

    def make() -> tuple[Record, list[FileChange]]:
        # computed under the lock, so that two reports at once get different numbers
        fields: dict[str, Any] = {"severity": severity or DEFAULT_SEVERITY, "number": _free_number(bank, number)}
        new = NewRecord(
            kind=KIND,
            title=title,
            sections=[
                ("Description", description if description.strip() else title),
                ("Steps to Reproduce", _numbered(steps)),
                ("Expected Behavior", expected),
                ("Actual Behavior", actual),
            ],
            fields=fields | ({"reported_by": reported_by} if reported_by else {}),
            tags=tags,
            project=project,
        )
        made = draft_filled(bank, new, way)
        return made.record, [made.change]

    record, receipt = retried(make, bank, "bug new", way)
    return SavedRecord(record, receipt, (*advice_for(bank, record.id, record.tags), *same_texts(bank, record)))


def _free_number(bank: BankFolder, wanted: int) -> int:
    """Return the wanted number if no bug has it; without one, the number after the highest."""
    records = [*scan(bank, kinds=(KIND,)).records, *scan(bank, kinds=(KIND,), archived=True).records]
    known = {number_of(each): each.id for each in records}
    following = 1 + max(known, default=0)
    if wanted < 0 or wanted in known or len(str(wanted)) > _DIGITS:
        why = f"#{wanted} is {known[wanted]}" if wanted in known else f"{wanted} is not a bug's number"
        raise FieldError(field="number", why=why, hint=f"--number {following}")
    return wanted or following


def number_of(record: Record) -> int:
    """Return a bug's number; 0 if it has none."""
    number = record.fields.get("number")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _numbered(steps: Sequence[str]) -> str:
    """Return steps as a numbered list; a single step with several lines is kept as written."""
    if len(steps) == 1 and "\n" in steps[0].strip():
        return steps[0]
    rows = [_MARKER.sub("", check_line("steps", step)) for step in steps]
    return "\n".join(f"{number}. {row}" for number, row in enumerate((row for row in rows if row), 1))


def find_bug(bank: BankFolder, ref: str) -> Target:
    """Find a bug by its number (`7`, `#7`), its id or a unique prefix of the id.

    Raises:
        NoRecordError: none or several match; the error lists them.
    """
    ref = ref.strip()
    number = _NUMBER.match(ref)
    ident = ref
    if number:
        found = [record.id for record in scan(bank, kinds=(KIND,)).records if number_of(record) == int(number.group(1))]
        if len(found) != 1:
            raise none_or_several(ident=ref, kind=KIND, found=found, hint="bank bug list")
        ident = found[0]
    target = target_of(bank, ident)
    if target.record.type != KIND:
        raise NoRecordError(ident=ref, kind=KIND, hint="bank bug list")
    return target


def deploy_bug(bank: BankFolder, ref: str, deployed: Sequence[str], way: Way, *, commit_id: str = "") -> SavedRecord:
    """Write down where a bug's fix was deployed, each place with a day at its end or without; its status stays.

    Raises:
        FieldError: no place is named, or a day does not exist.
        NoRecordError: no bug or several match.
    """
    rows = [*([f"Committed in: {commit_id}"] if commit_id else []), *_deployed(deployed)]
    if not rows:
        raise FieldError(field="where", why="no place is named", hint='bank bug deployed 7 "production 2026-11-21"')
    order = [section.name for section in load_type(bank, KIND).sections]

    def make() -> tuple[Target, list[FileChange]]:
        target = find_bug(bank, ref)
        name, template = target.record.file, load_type(bank, KIND).body
        source = with_sections(target.source, [("Deployed", bullets(rows))], order, name=name, template=template)
        source = with_fields(source, {"updated": stamp_of(way.author.now())}, name)
        return target, [target.changed(source.text)]

    target, receipt = retried(make, bank, "bug deployed", way)
    return SavedRecord(target.record if way.options.dry_run else find_bug(bank, target.record.id).record, receipt)


def _deployed(places: Sequence[str]) -> list[str]:
    rows = []
    for text in places:
        found = _PLACE.match(check_line("deployed", text))
        if found and found["day"]:
            _check_day(found["day"])
        if found and found["place"]:
            rows.append(f"Deployed to: {found['place']}")
        if found and found["day"]:
            rows.append(f"Date: {found['day']}")
    return rows


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise FieldError(
            field="deployed", why=f"there is no day {day}", hint='--deployed "production 2026-11-21"'
        ) from None


def list_bugs(bank: BankFolder, *, status: str = "", severity: str = "") -> RecordHeaders:
    """Return the bugs with a status and a severity, newest first, and the files that could not be read.

    Raises:
        FieldError: the status or severity is unknown.
    """
    kind = load_type(bank, KIND)
    statuses = [name for name, _ in kind.statuses]
    severities = next((field.choices for field in kind.fields if field.name == "severity"), ())
    status, severity = (chosen(value, known) for value, known in ((status, statuses), (severity, severities)))
    for name, value, known in (("status", status, statuses), ("severity", severity, severities)):
        if value and known and value not in known:
            why = f"{value!r} is invalid: choose from {', '.join(known)}"
            raise FieldError(field=name, why=why, hint=f"bank bug list --{name} {known[0]}")
    found = select(bank, Filter(kinds=(KIND,), status=status))
    return RecordHeaders(
        [record for record in found.records if severity in {"", record.fields.get("severity")}], found.broken
    )


def fix_bug(  # noqa: PLR0913  each is a section or a field of a bug
    bank: BankFolder,
    ref: str,
    way: Way,
    *,
    cause: str = "",
    fix: str = "",
    lesson: str = "",
    testing: Sequence[str] = (),
    commit_id: str = "",
    deployed: Sequence[str] = (),
    tags: Iterable[str] = (),
) -> BugFix:
    """Close a bug: set its status, fill its sections, add a line under Recent Changes, as one operation.

    A `lesson` becomes a learning that names the bug as its cause, with its own line under Learnings. `deployed` are
    places, each with a day at its end or without.

    Raises:
        FieldError: the bug is already fixed, or its status cannot change to fixed.
        BankError: a text is invalid; nothing is written.
    """
    tags = tuple(tags)

    def make() -> tuple[tuple[Target, FileChange, Record | None], list[FileChange]]:
        target = find_bug(bank, ref)
        record = target.record
        if record.status == FIXED:
            hint = f"bank update {record.id} --status open"
            raise FieldError(field="status", why=f"{record.id} is already fixed", hint=hint)
        status = next_status(record, load_type(bank, KIND), FIXED)
        called = f"#{number_of(record)} {record.title}" if number_of(record) else record.title
        changes: list[FileChange] = []
        entries: list[tuple[str, str]] = []
        told, learning = plain_lines(lesson), None
        if told:
            new = NewRecord(
                kind="learning",
                title=title_of(title_in(told), what="lesson", hint='--lesson "Normalise before validation"'),
                sections=[
                    ("What Happened", f"Bug {called}"),
                    ("Root Cause", cause),
                    ("Solution", fix),
                    ("Lesson", told),
                ],
                tags=tags or record.tags,
                project=record.project,
                links=[Link("caused-by", record.id)],
            )
            learned = draft_filled(bank, new, way)
            learning = learned.record
            changes = [learned.change]
            entries = [("learning", f"{learning.title} ({learning.id})")]
            told = f"{told}\n\nLearning: {learning.id}"
        sections = [
            ("Root Cause", plain_lines(cause)),
            ("Fix", plain_lines(fix)),
            ("Testing", bullets(testing)),
            ("Deployed", bullets([*([f"Committed in: {commit_id}"] if commit_id else []), *_deployed(deployed)])),
            ("Lessons Learned", told),
        ]
        now = stamp_of(way.author.now())
        kind = load_type(bank, KIND)
        given = [(name, text) for name, text in sections if text.strip()]
        order = [section.name for section in kind.sections]
        source = with_sections(target.source, given, order, name=record.file, template=kind.body)
        source = with_fields(source, {"status": status, "fixed_at": now, "updated": now}, record.file)
        reason = first_line(plain_lines(fix)) or first_line(plain_lines(cause))
        line = f"Fixed {called} - {reason} ({record.id})" if reason else f"Fixed {called} ({record.id})"
        change = target.changed(source.text)
        lines = put_entries(bank, [*entries, ("change", line)], way)
        return (target, change, learning), together([change, *changes, *lines])

    (target, change, learning), receipt = retried(make, bank, "bug fix", way)
    record = parse(target.source.to_bytes(change.text or ""), target.record.file, KIND)
    return BugFix(record, learning, receipt)
