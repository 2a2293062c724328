"""The arguments of a tool against its schema: what is unknown, missing, of another type or too long is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.errors import LimitError
from memorybank.serve.mcp.protocol import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_SHOWN = 60
# arguments that name something: a longer one is no name, and would only be compared with all there are
_NAMES = frozenset(("address", "to", "file", "id", "session_id", "item", "task", "workflow", "line", "of"))
_LONGEST_NAME = 4096
# the largest whole number that every reader of JSON has exactly, and the longest time to wait for
_LARGEST = {"integer": 2**53, "number": 1_000_000}

# characters of all texts of a call: what is read again in a session is far shorter
MOST = 1_000_000
# lines of all texts of a call: the slowest Markdown of so many, such as link definitions, is read in a few seconds
MOST_LINES = 20_000
_KEEP = "; write what matters of it, and keep the whole as a file: bank artifact add"
# a query of this length already has more words than any text that it could find
MOST_OF_QUERY = 10_000
_QUERY = "query"
# what others wrote and is only read once, up to the longest message
_IMPORTED = "json_content"


def check_arguments(tool: str, schema: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """Return the arguments of a call.

    Raises:
        RpcError: one is unknown, missing, or not of its type.
    """
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise RpcError(INVALID_PARAMS, f"{tool}: arguments is not an object", tool=tool)
    known = schema["properties"]
    for name in given:
        if name not in known:
            close = near_miss(name, list(known))
            advice = f"did you mean {close}?" if close else f"it takes {', '.join(known) or 'none'}"
            text = f"{tool} has no argument {name[:_SHOWN]!r}: {advice}"
            raise RpcError(INVALID_PARAMS, text, tool=tool, argument=name[:_SHOWN], near=close, known=list(known))
    missing = [name for name in schema.get("required", ()) if name not in given]
    if missing:
        text = f"{tool} needs {', '.join(missing)}"
        raise RpcError(INVALID_PARAMS, text, tool=tool, missing=missing, known=list(known))
    return {name: _checked(tool, name, known[name], value) for name, value in given.items()}


def _checked(tool: str, name: str, schema: Mapping[str, Any], given: Any) -> Any:
    kind: str = schema["type"]
    value: Any = given
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise _wrong(tool, name, f"expected {_article(kind)}, got {_json_type(value)}")
    _check_size(tool, name, kind, value)
    if kind == "array":
        _check_items(tool, name, schema["items"]["type"], value)
    if "minimum" in schema and value < schema["minimum"]:
        raise _wrong(tool, name, f"{value} is less than {schema['minimum']}")
    choices = schema.get("enum")
    if choices and value not in choices:
        raise _not_a_choice(tool, name, str(value), choices)
    return value


def _check_size(tool: str, name: str, kind: str, value: Any) -> None:
    if name in _NAMES and len(value) > _LONGEST_NAME:
        raise _wrong(tool, name, f"it has {len(value)} characters; expected at most {_LONGEST_NAME}")
    if kind in _LARGEST and not abs(value) <= _LARGEST[kind]:
        raise _wrong(tool, name, f"expected at most {_LARGEST[kind]}")


def _check_items(tool: str, name: str, kind: str, values: Any) -> None:
    for each in values:
        if not isinstance(each, _TYPES[kind]):
            raise _wrong(tool, name, f"expected {kind}s in it, got {_json_type(each)}")


def _not_a_choice(tool: str, name: str, value: str, choices: Sequence[str]) -> RpcError:
    close = near_miss(value, choices)
    advice = f"did you mean {close}?" if close else f"choose from {', '.join(choices)}"
    text = f"{tool}: invalid {name} {value[:_SHOWN]!r}: {advice}"
    return RpcError(INVALID_PARAMS, text, tool=tool, argument=name, near=close, choices=list(choices))


def _wrong(tool: str, name: str, why: str) -> RpcError:
    return RpcError(INVALID_PARAMS, f"{tool}: {name}: {why}", tool=tool, argument=name)


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    return _article(next(name for name, kinds in _TYPES.items() if isinstance(value, kinds)))


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def near_miss(word: str, names: Sequence[str]) -> str:
    """Return the name that a word is nearly, "" for none."""
    from memorybank.facade.terminal.words import close_to

    close = close_to(word[:_SHOWN], names)
    return close[0] if close else ""


def check_sizes(tool: str, given: Mapping[str, Any]) -> None:
    """Refuse a call with more text than anybody reads again.

    Raises:
        LimitError: the texts of a call, or a query, are too long, or have too many lines.
    """
    taken = {name: value for name, value in given.items() if name != _IMPORTED}
    query = {name: value for name, value in given.items() if name == _QUERY}
    for kept, most, unit, size_of in (
        (taken, MOST, "characters", len),
        (query, MOST_OF_QUERY, "characters", len),
        (taken, MOST_LINES, "lines", _lines_of),
    ):
        sizes = {name: sum(map(size_of, texts_in([value]))) for name, value in kept.items()}
        size = sum(sizes.values())
        if size > most:
            keep = "" if kept is query else _KEEP
            why = f"it has {size:,} {unit}, at most {most:,} are taken{keep}"
            hint = f"bank {'search' if kept is query else 'artifact add'} -h"
            raise LimitError(path=f"{tool}: {max(sizes, key=lambda each: sizes[each])}", why=why, hint=hint)


def _lines_of(text: str) -> int:
    return text.count("\n") + text.count("\r")


def texts_in(value: Any) -> Iterator[str]:
    """Return all texts of a value, at every depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
