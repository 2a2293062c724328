"""JSON Schemas of all answers: made from the types of what the methods return, and read from one file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from memorybank.facade.schemas.answers import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "answers.schema.json"


def answer_schema(command: str) -> dict[str, Any]:
    """Return the JSON Schema of what a command answers with `--json`, with all definitions that it needs.

        answer_schema("task list")["properties"]["tasks"]

    Raises:
        KeyError: there is no such command, or it has no answer in JSON.
    """
    known = _whole()["$defs"]
    schema = dict(known[name_of(command)])
    if "$ref" in schema:
        # one form: its fields stand at the top
        schema = {**known[schema.pop("$ref").rpartition("/")[2]], **schema}
    needed = {name: known[name] for name in sorted(references(schema, known))}
    return {"$schema": _whole()["$schema"], **schema, **({"$defs": needed} if needed else {})}


def error_schema() -> dict[str, Any]:
    """Return the JSON Schema of an error, which any command can answer with."""
    return answer_schema("error")


def name_of(command: str) -> str:
    """Return the name of a command's answer among the definitions of the file: `answer-task-list`."""
    return f"answer-{command.replace(' ', '-')}"


def commands() -> tuple[str, ...]:
    """Return the commands that have an answer in JSON."""
    return tuple(ANSWERS)


@cache
def _whole() -> dict[str, Any]:
    import json
    import pkgutil

    # the package may stand in a zip file
    data = pkgutil.get_data(__name__, FILE)
    found: dict[str, Any] = json.loads(data or b"{}")
    return found


def references(schema: Any, known: Mapping[str, Any]) -> set[str]:
    """Return the names of all definitions that a schema needs, directly or not."""
    found: set[str] = set()
    left: list[Any] = [schema]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            name = each["$ref"].rpartition("/")[2] if isinstance(each.get("$ref"), str) else ""
            if name and name not in found:
                found.add(name)
                left.append(known[name])
            left += each.values()
        elif isinstance(each, list):
            left += each
    return found
