"""The JSON form of values: the same fields for `--json`, MCP and the web page."""

from __future__ import annotations

import json
from typing import Any

SCHEMA_VERSION = 2


def to_json(value: Any) -> str:
    """Return an answer as JSON text.

    Bytes that were not UTF-8 are written as escaped lone surrogates, so the output is always valid UTF-8.
    """
    text = json.dumps(to_answer(value), ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode()


def to_answer(value: Any) -> dict[str, Any]:
    """Return a value as the whole answer of a command: an object with the schema version.

    A value that is one thing of its kind, such as a record or a receipt, is under the name of the kind.
    """
    wire = value.to_answer() if hasattr(value, "to_answer") else to_wire(value)
    return {"schema_version": SCHEMA_VERSION, **wire}


def objects_in(lines: bytes) -> list[dict[str, Any]]:
    """Parse a log with one JSON object per line; a line that is incomplete or not an object is skipped."""
    found = []
    for line in lines.split(b"\n"):
        try:
            row = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            found.append(row)
    return found


def to_wire(value: Any) -> Any:
    """Return a value with named tuples as mappings and tuples as lists, at every depth."""
    if hasattr(value, "to_wire"):
        return value.to_wire()
    if hasattr(value, "_asdict"):
        return {key: to_wire(each) for key, each in value._asdict().items()}
    if isinstance(value, dict):
        return {str(key): to_wire(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_wire(each) for each in value]
    return value
