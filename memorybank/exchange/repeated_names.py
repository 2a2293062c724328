"""Objects of JSON that have a name more than once, which a plain decoder takes for one value in silence."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NamedTuple

from memorybank.document.text import one_line

_SHOWN = 40


class Lost(NamedTuple):
    """A value that does not count because its object has the name again, with another value."""

    name: str
    value: Any

    @property
    def kind(self) -> str:
        """The kind under which a report counts it."""
        return f"earlier values of a repeated name ({one_line(self.name)[:_SHOWN]})"


def every_pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object with all its values: of a name that is there twice, the second is `name_2`."""
    found: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    for name, value in pairs:
        free = name
        while free in found:
            # from the number that was free last, so that many values of a name take no longer
            counts[name] = max(counts[name], 1) + 1
            free = f"{name}_{counts[name]}"
        found[free] = value
    return found


class LastValueDecoder:
    """Decodes JSON; the last value of a repeated name counts, and `lost` has those of the newest text that do not."""

    def __init__(self) -> None:
        """Start; numbers that are not finite are null."""
        self.lost: list[Lost] = []
        self._decoder = json.JSONDecoder(parse_constant=lambda _: None, object_pairs_hook=self._object)

    def decode(self, text: str) -> Any:
        """Return the value of a text that has nothing else.

        Raises:
            ValueError: it is not JSON.
            RecursionError: it is nested too deeply.
        """
        self.lost = []
        return self._decoder.decode(text)

    def decode_at(self, text: str, at: int) -> tuple[Any, int]:
        """Return the value that begins at a place of a text, and where it ends.

        Raises:
            ValueError: it is not JSON.
            RecursionError: it is nested too deeply.
        """
        self.lost = []
        return self._decoder.raw_decode(text, at)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self.lost += lost_of(pairs, found)
        return found


def lost_of(pairs: list[tuple[str, Any]], found: dict[str, Any]) -> list[Lost]:
    """Return the values of an object that are not in what was found: `1` is another value than `true`."""
    return [Lost(name, value) for name, value in pairs if value is not found[name] and repr(value) != repr(found[name])]
