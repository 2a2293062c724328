"""The JSON schema of a workflow artifact, published as docs/workflow.schema.json, and a small validator for it.

Run as a module it prints the schema: `python -m memorybank.workflow.schema > docs/workflow.schema.json`.
"""

from __future__ import annotations

import json
import re
from typing import Any

VERSION = 1
KINDS = ("PLAN", "BUILD", "REVIEW", "DEBUG")
STATUSES = ("active", "finished", "aborted")
PHASE_STATUSES = ("pending", "active", "done", "failed", "skipped")
TASK_STATUSES = ("pending", "active", "done", "dropped")
GATE_STATUSES = ("pending", "passed", "failed")
OUTCOMES = ("queued", "applied", "duplicate", "dropped")
ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"}


def _rows(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": _object(required, **properties)}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "workflow.schema.json",
    "title": "Workflow artifact of a memory bank",
    "description": "Fields that are not named here are kept as they are.",
    **_object(
        ("schema_version", "id", "kind", "status", "created", "updated", "intent", "phases", "cursor", "tasks"),
        schema_version={"type": "integer", "const": VERSION},
        id={"type": "string", "pattern": ID},
        kind={"type": "string", "enum": list(KINDS)},
        status={"type": "string", "enum": list(STATUSES)},
        created=_TIME,
        updated=_TIME,
        intent=_object(
            ("goal",), goal=_TEXT, non_goals=_TEXTS, constraints=_TEXTS, acceptance=_TEXTS, open_decisions=_TEXTS
        ),
        phases=_rows(
            ("name", "status", "history"),
            name=_TEXT,
            status={"type": "string", "enum": list(PHASE_STATUSES)},
            history=_rows(
                ("status", "at"), status={"type": "string", "enum": list(PHASE_STATUSES)}, at=_TIME, note=_TEXT
            ),
        ),
        cursor=_TEXT,
        tasks=_rows(
            ("id", "text", "status"),
            id=_TEXT,
            text=_TEXT,
            status={"type": "string", "enum": list(TASK_STATUSES)},
            depends_on=_TEXTS,
            evidence=_TEXT,
        ),
        results=_rows(("at", "agent", "status", "summary"), at=_TIME, agent=_TEXT, status=_TEXT, summary=_TEXT),
        evidence=_rows(("at", "text"), at=_TIME, text=_TEXT),
        gates=_rows(
            ("name", "status", "at"),
            name=_TEXT,
            question=_TEXT,
            status={"type": "string", "enum": list(GATE_STATUSES)},
            at=_TIME,
            why=_TEXT,
        ),
        memory_notes=_rows(
            ("kind", "text", "outcome"),
            id=_TEXT,
            kind=_TEXT,
            text=_TEXT,
            role=_TEXT,
            agent=_TEXT,
            outcome={"type": "string", "enum": list(OUTCOMES)},
            address=_TEXT,
        ),
        debug=_rows(
            ("number", "tried", "result", "at"), number={"type": "integer"}, tried=_TEXT, result=_TEXT, at=_TIME
        ),
        changes_before=_TEXTS,
        reason=_TEXT,
    ),
}

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
}


def faults_of(value: Any, schema: dict[str, Any] | None = None, where: str = "") -> list[str]:
    """Return where a value does not match the schema, each fault with its place; empty if it is valid."""
    schema = SCHEMA if schema is None else schema
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{where or 'it'} is not of type {kind}"]
    if "const" in schema and value != schema["const"]:
        return [f"{where} is {value!r}, not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}: choose from {', '.join(schema['enum'])}"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{where} is {value[:40]!r}, which does not match {schema['pattern']}"]
    found = []
    if kind == "object":
        found += [
            f"{where + '.' if where else ''}{name} is missing" for name in schema["required"] if name not in value
        ]
        for name, each in schema["properties"].items():
            if name in value:
                found += faults_of(value[name], each, f"{where + '.' if where else ''}{name}")
    elif kind == "array":
        for number, each in enumerate(value):
            found += faults_of(each, schema["items"], f"{where}[{number}]")
    return found


def render() -> str:
    """Return the schema as published JSON."""
    return f"{json.dumps(SCHEMA, indent=2)}\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(render())
