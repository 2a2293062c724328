"""Derive the schemas from the types: named tuples by their fields, and what has a JSON form of its own by that type.

The types are those that the checker sees, so imports and classes for type checking only are made available here.
"""

from __future__ import annotations

import ast
import inspect
import json
import types
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

from memorybank.errors import BankError
from memorybank.facade.schemas import name_of, references
from memorybank.facade.schemas.answers import ANSWERS
from memorybank.facade.schemas.names import NAMES
from memorybank.listing import Listing
from memorybank.wire import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_OWN = "memorybank."
# how the description of a type begins that says nothing of its own
_PLAIN = "The JSON form of "
# behind the module's name, for a class that is there for type checking only
_CHECKED = " (types)"
_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    type(None): {"type": "null"},
    Path: {"type": "string"},
    Any: {},
    object: {},
}


def render() -> str:
    """Return the file of all schemas, with a line for each answer and for each field of what it is made of."""
    whole = schemas()
    rows = [f"{_text(name)}: {_rendered(each)}" for name, each in whole.pop("$defs").items()]
    head = "".join(f"  {_text(name)}: {_text(each)},\n" for name, each in whole.items())
    return f'{{\n{head}  "$defs": {{\n    ' + ",\n    ".join(rows) + "\n  }\n}\n"


def _rendered(schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return _text(schema)
    fields = ",\n        ".join(f"{_text(name)}: {_text(each)}" for name, each in schema["properties"].items())
    rows = [f"{_text(name)}: {_text(each)}" for name, each in schema.items() if name != "properties"]
    return "{\n      " + ",\n      ".join([*rows, f'"properties": {{\n        {fields}\n      }}']) + "\n    }"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def schemas() -> dict[str, Any]:
    """Return the definitions of all answers and of what they are made of."""
    known: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    answers = {name_of(command): _answer(command, forms, known, whole) for command, forms in ANSWERS.items()}
    known |= whole
    used = references(answers, known)
    return {
        "$schema": DRAFT,
        "title": "The answers of bank in JSON",
        "description": "The answer of a command is in $defs: answer-task-list is that of `bank task list --json`.",
        "$defs": {**answers, **{name: known[name] for name in sorted(used)}},
    }


def _answer(command: str, forms: tuple[str, ...], known: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    found = []
    for form in forms:
        name = _form(form, known)["$ref"].rpartition("/")[2]
        answer = f"{name.removesuffix('Answer')}Answer"
        whole[answer] = _with_version(known[name])
        found.append({"$ref": f"#/$defs/{answer}"})
    title = command if command in {"error", "already done"} else f"bank {command} --json"
    return {"title": title, **(found[0] if len(found) == 1 else {"anyOf": found})}


def _with_version(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a whole answer: the object's own fields, after the schema version."""
    version = {"const": SCHEMA_VERSION, "description": NAMES["schema_version"]}
    return {
        **schema,
        "properties": {"schema_version": version, **schema["properties"]},
        "required": ["schema_version", *schema["required"]],
    }


def _form(name: str, known: dict[str, Any]) -> dict[str, Any]:
    module, colon, own = name.rpartition(":")
    if colon or own[0].isupper():
        kind = _imported(f"{_OWN}{module or 'facade.schemas.answers'}", own)
    else:
        method = method_at(name)
        kind = _evaluated(method.__annotations__["return"], method.__module__)
    if isinstance(kind, type) and hasattr(kind, "to_answer"):
        return _returned(kind, "to_answer", known)
    return _schema(kind, known)


def method_at(path: str) -> Any:
    """Return the function that a path such as `tasks.add` names in `Bank`."""
    from memorybank.facade.bank import Bank

    part: type = Bank
    *spaces, name = path.split(".")
    for space in spaces:
        value = inspect.getattr_static(part, space)
        part = _evaluated(value.fget.__annotations__["return"], value.fget.__module__)
    found = inspect.getattr_static(part, name)
    return inspect.unwrap(found.__func__ if isinstance(found, staticmethod) else found)


def _schema(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type; one with fields becomes a definition in `known`."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _schema(args[1] if args[0] is Any else args[0], known)
    if origin in {NotRequired, Required}:
        return _schema(args[0], known)
    if origin in {Union, types.UnionType}:
        found = [_schema(each, known) for each in args]
        if all(each.keys() == {"type"} for each in found):
            return {"type": [each["type"] for each in found]}
        return {"anyOf": found}
    if origin is Literal:
        return {"enum": [*args]}
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    base = origin or kind
    if not isinstance(base, type):
        message = f"no schema for {kind!r}"
        raise TypeError(message)
    if getattr(base, "to_wire", None) not in {None, Listing.to_wire, BankError.to_wire}:
        return _returned(base, "to_wire", known)
    if is_typeddict(base) or hasattr(base, "_fields") or issubclass(base, BankError | Listing):
        return _defined(base, known)
    if issubclass(base, dict) or base.__name__ == "Mapping":
        values = _schema(args[1], known) if args else {}
        return {"type": "object", "additionalProperties": values or True}
    items = next((each for each in args if each is not Ellipsis), Any)
    return {"type": "array", "items": _schema(items, known)}


def _defined(kind: type, known: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__.removesuffix("Wire")
    found = _fields_of(kind, known)
    if known.setdefault(name, found)["properties"] != found["properties"]:
        message = f"two types are called {name}"
        raise TypeError(message)
    return {"$ref": f"#/$defs/{name}"}


def _fields_of(kind: type, known: dict[str, Any]) -> dict[str, Any]:
    if issubclass(kind, BankError):
        texts: dict[str, Any] = {
            name: {**_SIMPLE[str], "description": NAMES[name]} for name in ("code", "message", "hint", "where")
        }
        more = "Some codes have more fields; docs/errors.md lists them."
        return {"description": more, "type": "object", "properties": texts, "required": [*texts]}
    if issubclass(kind, Listing):
        return _listed(kind, known)
    fields = _hints(kind)
    optional = {name for name, hint in fields.items() if get_origin(hint) is NotRequired}
    return {**_description(kind), **_object({name: _schema(each, known) for name, each in fields.items()}, optional)}


def _listed(kind: type[Listing[Any]], known: dict[str, Any]) -> dict[str, Any]:
    if kind.row is Listing.row:
        rows = _schema(_element_of(kind), known)
    else:
        rows = _schema(_evaluated(kind.row.__annotations__["return"], kind.row.__module__), known)
    hints = {name: hint for each in reversed(kind.__mro__) for name, hint in _hints(each, kind.beside).items()}
    beside = {name: _schema(hints[name], known) for name in kind.beside}
    whole = {
        kind.plural: {"type": "array", "items": rows},
        "count": dict(_SIMPLE[int]),
        "total": dict(_SIMPLE[int]),
        **beside,
    }
    return {**_description(kind), **_object(whole, {"total"})}


def _element_of(kind: type[Listing[Any]]) -> Any:
    for each in kind.__mro__:
        for base in vars(each).get("__orig_bases__", ()):
            if get_origin(base) is Listing:
                return _evaluated(get_args(base)[0], each.__module__)
    message = f"{kind.__name__} does not say what it lists"
    raise TypeError(message)


def _object(fields: dict[str, dict[str, Any]], optional: set[str]) -> dict[str, Any]:
    missing = sorted(fields.keys() - NAMES.keys())
    if missing:
        message = f"names.py does not say what this is: {', '.join(missing)}"
        raise KeyError(message)
    return {
        "type": "object",
        "properties": {name: {**each, "description": NAMES[name]} for name, each in fields.items()},
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def _returned(kind: type, method: str, known: dict[str, Any]) -> dict[str, Any]:
    function = getattr(kind, method)
    found = _schema(_evaluated(function.__annotations__["return"], function.__module__), known)
    name = found.get("$ref", "").rpartition("/")[2]
    if known.get(name, {}).get("description", "").startswith(_PLAIN):
        # the value itself says more
        known[name] |= _description(kind)
    return found


def _description(kind: type) -> dict[str, str]:
    text = (kind.__doc__ or "").split("\n\n")[0]
    return {"description": " ".join(text.split())} if text and "(" not in text[: len(kind.__name__) + 1] else {}


def _hints(kind: type, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the annotations of a class as types: all, or those of some names."""
    own = vars(kind).get("__annotations__", {})
    return {name: _evaluated(each, kind.__module__) for name, each in own.items() if names is None or name in names}


def _evaluated(annotation: Any, module: str) -> Any:
    if isinstance(annotation, ForwardRef):
        # a typed dictionary knows the module of what it inherits
        annotation, module = annotation.__forward_arg__, annotation.__forward_module__ or module
    if not isinstance(annotation, str):
        return annotation
    return eval(annotation, names_in(module.removesuffix(_CHECKED)))  # noqa: S307  our own annotations


@cache
def names_in(module: str) -> dict[str, Any]:
    """Return the names of a module as the type checker sees them, those for type checking only among them."""
    found = import_module(module)
    names = {**vars(found), "__name__": f"{module}{_CHECKED}"}
    for block in ast.parse(inspect.getsource(found)).body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for statement in block.body:
                _take_in(statement, names)
    return names


def _take_in(statement: ast.stmt, names: dict[str, Any]) -> None:
    if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(_OWN):
        for each in statement.names:
            names[each.asname or each.name] = _imported(statement.module or "", each.name)
        return
    code = compile(ast.Module([statement], []), names["__name__"], "exec")
    exec(code, names)  # noqa: S102  our own source


def _imported(module: str, name: str) -> Any:
    found = import_module(module)
    if not hasattr(found, name):
        return names_in(module)[name] if name in names_in(module) else import_module(f"{module}.{name}")
    return getattr(found, name)
