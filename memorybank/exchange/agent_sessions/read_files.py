"""Read the session files of a coding agent: a file, a zip file, or a folder with the files of many sessions.

The files of one session are put together, and a session that was forked begins where it leaves its parent, so no
message is imported twice.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from memorybank.errors import DiskError
from memorybank.exchange.agent_sessions.bank_sessions import BankSessions
from memorybank.exchange.agent_sessions.copied_sessions import original_of
from memorybank.exchange.agent_sessions.json_lines import Broken, rows_in, whole_in
from memorybank.exchange.agent_sessions.same_messages import common_beginning, joined_lists, key_of
from memorybank.exchange.conversation.archives import READ_ERRORS, Part, Reading, opened
from memorybank.exchange.conversation.batch import Batch, incoming
from memorybank.exchange.conversation.talk import Fields, field_lines
from memorybank.exchange.incoming import ReadResult
from memorybank.exchange.safe_read import ForeignError, Misfit, refusal_of
from memorybank.records.record import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from memorybank.exchange.conversation.talk import Ledger, Talk
    from memorybank.records.sessions.messages import Message
    from memorybank.store.folder import BankFolder

    Progress = Callable[[str, int, int], None]

TWICE = "messages that another file of the session has"
INHERITED = "messages of the session it was forked from"
_HEAD = 1 << 20
# of the account of a part, the words that are only counted need less memory than the others
_LEFT_WEIGHT = 8
_PACKED = re.compile(r"\.(zst|gz|xz|bz2)\Z", re.IGNORECASE)


class Taker(Protocol):
    """What takes the rows of a session file, one after the other."""

    is_known: bool

    def take(self, row: Any) -> None:
        """Take a row."""

    def talk(self) -> Talk:
        """Return the session."""


class Head(NamedTuple):
    """The id of a session as its file begins, that of the session it was forked from, and that of its first entry.

    Files with the same first entry are copies of one session, up to the point where they leave each other.
    """

    ident: str = ""
    parent: str = ""
    first: str = ""


class Tool(NamedTuple):
    """An agent: its format, its name for people, which files are sessions, their heads, and what takes the rows.

    `other_kind` gives the kind of another file, from its name.
    """

    format: str
    name: str
    is_session: Callable[[str], bool]
    head_of: Callable[[str, bytes], Head]
    taker: Callable[[Ledger], Taker]
    other_kind: Callable[[str], str] = str


class _Group(NamedTuple):
    head: Head
    parts: list[Part]


def read_sessions(
    bank: BankFolder, tool: Tool, path: Path, origin: str, on_progress: Progress | None = None
) -> Iterator[ReadResult]:
    """Yield the sessions of an agent, part by part.

    Raises:
        ForeignError: there is no session in it.
    """
    with opened(path, lambda name: tool.is_session(_last(name)) or bool(_PACKED.search(name))) as export:
        packed = [part for part in export.parts if part.name and _PACKED.search(part.name)]
        parts = sorted((part for part in export.parts if part not in packed), key=lambda part: _last(part.name))
        reader = _Reader(bank, tool, origin, on_progress, sum(part.size for part in parts))
        yield from reader.read(parts)
        told = [*export.misfits, *reader.told]
        told += [
            Misfit(f"{origin}/{part.name}", "skipped: it is compressed; unpack it, then import it") for part in packed
        ]
        if not reader.is_known:
            more = f" ({told[0].where}: {told[0].why.removeprefix('skipped: ')})" if told else ""
            raise ForeignError(path=path, why=f"it has no session of {tool.name}{more}")
        others: Counter[str] = Counter()
        for kind, number in export.others.items():
            others[tool.other_kind(kind)] += number
        told += [Misfit(origin, f"{number} files ({kind}) skipped") for kind, number in sorted(others.items())]
        told += [Misfit(origin, line) for line in field_lines(reader.fields)]
        yield ReadResult(tool.format, misfits=tuple(told))


class _Reader:
    def __init__(self, bank: BankFolder, tool: Tool, origin: str, on_progress: Progress | None, size: int) -> None:
        self.told: list[Misfit] = []
        self.fields = Fields()
        self.is_known = False
        self._tool = tool
        self._origin = origin
        self._on_progress = on_progress
        self._size = size
        self._read = 0
        self._before = BankSessions(bank, tool.format)
        # the messages of the sessions that others were forked from
        self._parents: set[str] = set()
        self._messages: dict[str, list[Message]] = {}

    def read(self, parts: Sequence[Part]) -> Iterator[ReadResult]:
        """Yield the sessions of files."""
        groups = self._groups(parts)
        self._parents = {group.head.parent for group in groups if group.head.parent}
        batch = Batch(self._tool.format, self.fields)
        for group in _parents_first(groups):
            self._take(group, batch)
            if batch.is_full:
                yield batch.done()
                self._before.forget()
                batch = Batch(self._tool.format, self.fields)
        yield batch.done()

    def _place(self, part: Part) -> str:
        return f"{self._origin}/{part.name}" if part.name else self._origin

    def _groups(self, parts: Sequence[Part]) -> list[_Group]:
        found: dict[str, _Group] = {}
        for part in parts:
            try:
                with part.open() as stream:
                    head = self._tool.head_of(_last(part.name or self._origin), stream.read(_HEAD))
            except READ_ERRORS as error:
                self.told.append(Misfit(self._place(part), f"skipped: it cannot be read ({error})"))
                continue
            found.setdefault(head.ident or self._place(part), _Group(head, [])).parts.append(part)
        return self._with_parents(list(found.values()))

    def _with_parents(self, groups: list[_Group]) -> list[_Group]:
        """Return groups so that the copies of a session name it as their parent."""
        alike: dict[str, list[_Group]] = {}
        for group in groups:
            if group.head.first and group.head.ident and not group.head.parent:
                alike.setdefault(group.head.first, []).append(group)
        parents: dict[str, str] = {}
        for copies in alike.values():
            if len(copies) > 1:
                idents = [group.head.ident for group in copies]
                original = original_of(idents, [group.parts for group in copies], self._before)
                parents |= {ident: original for ident in idents if ident != original}
        return [
            group._replace(head=group.head._replace(parent=parents.get(group.head.ident, group.head.parent)))
            for group in groups
        ]

    def _take(self, group: _Group, batch: Batch) -> None:
        """Take the files of a session."""
        entry = group.head.ident or self._place(group.parts[0])
        ledger = batch.ledger(entry)
        talks: list[Talk] = []
        for part in group.parts:
            taker = self._tool.taker(ledger)
            read = self._read
            number = self._rows(part, entry, taker, ledger)
            batch.size += (self._read - read) // _LEFT_WEIGHT
            if taker.is_known:
                talks.append(taker.talk())
                self.is_known = True
            elif number and len(group.parts) > 1:
                ledger.left(f"files that are no sessions of {self._tool.name}", None)
        if not talks:
            ledger.account.skipped(entry, f"it is not a session of {self._tool.name}")
            return
        talk = _together(talks, ledger)
        if talk.ident not in ("", group.head.ident):
            ledger.left("other ids of the session", talk.ident)
        talk = talk._replace(ident=group.head.ident)
        if talk.ident in self._parents:
            self._messages[talk.ident] = talk.messages
        talk = self._without_inherited(talk, group.head.parent, ledger)
        if not talk.messages:
            counts = ", ".join(f"{count} {kind}" for kind, count in ledger.left_out.items())
            ledger.account.skipped(entry, f"it has no messages{f' ({counts})' if counts else ''}")
            return
        record = incoming(talk, entry, ledger.account)
        batch.size += sum(len(message.text) for message in talk.messages)
        parent = group.head.parent
        if parent and (parent in self._messages or self._before.record_of(parent)):
            record = record._replace(links=(Link("relates", self._before.record_of(parent) or parent),))
        batch.records.append(record)

    def _rows(self, part: Part, entry: str, taker: Taker, ledger: Ledger) -> int:
        """Let the rows of a file be taken; return their number."""
        number = 0
        place = self._place(part)

        def on_read(size: int) -> None:
            self._read += size
            if self._on_progress is not None:
                self._on_progress("MB of sessions read", self._read >> 20, self._size >> 20)

        try:
            with part.open() as stream:
                rows = whole_in if place.lower().endswith(".json") else rows_in
                for row in rows(Reading(stream, place, on_read)):
                    number += 1
                    if isinstance(row, Broken):
                        ledger.account.came(entry, row.text)
                        why = f"{row.why}; {len(row.text)} characters skipped"
                        ledger.account.reported(entry, why, row.text, where=f"{place}:{row.line}")
                        continue
                    for lost in row.lost:
                        ledger.came(lost.value)
                        ledger.left(lost.kind, lost.value)
                    try:
                        taker.take(row.value)
                    except RecursionError:
                        why = "its JSON is nested too deeply; skipped"
                        ledger.account.reported(entry, why, where=f"{place}:{row.line}")
        except DiskError as error:
            ledger.account.reported(entry, f"it cannot be read to its end: {refusal_of(error)}", where=place)
        except READ_ERRORS as error:
            ledger.account.reported(entry, f"it cannot be read to its end ({error})", where=place)
        return number

    def _without_inherited(self, talk: Talk, parent: str, ledger: Ledger) -> Talk:
        """Return a session without the messages that it has from the session it was forked from."""
        if not parent or parent == talk.ident:
            return talk
        before = self._messages.get(parent) or self._before.messages_of(parent)
        number = common_beginning(before, talk.messages)
        imported = self._before.messages_of(talk.ident) if number else []
        if imported and key_of(imported[0]) == key_of(talk.messages[0]):
            # it was imported before its parent was there
            return talk
        for message in talk.messages[:number]:
            ledger.left(INHERITED, message.text)
        return talk._replace(messages=talk.messages[number:])


def _together(talks: Iterable[Talk], ledger: Ledger) -> Talk:
    """Return the talks of several files as one."""
    first, *others = talks
    for other in others:
        messages, twice = joined_lists(first.messages, other.messages)
        for message in twice:
            ledger.left(TWICE, message.text)
        for name, value in other.metadata.items():
            if name in first.metadata:
                ledger.left("fields of other files of the session", value, int(first.metadata[name] != value))
        ledger.left("titles of other files of the session", first.title, int(first.title not in ("", other.title)))
        first = first._replace(
            messages=messages,
            title=other.title or first.title,
            summary=other.summary or first.summary,
            started=min(filter(None, (first.started, other.started)), default=""),
            ended=max(first.ended, other.ended),
            metadata={**other.metadata, **first.metadata},
        )
    return first


def _parents_first(groups: Sequence[_Group]) -> list[_Group]:
    """Return groups in their order, but each behind the one it was forked from."""
    by_ident = {group.head.ident: group for group in groups if group.head.ident}
    found: list[_Group] = []
    done: set[int] = set()
    for group in groups:
        way: list[_Group] = []
        at: _Group | None = group
        while at is not None and id(at) not in done:
            done.add(id(at))
            way.append(at)
            at = by_ident.get(at.head.parent) if at.head.parent else None
        found += reversed(way)
    return found


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()
