"""One conversation as a value, and the ledger of its words: what of it is taken, left out, or a technical field."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.text import one_line
from memorybank.exchange.safe_read import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.exchange.account import Account
    from memorybank.records.sessions.messages import Message

ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "bot": "assistant", "gpt": "assistant"}
OTHER = "other"

_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z", re.ASCII)
_NUMBER = re.compile(r"\d{9,19}(\.\d+)?\Z", re.ASCII)
# data in a text form (pictures, sound, encrypted text): its letters are no words
_DATA = re.compile(r"(data:[\w/+.-]{0,80};base64,)?[A-Za-z0-9+/_=-]{2000}", re.ASCII)
_DATA_SHOWN = 80
_LONGEST_WORD = 2048
# later than any time in seconds: milliseconds, microseconds, nanoseconds
_SECONDS = 100_000_000_000
# larger than any time in nanoseconds
_LATEST = _SECONDS * 1_000**3


class Talk(NamedTuple):
    """One conversation: its tool, its id there, its title, times and messages; `broken` says what its tree lacks."""

    tool: str
    ident: str
    title: str
    started: str
    ended: str
    messages: list[Message]
    summary: str = ""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = {}
    broken: str = ""


class Fields:
    """How often each field that is not imported was seen in a file, by its group and name."""

    def __init__(self) -> None:
        """Start without fields."""
        self.known: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()


class Ledger:
    """What becomes of the words of one conversation."""

    def __init__(self, account: Account, entry: str, fields: Fields) -> None:
        """Account for one entry; `fields` are those of the whole file."""
        self.account = account
        self.entry = entry
        self.left_out: Counter[str] = Counter()
        self._fields = fields
        self._turned: list[str] = []

    def came(self, value: Any) -> None:
        """Note all the words of the conversation."""
        self.account.came(self.entry, "\n".join(leaves(value)))

    def turned(self, *texts: Any) -> None:
        """Note names and values that are kept in another form: places in the tree, times, roles, names of fields."""
        for text in texts:
            self._turned += leaves(text)

    def left(self, kind: str, value: Any, count: int = 1) -> None:
        """Note something that is left out; `count` parts of this kind."""
        if count:
            self.left_out[kind] += count
            self.account.left(self.entry, kind, "\n".join(leaves(value)), count)
        else:
            self.turned(value)

    def field(self, group: str, name: str, value: Any, known: Iterable[str] = ()) -> None:
        """Note a field that is not imported; it is counted for the whole file, unless it is empty."""
        self.turned(name, value)
        if value not in (None, "", [], {}):
            counted = self._fields.known if name in known else self._fields.unknown
            counted[one_line(f"{group} {name}"[:80])] += 1

    def settle(self) -> None:
        """Hand what was turned to the account."""
        self.account.turned(self.entry, "\n".join(self._turned))
        self._turned.clear()


def leaves(value: Any) -> list[str]:
    """Return the names and values of a nested value as texts; of data in text form only its beginning."""
    found: list[str] = []
    _collect(value, found)
    return found


def _collect(value: Any, found: list[str]) -> None:
    if isinstance(value, str):
        is_data = len(value) > _LONGEST_WORD and _DATA.match(value)
        found.append(value[:_DATA_SHOWN] if is_data else value)
    elif isinstance(value, dict):
        for key, each in value.items():
            found.append(key)
            _collect(each, found)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _collect(each, found)
    elif value is not None:
        found.append(str(value))


def field_lines(fields: Fields, room: int = 280) -> list[str]:
    """Return the lines of a report about the fields of a file: all unknown ones, and the first of the known ones."""
    lines: list[str] = []
    line = ""
    for name, count in sorted(fields.unknown.items()):
        word = f"{name} ({count})"
        if line and len(line) + len(word) > room - 40:
            lines.append(line)
            line = ""
        line += f", {word}" if line else f"fields not imported: {word}"
    lines += [line] if line else []
    if fields.known:
        total, first = fields.known.total(), [f"{name} ({count})" for name, count in fields.known.most_common()]
        line = f"{total} technical fields not imported: "
        shown = 0
        while shown < len(first) and len(line) + len(first[shown]) < room - 40:
            line += ("" if not shown else ", ") + first[shown]
            shown += 1
        lines.append(line + (f" and {len(first) - shown} other kinds" if shown < len(first) else ""))
    return lines


def role_of(value: Any, ledger: Ledger) -> str:
    """Return a role in our words; one that is no role is left out, and the message is of somebody else."""
    word = value.strip().lower() if isinstance(value, str) else ""
    found = ROLES.get(word, word)
    if _ROLE.match(found):
        ledger.turned(value)
        return found
    if value not in (None, ""):
        ledger.left("roles that are not a word", value)
    return OTHER


def time_of(value: Any) -> str:
    """Return a time in our format, as `moment_of`; seconds may be a text, and thousandths or less of a second."""
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value > _LATEST:
            return ""
        while value >= _SECONDS:
            value /= 1000
    return moment_of(value)


def seconds_of(value: Any) -> float:
    """Return a time as seconds with their fraction, to compare it with others; 0 if it is not one."""
    from datetime import UTC, datetime

    if isinstance(value, str) and not _NUMBER.match(value.strip()):
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            return 0.0
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() if at.year > 1 else 0.0
    if not time_of(value):
        return 0.0
    number = float(value)
    while number >= _SECONDS:
        number /= 1000
    return number


def take_time(value: Any, ledger: Ledger, what: str = "times that cannot be read") -> str:
    """Return a time in our format; one that cannot be read is left out and counted."""
    at = time_of(value)
    if at or value in (None, "", 0):
        ledger.turned(value)
    else:
        ledger.left(what, value)
    return at


def is_empty(value: Any) -> bool:
    """Return whether a value has no text and no part."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list):
        return all(map(is_empty, value))
    return value is None or value == {}
