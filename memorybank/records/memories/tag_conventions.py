"""What a team agreed on about tags: `[tags]` of `bank.toml`.

[tags]
required = ["layer"]                       # each memory has a tag of these groups
[tags.groups]
layer = ["api", "frontend", "database"]
[tags.aliases]
db = "database"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, FieldError
from memorybank.records.change import target_in, with_fields
from memorybank.records.fields import check_tag, closest_tag
from memorybank.store.config import FILE, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange


class TagConventions(NamedTuple):
    """The groups that each memory needs, the tags of each group, and for other names of a tag the tag itself."""

    required: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = {}
    aliases: Mapping[str, str] = {}

    def canonical(self, tag: str) -> str:
        """Return the tag that is meant by one: the tag itself, what it is an alias of, or its valid form."""
        plain = tag.strip().removeprefix("#")
        valid = plain if is_valid(plain) else closest_tag(plain)
        return self.aliases.get(plain.casefold()) or self.aliases.get(valid) or valid or tag

    def missing(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return the required groups of which none of these tags is."""
        meant = {self.canonical(tag) for tag in tags}
        return tuple(name for name in self.required if meant.isdisjoint(self.groups.get(name, ())))


def is_valid(tag: str) -> bool:
    """Return whether a tag has the form that commands accept."""
    try:
        return check_tag(tag) == tag
    except FieldError:
        return False


def read_conventions(bank: BankFolder) -> TagConventions:
    """Return what `[tags]` of a bank's settings says; nothing is required without it.

    Raises:
        ConfigError: a value has another type, a tag is invalid, a required group is not declared, or aliases go round.
    """
    path = bank.folder / FILE
    table = read_table(path).get("tags", {})
    if not table:
        return TagConventions()
    table = _table(path, table, "tags")
    groups = {
        name: _tags(path, f"tags.groups.{name}", each)
        for name, each in _table(path, table.get("groups", {}), "tags.groups").items()
    }
    required = _texts(path, "tags.required", table.get("required", []))
    for name in required:
        if name not in groups:
            raise ConfigError(path=path, why=f"tags.required: there is no group {name!r}", hint=_hint(name))
    named = _table(path, table.get("aliases", {}), "tags.aliases")
    aliases = {}
    for name, tag in named.items():
        (aliases[name.strip().removeprefix("#").casefold()],) = _tags(path, f"tags.aliases.{name}", [tag])
    return TagConventions(required, groups, {name: _end(path, name, aliases) for name in aliases})


def _hint(name: str) -> str:
    return f"bank config set tags.groups.{name} api,frontend,database"


def _end(path: Path, name: str, aliases: Mapping[str, str]) -> str:
    """Return the tag at the end of a chain of aliases."""
    tag, seen = aliases[name], {name}
    while tag in aliases:
        if tag in seen:
            raise ConfigError(path=path, why=f"tags.aliases.{name} is an alias of itself")
        seen.add(tag)
        tag = aliases[tag]
    return tag


def _table(path: Path, value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(path=path, why=f"{name} must be a table")
    return value


def _texts(path: Path, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigError(path=path, why=f"{name} must be a list of texts")
    return tuple(value)


def _tags(path: Path, name: str, value: Any) -> tuple[str, ...]:
    try:
        return tuple(check_tag(each) for each in _texts(path, name, value))
    except FieldError as error:
        raise ConfigError(path=path, why=f"{name}: {error.message}") from error


def retagged(bank: BankFolder, file: str) -> FileChange | None:
    """Plan to give a record the tags that are meant by its own; None if it has them.

    `updated` stays as it is: nobody has looked at the record.

    Raises:
        FrontMatterError: the front matter cannot be changed safely.
        ConfigError: the conventions are invalid.
    """
    conventions = read_conventions(bank)
    target = target_in(bank, *bank.place_of(file), "")
    tags = list(dict.fromkeys(conventions.canonical(tag) for tag in target.record.tags))
    if tags == list(target.record.tags):
        return None
    return target.changed(with_fields(target.source, {"tags": tags}, target.record.file).text)
