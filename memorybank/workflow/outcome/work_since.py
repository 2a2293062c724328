"""What was done since a session began: the lines and records that were added, and the project's changed files."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.change_marks import recalled
from memorybank.contracts.layouts import LOG
from memorybank.document.source import lines_of, without_eol
from memorybank.document.trail import STAMP
from memorybank.errors import BankError, NoRecordError
from memorybank.records.types import MEMORIES
from memorybank.store.git.repository import ask, changed_since, head_of
from memorybank.store.journal.log import changes_of, read_operations
from memorybank.times import moment_of, stamp_of
from memorybank.workflow.gate import reads_of
from memorybank.workflow.lines.placement import FOCUS, FOCUS_SECTION, kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation

    # the names of files that somebody is known to have written in work that went on after a time
    Written = Callable[[str], Sequence[str]]

# a session that ended longer ago is not the one that is being ended now
_RECENT = timedelta(hours=12)
_DAY = timedelta(days=1)


class Start(NamedTuple):
    """When the work began, in which session ("" for none), and whether that session has ended."""

    at: str
    session: str
    has_ended: bool = False


class Work(NamedTuple):
    """The work since a start.

    `lines` are the added lines by their kind of note (`log` for the development log), `records` how many records of a
    type were written, `verbs` what was done to the bank. `files` are the project's changed files, without git those
    that hooks saw; `subjects` are the first lines of its commits.
    """

    start: Start
    lines: Mapping[str, tuple[str, ...]]
    records: Mapping[str, int]
    verbs: frozenset[str]
    files: tuple[str, ...]
    subjects: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """Whether anything was done."""
        return bool(self.files or self.lines or self.records)

    def count(self, *kinds: str) -> int:
        """Return how many lines of these kinds were added."""
        return sum(len(self.lines.get(kind, ())) for kind in kinds)


def start_of(bank: BankFolder, session: str, now: datetime) -> Start:
    """Return when the current work began.

    That is the start of the session, or when it loaded the files shortly before. Without a session it is the last
    time that all memory files were loaded with a mark, else 24 hours ago. A session that ended in the last hours
    counts while nothing was loaded after it.
    """
    record = _record(bank, session)
    rows = reads_of(bank, session)
    if record is not None:
        return _start_with(bank, record, now)
    files = set(bank.main_files)
    loaded = [at for at in sorted({row.at for row in rows}) if files <= {row.address for row in rows if row.at == at}]
    last = loaded[-1] if loaded else ""
    ended = _last_ended(bank, session)
    if ended is not None and str(ended.fields["ended"]) >= max(last, stamp_of(now - _RECENT)):
        return _start_with(bank, ended, now)._replace(has_ended=True)
    if session and rows:
        return Start(rows[0].at, session)
    return Start(last or stamp_of(now - _DAY), session)


def _start_with(bank: BankFolder, record: Record, now: datetime) -> Start:
    told = str(record.fields.get("started") or record.created)
    # a record that somebody edited may have no time that can be read
    begun = stamp_of(moment_of(told) or now - _DAY)
    rows = reads_of(bank, record.id)
    return Start(min([begun, *(row.at for row in rows[:1])]), record.id)


def work_since(bank: BankFolder, start: Start, written: Written | None = None) -> Work:
    """Return what was done since a start; what was undone does not count. Where git fails, `written` is asked."""
    operations = _operations(bank, start)
    places: dict[str, list[str]] = {}
    for kind, address in kinds_of(bank).items():
        places.setdefault(address, []).append(kind)
    places.setdefault(f"{bank.main_files[0]}#{FOCUS_SECTION}", []).append(FOCUS)
    lines: dict[str, list[str]] = {}
    records: Counter[str] = Counter()
    for operation in operations:
        for number, file in enumerate(operation.receipt.files):
            if file.file.startswith(MEMORIES):
                records[file.file.removeprefix(MEMORIES).partition("/")[0]] += bool(file.after)
                continue
            kinds = ["log"] if file.file == LOG else [kind for at, _ in file.sections for kind in places.get(at, ())]
            if kinds and (file.before or file.file == LOG):
                added = _added(bank, operation, number)
                for kind in kinds if added else ():
                    lines.setdefault(kind, []).extend(added)
    files, subjects = _changes(bank, start.at, written)
    verbs = frozenset(operation.receipt.verb for operation in operations)
    return Work(start, {kind: tuple(rows) for kind, rows in lines.items()}, +records, verbs, files, subjects)


def _record(bank: BankFolder, session: str) -> Record | None:
    if not session:
        return None
    from memorybank.records.sessions.sessions import ENDED, find_session

    try:
        record = find_session(bank, session)
    except BankError:
        # the id is an agent's own, and no session of the bank was started for it
        return None
    return record if record.id == session and record.status != ENDED else None


def _last_ended(bank: BankFolder, agent: str) -> Record | None:
    """Return the session that ended last; for an agent, of its own ones."""
    if not (bank.folder / "sessions").is_dir():
        return None
    from memorybank.records.sessions.sessions import ENDED, list_sessions

    records = [
        each
        for each in list_sessions(bank).records
        if each.status == ENDED and each.fields.get("ended") and str(each.fields.get("agent_session") or "") == agent
    ]
    return max(records, key=lambda each: str(each.fields["ended"]), default=None)


def _operations(bank: BankFolder, start: Start) -> list[Operation]:
    undone: set[str] = set()
    found: list[Operation] = []
    for operation in reversed(read_operations(bank)):
        if operation.state == "aborted" or operation.id in undone:
            continue
        if operation.undoes:
            undone.add(operation.undoes)
            continue
        receipt = operation.receipt
        if receipt.at >= start.at and (not start.session or receipt.session in {start.session, ""}):
            found.append(operation)
    return found[::-1]


def _added(bank: BankFolder, operation: Operation, number: int) -> list[str]:
    file = operation.receipt.files[number].file
    try:
        changes = recalled(changes_of(bank, operation, number), bank.contract_of(file))
    except NoRecordError:
        # the kept texts were pruned, but the operation is still listed
        return [operation.receipt.verb]
    found: list[str] = []
    for change in changes:
        if change.role != STAMP:
            there = {without_eol(line) for line in lines_of(change.old)}
            found += [line for row in lines_of(change.new) if (line := without_eol(row)).strip() and line not in there]
    return found


def _changes(bank: BankFolder, since: str, written: Written | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ask git for the files that the user changed since a time, committed or not, and the subjects of the commits."""
    folder = bank.origin
    head = head_of(folder)
    if bank.is_users_own:
        return (), ()
    own = bank.names_below(folder)
    places = ("--", ".", *(f":(exclude,literal){each}" for each in own))
    open_files: Sequence[str] | None
    if head:
        changed = changed_since(folder, head, without=own)
        open_files = changed.files if changed else None
    else:
        # before the first commit all files are open
        listed = ask(folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z", *places)
        open_files = None if listed is None else [each for each in listed.split("\0") if each]
    if open_files is None:
        open_files = written(since) if written else ()
    fresh = [each for each in open_files if _is_fresh(f"{folder}/{each}", since)]
    if not head:
        return tuple(sorted(set(fresh))), ()
    # git means "at this time or before"
    before = stamp_of(datetime.fromisoformat(since) - timedelta(seconds=1))
    base = (ask(folder, "rev-list", "--max-count=1", f"--before={before}", "HEAD") or "").strip()
    if base == head:
        return tuple(sorted(fresh)), ()
    span = f"{base}..HEAD" if base else "HEAD"
    # what was pulled meanwhile is the work of others
    email = (ask(folder, "config", "user.email") or "").strip()
    mine = ("--fixed-strings", f"--committer=<{email}>") if email else ()
    names = ask(folder, "log", "--relative", "--no-renames", "--name-only", "--format=", "-z", *mine, span, *places)
    subjects = ask(folder, "log", "--format=%s", "-z", *mine, span, *places)
    committed = [each for each in (names or "").replace("\n", "\0").split("\0") if each]
    return tuple(sorted({*fresh, *committed})), tuple(each for each in (subjects or "").split("\0") if each)


def _is_fresh(path: str, since: str) -> bool:
    """Return whether a file with uncommitted changes was written since a time; a deleted one counts."""
    try:
        written = os.lstat(path).st_mtime
    except OSError:
        return True
    return datetime.fromtimestamp(written, UTC).isoformat() >= since[:19]


def shown(rows: Sequence[str], noun: str) -> str:
    """Return a number of things and the first of them: `2 files (a.py, b.py)`."""
    count = f"{len(rows)} {noun}{'s' if len(rows) != 1 else ''}"
    more = ", …" if len(rows) > 2 else ""  # noqa: PLR2004  two of them are enough to recognise the work
    return f"{count} ({', '.join(rows[:2])}{more})" if rows else count
