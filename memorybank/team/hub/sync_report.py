"""What one sync did, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing import Annotated, TypedDict

    from memorybank.document.receipt import Receipt

    class SyncWire(TypedDict):
        """The JSON form of a sync."""

        hub: str
        namespace: str
        project: str
        dry_run: bool
        pulled: list[Annotated[Any, PulledFile]]
        pushed: list[Annotated[Any, PushedFile]]
        refused: list[Annotated[Any, RefusedFile]]
        waiting: list[str]
        compared_anew: bool
        receipts: list[Annotated[Any, Receipt]]


class PulledFile(NamedTuple):
    """A file that others changed: what became of it here, how many conflicts it has now, and who pushed it.

    `action` is take, merged, conflict, removed, keep or same. `by` is the login that the server saw.
    """

    file: str
    action: str
    conflict_count: int
    by: str
    sequence: int


class PushedFile(NamedTuple):
    """A file that went to the hub: put or tombstone; in a dry run with the diff."""

    file: str
    op: str
    diff: str = ""


class RefusedFile(NamedTuple):
    """A file that did not travel, from which side it comes (`hub` or `here`), and why."""

    file: str
    side: str
    code: str
    why: str


class SyncReport(NamedTuple):
    """What one sync did. `waiting` are files that others kept changing: they are pushed with the next sync.

    `is_compared_anew` is set where the hub is not the one that was synced with before, or was restored from a copy.
    """

    hub: str
    namespace: str
    project: str
    dry_run: bool
    pulled: tuple[PulledFile, ...] = ()
    pushed: tuple[PushedFile, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    waiting: tuple[str, ...] = ()
    is_compared_anew: bool = False
    receipts: tuple[Receipt, ...] = ()

    @property
    def conflicts(self) -> tuple[PulledFile, ...]:
        """The files that have conflicts since this sync."""
        return tuple(each for each in self.pulled if each.conflict_count)

    def to_wire(self) -> SyncWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "hub": self.hub,
            "namespace": self.namespace,
            "project": self.project,
            "dry_run": self.dry_run,
            "pulled": [to_wire(each) for each in self.pulled],
            "pushed": [to_wire(each) for each in self.pushed],
            "refused": [to_wire(each) for each in self.refused],
            "waiting": list(self.waiting),
            "compared_anew": self.is_compared_anew,
            "receipts": [to_wire(each) for each in self.receipts],
        }
