"""Records in relation to each other, their tags and types, and what of them is old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import FieldError
from memorybank.facade.face import Face
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from memorybank.records.memories.cleanup import CleanupResult
    from memorybank.records.memories.lineage import Lineage
    from memorybank.records.memories.relations import RelationChange
    from memorybank.records.memories.tags import TagCounts, TagRename
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder

    class TypeRowWire(TypedDict):
        """A type of records, as a list shows it."""

        type: str
        purpose: str
        folder: str


MAX_DAYS = 36_500


class TypeList(Listing["RecordType"]):
    """The types of records."""

    __slots__ = ()
    plural = "types"

    def row(self, each: RecordType) -> TypeRowWire:
        """Return the JSON form of one type: what a list shows of it."""
        return {"type": each.name, "purpose": each.purpose, "folder": each.folder}


def types_of(bank: BankFolder | None) -> TypeList:
    """Return the types of a bank, the shipped ones and its own; the shipped ones without a bank."""
    from memorybank.records.templates import load_types

    return TypeList(load_types(bank).values())


def type_of(bank: BankFolder | None, name: str) -> RecordType:
    """Return one type of a bank; a shipped one without a bank.

    Raises:
        NoTypeError: the type is unknown; similar names are in the error.
        ConfigError: its template is invalid.
    """
    from memorybank.records.templates import load_type

    return load_type(bank, name)


class Relations(Face):
    """The methods of a bank that relate its records, and keep them in order."""

    __slots__ = ()

    def supersede(self, old: str, new: str) -> RelationChange:
        """Replace one record by another, as one operation.

        The old one gets the status superseded, both are linked, and the lines that cite the old one are struck and
        point to the new one.

        Raises:
            SupersededError: the old one has another successor already.
            NoRecordError: no record matches one of the ids, or several do.
        """
        from memorybank.records.memories.relations import supersede

        return supersede(self._folder, old, new, self._way())

    def deprecate(self, memory_id: str, *, see: str = "") -> RelationChange:
        """Mark a record as no longer valid; `see` is what to read instead.

        Raises:
            FieldError: the status cannot follow the one it has.
            NoRecordError: no record matches an id, or several do.
        """
        from memorybank.records.memories.relations import deprecate

        return deprecate(self._folder, memory_id, self._way(), see=see)

    def link(self, memory_id: str, rel: str, other: str, *, remove: bool = False) -> RelationChange:
        """Link a record to another one, to a file of the project, or to a web address; with `remove`, unlink it.

        `rel` is relates, caused-by, evidence-for or see; supersedes does what `supersede` does.

        Raises:
            FieldError: there is no such relation, or no such link to remove.
            NoRecordError: nothing has this name.
        """
        from memorybank.records.memories.relations import link

        return link(self._folder, memory_id, rel, other, self._way(), remove=remove)

    def lineage(self, memory_id: str, *, depth: int = 0) -> Lineage:
        """Return where a record comes from and what came of it: links in both directions, up to `depth`; 0 is all.

        Raises:
            FieldError: `depth` is below 0.
            NoRecordError: no record matches, or several do.
        """
        from memorybank.records.memories.lineage import lineage

        if depth < 0:
            raise FieldError(field="depth", why=f"{depth} is less than 0", hint="pass 0 to follow all links")
        return lineage(self._folder, memory_id, depth=depth)

    def cleanup(
        self,
        *,
        older_than: int,
        type: Sequence[str],  # noqa: A002  the field's name
        tags: Sequence[str] = (),
        any_tags: Sequence[str] = (),
    ) -> CleanupResult:
        """Archive the memories of some types that were neither created nor changed within so many days.

        Only those with all `tags`, and with one of `any_tags`.

        Raises:
            NoTypeError: a type is unknown.
            FieldError: no type is given, or the number of days is invalid.
        """
        from memorybank.records.filter import Filter
        from memorybank.records.memories.cleanup import cleanup

        if not 1 <= older_than <= MAX_DAYS:
            why = f"{older_than} is not between 1 and {MAX_DAYS}"
            raise FieldError(field="older_than", why=why, hint="pass a number of days")
        if not type:
            raise FieldError(field="type", why="no type is given", hint='pass type=["episodic"]')
        wanted = Filter(kinds=tuple(type), tags=tuple(tags), any_tags=tuple(any_tags))
        return cleanup(self._folder, self._way(), days=older_than, wanted=wanted)

    @property
    def tags(self) -> Tags:
        """The tags of all records: `list`, `rename`."""
        return Tags(self._folder, self._caller)

    @property
    def types(self) -> Types:
        """The types of records: `list`, `show`."""
        return Types(self._folder, self._caller)


class Tags(Face):
    """The tags of all records."""

    __slots__ = ()

    def list(self, *, type: Sequence[str] = ()) -> TagCounts:  # noqa: A002  the field's name
        """Count the tags of all memories, or of some types; with pairs that may mean the same.

        Raises:
            NoTypeError: a type is unknown.
        """
        from memorybank.records.memories.tags import count_tags

        return count_tags(self._folder, kinds=type)

    def rename(self, old: str, new: str) -> TagRename:
        """Replace one tag by another in every record, as one operation; a record that has both keeps one.

        Raises:
            FieldError: the new tag is invalid.
            NoRecordError: no record has the old one.
            FrontMatterError: the front matter of a record cannot be changed safely; nothing is written.
        """
        from memorybank.records.memories.tags import rename_tag

        return rename_tag(self._folder, old, new, self._way())


class Types(Face):
    """The types of records, each a template."""

    __slots__ = ()

    def list(self) -> TypeList:
        """Return the types, the shipped ones first; one whose template is invalid is left out."""
        return types_of(self._folder)

    def show(self, name: str) -> RecordType:
        """Return what a type declares: its folder, statuses, fields, sections and template.

        Raises:
            NoTypeError: the type is unknown; similar names are in the error.
            ConfigError: its template is invalid.
        """
        return type_of(self._folder, name)
