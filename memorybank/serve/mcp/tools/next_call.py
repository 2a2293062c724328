"""The call for the command that a hint names: its tool, with the arguments that the command's words and options are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.serve.mcp.tools.listed import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# commands whose tool has another name, or whose operation has
_TOOLS = {
    "session list": ("sessions", ""),
    "session show": ("load_session", ""),
    "session message": ("message", ""),
    "session delete": ("delete_session", ""),
    "session label": ("update_session", "update"),
    "session start": ("update_session", "start"),
    "session end": ("update_session", "end"),
    "session resume": ("update_session", "resume"),
    "item list": ("show", ""),
    "item replace": ("edit", "replace_item"),
    "item remove": ("edit", "remove_item"),
    "item move": ("edit", "move_item"),
    "item tick": ("edit", "tick"),
    "item untick": ("edit", "untick"),
    "session load": ("load_session", ""),
    "workflow task": ("workflow", "add_task"),
    "demote": ("promote", "demote"),
    "diff": ("history", "diff"),
    "redo": ("undo", "redo"),
}

# an option, and the argument that it is, where neither its name nor its plural is the argument's
_OPTIONS = {"as": "kind", "for": "trigger", "id": "workflow", "ask": "question", "diff": "with_diff", "n": "count"}
_OPTIONS |= {"next": "next_steps", "constraint": "constraints"}
# a command of a group that no tool does, though one has the name of the group
_NOT_DONE = {"checkpoint list", "checkpoint show", "log rotate"}
# what approves, or is for another bank, is for the user
_FOR_USERS = ("--trust", "--bank")
# characters of a command: a longer one has a text in it, which the caller has
_LONGEST = 4096
# characters of a command that is shown beside the call that says all of it
_SHOWN = 80


class Call(NamedTuple):
    """A tool with its arguments; None where they cannot be told from the command, which then says them."""

    tool: str
    arguments: dict[str, Any] | None


def call_of(hint: str, tools: Mapping[str, Any]) -> Call | None:
    """Return the call that does the command of a hint; None if it has none, or no tool of `tools` does it."""
    _, command = parts_of(hint)
    words = _words(command)[1:]
    if not words or any(each in _FOR_USERS for each in words):
        return None
    pair = " ".join(words[:2])
    if pair in _NOT_DONE:
        return None
    named, operation = _TOOLS.get(pair) or _TOOLS.get(words[0]) or (words[0], "")
    tool = tools.get(f"{PREFIX}{named.replace('-', '_')}")
    if tool is None:
        other = _other(words)
        return other if other is not None and other.tool in tools else None
    operations: dict[str, Any] = tool["call"]["operations"]
    rest = words[2:] if pair in _TOOLS else words[1:]
    if not operation and rest and rest[0] in operations:
        operation, rest = rest[0], rest[1:]
    flagged = [
        each for each in rest if each.startswith("--") and each != "--" and each[2:].replace("-", "_") in operations
    ]
    if not operation and flagged:
        operation = flagged[0][2:].replace("-", "_")
        rest.remove(flagged[0])
    for name in [operation] if operation else operations:
        given = _arguments(rest, operations[name], tool["inputSchema"]["properties"])
        if given is not None:
            return Call(tool["name"], {"operation": name, **given} if name else given)
    return Call(tool["name"], None)


def _other(words: Sequence[str]) -> Call | None:
    """Return a call of the core that does a command whose own tool is not offered."""
    match words:
        case ["session", "end", *_]:
            return Call(f"{PREFIX}wrap_up", {"end_session": True})
        case ["outline", file]:
            return Call(f"{PREFIX}show", {"address": file})
        case _:
            return None


def _words(command: str) -> list[str]:
    """Return the words of a command; [] if it is not one that a shell would read."""
    import shlex

    try:
        return shlex.split(command) if len(command) <= _LONGEST else []
    except ValueError:
        return []


def parts_of(hint: str) -> tuple[str, str]:
    """Return what a hint says before its command, and the command; "" for none."""
    if hint.startswith("bank "):
        return "", hint
    before, found, command = hint.partition(": bank ")
    return (f"{before}: ", f"bank {command}") if found else (hint, "")


def said(row: Mapping[str, Any]) -> str:
    """Return the hint of a row of `with_calls`: the call in front of its command."""
    if "tool" not in row:
        return f"ask the user to run: {row['hint']}" if "--trust" in row["hint"] else str(row["hint"])
    before, command = parts_of(row["hint"])
    if "arguments" not in row:
        return f"{before}{row['tool']} ({command})"
    said_so = f"{before}{row['tool']} {json.dumps(row['arguments'], ensure_ascii=False)}"
    return said_so if len(command) > _SHOWN else f"{said_so} ({command})"


def with_calls(value: Any, tools: Mapping[str, Any]) -> Any:
    """Return an answer in which each hint has its `tool` and `arguments` beside it."""
    if isinstance(value, list):
        return [with_calls(each, tools) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: with_calls(each, tools) for name, each in value.items()}
    hint = found.get("hint")
    call = call_of(hint, tools) if isinstance(hint, str) and "tool" not in found else None
    if call is not None:
        found |= {"tool": call.tool} | ({} if call.arguments is None else {"arguments": call.arguments})
    return found


def without_hints(value: Any) -> Any:
    """Return an answer for a text: without the command where the call says the same."""
    if isinstance(value, list):
        return [without_hints(each) for each in value]
    if not isinstance(value, dict):
        return value
    has_call = "arguments" in value and "hint" in value
    return {name: without_hints(each) for name, each in value.items() if not (has_call and name == "hint")}


def _arguments(
    words: Sequence[str], target: Mapping[str, Any], schema: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return the arguments of an operation for the words behind a command; None if they are not its own."""
    names, found = list(target["names"]), dict[str, Any]()
    places = names[: target["words"]]
    left, has_options = list(words), True
    while left:
        word = left.pop(0)
        if word == "--":
            has_options = False
            continue
        if has_options and word.startswith("-") and word != "-":
            flag, equals, value = word.lstrip("-").partition("=")
            name = _named(flag.replace("-", "_"), names)
            if name and schema[name]["type"] != "boolean" and not equals:
                value = left.pop(0) if left else ""
        else:
            name, value = next((each for each in places if each not in found or _is_list(schema[each])), ""), word
        typed = _typed(value, schema[name]) if name else None
        if typed is None:
            return None
        found[name] = [*found.get(name, []), *typed] if isinstance(typed, list) else typed
    if any(name not in found for name in target["needs"]):
        return None
    return {name: each for name, each in found.items() if schema[name].get("default") != each}


def _named(option: str, names: Sequence[str]) -> str:
    choices = (option, f"{option}s", _OPTIONS.get(option, ""), "limit" if option == "n" else "")
    return next((each for each in choices if each in names), "")


def _is_list(schema: Mapping[str, Any]) -> bool:
    return bool(schema["type"] == "array")


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    """Return the words of a command line as a value of JSON; None if they are not one."""
    kind = schema["type"]
    if value not in schema.get("enum", [value]):
        return None
    if kind == "boolean":
        return True
    if kind == "array":
        return [value]
    if kind == "integer":
        return int(value) if value.isdecimal() else None
    return value if kind == "string" and value else None
