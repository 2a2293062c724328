"""Mine session logs: read on from where the last time ended, find corrections, and add new ones to the ledger.

What is found is in the ledger before the log counts as read. So a miner that is killed loses nothing, and the next one
finds the rest; two miners at once add each correction once, because it has the same id in both.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.detect import find_corrections
from memorybank.corrections.detection.markers import load_markers
from memorybank.corrections.repetition import recount
from memorybank.corrections.transcripts.counts import LogCounts
from memorybank.corrections.transcripts.log_places import find_logs, logs_in
from memorybank.corrections.transcripts.progress import note, read_state, save_state, unread
from memorybank.corrections.transcripts.read_log import CLIENTS, read_events
from memorybank.errors import BankError, FieldError, PermissionRefusedError
from memorybank.ids import chosen
from memorybank.records.corrections.ledger import append_found, begin_ledger, cleaned, found_ids, has_ledger
from memorybank.records.corrections.settings import read_settings
from memorybank.store.cache import hide_state
from memorybank.times import stamp_of
from memorybank.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypedDict

    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.transcripts.event import Event
    from memorybank.corrections.transcripts.log_places import LogFile
    from memorybank.corrections.transcripts.progress import State
    from memorybank.records.corrections.correction import Correction
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class RefusedLogWire(TypedDict):
        """A log that could not be read."""

        path: str
        why: str

    class MiningWire(TypedDict):
        """The JSON form of what was mined."""

        corrections: list[Correction]
        count: int
        log_count: int
        new_log_count: int
        known_count: int
        turn_count: int
        broken_line_count: int
        unknown_kinds: dict[str, int]
        refused: list[RefusedLogWire]
        dry_run: bool


_MEGABYTE = 1_000_000
# how often, in seconds, it is saved how far the logs were read: a crash costs at most as much time again
_SAVE_EVERY = 2.0
# how often, in events, the progress is reported
_TELL_EVERY = 200
_PROJECTS = "projects"
_TURNS = ("said", "denied")


class Mining(NamedTuple):
    """What was mined: the new corrections, and what the logs had.

    `log_count` is how many logs there are, `new_log_count` how many had something new. `known_count` is how many
    corrections in it were known, `turn_count` how many turns of people it had. `broken_line_count` counts lines that
    are no JSON, `unknown_kinds` kinds of lines that no version is known to write, `refused` logs that cannot be read.
    """

    corrections: list[Correction]
    log_count: int
    new_log_count: int
    known_count: int
    turn_count: int
    broken_line_count: int
    unknown_kinds: Mapping[str, int]
    refused: Mapping[str, str]
    dry_run: bool = False

    def to_wire(self) -> MiningWire:
        """Return the JSON form."""
        return {
            "corrections": to_wire(self.corrections),
            "count": len(self.corrections),
            "log_count": self.log_count,
            "new_log_count": self.new_log_count,
            "known_count": self.known_count,
            "turn_count": self.turn_count,
            "broken_line_count": self.broken_line_count,
            "unknown_kinds": dict(self.unknown_kinds),
            "refused": [{"path": path, "why": why} for path, why in self.refused.items()],
            "dry_run": self.dry_run,
        }


class Search(NamedTuple):
    """Which logs are mined.

    Without `source` it is the folder of the settings, else the places of the clients; there only sessions of the
    project count. Without `clients` it is all of them. `since` is in seconds: older logs are left out.
    """

    environ: Mapping[str, str]
    source: Path | None = None
    clients: tuple[str, ...] = ()
    since: float | None = None


def mine(
    bank: BankFolder, way: Way, search: Search, *, on_progress: Callable[[str, int, int], None] | None = None
) -> Mining:
    """Add what the logs have of new corrections to the ledger; a dry run only returns it.

    `on_progress` is called with what is done, and how many megabytes of how many.

    Raises:
        FieldError: a client is unknown, or the source is not there.
        BankError: the ledger cannot be written.
    """
    refused: dict[str, str] = {}
    logs = logs_of(bank, search, refused)
    is_dry = way.options.dry_run
    if bank.read_only and not is_dry:
        raise PermissionRefusedError(path=bank.folder, why="this bank was opened read-only")
    # a ledger that is gone is filled again, from all that the logs still have
    state = read_state(bank.state) if has_ledger(bank) else {}
    if not is_dry:
        hide_state(bank)
        begin_ledger(bank, at=stamp_of(way.author.now()))
    miner = _Miner(bank, way, state, refused, on_progress)
    for log in miner.unread(logs):
        miner.take(log)
    miner.save(is_last=True)
    if miner.added and not is_dry:
        recount(bank)
    total = miner.total
    return Mining(
        miner.added,
        len(logs),
        miner.read,
        miner.known,
        miner.turns,
        total.broken,
        dict(sorted(total.unknown.items())),
        dict(sorted(refused.items())),
        is_dry,
    )


def logs_of(bank: BankFolder, search: Search, refused: dict[str, str] | None = None) -> list[LogFile]:
    """Return the logs to mine, the oldest first; `refused` gets those that cannot be read, with the reason.

    Raises:
        FieldError: a client is unknown, or the source is not there.
    """
    refused = {} if refused is None else refused
    clients = tuple(_client(each) for each in search.clients)
    if search.source is not None:
        if not search.source.exists():
            raise FieldError(field="source", why=f"{search.source} does not exist", hint="name a folder or a log")
        return logs_in(search.source, clients, search.since, refused=refused)
    environ = dict(search.environ)
    named = read_settings(bank).log_directory
    if named:
        folder = Path(named).expanduser()
        if folder.name != _PROJECTS:
            return logs_in(folder, clients, search.since, refused=refused)
        # it has the sessions of all projects
        environ["CLAUDE_CONFIG_DIR"] = os.fspath(folder.parent)
    return find_logs(clients or CLIENTS, bank.origin, environ, search.since, refused=refused)


def markers_of(bank: BankFolder) -> Markers:
    """Return the markers of a bank: those of the languages, of the settings, and of its own templates.

    Raises:
        ConfigError: a setting is invalid.
    """
    settings = read_settings(bank)
    return load_markers(settings.languages, settings.markers, bank.folder / "templates")


def _client(name: str) -> str:
    found = chosen(name, CLIENTS)
    if found not in CLIENTS:
        why = f"{name!r} is invalid: choose from {', '.join(CLIENTS)}"
        raise FieldError(field="client", why=why, hint=f"bank corrections mine --client {CLIENTS[0]}")
    return found


class _Miner:
    """What one run has read and found so far."""

    def __init__(
        self,
        bank: BankFolder,
        way: Way,
        state: State,
        refused: dict[str, str],
        on_progress: Callable[[str, int, int], None] | None,
    ) -> None:
        self._bank = bank
        self._way = way
        self._state = state
        self._refused = refused
        self._tell = on_progress
        self._markers = markers_of(bank)
        self._seen: set[str] = set()
        self._known = found_ids(bank)
        self._done = self._size = 0
        self._saved_at = time.monotonic()
        self.total = LogCounts()
        self.added: list[Correction] = []
        self.read = self.known = self.turns = 0

    def unread(self, logs: Iterable[LogFile]) -> list[LogFile]:
        """Return the logs that have something new."""
        new = [each for each in logs if unread(each, self._state) is not None]
        self._size = sum(each.size for each in new)
        return new

    def take(self, log: LogFile) -> None:
        """Read what is new in one log, and add what it has to the ledger."""
        at = unread(log, self._state)
        if at is None:
            return
        counts = LogCounts()
        events = read_events(
            log.path, log.client, start=at.start.offset, line=at.start.line, seen=self._seen, counts=counts
        )
        found = [
            each
            for each in find_corrections(self._told(events), self._markers, client=log.client, file=str(log.path))
            if each.origin.line >= at.first_new
        ]
        self._add(found)
        self._done += log.size
        self._refused.update(counts.refused)
        self.read += str(log.path) not in counts.refused
        self.total.broken += counts.broken
        self.total.unknown.update(counts.unknown)
        if not self._way.options.dry_run:
            note(log, counts, self._state)
            self.save()

    def save(self, *, is_last: bool = False) -> None:
        """Save how far the logs were read, now and then. If it cannot be saved, they are only read again."""
        if self._way.options.dry_run or not (is_last or time.monotonic() - self._saved_at > _SAVE_EVERY):
            return
        with suppress(BankError, OSError):
            save_state(self._bank.state, self._state)
        self._saved_at = time.monotonic()

    def _add(self, found: list[Correction]) -> None:
        new = list({each.id: each for each in found if each.id not in self._known}.values())
        self.known += len(found) - len(new)
        if self._way.options.dry_run:
            # shown as they would be stored: session ids and paths may have secrets too
            new = [cleaned(each) for each in new]
        elif new:
            # another miner may have been faster
            new = append_found(self._bank, new, at=stamp_of(self._way.author.now()))
        self._known.update(each.id for each in found)
        self.added += new

    def _told(self, events: Iterable[Event]) -> Iterator[Event]:
        for number, event in enumerate(events):
            self.turns += event.speaker == "human" and event.kind in _TURNS
            if number % _TELL_EVERY == 0:
                self._tell_at(event.offset)
            yield event

    def _tell_at(self, offset: int) -> None:
        if self._tell and self._size >= _MEGABYTE:
            self._tell("megabytes of logs", (self._done + offset) // _MEGABYTE, self._size // _MEGABYTE)
