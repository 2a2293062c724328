"""Values that an export noted in the tree, because its format has no place for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.document.source import lines_of, without_eol
from memorybank.exchange.account import texts_in
from memorybank.exchange.fitting import washed_line
from memorybank.exchange.markdown_entries import noted_in
from memorybank.exchange.safe_read import moment_of
from memorybank.records.record import Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.exchange.account import Account
    from memorybank.exchange.incoming import Incoming

# metadata name of noted values that a record cannot have, because someone edited them
BESIDE = "imported_noted"
_TEXTS = ("summary", "project", "source_tool", "source_repo", "session", "status", "title", "content")
_TIMES = ("created", "updated")
_MAPPINGS = ("fields", "metadata")
_NAMES = ("id", "memorybank", "messages", *_TEXTS, *_TIMES, *_MAPPINGS, "tags", "links")


def with_noted(record: Incoming, noted: Mapping[str, Any], *, created: str, tool: str) -> Incoming:
    """Return a record with our values noted in the tree; without them, with `created` and `tool` as its source."""
    if not record.ours:
        return record._replace(created=created, source_tool=tool)
    links = mapping_of(noted.get("links"))
    fields = mapping_of(noted.get("fields"))
    both = {name: each for name, each in fields.items() if record.fields.get(name, each) not in (each, "")}
    beside = _beside(noted) | ({"fields": both} if both else {})
    metadata = {**mapping_of(noted.get("metadata")), **record.metadata}
    return record._replace(
        created=moment_of(noted.get("created")) or created,
        updated=moment_of(noted.get("updated")),
        summary=text_from(noted.get("summary")),
        tags=tuple(listed(noted.get("tags"))),
        project=text_from(noted.get("project")),
        source_tool=text_from(noted.get("source_tool")),
        source_repo=text_from(noted.get("source_repo")),
        session=text_from(noted.get("session")),
        links=tuple(Link(rel, to) for rel, row in links.items() for to in listed(row)),
        fields={**fields, **{name: each for name, each in record.fields.items() if each or name not in fields}},
        metadata={**metadata, **({BESIDE: beside} if beside else {})},
    )


def _beside(noted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the noted values that have an unknown name, or not the type that they are noted with."""
    found: dict[str, Any] = {}
    for name, value in noted.items():
        is_right = name in _NAMES
        if name in _TEXTS:
            is_right = isinstance(value, str)
        elif name in _TIMES:
            is_right = bool(moment_of(value))
        elif name in _MAPPINGS:
            is_right = isinstance(value, dict)
        elif name == "links":
            is_right = isinstance(value, dict) and all(_are_texts(row) for row in value.values())
        elif name == "tags":
            is_right = _are_texts(value)
        elif name == "id":
            is_right = washed_line(str(value)) == value
        if not is_right:
            found[name] = value
    return found


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def account_noted(entry: str, noted: Mapping[str, Any], account: Account) -> None:
    """Note the names of noted values, and the ids that are those of other records in the bank."""
    beside = _beside(noted)
    for name in noted:
        account.turned(entry, "" if name in beside else name)
    for name in _TIMES:
        account.turned(entry, "" if name in beside else str(noted.get(name, "")))
    account.turned(entry, text_from(noted.get("session")))
    for row in mapping_of(noted.get("links")).values():
        account.turned(entry, " ".join(listed(row)))
    for name, value in mapping_of(noted.get("fields")).items():
        account.turned(entry, name if value in ("", None, [], {}) else "")


def raw_without_noted(text: str, noted: Mapping[str, Any]) -> str:
    """Return the text of an entry with the values of its comment instead of their JSON."""
    if not noted:
        return text
    lines = [without_eol(line) for line in lines_of(text)]
    at = next((place for place, line in enumerate(lines) if noted_in(line) == noted), None)
    if at is None:
        return text
    return "\n".join([*lines[:at], *texts_in(noted), *lines[at + 1 :]])


def rows_of(value: Any) -> list[Any]:
    """Return a list; another value is its only item."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def text_from(value: Any) -> str:
    """Return a value as text without blanks around it."""
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def listed(value: Any) -> list[str]:
    """Return the texts of a list, or of one value."""
    return [text_from(row) for row in rows_of(value)]


def mapping_of(value: Any) -> dict[str, Any]:
    """Return a mapping with texts as names; empty for another value."""
    return {str(name): each for name, each in value.items()} if isinstance(value, dict) else {}
