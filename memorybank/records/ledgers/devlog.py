"""The development log: days, and entries with a time and bullets; the newest is at the end of the file.

`## 2026-11-21` starts a day, `### 09:30+01:00 - title` an entry, in local time; a time without an offset is UTC. Logged
text stays plain: it cannot start a section.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.layouts import LOG
from memorybank.document.addresses import Address
from memorybank.document.editing.append import item_text
from memorybank.document.editing.verify import outline_of, still_closed, what_changed
from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.items import entries_of, unescaped
from memorybank.document.names import plain_of
from memorybank.document.scanner.line_rules import shielded
from memorybank.document.sections import outline, splice
from memorybank.document.source import Source, lines_of, without_eol
from memorybank.document.text import check_text, one_line
from memorybank.errors import ConfigError, NoFileError, SpillError, UnsupportedTextError, UnterminatedError
from memorybank.files.write import settle
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.numbering import serial
from memorybank.store.settings.table import LOCAL
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Annotated, NotRequired, TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class LogPageWire(TypedDict):
        """The JSON form of entries of the log."""

        entries: list[Annotated[Any, Entry]]
        count: int
        total: NotRequired[int]


FILE = LOG
TITLE = "Development Log"

_DAY_LEVEL, _ENTRY_LEVEL = 2, 3
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
_MARKERS = ("- ", "* ", "+ ")


class Entry(NamedTuple):
    """One entry of the log: its day, its time with the offset from UTC, its title and its bullets."""

    day: str
    time: str
    title: str
    items: tuple[str, ...] = ()


class LogEntry(NamedTuple):
    """An entry as written, its file, and the receipt."""

    entry: Entry
    file: str
    receipt: Receipt


def log(bank: BankFolder, text: str, way: Way, *, title: str = "", items: Sequence[str] = ()) -> LogEntry:
    """Add an entry with the current time to the log; a missing section for the day is created, in the order of days.

    Without `title`, the first line of the text is the title. All other lines become bullets, followed by `items`.

    Raises:
        UnsupportedTextError: there is no text, or the title is too long.
        SpillError: the text would be parsed as more than plain words.
        UnterminatedError: the log has an unclosed fence or comment, so there is no safe place after it.
    """
    entry = entry_of(bank, text, way, title=title, items=items)
    with serial(bank, "log", way):
        return LogEntry(
            entry, bank.name_of(bank.folder / FILE), commit(bank, lambda: log_change(bank, entry, way), "log", way)
        )


def entry_of(bank: BankFolder, text: str, way: Way, *, title: str = "", items: Sequence[str] = ()) -> Entry:
    """Return the entry that `log` would add; nothing is written.

    Raises:
        UnsupportedTextError: there is no text, or the title is too long.
    """
    moment = time_of_log(bank, way)
    lines = [without_eol(line).strip() for line in lines_of(check_text(text))]
    rows = [line for line in lines if line]
    heading = one_line(check_text(title)) or (_unmarked(rows.pop(0)) if rows else "")
    if not heading or len(heading) > TITLE_LENGTH:
        why = f"its title has {len(heading)} characters, the limit is {TITLE_LENGTH}" if heading else "it is empty"
        raise UnsupportedTextError(why=why, hint='bank log "What was done" --title "A few words"')
    place = Address(FILE, moment.date().isoformat())
    bullets = [_unmarked(one_line(check_text(row))) for row in (*rows, *items)]
    return Entry(
        place.section, clock_of(moment), heading, tuple(item_text(bullet, place) for bullet in bullets if bullet)
    )


def log_change(bank: BankFolder, entry: Entry, way: Way) -> list[FileChange]:
    """Return the change that adds an entry to the log as it is now.

    Raises:
        SpillError, UnterminatedError: as `log`.
    """
    path = bank.folder / FILE
    name = bank.name_of(path)
    try:
        data = bank.read(path)
    except NoFileError:
        empty = outline(Source(f"# {TITLE}\n".encode()), name)
        return [FileChange(path, text=_with_entry(empty, entry).source.text)]
    # an editor may just be saving the file: an emptied log is not a new one
    source = Source(data if way.options.accept_shrunk else settle(path, data, None))
    return [FileChange(path, text=_with_entry(outline(source, name), entry).source.text, base=source.digest)]


def time_of_log(bank: BankFolder, way: Way) -> datetime:
    """Return the time of an entry made now, in the zone of the bank's log.

    Raises:
        ConfigError: there is no such zone.
    """
    now, zone = way.author.now(), bank.config.log_zone
    if zone == LOCAL:
        return way.author.local(now) if way.author.local else now
    if zone.casefold() == "utc":
        return now.astimezone(UTC)
    from zoneinfo import ZoneInfo

    try:
        return now.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError) as error:
        # the name is unknown here, or is no name at all
        why = f"log.zone is not a time zone: {zone!r}; use local, utc, or a name such as Europe/Berlin"
        raise ConfigError(path=bank.folder / "bank.toml", why=why) from error


def clock_of(moment: datetime) -> str:
    """Return a time of day with its offset, `09:30+01:00`; a time in UTC has none."""
    return moment.isoformat(timespec="minutes")[11:].removesuffix("+00:00")


class LogPage(NamedTuple):
    """The newest entries of the log, newest first, and how many it has."""

    entries: tuple[Entry, ...]
    total: int

    def to_wire(self) -> LogPageWire:
        """Return the JSON form: the entries as a list."""
        from memorybank.wire import to_wire

        wire: LogPageWire = {"entries": to_wire(self.entries), "count": len(self.entries)}
        if self.total > len(self.entries):
            wire["total"] = self.total
        return wire


def read_log(bank: BankFolder, *, limit: int, since: str = "") -> LogPage:
    """Read the newest entries of the log, newest first; an empty page without a log.

    `since` is a day of the log, or a time in UTC as `parse_moment` returns it; `total` counts the entries from then on.

    Raises:
        BankError: the log cannot be read.
    """
    path = bank.folder / FILE
    try:
        document = outline(Source(bank.read(path)), bank.name_of(path))
    except NoFileError:
        return LogPage((), 0)
    day, found = "", []
    for section in document.sections[1:]:
        if section.level == _DAY_LEVEL:
            day = section.name
        elif section.level == _ENTRY_LEVEL:
            found.append((day, section))
    if since:
        found = [(day, section) for day, section in found if _moment_of(day, section.name, since) >= since]
    newest = found[::-1][: limit or None]
    return LogPage(tuple(_entry_of(document, day, section) for day, section in newest), len(found))


def _moment_of(day: str, name: str, since: str) -> str:
    """Return when an entry was made, in the form of `since`; its day alone if it has no valid time."""
    if len(since) == len("2026-11-21"):
        return day[: len(since)]
    try:
        moment = datetime.fromisoformat(f"{day}T{name.partition(' - ')[0]}")
    except ValueError:
        # written by hand: it counts as made at the end of its day
        return f"{day}~"
    return stamp_of(moment)


def _entry_of(document: Document, day: str, section: Section) -> Entry:
    time, dash, title = section.name.partition(" - ")
    items = tuple(each.text for each in entries_of(document, section))
    return Entry(day, time, unescaped(title), items) if dash else Entry(day, "", unescaped(section.name), items)


def _unmarked(line: str) -> str:
    return line[2:].lstrip() if line[:2] in _MARKERS else line


def _with_entry(document: Document, entry: Entry) -> Document:
    """Return the log with an entry after the last one of its day, after checking that nothing else changed."""
    opened = document.unterminated
    if opened is not None:
        line = document.source.line_of(opened.start)
        raise UnterminatedError(path=document.path, line=line, kind=opened.kind)
    days = [
        section for section in document.sections[1:] if section.level == _DAY_LEVEL and _is_day(section.name, entry.day)
    ]
    end = days[-1].end if days else _place_of_day(document, entry.day)
    headings = [] if days else [(_DAY_LEVEL, entry.day)]
    headings.append((_ENTRY_LEVEL, shielded(f"{entry.time} - {entry.title}")))
    eol = document.source.eol_near(end)
    rows = [] if days else [f"## {entry.day}", ""]
    rows += [f"### {headings[-1][1]}", *(f"- {item}" for item in entry.items)]
    text = document.source.text
    at = len(text[:end].rstrip(" \t\r\n"))
    # after the whole line: blank lines that a person left below it stay below the new entry
    newline = document.source.shadow.find("\n", at, end)
    at, glue = (end, eol) if newline < 0 else (newline + 1, "")
    lead = f"{glue}{eol}" if text[:at].strip() else ""
    after = splice(document, at, at, f"{lead}{eol.join(rows)}{eol}")
    place = sum(1 for heading in document.headings if heading.start < at)
    wanted = outline_of(document)
    wanted[place:place] = headings
    if outline_of(after) != wanted:
        raise SpillError(address=f"{document.path}#{entry.day}", why=what_changed(document, after))
    still_closed(document, after, Address(document.path, entry.day))
    return after


def _place_of_day(document: Document, day: str) -> int:
    """Return where a new day belongs: before the first later day if all are in order, else at the end."""
    days = [
        (each.name[:10], each.start)
        for each in document.sections[1:]
        if each.level == _DAY_LEVEL and _DAY.match(each.name)
    ]
    later = next((start for name, start in days if name > day), None)
    return later if later is not None and days == sorted(days) else len(document.source.text)


def _is_day(name: str, day: str) -> bool:
    said, wanted = plain_of(name).words, plain_of(day).words
    return said == wanted or said.startswith(f"{wanted} ")
