"""What a contract declares: the sections of a file, how each may change, and which notes go where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, get_args

from memorybank.document.sections import key_of
from memorybank.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["append", "snapshot", "value", "stamp"]

NONE = "[None]"
NEWEST_FIRST, OLDEST_FIRST = ORDERS = ("newest-first", "oldest-first")


class SectionSpec(NamedTuple):
    """One section of a contract.

    `append` only grows. `snapshot` is replaced as a whole at the end of a workflow and appended to until then. `value`
    holds the current state, `stamp` the time of the last edit. `merges` are old sections that became part of this one.
    `order` names the end with the newest lines; it is used when neither dates nor the last writes show it. `defaults`
    are settings with the value that holds without them.
    """

    name: str
    kind: Kind
    heading: str
    guaranteed: bool = False
    optional: bool = False
    dated: bool = False
    tasks: bool = False
    cap: int = 0
    notes: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()
    order: str = ""
    defaults: tuple[str, ...] = ()

    @property
    def other_names(self) -> tuple[str, ...]:
        """Names that older banks use for this section."""
        return self.aliases + self.merges


class Contract(NamedTuple):
    """A file's contract, and the text a new file starts with."""

    name: str
    version: int
    file: str
    title: str
    fallback: str
    sections: tuple[SectionSpec, ...]
    body: str

    def spec_of(self, section: str) -> SectionSpec | None:
        """Return the section with this name, alias or old name, with or without decoration; None if there is none."""
        wanted = key_of(section.lstrip("#"))
        for spec in self.sections:
            if key_of(spec.name) == wanted:
                return spec
        for spec in self.sections:
            if any(key_of(other) == wanted for other in spec.other_names):
                return spec
        from memorybank.document.names import is_same_name

        for spec in self.sections:
            if is_same_name(spec.name, section):
                return spec
        for spec in self.sections:
            if any(is_same_name(other, section) for other in spec.other_names):
                return spec
        return None


def contract_from_fields(fields: Mapping[str, Any], body: str, headings: Mapping[str, str], path: str) -> Contract:
    """Return the contract from a template's front matter; `headings` maps section names to heading texts in its body.

    Raises:
        ConfigError: a field is missing or has the wrong type; the message names it.
    """
    version = fields.get("version", 1)
    if not isinstance(version, int) or version < 1:
        raise ConfigError(path=path, why="version must be a whole number from 1")
    rows = fields.get("sections")
    if not isinstance(rows, list) or not rows:
        raise ConfigError(path=path, why="sections must be a list")
    sections = tuple(_spec(row, headings, f"sections[{i}]", path) for i, row in enumerate(rows))
    names = [key_of(section.name) for section in sections]
    if len(set(names)) != len(names):
        raise ConfigError(path=path, why="two sections have the same name")
    fallback = _text(fields, "fallback", path)
    if key_of(fallback) not in names:
        raise ConfigError(path=path, why=f"fallback {fallback!r} is not one of the sections")
    return Contract(
        _text(fields, "contract", path),
        version,
        _text(fields, "file", path),
        _text(fields, "title", path),
        fallback,
        sections,
        body,
    )


def _spec(row: object, headings: Mapping[str, str], where: str, path: str) -> SectionSpec:
    if not isinstance(row, dict):
        raise ConfigError(path=path, why=f"{where} must be a mapping")
    known = {
        "name",
        "kind",
        "anchor",
        "optional",
        "dated",
        "tasks",
        "cap",
        "notes",
        "placeholders",
        "aliases",
        "merges",
        "order",
        "defaults",
    }
    unknown = sorted(set(row) - known)
    if unknown:
        raise ConfigError(path=path, why=f"{where} has an unknown field {unknown[0]!r}")
    name = _text(row, "name", path, where)
    kind = row.get("kind")
    if kind not in get_args(Kind):
        raise ConfigError(path=path, why=f"{where}.kind must be one of {', '.join(get_args(Kind))}")
    cap = row.get("cap", 0)
    if not isinstance(cap, int):
        raise ConfigError(path=path, why=f"{where}.cap must be a whole number")
    order = row.get("order", "")
    if order not in ("", *ORDERS):
        raise ConfigError(path=path, why=f"{where}.order must be one of {', '.join(ORDERS)}")
    return SectionSpec(
        name=name,
        kind=cast("Kind", kind),
        heading=headings.get(key_of(name), name),
        guaranteed=row.get("anchor") == "guaranteed",
        optional=bool(row.get("optional", False)),
        dated=bool(row.get("dated", False)),
        tasks=bool(row.get("tasks", False)),
        cap=cap,
        notes=_texts(row, "notes", path, where),
        placeholders=(NONE, *_texts(row, "placeholders", path, where)),
        aliases=_texts(row, "aliases", path, where),
        merges=_texts(row, "merges", path, where),
        order=str(order),
        defaults=_texts(row, "defaults", path, where),
    )


def _text(row: Mapping[str, Any], key: str, path: str, where: str = "") -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(path=path, why=f"{where + '.' if where else ''}{key} must be a text that is not empty")
    return value


def _texts(row: Mapping[str, Any], key: str, path: str, where: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigError(path=path, why=f"{where}.{key} must be a list of texts")
    return tuple(value)
