"""Gates before stages: what must be read in a session, what was read, and what is missing.

Only marked loads (`bank load --mark`) count as read. They are kept in `.state/reads.jsonl`: local, one line per load.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.addresses import find_named, near, parse_address
from memorybank.errors import ConfigError, FieldError, NoFileError
from memorybank.files.write import append_line, read
from memorybank.ids import chosen
from memorybank.shell import quoted
from memorybank.store.cache import hide_state
from memorybank.store.view import address_in, look, open_document
from memorybank.times import stamp_of
from memorybank.wire import objects_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypedDict

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class PassageWire(TypedDict):
        """The JSON form of a passage."""

        stage: str
        session: str
        needs: list[str]
        unread: list[str]
        changed: list[str]
        hint: str
        is_open: bool


FILE = "gates.toml"
# names used by other tools; `load --stage` accepts the same ones
_OTHER_NAMES = {"validate": "verify", "reflect": "review"}
_READS = "reads.jsonl"
_LAST_BYTES = 1024 * 1024
# an agent loads the files, and starts a session afterwards
_EARLY = timedelta(hours=1)


class Passage(NamedTuple):
    """Whether a stage may begin: what it needs, what was not read yet, and what changed since it was read."""

    stage: str
    session: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    hint: str

    @property
    def is_open(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def to_wire(self) -> PassageWire:
        """Return the JSON form, with `is_open`."""
        return {
            "stage": self.stage,
            "session": self.session,
            "needs": list(self.needs),
            "unread": list(self.missing),
            "changed": list(self.changed),
            "hint": self.hint,
            "is_open": self.is_open,
        }


class Read(NamedTuple):
    """One marked read: when, in which session, and the digest of what was read."""

    at: str
    session: str
    address: str
    digest: str


def gate(bank: BankFolder, stage: str, session: str) -> Passage:
    """Check whether a stage may begin in a session; write nothing.

    Raises:
        FieldError: the stage is unknown.
        ConfigError: the bank's own table is invalid.
    """
    table = stages_of(bank)
    stage = chosen(stage, [*table, *_OTHER_NAMES])
    stage = stage if stage in table else _OTHER_NAMES.get(stage, stage)
    if stage not in table:
        close = near(stage, list(table)) or list(table)
        why = f"unknown stage {stage!r}: choose from {', '.join(table)}"
        raise FieldError(field="stage", why=why, hint=f"bank gate {close[0]}")
    done = reads_of(bank, session)
    needs = tuple(_in_layout(bank, table[stage]))
    missing = tuple(need for need in needs if _newest(done, need) is None)
    changed = tuple(need for need in needs if (was := _newest(done, need)) is not None and _is_changed(bank, was))
    hint = f"bank load {' '.join(quoted(each) for each in missing)} --mark" if missing else ""
    return Passage(stage, session, needs, missing, changed, hint)


def _in_layout(bank: BankFolder, needs: Iterable[str]) -> Iterator[str]:
    """Return what can be read in this layout; a bank of another tool has only some of the files."""
    for need in needs:
        if bank.layout.contracted:
            yield need
            continue
        place = address_in(bank, need)
        if place.file in bank.main_files and (bank.folder / place.file).is_file():
            is_there = place.section and find_named(open_document(bank, place.file), place.section)
            yield str(place) if is_there else place.file


def stages_of(bank: BankFolder) -> dict[str, tuple[str, ...]]:
    """Read the table of stages: the built-in one, overridden stage by stage by the bank's own.

    Raises:
        ConfigError: the bank's own table is invalid.
    """
    from memorybank.contracts.load import template_bytes

    table = _table(template_bytes(FILE))
    return table | _table(template_bytes(FILE, bank.folder / "templates"))


def _table(data: bytes) -> dict[str, tuple[str, ...]]:
    import tomllib

    try:
        value: dict[str, Any] = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigError(path=f"templates/{FILE}", why=str(error)[:200]) from error
    for name, rows in value.items():
        if not isinstance(rows, list) or not all(isinstance(row, str) and row for row in rows):
            raise ConfigError(path=f"templates/{FILE}", why=f"{name} must be a list of addresses")
    return {name: tuple(rows) for name, rows in value.items()}


def mark_reads(bank: BankFolder, seen: Iterable[tuple[str, str]], way: Way) -> None:
    """Record that a session has read these addresses, each with its digest; skip it for a read-only bank.

    Raises:
        MachineError: the local state cannot be written.
    """
    if bank.read_only:
        return
    hide_state(bank)
    at = stamp_of(way.author.now())
    row = {"at": at, "session": way.author.actor.session, "reads": [list(each) for each in seen]}
    append_line(bank.state / _READS, json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode())


def last_load(bank: BankFolder) -> str:
    """Return the time of the last marked load, "" without one."""
    return max((str(row.get("at", "")) for row in _rows(bank)), default="")


def _rows(bank: BankFolder) -> list[dict[str, Any]]:
    try:
        data = read(bank.state / _READS)[-_LAST_BYTES:]
    except NoFileError:
        return []
    # the first line may be cut off at its start
    return objects_in(data)


def reads_of(bank: BankFolder, session: str) -> list[Read]:
    """Return the marked reads of a session, oldest first.

    To a session of the bank also belongs what its agent read in the hour before it started: agents load first.
    """
    begun, agent = _start_of(bank, session)
    found: list[Read] = []
    for row in _rows(bank):
        at, by, rows = str(row.get("at", "")), str(row.get("session", "")), row.get("reads")
        if by != session and not (begun and early(begun) <= at <= begun and by in {"", agent}):
            continue
        pairs = [each for each in rows if isinstance(each, list) and len(each) == 2] if isinstance(rows, list) else []  # noqa: PLR2004  a pair
        found += [Read(at, by, str(address), str(digest)) for address, digest in pairs]
    return found


def early(at: str) -> str:
    """Return the time an hour before a time; what cannot be read as one stays as it is."""
    try:
        return stamp_of(datetime.fromisoformat(at) - _EARLY)
    except ValueError:
        return at


def _start_of(bank: BankFolder, session: str) -> tuple[str, str]:
    """Return when a session of the bank started, and the id that its agent has for it; ("", "") for other ids."""
    from memorybank.errors import BankError
    from memorybank.records.sessions.sessions import find_session

    if not session or not (bank.folder / "sessions" / f"{session}.md").is_file():
        return "", ""
    try:
        fields = find_session(bank, session).fields
    except BankError:
        return "", ""
    return str(fields.get("started") or ""), str(fields.get("agent_session") or "")


def _newest(done: list[Read], needed: str) -> Read | None:
    """Return the last read of an address, or of its whole file."""
    from memorybank.document.names import is_same_name

    wanted = parse_address(needed)
    for each in reversed(done):
        was = parse_address(each.address)
        if was.file == wanted.file and (not was.section or is_same_name(was.section, wanted.section)):
            return each
    return None


def _is_changed(bank: BankFolder, was: Read) -> bool:
    from memorybank.errors import BankError

    try:
        return look(bank, was.address).digest != was.digest
    except BankError:
        return True
