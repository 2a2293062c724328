"""Read record types from their templates in `templates/records/`.

The template is the type. Its front matter declares what a program must know; the rest shows what a new record looks
like. A bank's own templates, in `templates/records/` below the bank, come first; a new type needs no code.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast, get_args

from memorybank.errors import ConfigError, NoTypeError
from memorybank.ids import chosen
from memorybank.records.types import FieldKind, FieldSpec, RecordType, SectionRule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memorybank.store.folder import BankFolder

_PREFIX = re.compile(r"[a-z][a-z0-9]{1,11}\Z")
_FOLDER = re.compile(r"[A-Za-z0-9_][\w-]*(?:/[A-Za-z0-9_][\w-]*)*/?\Z", re.ASCII)
_FILE = re.compile(r"(?:[A-Za-z0-9_-]|\{(?:id|slug|date)\})+\Z")
_TAKEN = {"archive", "artifacts", "checkpoints", "templates", "workflows"}
SHIPPED_TYPES = (
    "fact",
    "decision",
    "code",
    "error",
    "procedural",
    "episodic",
    "user",
    "learning",
    "bug",
    "paf",
    "session",
    "group",
    "plan",
    "design",
    "research",
    "solution",
    "correction",
)


def names_of_types(bank: BankFolder | None) -> list[str]:
    """List the names of all types: the shipped ones, then the bank's own."""
    return _all_names(_own_names(bank))


def _all_names(own: list[str]) -> list[str]:
    return [*SHIPPED_TYPES, *(each for each in own if each not in SHIPPED_TYPES)]


def _own_names(bank: BankFolder | None) -> list[str]:
    own = _templates_of(bank)
    return sorted(path.stem for path in own.glob("records/*.md")) if own else []


def load_type(bank: BankFolder | None, name: str) -> RecordType:
    """Return a type by its name.

    Raises:
        NoTypeError: there is no such type; it lists the closest names.
        ConfigError: its template is not valid.
    """
    own = _own_names(bank)
    known = _all_names(own)
    name = chosen(name, known)
    if name not in known:
        from memorybank.document.addresses import near

        raise NoTypeError(name=name, near=near(name, known), known=known)
    return read_type(name, _templates_of(bank)) if name in own else _shipped_types()[name]


def load_types(bank: BankFolder | None) -> dict[str, RecordType]:
    """Return all types by name; a template of the bank's own that is not valid is left out.

    `bank check` reports it, and so does every command that uses that type.
    """
    found = dict(_shipped_types())
    for name in _own_names(bank):
        try:
            found[name] = read_type(name, _templates_of(bank))
        except ConfigError:
            found.pop(name, None)
    return found


@cache
def _shipped_types() -> dict[str, RecordType]:
    """Return the shipped types by name; a test compares them with their templates, which nothing else reads."""
    from memorybank.records._generated import SHIPPED

    return {kind.name: kind for kind in SHIPPED.values()}


def _templates_of(bank: BankFolder | None) -> Path | None:
    return bank.folder / "templates" if bank else None


def read_type(name: str, own: Path | None = None) -> RecordType:
    """Return a type from its template; one in the folder `own` comes first.

    Raises:
        ConfigError: there is no such template, or it is not valid.
    """
    from memorybank.contracts.load import template_bytes
    from memorybank.document.source import digest_of
    from memorybank.records._generated import SHIPPED

    data = template_bytes(f"records/{name}.md", own)
    return SHIPPED.get(digest_of(data)) or parse_type(data, f"templates/records/{name}.md", name)


def parse_type(data: bytes, path: str, name: str) -> RecordType:
    """Make a type from its template's bytes.

    Raises:
        ConfigError: a field is missing or has the wrong type; the message names it.
    """
    from memorybank.document.frontmatter import find_block, read_fields
    from memorybank.document.source import Source
    from memorybank.errors import FrontMatterError

    source = Source(data)
    block = find_block(source.shadow)
    if block is None:
        raise ConfigError(path=path, why="it has no front matter that declares a record type")
    try:
        fields = read_fields(source, path)
    except FrontMatterError as error:
        raise ConfigError(path=path, why=error.message) from error
    unknown = sorted(set(fields) - set(RecordType._fields) - {"record"})
    if unknown:
        raise ConfigError(path=path, why=f"unknown field {unknown[0]!r}")
    if fields.get("record") != name:
        raise ConfigError(path=path, why=f"record must be {name!r}, like the file name")
    return RecordType(
        name,
        _text(fields, "purpose", path),
        _like(_PREFIX, fields, "prefix", path, "a few lower-case letters"),
        _folder(fields, path),
        _like(_FILE, fields, "file", path, "a file name made of {id}, {slug} and {date}", "{id}-{slug}"),
        _statuses(fields.get("statuses", {}), path),
        tuple(_field(each, row, path) for each, row in _mapping(fields, "fields", path).items()),
        tuple(_section(row, path) for row in fields.get("sections", []) or []),
        _text(fields, "note", path, "-").strip("-"),
        source.text[block.end :],
    )


def _text(fields: Mapping[str, Any], key: str, path: str, default: str = "") -> str:
    value = fields.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(path=path, why=f"{key} must be a string that is not empty")
    return value


def _like(form: re.Pattern[str], fields: Mapping[str, Any], key: str, path: str, what: str, default: str = "") -> str:
    value = _text(fields, key, path, default)
    if not form.match(value):
        raise ConfigError(path=path, why=f"{key} must be {what}")
    return value


def _folder(fields: Mapping[str, Any], path: str) -> str:
    folder = _like(_FOLDER, fields, "folder", path, "a folder of the bank such as memories/name, or below docs/")
    if folder.partition("/")[0] in _TAKEN:
        raise ConfigError(path=path, why=f"the folder {folder.partition('/')[0]} is used for something else")
    return f"{folder.rstrip('/')}/"


def _mapping(fields: Mapping[str, Any], key: str, path: str) -> dict[str, Any]:
    value = fields.get(key) or {}
    if not isinstance(value, dict):
        raise ConfigError(path=path, why=f"{key} must be a mapping")
    return value


def _statuses(value: object, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ConfigError(path=path, why="statuses must be a mapping: each status with a list of its next statuses")
    rows = []
    for name, following in value.items():
        if not isinstance(following, list) or any(each not in value for each in following):
            raise ConfigError(path=path, why=f"statuses.{name} must be a list of statuses")
        rows.append((str(name), tuple(str(each) for each in following)))
    return tuple(rows)


def _field(name: str, row: object, path: str) -> FieldSpec:
    row = {"kind": row} if isinstance(row, str) else row
    if not isinstance(row, dict) or row.get("kind", "text") not in get_args(FieldKind):
        raise ConfigError(path=path, why=f"fields.{name}.kind must be one of {', '.join(get_args(FieldKind))}")
    choices = row.get("choices", [])
    if not isinstance(choices, list):
        raise ConfigError(path=path, why=f"fields.{name}.choices must be a list")
    kind = cast("FieldKind", row.get("kind", "text"))
    return FieldSpec(str(name), kind, bool(row.get("required")), tuple(str(choice) for choice in choices))


def _section(row: object, path: str) -> SectionRule:
    row = {"name": row} if isinstance(row, str) else row
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        raise ConfigError(path=path, why="sections must be a list of names, or of mappings with a name")
    return SectionRule(row["name"], bool(row.get("required")))
