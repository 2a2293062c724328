"""The check that an argument is what its parameter says, and what it is converted to."""

from __future__ import annotations

import os
from functools import wraps
from typing import TYPE_CHECKING, Any

from memorybank.errors import FieldError, SecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


# the detail of an error that names the argument it is about
IN_ARGUMENT = "argument"


def parse_pairs(pairs: Iterable[str], option: str = "--metadata") -> dict[str, Any]:
    """Return the values of an option's `name=value` pairs; a value is JSON where it reads as JSON and back, else text.

    Raises:
        FieldError: a pair has no name, or a value cannot be kept.
    """
    from memorybank.records.fields import parse_metadata

    return parse_metadata(pairs, option)


def checked(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that converts its arguments where only one meaning is possible, and refuses the others.

    What is expected is read from the annotations: a text, a list of texts, a number, a yes or no. A text where a list
    is meant becomes a list of one (of several, where it holds commas and no item can); it is never split into letters.
    A number where an id or a version is meant becomes its digits.
    """
    annotations = {
        name: kind for name, kind in method.__annotations__.items() if name != "return" and _base(kind) in _CONVERTERS
    }
    code = method.__code__
    names = code.co_varnames[: code.co_argcount]

    @wraps(method)
    def call(*args: Any, **given: Any) -> Any:
        if len(args) <= len(names):
            args = tuple(
                _converted(value, name, annotations[name]) if name in annotations else value
                for value, name in zip(args, names, strict=False)
            )
        for name in given.keys() & annotations.keys():
            given[name] = _converted(given[name], name, annotations[name])
        try:
            return method(*args, **given)
        except SecretError as error:
            raise _located(error, {**dict(zip(names, args, strict=False)), **given}) from error

    return call


def _located(error: SecretError, given: Mapping[str, Any]) -> SecretError:
    """Return the error with the line of the argument that has the secret, instead of the line of what is written."""
    from memorybank.secrets.scan import find_secrets

    if IN_ARGUMENT in error.details:
        return error
    for name, value in given.items():
        for label, text in _texts_in(name, value):
            line = next((each.line for each in find_secrets(text) if each.rule == error.details["rule"]), 0)
            if line:
                located = SecretError(rule=str(error.details["rule"]), line=line, text=label)
                located.details[IN_ARGUMENT] = name
                return located
    return error


def _texts_in(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of an argument, each with what an error calls it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        yield from ((f"{name}.{key}", each) for key, each in value.items() if isinstance(each, str))
    elif isinstance(value, list):
        for number, each in enumerate(value, 1):
            if isinstance(each, str):
                yield f"{name} {number}" if len(value) > 1 else name, each
            elif isinstance(each, tuple) and len(each) > 1 and isinstance(each[1], str):
                yield f"{name.removesuffix('s')} {each[0]}", each[1]


def _base(kind: Any) -> str:
    return str(kind).removesuffix(" | None")


def _converted(value: Any, name: str, kind: str) -> Any:
    if value is None and kind.endswith(" | None"):
        return None
    return _CONVERTERS[_base(kind)](value, name)


def _text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and name in _NUMBERED:
        return str(value)
    hint = "pass a str"
    if isinstance(value, bytes):
        hint = "decode it first: value.decode('utf-8')"
    elif name == "operation":
        hint = "pass an id; to undo several operations, pass count=2"
    raise _wrong(name, "a str", value, hint)


def _texts(value: Any, name: str) -> list[str]:
    if isinstance(value, str) and name == "command":
        raise _wrong(name, "a list of words", value, 'pass the words: ["pytest", "-q"]')
    if isinstance(value, str):
        value = value.split(",") if name in _WORDS else [value]
        return [each.strip() for each in value if each.strip()] if name in _WORDS else value
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__next__"):
        texts = [_text(each, name) for each in value]
        return sorted(texts) if isinstance(value, (set, frozenset)) else texts
    raise _wrong(name, "a list of str", value)


def _number(value: Any, name: str) -> int:
    if isinstance(value, str) and value.isascii() and value.strip().isdecimal() and len(value) <= _DIGITS:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_DIGITS:
        return value
    raise _wrong(name, "an int", value)


def _real(value: Any, name: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise _wrong(name, "a float", value)


def _flag(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong(name, "a bool", value)


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):
        given = {str(key): value[key] for key in value.keys()}  # noqa: SIM118  a mapping of any kind
        if not given:
            return given
        import json

        try:
            json.dumps(given, default=str)
        except ValueError as error:
            raise FieldError(field=name, why=str(error), hint="pass values that JSON has") from None
        return given
    raise _wrong(name, "a dict", value)


def _path(value: Any, name: str) -> Any:
    if not isinstance(value, str) and not hasattr(value, "__fspath__"):
        raise _wrong(name, "a str or a path", value)
    try:
        is_valid = b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        is_valid = False
    if not is_valid:
        raise FieldError(field=name, why=f"{os.fspath(value)!r} is not a path", hint="pass a path")
    return value


def _pairs(value: Any, name: str, kind: type = str) -> list[tuple[str, Any]]:
    """Return the pairs of a mapping or a list of pairs: a text, and a value of a kind."""
    rows = value.items() if hasattr(value, "items") else value
    if isinstance(rows, str) or not hasattr(rows, "__iter__"):
        raise _wrong(name, "a dict or a list of pairs", value)
    pairs = []
    for row in rows:
        is_pair = isinstance(row, (list, tuple)) and len(row) == len(("name", "value"))
        if not is_pair or not isinstance(row[0], str) or not isinstance(row[1], kind):
            raise _wrong(name, f"pairs of str and {'any value' if kind is object else kind.__name__}", row)
        pairs.append((row[0], row[1]))
    return pairs


def _moment(value: Any, name: str) -> Any:
    if isinstance(value, str) or hasattr(value, "isoformat"):
        return value
    raise _wrong(name, "a str or a datetime", value)


def _named(value: Any, name: str) -> list[Any]:
    """Return a list of values with a name, such as `Member("Ada")`."""
    if isinstance(value, (list, tuple)) and all(hasattr(each, "name") for each in value):
        return list(value)
    raise _wrong(name, "a list of members or milestones", value, "see memorybank.facade.evidence")


def _rows(value: Any, name: str) -> Any:
    """Return JSON as text, or a list of mappings."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and all(hasattr(each, "keys") for each in value):
        return [dict(each) for each in value]
    raise _wrong(name, "a list of dicts or their JSON", value)


def _wrong(name: str, expected: str, value: Any, hint: str = "") -> FieldError:
    got = "None" if value is None else type(value).__name__
    return FieldError(field=name, why=f"expected {expected}, got {got}", hint=hint or f"pass {expected}")


# digits of a number: far more than there can be of anything
_DIGITS = 15
# parameters that name one thing, often by a number
_NUMBERED = frozenset(
    {"bug", "estimate", "group", "ident", "item", "memory_id", "note", "paf", "session_id", "task", "workflow", "value"}
)
# lists of words, none of which can hold a comma
_WORDS = frozenset({"tags", "any_tags", "type", "kinds", "scopes", "covers", "after", "allow_secrets"})
_CONVERTERS: dict[str, Callable[[Any, str], Any]] = {
    "str": _text,
    "Sequence[str]": _texts,
    "int": _number,
    "float": _real,
    "bool": _flag,
    "Mapping[str, Any]": _mapping,
    "Path": _path,
    "Path | str": _path,
    "Mapping[str, str] | Sequence[tuple[str, str]]": _pairs,
    "Mapping[str, Any] | Sequence[tuple[str, Any]]": lambda value, name: _pairs(value, name, object),
    "Sequence[Member]": _named,
    "Sequence[Milestone]": _named,
    "str | Sequence[Mapping[str, Any]]": _rows,
    "str | datetime": _moment,
}
