"""The lines of a record's template that nobody has filled in: no search finds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from memorybank.document.items import plain_key, split_marker
from memorybank.errors import ConfigError
from memorybank.records.templates import read_type


def is_unchanged(text: str, kind: str, base: str = "") -> bool:
    """Check whether a text has only lines of the template of its type.

    `base` is the folder of the bank, whose own templates come first.
    """
    known = _lines_of(kind, base)
    rows = [row for row in text.split("\n") if row.strip()] if known else []
    # a section without text of its own has nothing to hide: its heading is found
    return bool(rows) and all(_key(row) in known for row in rows)


@cache
def _lines_of(kind: str, base: str) -> frozenset[str]:
    """Return the lines of a type's template, in the form in which they are compared."""
    # the type is read from a file, and names a file here
    if not (kind.isascii() and kind.replace("-", "").isalnum()):
        return frozenset()
    try:
        body = read_type(kind, Path(base, "templates") if base else None).body
    except (ConfigError, OSError):
        return frozenset()
    rows = (row.strip() for row in body.split("\n"))
    return frozenset(_key(row) for row in rows if row and not row.startswith("#"))


def _key(row: str) -> str:
    return plain_key(split_marker(row.strip())[2])
