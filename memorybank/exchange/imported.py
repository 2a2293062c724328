"""What an import did, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing import Annotated, TypedDict

    from memorybank.exchange.safe_read import Misfit

    class ImportWire(TypedDict):
        """The JSON form of an import."""

        format: str
        records: list[Annotated[Any, ImportedRecord]]
        count: int
        extended: list[Annotated[Any, ImportedRecord]]
        files: list[str]
        settings: list[Annotated[Any, ImportedSetting]]
        already_count: int
        misfits: list[Annotated[Any, Misfit]]
        redacted: list[Annotated[Any, Misfit]]
        unaccounted: list[Annotated[Any, Misfit]]
        operations: list[str]
        dry_run: bool


class ImportedRecord(NamedTuple):
    """One new record, and its place in the source."""

    entry: str
    id: str
    type: str
    title: str
    file: str


class ImportedSetting(NamedTuple):
    """One setting of the bank, its value from the source, and where that was."""

    key: str
    value: Any
    entry: str


class ImportResult(NamedTuple):
    """What an import did: new records, extended conversations, what already existed, what did not fit.

    `redacted` has the places of secrets, with the rule that found them. `unaccounted` names words of the source that
    are neither written nor reported: a fault of this program, which is empty if it has none.
    """

    source: str
    records: tuple[ImportedRecord, ...]
    grown: tuple[ImportedRecord, ...]
    files: tuple[str, ...]
    already: int
    misfits: tuple[Misfit, ...]
    redacted: tuple[Misfit, ...]
    unaccounted: tuple[Misfit, ...]
    operations: tuple[str, ...]
    dry_run: bool
    settings: tuple[ImportedSetting, ...] = ()

    def to_wire(self) -> ImportWire:
        """Return the JSON form; an import is one operation or several, so it has their ids and no receipt."""
        from memorybank.wire import to_wire

        return {
            "format": self.source,
            "records": to_wire(self.records),
            "count": len(self.records),
            "extended": to_wire(self.grown),
            "files": list(self.files),
            "settings": to_wire(self.settings),
            "already_count": self.already,
            "misfits": to_wire(self.misfits),
            "redacted": to_wire(self.redacted),
            "unaccounted": to_wire(self.unaccounted),
            "operations": list(self.operations),
            "dry_run": self.dry_run,
        }
