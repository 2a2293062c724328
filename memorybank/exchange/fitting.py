"""Fit an imported record to its type: without hidden characters and secrets, with valid names and lengths.

What the type or the front matter has no place for is kept under `metadata`, in names that start with `imported_`; what
is too large for that goes below the text, as JSON.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.text import one_line, without_hidden
from memorybank.errors import FieldError
from memorybank.exchange.account import texts_in, words_of
from memorybank.exchange.safe_read import Misfit, refusal_of
from memorybank.ids import slug_of
from memorybank.records.fields import MAX_DEPTH, NAME_LENGTH, TEXT_LENGTH, check_fields, check_tag
from memorybank.records.record import RELATIONS
from memorybank.secrets.scan import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from memorybank.exchange.incoming import Incoming
    from memorybank.records.record import Link
    from memorybank.records.types import RecordType

MAX_TAGS = 50
ENTRY_LENGTH = 300
# half of the 64 KB up to which front matter is read: metadata is only a part of it
METADATA_CHARACTERS = 32 * 1024
VALUES_HEADING = "Imported Values"
UNKNOWN_STATUS = "proposed"

_NOT_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_NOT_ID = re.compile(r"[ \t\r\n,\[\]{}\"']")
_FENCES = re.compile(r"`{3,}")


class FittedRecord(NamedTuple):
    """A record that its type accepts, what was changed, the rules of its redacted secrets, and the texts with them."""

    record: Incoming
    misfits: tuple[Misfit, ...]
    rules: tuple[str, ...]
    secret_texts: tuple[str, ...]


class _Wash:
    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        self.lost = 0
        self.rules: list[str] = []
        self.secret_texts: list[str] = []

    def text(self, text: str) -> str:
        shown, lost = without_hidden(text)
        self.lost += lost
        clean, found = redacted(shown, self.allowed)
        self.rules += [each.rule for each in found]
        self.secret_texts += [shown[each.start : each.end] for each in found]
        return clean

    def line(self, text: str, length: int = TEXT_LENGTH) -> str:
        return one_line(self.text(text))[:length]

    def value(self, value: Any, depth: int = 2) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        if isinstance(value, (dict, list, tuple)) and (depth >= MAX_DEPTH or _has_long_name(value)):
            return self.text(json.dumps(value, ensure_ascii=False, default=str))
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(each, depth + 1) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(each, depth + 1) for each in value]
        return value if value is None or isinstance(value, (bool, int, float)) else self.text(str(value))


def _has_long_name(value: Any) -> bool:
    return isinstance(value, dict) and any(len(str(key)) > NAME_LENGTH for key in value)


def fitted(
    record: Incoming, kind: RecordType, allowed: tuple[str, ...] = (), exists: Callable[[Link], bool] = lambda _: True
) -> FittedRecord:
    """Return a record as its type accepts it; every change is reported and what did not fit is kept.

    `exists` says whether the target of a link does.
    """
    wash = _Wash(allowed)
    misfits: list[Misfit] = []
    kept: dict[str, Any] = {}

    def keep(name: str, value: Any, why: str) -> None:
        kept[f"imported_{name}"] = value
        misfits.append(Misfit(record.entry, f"{why}; kept in metadata.imported_{name}"))

    title, summary = one_line(wash.text(record.title)), one_line(wash.text(record.summary))
    status = wash.line(record.status)
    if len(title) > TITLE_LENGTH:
        keep("title", title, f"its title of {len(title)} characters is cut to {TITLE_LENGTH}")
    if len(summary) > TEXT_LENGTH:
        keep("summary", summary, f"its summary is cut to {TEXT_LENGTH} characters")
    tags, no_tags = tags_of(wash.text(tag) for tag in record.tags)
    if no_tags:
        keep("tags", no_tags, f"not valid as tags: {', '.join(each[:80] for each in no_tags)}")
    fields, no_fields, whys = _fields_of(record, kind, wash)
    misfits += [Misfit(record.entry, why) for why in whys]
    if no_fields:
        keep("fields", no_fields, f"not valid as fields: {', '.join(no_fields)}")
    names = [name for name, _ in kind.statuses]
    if status and status not in names:
        keep("status", status, f"{status!r} is no status of a {kind.name} ({', '.join(names)})")
        # a decision is not accepted because of a word that nobody knows
        status = UNKNOWN_STATUS if UNKNOWN_STATUS in names else ""
    links = tuple(link for link in record.links if _is_valid(link) and exists(link))
    no_links = [f"{link.rel}: {link.to}" for link in record.links if link not in links and link.to]
    if no_links:
        keep("links", wash.value(no_links), f"no record for the link: {'; '.join(no_links)}")
    metadata, no_room = _metadata_of({**wash.value(dict(record.metadata), 1), **kept})
    misfits += [Misfit(record.entry, f"metadata {each!r} is large; kept below the text") for each in no_room]
    messages = None
    if record.messages is not None:
        messages = tuple(message._replace(text=wash.text(message.text).strip("\n")) for message in record.messages)
    clean_record = record._replace(
        title=title[:TITLE_LENGTH].rstrip(),
        content=_with_values(wash.text(record.content), no_room),
        summary=summary[:TEXT_LENGTH],
        tags=tags,
        metadata=metadata,
        links=links,
        fields=fields,
        messages=messages,
        status=status,
        project=wash.line(record.project),
        source_tool=wash.line(record.source_tool),
        source_repo=wash.line(record.source_repo),
        session=wash.line(record.session),
    )
    if wash.lost:
        misfits.append(Misfit(record.entry, f"{wash.lost} hidden or broken characters were removed"))
    return FittedRecord(clean_record, tuple(misfits), tuple(wash.rules), tuple(wash.secret_texts))


def _fields_of(record: Incoming, kind: RecordType, wash: _Wash) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return the fields that the type accepts, those that it does not accept, and why."""
    fields: dict[str, Any] = {}
    others: dict[str, Any] = {}
    whys: list[str] = []
    for name, value in record.fields.items():
        clean = wash.line(value) if isinstance(value, str) else wash.value(value)
        if clean in ("", None, [], ()):
            continue
        try:
            fields.update(check_fields(kind, {name: clean}, complete=False))
        except FieldError as error:
            others[name] = clean
            whys.append(refusal_of(error))
    return fields, others, whys


def _is_valid(link: Link) -> bool:
    return link.rel in RELATIONS and bool(link.to) and not _NOT_ID.search(link.to)


def washed_line(text: str, length: int = ENTRY_LENGTH) -> str:
    """Return a text as one short line that is safe to show and store: secrets are always redacted."""
    return _Wash(()).line(text)[:length]


def tags_of(words: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return foreign tags in our format, and those that cannot be converted without losing a word."""
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
        fits = bool(tag) and (tag in found or len(found) < MAX_TAGS)
        if fits:
            found[tag] = None
        if not fits or words_of(word) - words_of(tag):
            lost.append(word)
    return tuple(found), lost


def _metadata_of(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return metadata under names that are valid in front matter, and the values that are too large."""
    kept: dict[str, Any] = {}
    large: dict[str, Any] = {}
    renamed: dict[str, str] = {}
    room = METADATA_CHARACTERS
    for key, value in values.items():
        name = (_NOT_NAME.sub("_", key) or "_")[: NAME_LENGTH - 8]
        name = name if name[0].isalpha() or name[0] == "_" else f"_{name}"
        while name in kept:
            name += "_"
        size = len(json.dumps(value, ensure_ascii=False)) + len(key)
        if size > room:
            large[key] = value
        else:
            room -= size
            kept[name] = value
            if words_of(key) - words_of(name):
                renamed[name] = key
    if renamed:
        kept["imported_names"] = [f"{name}: {key}" for name, key in renamed.items()]
    return kept, large


def unfolded(text: str) -> Iterator[str]:
    """Yield a text that may be JSON, as a whole or below its last heading: JSON as the names and values in it.

    In JSON, a line break is written with a letter, which is no part of the next word.
    """
    if text[:1] in {"{", "["}:
        yield from _texts_of_json(text)
        return
    head, mark, tail = text.rpartition(f"## {VALUES_HEADING}\n\n```")
    fence, _, shown = tail.partition("json\n")
    if mark and not fence.strip("`"):
        yield head
        yield from _texts_of_json(shown.rstrip("`"))
    else:
        yield text


def _texts_of_json(text: str) -> Iterator[str]:
    try:
        yield from texts_in(json.loads(text))
    except (ValueError, RecursionError):
        yield text


def _with_values(text: str, values: Mapping[str, Any]) -> str:
    if not values:
        return text
    shown = json.dumps(values, ensure_ascii=False, indent=2)
    fence = "`" * max([3, *(len(each) + 1 for each in _FENCES.findall(shown))])
    block = f"## {VALUES_HEADING}\n\n{fence}json\n{shown}\n{fence}"
    return f"{text.rstrip()}\n\n{block}" if text.strip() else block
