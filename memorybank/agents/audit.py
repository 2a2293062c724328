"""The log of what agents asked for: one line for each call, with names and sizes, never what was read or written.

It is local, in `.state/audit.jsonl`. A full file is renamed to `audit.1.jsonl` and replaces the one before. A crash may
lose the last lines: unlike the journal, nothing is restored from it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, NoFileError
from memorybank.files.durable import append_line, rotate
from memorybank.files.lock import lock
from memorybank.files.read import read
from memorybank.listing import Listing
from memorybank.store.cache import hide_state
from memorybank.wire import objects_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import NotRequired, TypedDict

    from memorybank.store.folder import BankFolder

    class AuditEntryWire(TypedDict):
        """The JSON form of a call."""

        at: str
        client: str
        tool: str
        session: str
        addresses: list[str]
        bytes_in: int
        bytes_out: int
        milliseconds: float
        outcome: str
        # of what was loaded into a model's window
        tokens: NotRequired[int]
        window: NotRequired[int]


FILE = "audit.jsonl"
OLDER = "audit.1.jsonl"
ROTATE_BYTES = 4 * 1024 * 1024
OK = "ok"
# an address is a name: whatever is longer is a text that has no place in the log
_NAME_LENGTH = 80
_ADDRESS_LENGTH = 200
_ADDRESSES = 20
# a larger number is of no call, and JSON has none beyond it that every reader takes
_LARGEST = 2**53


class AuditEntry(NamedTuple):
    """One call of a tool: when, by which client, on which addresses, how much went in and out, and how it ended.

    `outcome` is "ok" or the code of the error. Of a load of corrections, `tokens` is about how many were given, and
    `window` the size of the model's window, 0 if it is not known.
    """

    at: str
    client: str
    tool: str
    addresses: tuple[str, ...] = ()
    bytes_in: int = 0
    bytes_out: int = 0
    milliseconds: float = 0.0
    outcome: str = OK
    session: str = ""
    tokens: int = 0
    window: int = 0

    def to_wire(self) -> AuditEntryWire:
        """Return the JSON form; what only some calls have is left out of the others."""
        wire: AuditEntryWire = {
            "at": self.at,
            "client": self.client,
            "tool": self.tool,
            "session": self.session,
            "addresses": list(self.addresses),
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "milliseconds": self.milliseconds,
            "outcome": self.outcome,
        }
        if self.tokens:
            wire["tokens"] = self.tokens
        if self.window:
            wire["window"] = self.window
        return wire


class ToolTotal(NamedTuple):
    """The sums of one tool: its calls, those that failed, how much went in and out, and how long they took."""

    tool: str
    calls: int
    failed: int
    bytes_in: int
    bytes_out: int
    milliseconds: float


class AuditLog(Listing[AuditEntry]):
    """The calls, the newest first, and the totals of each tool over all calls that match, whatever the limit."""

    __slots__ = ("tools",)
    plural = "calls"
    beside = ("tools",)
    tools: tuple[ToolTotal, ...]

    def __init__(self, rows: Iterable[AuditEntry] = (), *, total: int | None = None) -> None:
        super().__init__(rows, total=total)
        self.tools = ()


def record_call(bank: BankFolder, entry: AuditEntry) -> None:
    """Add a call to the log. A log that cannot be written is no reason to fail the call: nothing is raised.

    Several processes may add at once; each line is whole.
    """
    if bank.read_only or not bank.folder.is_dir():
        return
    path = bank.state / FILE
    with suppress(BankError, OSError, ValueError):
        if not path.exists():
            hide_state(bank)
        else:
            _rotate_full(path)
        append_line(path, _line_of(entry), is_durable=False)


def _rotate_full(path: Path) -> None:
    """Rename a full log, if no other process just did. One that cannot be renamed is added to all the same."""
    with suppress(BankError, OSError):
        if path.stat().st_size > ROTATE_BYTES:
            with lock(path.with_name("audit.lock"), timeout=1.0, holder="audit"):
                if path.stat().st_size > ROTATE_BYTES:
                    rotate(path, path.with_name(OLDER))


def _line_of(entry: AuditEntry) -> bytes:
    row: dict[str, Any] = {
        "at": entry.at,
        "client": _name(entry.client),
        "tool": _name(entry.tool),
        "addresses": [_name(each, _ADDRESS_LENGTH) for each in entry.addresses[:_ADDRESSES]],
        "bytes_in": entry.bytes_in,
        "bytes_out": entry.bytes_out,
        "milliseconds": round(entry.milliseconds, 1),
        "outcome": _name(entry.outcome),
    }
    if entry.session:
        row["session"] = _name(entry.session)
    row.update({name: value for name, value in (("tokens", entry.tokens), ("window", entry.window)) if value})
    # escaped to ASCII: a name may hold anything that JSON can
    return json.dumps(row, separators=(",", ":")).encode("ascii")


def _name(text: str, length: int = _NAME_LENGTH) -> str:
    """Return the first line of a name, cut to what a name needs."""
    line = next(iter(text[: length + 1].split("\n")), "")
    return line if len(line) <= length else f"{line[: length - 1]}…"


def list_calls(
    bank: BankFolder, *, since: str = "", client: str = "", tool: str = "", session: str = "", limit: int = 20
) -> AuditLog:
    """Return the calls in the log that match, the newest first; `since` is a time as records have it.

    Lines that a crash tore are skipped; of a line that another program wrote, only what a call has is returned.

    Raises:
        BankError: the log cannot be read.
    """
    wanted = {"client": client.casefold(), "tool": tool.casefold(), "session": session.casefold()}
    found = [
        entry
        for entry in _entries(bank)
        if entry.at >= since
        and all(not word or getattr(entry, field).casefold() == word for field, word in wanted.items())
    ]
    newest = found[: -limit - 1 : -1] if limit else found[::-1]
    log = AuditLog(newest, total=len(found))
    log.tools = _totals(found)
    return log


def _entries(bank: BankFolder) -> Iterator[AuditEntry]:
    for name in (OLDER, FILE):
        try:
            data = read(bank.state / name)
        except NoFileError:
            continue
        for row in objects_in(data):
            entry = _entry_of(row)
            if entry is not None:
                yield entry


def _entry_of(row: dict[str, Any]) -> AuditEntry | None:
    """Return a call from its line; None for a line that is not one."""
    if not isinstance(row.get("at"), str) or not isinstance(row.get("tool"), str):
        return None
    addresses = row.get("addresses")
    return AuditEntry(
        at=_name(row["at"]),
        client=_text(row.get("client")),
        tool=_name(row["tool"]),
        addresses=tuple(_text(each, _ADDRESS_LENGTH) for each in addresses) if isinstance(addresses, list) else (),
        bytes_in=_number(row.get("bytes_in")),
        bytes_out=_number(row.get("bytes_out")),
        milliseconds=float(_number(row.get("milliseconds"), float)),
        outcome=_text(row.get("outcome")) or OK,
        session=_text(row.get("session")),
        tokens=_number(row.get("tokens")),
        window=_number(row.get("window")),
    )


def _text(value: Any, length: int = _NAME_LENGTH) -> str:
    return _name(value, length) if isinstance(value, str) else ""


def _number(value: Any, kind: type = int) -> Any:
    """Return a number of a call; 0 for another value, also for NaN and Infinity, which JSON does not have."""
    is_number = isinstance(value, (int, kind)) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= _LARGEST else 0


def _totals(entries: Sequence[AuditEntry]) -> tuple[ToolTotal, ...]:
    """Return the sums of each tool, the one with the most bytes out first."""
    sums: dict[str, ToolTotal] = {}
    for entry in entries:
        old = sums.get(entry.tool) or ToolTotal(entry.tool, 0, 0, 0, 0, 0.0)
        sums[entry.tool] = ToolTotal(
            entry.tool,
            old.calls + 1,
            old.failed + (entry.outcome != OK),
            old.bytes_in + entry.bytes_in,
            old.bytes_out + entry.bytes_out,
            round(old.milliseconds + entry.milliseconds, 1),
        )
    return tuple(sorted(sums.values(), key=lambda total: (-total.bytes_out, total.tool)))
