"""Values of an import: what a reader of a foreign format returns, and how it is cleaned for a record."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.text import one_line, without_hidden
from memorybank.errors import FieldError
from memorybank.exchange.safe_read import Misfit
from memorybank.ids import slug_of
from memorybank.records.fields import MAX_DEPTH, TEXT_LENGTH, check_tag
from memorybank.records.record import RELATIONS, Link
from memorybank.secrets.scan import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.records.sessions.messages import Message

# metadata names: where a record was imported from, and its id there
ORIGIN = "imported_from"
CAME_AS = "imported_id"
MAX_TAGS = 50
ENTRY_LENGTH = 300
# half of the 64 KB up to which front matter is read: metadata is only a part of it
METADATA_CHARACTERS = 32 * 1024

_NOT_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_NOT_ID = re.compile(r"[ \t\r\n,\[\]{}\"']")


class Incoming(NamedTuple):
    """A record to be created.

    `entry` is its place in the source and `digest` the digest of its text there: both identify it in a later import.
    `wish` is its id in the source; `ours` is true if it was exported by `memorybank`. `messages` is None except for
    sessions.
    """

    entry: str
    digest: str
    kind: str
    title: str
    content: str
    wish: str = ""
    ours: bool = False
    status: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    project: str = ""
    source_tool: str = ""
    source_repo: str = ""
    session: str = ""
    created: str = ""
    updated: str = ""
    metadata: Mapping[str, Any] = {}
    links: tuple[Link, ...] = ()
    fields: Mapping[str, Any] = {}
    messages: tuple[Message, ...] | None = None


class PlainFile(NamedTuple):
    """A file to be copied unchanged to `name` in the bank; with `base` it replaces the text with that digest."""

    entry: str
    name: str
    data: bytes
    base: str = ""


class ReadResult(NamedTuple):
    """Everything a reader found in a source, and what it could not use."""

    source: str
    records: tuple[Incoming, ...] = ()
    files: tuple[PlainFile, ...] = ()
    misfits: tuple[Misfit, ...] = ()


class FittedRecord(NamedTuple):
    """A cleaned record, what was changed or lost, and the rules of its redacted secrets."""

    record: Incoming
    misfits: tuple[Misfit, ...]
    rules: tuple[str, ...]


class _Wash:
    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        self.lost = 0
        self.rules: list[str] = []

    def text(self, text: str) -> str:
        clean, lost = without_hidden(text)
        self.lost += lost
        clean, found = redacted(clean, self.allowed)
        self.rules += [each.rule for each in found]
        return clean

    def line(self, text: str, length: int = TEXT_LENGTH) -> str:
        return one_line(self.text(text))[:length]

    def value(self, value: Any, depth: int = 2) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, (dict, list, tuple)) and depth >= MAX_DEPTH:
            return self.text(json.dumps(value, ensure_ascii=False, default=str))
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(each, depth + 1) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(each, depth + 1) for each in value]
        return value if value is None or isinstance(value, (bool, int, float)) else self.text(str(value))


def washed(record: Incoming, allowed: tuple[str, ...] = ()) -> FittedRecord:
    """Return a record cleaned for drafting: without hidden characters and secrets, with valid names and lengths.

    Every change is reported.
    """
    wash = _Wash(allowed)
    misfits: list[Misfit] = []
    title = wash.line(record.title, TEXT_LENGTH)
    if len(title) > TITLE_LENGTH:
        misfits.append(Misfit(record.entry, f"its title of {len(title)} characters was cut to {TITLE_LENGTH}"))
    summary = wash.line(record.summary, TEXT_LENGTH + 1)
    if len(summary) > TEXT_LENGTH:
        misfits.append(Misfit(record.entry, f"its summary was cut to {TEXT_LENGTH} characters"))
    tags, no_tags = tags_of(wash.text(tag) for tag in record.tags)
    misfits += [Misfit(record.entry, f"{tag!r} cannot be a tag") for tag in no_tags]
    metadata, no_room = _metadata_of(wash.value(dict(record.metadata), 1))
    misfits += [Misfit(record.entry, f"metadata {each!r} is too large for front matter") for each in no_room]
    links = tuple(link for link in record.links if link.rel in RELATIONS and link.to and not _NOT_ID.search(link.to))
    misfits += [
        Misfit(record.entry, f"invalid link {link.rel}: {link.to[:80]}") for link in record.links if link not in links
    ]
    messages = None
    if record.messages is not None:
        messages = tuple(message._replace(text=wash.text(message.text).strip("\n")) for message in record.messages)
    clean = record._replace(
        title=title,
        content=wash.text(record.content),
        summary=summary[:TEXT_LENGTH],
        tags=tags,
        metadata=metadata,
        links=links,
        fields={
            name: wash.line(each) if isinstance(each, str) else wash.value(each) for name, each in record.fields.items()
        },
        messages=messages,
        status=wash.line(record.status),
        project=wash.line(record.project),
        source_tool=wash.line(record.source_tool),
        source_repo=wash.line(record.source_repo),
        session=wash.line(record.session),
    )
    if wash.lost:
        misfits.append(Misfit(record.entry, f"{wash.lost} hidden or broken characters were removed"))
    return FittedRecord(clean, tuple(misfits), tuple(wash.rules))


def washed_line(text: str, length: int = ENTRY_LENGTH) -> str:
    """Return a text as one short line that is safe to show and store: secrets are always redacted."""
    return _Wash(()).line(text)[:length]


def tags_of(words: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return foreign tags in our format, and those that cannot be converted."""
    found: dict[str, None] = {}
    lost: list[str] = []
    for each in words:
        word = one_line(each)
        try:
            tag = check_tag(word)
        except FieldError:
            tag = slug_of(word)
            tag = "" if tag == "untitled" else tag
        if not word:
            continue
        if tag and len(found) < MAX_TAGS:
            found[tag] = None
        else:
            lost.append(word[:80])
    return tuple(found), lost


def _metadata_of(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return metadata under names that are valid in front matter, and the names of values that are too large."""
    kept: dict[str, Any] = {}
    lost: list[str] = []
    room = METADATA_CHARACTERS
    for key, value in values.items():
        name = _NOT_NAME.sub("_", key) or "_"
        name = name if name[0].isalpha() or name[0] == "_" else f"_{name}"
        while name in kept:
            name += "_"
        size = len(json.dumps(value, ensure_ascii=False))
        if size > room:
            lost.append(key[:80])
        else:
            room -= size
            kept[name] = value
    return kept, lost
