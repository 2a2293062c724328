"""Read conversations from data exports of Claude and ChatGPT and from plain lists of messages, as sessions.

An export is a JSON file, a zip file, or a folder, with one JSON file or several. It is read in parts of a modest size,
so it may be larger than the memory. Only text messages are imported; everything else is counted by its kind.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from memorybank.document.inline import title_in
from memorybank.document.source import digest_of
from memorybank.document.text import one_line
from memorybank.errors import DiskError, LimitError
from memorybank.exchange.account import Account
from memorybank.exchange.conversation import json_stream, plain
from memorybank.exchange.conversation.archives import READ_ERRORS, Part, Reading, opened
from memorybank.exchange.conversation.chatgpt import chatgpt_talk
from memorybank.exchange.conversation.claude import claude_talk
from memorybank.exchange.conversation.json_stream import Fault, Rest, Value, values_in
from memorybank.exchange.conversation.projects import is_memory, is_project, memory_facts, named_in, project_facts
from memorybank.exchange.conversation.talk import Fields, Ledger, Talk, field_lines
from memorybank.exchange.incoming import BY_CONTENT, Incoming, ReadResult
from memorybank.exchange.safe_read import ForeignError, Misfit, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

FORMAT = "conversation"
# a part is written when it has so many talks, or so many characters: this and the largest talk have to be in memory
PART_RECORDS = 50
PART_CHARACTERS = 1_000_000
_IDS = ("uuid", "conversation_id", "id")
# files of an export that have no conversations
NO_TALKS = frozenset(
    [
        "users.json",
        "user.json",
        "user_settings.json",
        "message_feedback.json",
        "shared_conversations.json",
        "model_comparisons.json",
        "export_manifest.json",
        "conversation_asset_file_names.json",
        "library_files.json",
        "shopping.json",
        "sora.json",
    ]
)

# so many values that are no conversations are named, each by its place; the others are counted
_NAMED = 20


def read_conversations(
    path: Path, origin: str, on_progress: Callable[[str, int, int], None] | None = None
) -> Iterator[ReadResult]:
    """Yield the conversations of an export, part by part; `origin` is used for conversations without an id.

    Raises:
        ForeignError: it has no conversation in a known format.
        LimitError: it has only a value that is too large.
    """
    with opened(path) as export:
        parts = [part for part in export.parts if _last(part.name) not in NO_TALKS]
        export.others.update(_last(part.name) for part in export.parts if part not in parts)
        reader = _Reader(path, on_progress, sum(part.size for part in parts))
        for part in parts:
            yield from reader.read(part, f"{origin}/{part.name}" if len(parts) > 1 and part.name else origin)
        reader.check(export.misfits, export.others)
        export.others.update(reader.unknown)
        others = [Misfit(origin, f"{number} files ({kind}) skipped") for kind, number in sorted(export.others.items())]
        yield ReadResult(FORMAT, misfits=(*export.misfits, *others))


def conversations_in(data: bytes, path: Path, origin: str) -> Iterator[ReadResult]:
    """Yield the conversations of a text; `path` is its name in errors.

    Raises:
        ForeignError: it has no conversation in a known format.
        LimitError: it has only a value that is too large.
    """
    reader = _Reader(path, None, len(data))
    yield from reader.read(Part("", len(data), lambda: BytesIO(data)), origin)
    reader.check([], {})


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


class _Batch:
    """The records of a part that is being read, and their account."""

    def __init__(self, fields: Fields) -> None:
        self.records: list[Incoming] = []
        self.account = Account()
        self.size = 0
        self._fields = fields
        self._ledgers: list[Ledger] = []

    def ledger(self, entry: str) -> Ledger:
        """Return a ledger of the account; it is settled when the part is done."""
        self._ledgers.append(Ledger(self.account, entry, self._fields))
        return self._ledgers[-1]

    @property
    def is_full(self) -> bool:
        """Whether it is to be written before more is read."""
        return len(self.records) >= PART_RECORDS or self.size >= PART_CHARACTERS

    def done(self) -> ReadResult:
        """Return the part."""
        for ledger in self._ledgers:
            ledger.settle()
        return ReadResult(FORMAT, tuple(self.records), account=self.account)


class _Reader:
    """Reads the JSON files of one export."""

    def __init__(self, path: Path, on_progress: Callable[[str, int, int], None] | None, size: int) -> None:
        self.unknown: list[str] = []
        self._path = path
        self._on_progress = on_progress
        self._size = size
        self._read = 0
        self._is_known = False
        self._faults: list[str] = []

    def read(self, part: Part, origin: str) -> Iterator[ReadResult]:
        """Yield the conversations of a file, part by part; the last one has the report of the file."""
        fields = Fields()
        batch = _Batch(fields)
        told: list[Misfit] = []
        odd: list[Misfit] = []
        rows = _Rows()
        number = odd_count = 0
        is_known = False
        for each in self._values(part):
            if isinstance(each, Fault):
                told.append(Misfit(origin, f"{each.why}; {'nothing after it is read' if each.is_end else 'skipped'}"))
                self._faults.append(each.why)
                continue
            if isinstance(each, Rest):
                _keep_rest(each, batch.ledger(origin))
                _report_repeated(each, origin, batch)
                continue
            number += 1
            if rows.take(each):
                _report_repeated(each, origin, batch)
                continue
            place = f"{origin}#{number}"
            if _take(each.value, place, batch):
                is_known = True
                batch.size += each.size
                _report_repeated(each, place, batch)
            else:
                odd_count += 1
                if odd_count <= _NAMED:
                    odd.append(
                        Misfit(place, f"skipped: it is not a conversation in a known format{named_in(each.value)}")
                    )
            if batch.is_full:
                yield batch.done()
                batch = _Batch(fields)
        if rows.values:
            is_known = _take({"messages": rows.values}, f"{origin}#1", batch)
        told += [Misfit(origin, rows.why)] if rows.why else []
        self._is_known = self._is_known or is_known
        if is_known or not part.name:
            told += odd
            if odd_count > _NAMED:
                told.append(Misfit(origin, f"{odd_count - _NAMED} other values that are no conversations skipped"))
            told += [Misfit(origin, line) for line in field_lines(fields)]
        elif not told:
            self.unknown.append(_last(part.name))
        yield batch.done()
        yield ReadResult(FORMAT, misfits=tuple(told))

    def _values(self, part: Part) -> Iterator[Value | Rest | Fault]:
        def on_read(size: int) -> None:
            self._read += size
            if self._on_progress is not None:
                self._on_progress("MB of conversations read", self._read >> 20, self._size >> 20)

        try:
            with part.open() as stream:
                yield from values_in(Reading(stream, part.name or str(self._path), on_read))
        except DiskError as error:
            yield Fault(refusal_of(error))
        except READ_ERRORS as error:
            yield Fault(f"it cannot be read ({error})")

    def check(self, misfits: Sequence[Misfit], others: Mapping[str, int]) -> None:
        """Refuse an export that has nothing known.

        Raises:
            ForeignError: it has no conversation in a known format.
            LimitError: it has only a value that is too large.
        """
        if self._is_known:
            return
        if any(json_stream.TOO_LARGE in why for why in self._faults):
            raise LimitError(path=self._path, why=self._faults[0])
        whys = [*self._faults, *(f"{each.where}: {each.why.removeprefix('skipped: ')}" for each in misfits)]
        names = ", ".join(f"{number} {kind}" for kind, number in [*sorted(others.items())][:_NAMED])
        why = whys[0] if whys else f"it has no conversation in a known format{f' (files: {names})' if names else ''}"
        if why.startswith(json_stream.NOT_JSON):
            why += "; conversations are in the JSON files of an export, or in its zip file"
        raise ForeignError(path=self._path, why=why)


class _Rows:
    """The messages of a file that is itself a list of messages."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.why = ""
        self._size = 0
        self._left = 0

    def take(self, found: Value) -> bool:
        """Take a value if it is a message; those beyond what one conversation may have are counted."""
        row: Any = found.value
        if not plain.is_message(row) or isinstance(row.get("messages"), list):
            return False
        self._size += found.size
        if self._size <= json_stream.VALUE_LIMIT:
            self.values.append(found.value)
        else:
            self._left += 1
            limit = json_stream.VALUE_LIMIT // 1024 // 1024
            self.why = f"its list of messages is larger than {limit} MB: the last {self._left} messages skipped"
        return True


def _report_repeated(each: Value | Rest, place: str, batch: _Batch) -> None:
    for name, count in each.repeated.items():
        batch.account.left(place, f"earlier values of a repeated name ({one_line(name)[:40]})", count=count)


def _keep_rest(rest: Rest, ledger: Ledger) -> None:
    ledger.came(rest.fields)
    for key, value in rest.fields.items():
        ledger.field("file", key, value)


def _take(value: Any, place: str, batch: _Batch) -> bool:
    """Take a value into the part; false if it is nothing known."""
    if not isinstance(value, dict):
        return False
    ident = next((value[key] for key in _IDS if isinstance(value.get(key), str) and value[key]), "")
    entry = ident or place
    if isinstance(value.get("chat_messages"), list):
        _take_talk(claude_talk, value, ident, entry, batch)
    elif isinstance(value.get("mapping"), dict):
        _take_talk(chatgpt_talk, value, ident, entry, batch)
    elif any(isinstance(value.get(key), list) for key in plain.LISTS):
        _take_talk(plain.plain_talk, value, ident, entry, batch)
    elif is_project(value):
        batch.records += project_facts(value, entry, batch.ledger)
    elif is_memory(value):
        batch.records += memory_facts(value, "claude-memory", batch.ledger)
    else:
        return False
    return True


def _take_talk(
    talk_of: Callable[[Mapping[str, Any], Ledger], Talk],
    value: Mapping[str, Any],
    ident: str,
    entry: str,
    batch: _Batch,
) -> None:
    ledger = batch.ledger(entry)
    ledger.came(value)
    talk = talk_of(value, ledger)
    messages = [message for message in talk.messages if message.text.strip()]
    if messages:
        batch.records.append(incoming(talk._replace(ident=ident, messages=messages), entry, batch.account))
    else:
        parts = [f"{count} {kind}" for kind, count in ledger.left_out.items()]
        parts += [f"its tree is broken: {talk.broken}"] if talk.broken else []
        more = f" ({'; '.join(parts)})" if parts else ""
        batch.account.skipped(entry, f"it has no messages{more}{named_in(value)}")


def incoming(talk: Talk, entry: str, account: Account) -> Incoming:
    """Return a conversation as a session; what is missing or broken is reported."""
    asked = next((message.text for message in talk.messages if message.role == "user"), talk.messages[0].text)
    told = json.dumps([talk.title, talk.summary, [message._asdict() for message in talk.messages]])
    times = [message.at for message in talk.messages if message.at]
    started = talk.started or min(times, default="")
    ended = max([talk.ended, *times])
    if not started and talk.tool != plain.TOOL:
        account.reported(entry, "it has no date")
    if talk.broken:
        account.reported(entry, f"its tree is broken: {talk.broken}; {len(talk.messages)} messages of it were taken")
    fields = {"tool": talk.tool, "agent_session": talk.ident, "started": started, "ended": ended}
    first = json.dumps(talk.messages[0])
    return Incoming(
        entry,
        digest_of(told.encode()),
        "session",
        talk.title or title_in(asked) or "Conversation",
        "",
        wish=talk.ident,
        key=talk.ident or f"{BY_CONTENT}{digest_of(first.encode())}",
        status="ended",
        summary=talk.summary,
        tags=talk.tags,
        source_tool=talk.tool,
        created=started,
        metadata=talk.metadata,
        fields={name: each for name, each in fields.items() if each},
        messages=tuple(talk.messages),
    )
