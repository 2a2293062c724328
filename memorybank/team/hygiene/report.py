"""What happened to a memory in a time: what is new, how good it is, what is missing, what was tidied up, what waits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.records.find import find_record, scan
from memorybank.records.memories.advice import advice_on, same_texts
from memorybank.records.memories.reviewed import marked_day, reviewed_day
from memorybank.records.memories.tags import count_tags
from memorybank.records.types import MEMORIES
from memorybank.store.git.repository import ask
from memorybank.store.journal.log import read_operations
from memorybank.team.hygiene.days import DAYS
from memorybank.team.hygiene.parts import shelf_of
from memorybank.times import stamp_of
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.notes.queue import waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import TypedDict

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.team.hygiene.days import Day

    class CountWire(TypedDict):
        """How many there are of one name."""

        name: str
        count: int

    class NewMemoryWire(TypedDict):
        """A memory that is new."""

        id: str
        type: str
        title: str
        tags: list[str]
        tool: str
        author: str
        advice: list[str]

    class OutdatedWire(TypedDict):
        """A memory that was marked as outdated."""

        id: str
        title: str
        status: str

    class ReportGapWire(TypedDict):
        """Something that is missing, and the command that writes it."""

        gap: str
        hint: str

    class ReportWire(TypedDict):
        """The JSON form of a report."""

        name: str
        since: str
        until: str
        new_memories: list[NewMemoryWire]
        count: int
        by_type: list[CountWire]
        by_tool: list[CountWire]
        by_author: list[CountWire]
        tag_advice: list[str]
        gaps: list[ReportGapWire]
        outdated: list[OutdatedWire]
        archived_count: int
        merges: list[str]
        queued_count: int
        confirmed_count: int
        open_questions: list[CountWire]
        text: str


_OVER = frozenset(("superseded", "deprecated", "rejected", "fixed", "closed", "archived", "obsolete"))
_FEWEST_TAGS, _MOST_TAGS = 3, 7
# operations that move memories to the archive
_ARCHIVING = frozenset(("delete", "cleanup"))


class NewMemory(NamedTuple):
    """A memory that is new: who saved it, and advice on its text; `author` is who committed its file, "" if nobody."""

    record: Record
    author: str
    advice: tuple[str, ...]


class OpenQuestions(NamedTuple):
    """What a check and a review found open: addresses of unresolved merges, questions by topic, advice on tags."""

    merges: tuple[str, ...] = ()
    questions: Mapping[str, int] = {}
    tags: tuple[str, ...] = ()


class Report(NamedTuple):
    """All of a report; times are ISO 8601, `until` is when it was made. `text` is the page of Markdown."""

    name: str
    since: str
    until: str
    new: tuple[NewMemory, ...]
    tag_advice: tuple[str, ...]
    gaps: tuple[Day, ...]
    outdated: tuple[Record, ...]
    archived: int
    open: OpenQuestions
    queued: int
    confirmed: int
    text: str = ""

    def counts(self, values: Iterable[str]) -> list[tuple[str, int]]:
        """Return how often each value is there, the most frequent first."""
        return sorted(Counter(values).items(), key=lambda row: (-row[1], row[0]))

    def to_wire(self) -> ReportWire:
        """Return the JSON form."""
        return {
            "name": self.name,
            "since": self.since,
            "until": self.until,
            "new_memories": [
                {
                    "id": each.record.id,
                    "type": each.record.type,
                    "title": each.record.title,
                    "tags": list(each.record.tags),
                    "tool": each.record.source_tool,
                    "author": each.author,
                    "advice": list(each.advice),
                }
                for each in self.new
            ],
            "count": len(self.new),
            "by_type": self._counted(each.record.type for each in self.new),
            "by_tool": self._counted(each.record.source_tool for each in self.new),
            "by_author": self._counted(each.author for each in self.new),
            "tag_advice": list(self.tag_advice),
            "gaps": [{"gap": each.gap, "hint": each.fill} for each in self.gaps],
            "outdated": [{"id": each.id, "title": each.title, "status": each.status} for each in self.outdated],
            "archived_count": self.archived,
            "merges": list(self.open.merges),
            "queued_count": self.queued,
            "confirmed_count": self.confirmed,
            "open_questions": self._counted(Counter(self.open.questions).elements()),
            "text": self.text,
        }

    def _counted(self, values: Iterable[str]) -> list[CountWire]:
        return [{"name": name, "count": count} for name, count in self.counts(values)]


def report(bank: BankFolder, now: datetime, *, since: str, found: OpenQuestions) -> Report:
    """Return what happened since a day or time, and what is open now.

    Memories are counted by their date, who committed them as git says it. What was moved to the archive is known from
    the journal of this machine.
    """
    from memorybank.team.hygiene.report_page import page_of

    records = scan(bank).records
    fresh = sorted((each for each in records if each.created >= since), key=lambda each: (each.created, each.id))
    authors = _authors(bank, since) if fresh else {}
    new = [NewMemory(each, authors.get(each.file, ""), _advice(bank, each)) for each in fresh]
    outdated = [
        each
        for each in sorted(records, key=lambda each: (each.updated, each.id))
        if each.status.casefold() in _OVER and each.updated >= since and each.type != "bug"
    ]
    made = Report(
        bank.config.name or bank.project.name,
        since,
        stamp_of(now),
        tuple(new),
        (*_tag_advice(bank, fresh), *found.tags),
        tuple(day for day in DAYS if not shelf_of(bank, day).parts),
        tuple(outdated),
        _archived(bank, since),
        found,
        len(waiting(bank).notes),
        _confirmed(bank, since[:10]),
    )
    return made._replace(text=page_of(made))


def _advice(bank: BankFolder, record: Record) -> tuple[str, ...]:
    try:
        whole = find_record(bank, record.id)
        return (*advice_on(whole, whole.content), *same_texts(bank, whole))
    except BankError:
        return ()  # `bank check` reports what cannot be read


def _authors(bank: BankFolder, since: str) -> dict[str, str]:
    """Return who first committed each file of a memory since a day, by the file's name in the bank."""
    words = ("-c", "core.quotePath=false", "log", "--diff-filter=A", f"--since={since[:10]}T00:00:00Z", "--no-renames")
    told = ask(bank.folder, *words, "--relative", "--format=%x00%aN", "--name-only", "-z", "--", MEMORIES.rstrip("/"))
    found: dict[str, str] = {}
    for commit in (told or "").split("\0\0"):
        name, _, files = commit.lstrip("\0").partition("\0")
        found.update(dict.fromkeys((each.lstrip("\n") for each in files.split("\0") if each.strip()), name.strip()))
    return found


def _tag_advice(bank: BankFolder, fresh: Sequence[Record]) -> list[str]:
    found = []
    for each in fresh:
        count = len(each.tags)
        if not _FEWEST_TAGS <= count <= _MOST_TAGS:
            tags = f"{count or 'no'} tag{'s' if count != 1 else ''}"
            found.append(f"{each.title!r} has {tags}, three to seven are best; bank update {each.id} --tags +TAG")
    for rare, usual in count_tags(bank).near:
        found.append(f"#{rare} may mean #{usual}; bank tags rename {rare} {usual}")
    return found


def _archived(bank: BankFolder, since: str) -> int:
    """Return how many files went to the archive: those of operations that were not undone."""
    operations = read_operations(bank)
    undone = {each.undoes for each in operations if each.undoes and each.state == "done"}
    rows = [each for each in operations if each.receipt.verb in _ARCHIVING and each.receipt.at >= since]
    files = [file for each in rows if each.id not in undone for file in each.receipt.files]
    return sum(1 for each in files if each.file.startswith(MEMORIES) and not each.after)


def _confirmed(bank: BankFolder, day: str) -> int:
    """Return how many records and lines somebody confirmed on or after a day."""
    count = sum(1 for each in scan(bank, every=True).records if reviewed_day(each) >= day)
    for file in (*bank.present_files(), "pafs.md"):
        try:
            count += sum(1 for line in lines_in(bank, file) if marked_day(line.text) >= day)
        except BankError:
            continue
    return count
