"""What a type of record is, as values: its folder, statuses, fields and sections."""

from __future__ import annotations

from typing import Literal, NamedTuple

FieldKind = Literal["text", "date", "time", "list", "number", "flag", "id", "ids", "mapping"]

MEMORIES = "memories/"


class FieldSpec(NamedTuple):
    """One further front-matter field of a type; `choices` are the values it may have, any when empty."""

    name: str
    kind: FieldKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


class SectionRule(NamedTuple):
    """One section of a type's body; a required one must be there in a record that has sections."""

    name: str
    required: bool = False


class RecordType(NamedTuple):
    """A type of record.

    `folder` is below the bank, or below the project when it begins with `docs/`. `file` is the file's stem, made of
    `{id}`, `{slug}` and `{date}`. `statuses` gives each status with those that may follow; the first is a new
    record's. `note` is the kind of note that its line in a contract is, "" for a type that gets none.
    """

    name: str
    purpose: str
    prefix: str
    folder: str
    file: str = "{id}-{slug}"
    statuses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    sections: tuple[SectionRule, ...] = ()
    note: str = ""
    body: str = ""

    @property
    def is_memory(self) -> bool:
        """Whether its records are memories: those that `list` shows when no type is asked for."""
        return self.folder.startswith(MEMORIES)

    @property
    def first_status(self) -> str:
        """The status of a new record."""
        return self.statuses[0][0] if self.statuses else ""

    def steps_from(self, status: str) -> tuple[str, ...]:
        """Give the statuses that may follow a status; a status the type does not know may become any of its own."""
        for name, following in self.statuses:
            if name == status:
                return following
        return tuple(name for name, _ in self.statuses)
