"""What defines a type of record: its folder, statuses, fields and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from typing import Annotated, TypedDict

    class TypeStatusWire(TypedDict):
        """A status of a type."""

        status: str
        next: list[str]

    class RecordTypeWire(TypedDict):
        """The JSON form of a record type."""

        type: str
        purpose: str
        prefix: str
        folder: str
        file: str
        statuses: list[TypeStatusWire]
        fields: list[Annotated[Any, FieldSpec]]
        sections: list[Annotated[Any, SectionRule]]
        note_kind: str
        template: str


FieldKind = Literal["text", "date", "time", "list", "number", "flag", "id", "ids", "mapping"]

MEMORIES = "memories/"


class FieldSpec(NamedTuple):
    """An additional front-matter field of a type; `choices` are the allowed values, empty for any."""

    name: str
    kind: FieldKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


class SectionRule(NamedTuple):
    """One section of a type's body; a required one must exist in a record that has sections."""

    name: str
    required: bool = False


class RecordType(NamedTuple):
    """A type of record.

    `folder` is relative to the bank, or to the project if it starts with `docs/`. `file` is the file name without its
    suffix, made of `{id}`, `{slug}` and `{date}`. `statuses` lists each status with its possible next statuses; the
    first one is for new records. `note` is the kind of note used for the record's line in a contract, "" for no line.
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

    def to_wire(self) -> RecordTypeWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "type": self.name,
            "purpose": self.purpose,
            "prefix": self.prefix,
            "folder": self.folder,
            "file": self.file,
            "statuses": [{"status": status, "next": list(following)} for status, following in self.statuses],
            "fields": to_wire(self.fields),
            "sections": to_wire(self.sections),
            "note_kind": self.note,
            "template": self.body,
        }

    @property
    def is_memory(self) -> bool:
        """Whether its records are memories, which `list` shows if no type is given."""
        return self.folder.startswith(MEMORIES)

    @property
    def first_status(self) -> str:
        """The status of a new record."""
        return self.statuses[0][0] if self.statuses else ""

    def steps_from(self, status: str) -> tuple[str, ...]:
        """Return the possible next statuses; a status unknown to the type may change to any status of the type."""
        for name, following in self.statuses:
            if name == status:
                return following
        return tuple(name for name, _ in self.statuses)
