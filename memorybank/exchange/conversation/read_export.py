"""Read conversations from data exports of Claude and ChatGPT and from plain lists of messages, as sessions.

An export is a JSON file, a zip file, or a folder, with one JSON file or several. It is read in parts of a modest size,
so it may be larger than the memory. Only text messages are imported; everything else is counted by its kind.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from memorybank.errors import DiskError, LimitError
from memorybank.exchange.conversation import json_stream, plain
from memorybank.exchange.conversation.archives import READ_ERRORS, Part, Reading, opened
from memorybank.exchange.conversation.batch import Batch, incoming
from memorybank.exchange.conversation.chatgpt import chatgpt_talk
from memorybank.exchange.conversation.claude import claude_talk
from memorybank.exchange.conversation.json_stream import Fault, Rest, Value, values_in
from memorybank.exchange.conversation.projects import is_memory, is_project, memory_facts, named_in, project_facts
from memorybank.exchange.conversation.talk import Fields, Ledger, Talk, field_lines
from memorybank.exchange.incoming import ReadResult
from memorybank.exchange.safe_read import ForeignError, Misfit, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

FORMAT = "conversation"
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


def conversations_in(
    data: bytes, path: Path, origin: str, on_progress: Callable[[str, int, int], None] | None = None
) -> Iterator[ReadResult]:
    """Yield the conversations of a text; `path` is its name in errors. A part is done when the next one is asked for.

    Raises:
        ForeignError: it has no conversation in a known format.
        LimitError: it has only a value that is too large.
    """
    reader = _Reader(path, None, len(data))
    for part in reader.read(Part("", len(data), lambda: BytesIO(data)), origin):
        yield part
        if on_progress is not None:
            on_progress("bytes of conversations imported", reader.size_read, len(data))
    reader.check([], {})


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


class _Reader:
    """Reads the JSON files of one export."""

    def __init__(self, path: Path, on_progress: Callable[[str, int, int], None] | None, size: int) -> None:
        self.unknown: list[str] = []
        self._path = path
        self._on_progress = on_progress
        self._size = size
        self.size_read = 0
        self._is_known = False
        self._faults: list[str] = []

    def read(self, part: Part, origin: str) -> Iterator[ReadResult]:
        """Yield the conversations of a file, part by part; the last one has the report of the file."""
        fields = Fields()
        batch = Batch(FORMAT, fields)
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
                batch = Batch(FORMAT, fields)
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
            self.size_read += size
            if self._on_progress is not None:
                self._on_progress("MB of conversations read", self.size_read >> 20, self._size >> 20)

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


def _report_repeated(each: Value | Rest, place: str, batch: Batch) -> None:
    for lost in each.lost:
        batch.account.left(place, lost.kind)


def _keep_rest(rest: Rest, ledger: Ledger) -> None:
    ledger.came(rest.fields)
    for key, value in rest.fields.items():
        ledger.field("file", key, value)


def _take(value: Any, place: str, batch: Batch) -> bool:
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
    batch: Batch,
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
