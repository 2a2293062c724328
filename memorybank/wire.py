"""The JSON form of values: the same fields for `--json`, MCP and the web page."""

from __future__ import annotations

import json
from typing import Any

SCHEMA_VERSION = 1


def to_json(value: Any) -> str:
    """Write a value as one JSON object that names its schema's version.

    Bytes that were not UTF-8 leave as escaped lone surrogates, so the output itself is always valid UTF-8.
    """
    wire = (
        {"schema_version": SCHEMA_VERSION, **to_wire(value)}
        if hasattr(value, "_asdict") or isinstance(value, dict)
        else value
    )
    return json.dumps(to_wire(wire), ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace").decode()


def objects_in(lines: bytes) -> list[dict[str, Any]]:
    """Read objects, one a line, as a log holds them; a line that is torn, or none, is passed over."""
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
    """Bring named tuples to mappings and tuples to lists, all the way down."""
    if hasattr(value, "to_wire"):
        return value.to_wire()
    if hasattr(value, "_asdict"):
        return {key: to_wire(each) for key, each in value._asdict().items()}
    if isinstance(value, dict):
        return {str(key): to_wire(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_wire(each) for each in value]
    return value
