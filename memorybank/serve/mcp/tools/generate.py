"""Write `tools.json` from the table and the facade: python -m memorybank.serve.mcp.tools.generate > FILE."""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING, Any

from memorybank.facade.schemas import answer_schema
from memorybank.facade.schemas.answers import ANSWERS
from memorybank.facade.schemas.derive import method_at
from memorybank.serve.mcp.tools import operations
from memorybank.serve.mcp.tools.table import TOOLS
from memorybank.serve.mcp.tools.tool import OFFSET

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.serve.mcp.tools.tool import Param, Tool

OPERATION = "operation"
_KINDS: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "Sequence[str]": {"type": "array", "items": {"type": "string"}},
    "Mapping[str, Any]": {"type": "object"},
    "str | datetime": {"type": "string"},
}
_DEEP = 3


def tools() -> list[dict[str, Any]]:
    """Return the tools as clients get them, each with `call`: what its operations call."""
    return [_tool(each) for each in TOOLS]


def _tool(tool: Tool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": f"bank_{tool.name}",
        "title": tool.title,
        "description": tool.text,
        "inputSchema": _input(tool),
        "outputSchema": _output(tool),
        "annotations": {
            "title": tool.title,
            "readOnlyHint": tool.reads,
            "destructiveHint": tool.loses,
            "idempotentHint": tool.repeats,
            "openWorldHint": tool.opens,
        },
    }
    if tool.always:
        found["_meta"] = {"anthropic/alwaysLoad": True}
    found["call"] = {
        "operations": {name: _paged(tool, name, _target(tool, path)) for name, path in tool.operations.items()},
        "reads": tool.reads,
        "long": tool.long,
        "core": tool.core,
    }
    if tool.logs:
        found["call"]["logs"] = True
    return found


def _function(path: str) -> Callable[..., Any]:
    return getattr(operations, path[1:]) if path.startswith("@") else method_at(path)  # type: ignore[no-any-return]


def _names(tool: Tool) -> dict[str, str]:
    """Return the parameters of the tool: the name that clients use, and that of the method."""
    pairs = (name.partition("=") for name in tool.params)
    return {name: own or name for name, _, own in pairs}


def _of_method(path: str) -> dict[str, inspect.Parameter]:
    given = inspect.signature(_function(path)).parameters
    return {name: each for name, each in given.items() if name not in {"self", "server"}}


def _target(tool: Tool, path: str) -> dict[str, Any]:
    own = _of_method(path)
    clients = {param: name for name, param in _names(tool).items()}
    # in the order of the signature, which is that of the command's words
    names = {clients[param]: param for param in own if param in clients}
    words = [name for name, param in names.items() if own[param].kind is not inspect.Parameter.KEYWORD_ONLY]
    function = _function(path)
    module, _, cls = f"{function.__module__}:{function.__qualname__}".partition(":")
    needs = [name for name, param in names.items() if own[param].default is inspect.Parameter.empty]
    target = f"{module.removeprefix('memorybank.')}:{cls.rpartition('.')[0]}"
    found: dict[str, Any] = {
        "part": target,
        "method": function.__name__,
        "names": names,
        "needs": needs,
        "words": len(words),
    }
    if "on_progress" in own:
        found["progress"] = True
    return found


def _paged(tool: Tool, operation: str, target: dict[str, Any]) -> dict[str, Any]:
    if operation not in tool.pages:
        return target
    # a method with an offset of its own makes no rows that are left out
    how = "own" if "offset" in _of_method(tool.operations[operation]) else "cut"
    return {**target, "names": {**target["names"], "offset": "offset"}, "pages": how}


def _input(tool: Tool) -> dict[str, Any]:
    several = len(tool.operations) > 1
    properties: dict[str, Any] = {}
    if several:
        choices = list(tool.operations)
        properties[OPERATION] = {"type": "string", "enum": choices, "description": "What to do."}
    own = {name: each for path in tool.operations.values() for name, each in _of_method(path).items()}
    for (name, param), what in zip(_names(tool).items(), tool.params.values(), strict=True):
        properties[name] = _property(own[param], what)
    if tool.pages:
        properties["offset"] = {"type": "integer", "description": OFFSET, "minimum": 0}
    targets = [_target(tool, path) for path in tool.operations.values()]
    needed = [OPERATION] if several else targets[0]["needs"]
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": needed} if needed else found


def _property(param: inspect.Parameter, what: Param) -> dict[str, Any]:
    kind = str(param.annotation).removesuffix(" | None")
    found = {**_KINDS[kind], "description": what.text}
    if what.choices:
        found["enum"] = list(what.choices)
    default = param.default
    if isinstance(default, bool | int | float) and default is not False and not what.choices:
        found["default"] = default
    if kind == "int":
        found["minimum"] = 0
    return found


def _output(tool: Tool) -> dict[str, Any]:
    commands = tool.answers or tuple(
        next(command for command, forms in ANSWERS.items() if path in forms) for path in tool.operations.values()
    )
    forms: list[Any] = []
    for command in dict.fromkeys(commands):
        schema = answer_schema(command)
        known = schema.pop("$defs", {})
        for each in schema.get("anyOf", [schema]):
            form = _inlined(each, known, 0)
            form.pop("additionalProperties", None)
            form.get("properties", {}).pop("schema_version", None)
            if form not in forms:
                forms.append({**form, "required": [name for name in form["required"] if name != "schema_version"]})
    text: dict[str, Any] = {"type": "string"}
    error = {
        "type": "object",
        "properties": dict.fromkeys(("code", "message", "hint", "where"), text),
        "required": ["code", "message", "hint", "where"],
    }
    bank = {"type": ["object", "null"], "properties": {"name": text, "path": text}}
    return {
        "type": "object",
        "properties": {"bank": bank, "error": error, **({"next_offset": {"type": "integer"}} if tool.pages else {})},
        "required": ["bank"],
        "anyOf": [*forms, {"required": ["error"]}],
    }


def _inlined(schema: Any, known: dict[str, Any], depth: int) -> Any:
    """Return a schema without references and descriptions; what is deeper than clients look is any value."""
    if isinstance(schema, list):
        return [_inlined(each, known, depth) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        named = known[schema["$ref"].rpartition("/")[2]]
        return {"type": named.get("type", "object")} if depth >= _DEEP else _inlined(named, known, depth + 1)
    skipped = {"description", "title", "$schema", "additionalProperties"}
    found = {}
    for name, each in schema.items():
        if name == "properties":
            found[name] = {key: _inlined(value, known, depth) for key, value in each.items()}
        elif name not in skipped:
            found[name] = _inlined(each, known, depth)
    return found


def markdown() -> str:
    """Return the table of tools for docs/mcp.md."""
    rows = ["| tool | core | operations | what it is for |", "| --- | --- | --- | --- |"]
    for tool in TOOLS:
        operations = ", ".join(f"`{name}`" for name in tool.operations if name)
        rows.append(f"| `bank_{tool.name}` | {'yes' if tool.core else ''} | {operations} | {tool.text} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Print the file."""
    rows = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in tools())
    sys.stdout.write(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main()
