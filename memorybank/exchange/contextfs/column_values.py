"""Values of a ContextFS database: texts, JSON, times, and metadata that keeps what a record has no field for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from memorybank.exchange.account import texts_in
from memorybank.exchange.repeated_names import every_pair
from memorybank.exchange.safe_read import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "contextfs"
PREFIX = "contextfs_"
# seconds since 1970 that are meant as a time: from 1973 to 2100
_FIRST, _LAST = 100_000_000, 4_102_444_800
# bytes are not text if one of so many characters, or more, cannot be shown
_ODD = 5
_OPENING, _NULL = '{["', "null"
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def text_of(value: Any) -> str:
    """Return a value as text; bytes that are not UTF-8 become lone surrogates."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


def is_binary(value: Any) -> bool:
    """Check whether a value is bytes that are not text, such as an embedding."""
    if not isinstance(value, bytes):
        return False
    text = text_of(value)
    odd = sum(not char.isprintable() and char not in "\t\r\n" for char in text)
    return odd * _ODD > len(text)


def is_vector(name: str, value: Any) -> bool:
    """Check whether a value is an embedding: a list of numbers in a column of such a name."""
    if "embedding" not in name and "vector" not in name:
        return False
    found = json_of(value)
    return isinstance(found, list) and bool(found) and all(isinstance(each, (int, float)) for each in found)


def json_of(value: Any) -> Any:
    """Return the object, list or text that a JSON text holds; None if it is empty, the text itself if it is not one.

    A number stays as it is written. If an object has a name twice, both values are kept.
    """
    text = text_of(value)
    if text.strip() in {"", _NULL}:
        return None
    if text.lstrip()[0] not in _OPENING:
        return text
    try:
        return json.loads(text, object_pairs_hook=every_pair)
    except (ValueError, RecursionError):
        return text


def words_in(value: Any) -> Iterator[str]:
    """Yield the texts of a column: every name and value of a JSON text, or the text as it is."""
    text = text_of(value)
    if text.lstrip()[:1] in {*_OPENING}:
        try:
            # pairs, so that a name that is there twice is not lost here
            yield from texts_in(json.loads(text, object_pairs_hook=list))
        except (ValueError, RecursionError):
            yield text
    elif text.strip() != _NULL:
        yield text


def instant_of(value: Any) -> datetime | None:
    """Return a time in UTC; None if it is not one. A time without a zone counts as UTC."""
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC) if _FIRST < value < _LAST else None
    text = text_of(value).strip()
    if not moment_of(text):
        return None
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def time_of(value: Any) -> str:
    """Return a time in our format; "" if it is not one."""
    at = instant_of(value)
    return moment_of(at.isoformat()) if at else ""


class KeptValues:
    """The metadata of a record: names that are there already get a `_` at their end, so nothing is replaced."""

    def __init__(self, values: Any = None) -> None:
        """Start with the foreign metadata of a record, a mapping or any other value."""
        self.values: dict[str, Any] = {}
        if isinstance(values, dict):
            for name, value in values.items():
                # names of an import are ours
                self._put(f"{PREFIX}{name}" if name.startswith("imported_") else name, value)
        else:
            self.put("metadata", values)

    def put(self, name: str, value: Any) -> None:
        """Keep a value, unless it is empty."""
        if value not in _EMPTY:
            self._put(name, value)

    def _put(self, name: str, value: Any) -> None:
        while name in self.values:
            name += "_"
        self.values[name] = value
