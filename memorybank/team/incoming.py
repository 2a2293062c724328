"""Applies files from another machine or bank: each is merged into the file here, in one operation of the journal.

What is written is what `reconcile` decided, byte for byte: `Last Updated` is not set again, or two machines would never
agree. A file that is refused is reported with its reason and the others are applied, so a caller that keeps a cursor
has to remember the refused ones: it may move past them only when it tries them again later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import ArtifactError, BankError, RefusedError, SecretError
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.journal.steps import step_of, without_secrets
from memorybank.team.merge import Labels
from memorybank.team.reconcile import reconcile
from memorybank.team.syncable import (
    NotSyncableError,
    check_incoming_text,
    folded,
    read_sync_path,
    sync_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.steps import Step
    from memorybank.store.way import Way
    from memorybank.team.merge import Conflict
    from memorybank.team.reconcile import Action

    class ConflictWire(TypedDict):
        """A place in the merged text where a choice is needed."""

        place: str
        first_line: int
        last_line: int
        why: str

    class ArrivalWire(TypedDict):
        """What came of one file from elsewhere."""

        file: str
        action: str
        digest: str
        conflicts: list[ConflictWire]
        code: str
        why: str


REFUSED = "refused"
# what an outcome is, seen from the other side
_TURNED: dict[Action, Action] = {"take": "keep", "keep": "take", "removed": "keep"}


class Incoming(NamedTuple):
    """A file as it was when both sides were last the same, and as it is on the other side; None where it is not.

    With `is_first`, what they added stands before what was added here: machines that merge the same two texts with the
    same one first come to the same text.
    """

    base: bytes | None
    theirs: bytes | None
    is_first: bool = False


class Arrival(NamedTuple):
    """What came of one file: `action` is that of `reconcile`, or `refused` with the code and the reason.

    `data` is the decided text, None for a file that is not there or was refused. Only `keep`, `merged` and `conflict`
    leave a text that differs from theirs.
    """

    file: str
    action: str
    data: bytes | None = None
    conflicts: tuple[Conflict, ...] = ()
    code: str = ""
    why: str = ""

    @property
    def digest(self) -> str:
        """The digest of the decided text; "" for none."""
        return digest_if_there(self.data)

    def to_wire(self) -> ArrivalWire:
        """Return the JSON form, without the text."""
        return {
            "file": self.file,
            "action": self.action,
            "digest": self.digest,
            "conflicts": [
                {"place": each.place, "first_line": each.first, "last_line": each.last, "why": each.why}
                for each in self.conflicts
            ],
            "code": self.code,
            "why": self.why,
        }


class Arrivals(NamedTuple):
    """What came of all the files, in the order of their names, and the receipt of the one operation."""

    files: tuple[Arrival, ...]
    receipt: Receipt

    @property
    def refused(self) -> tuple[Arrival, ...]:
        """The files that were not applied."""
        return tuple(each for each in self.files if each.action == REFUSED)

    @property
    def conflicts(self) -> tuple[Arrival, ...]:
        """The files with conflicts, which now have markers."""
        return tuple(each for each in self.files if each.conflicts)


def apply_incoming(
    bank: BankFolder,
    items: Mapping[str, Incoming],
    verb: str,
    way: Way,
    labels: Labels,
    *,
    on_decided: Callable[[tuple[Arrival, ...]], None] | None = None,
) -> Arrivals:
    """Merge files from elsewhere into the bank, all that are not refused in one operation; nothing with `dry_run`.

    The files here are read under the lock, so no other writer comes in between. Applied again, nothing happens.
    `on_decided` is called before anything is written, again if another program saved one of the files meanwhile.

    Raises:
        RoleError: this role may write none of it.
        BankError: the write is refused, or the disk fails; then no file is changed.
    """

    def make(*, is_careful: bool) -> tuple[tuple[Arrival, ...], Sequence[FileChange]]:
        decided = _decided(bank, items, verb, way, labels, is_careful=is_careful)
        if on_decided is not None:
            on_decided(decided[0])
        return decided

    try:
        files, receipt = retried(lambda: make(is_careful=False), bank, verb, way)
    except RefusedError:
        # one of the files: now each of them is tried on its own first, which takes twice as long
        files, receipt = retried(lambda: make(is_careful=True), bank, verb, way)
    return Arrivals(files, receipt)


def _decided(
    bank: BankFolder, items: Mapping[str, Incoming], verb: str, way: Way, labels: Labels, *, is_careful: bool
) -> tuple[tuple[Arrival, ...], list[FileChange]]:
    arrivals: dict[str, Arrival] = {}
    changes: dict[str, FileChange] = {}
    names = _Names()
    for name in sorted(items):
        try:
            arrivals[name], change = _decide(bank, name, items[name], names, labels)
        except BankError as error:
            arrivals[name] = _refused(name, error)
        else:
            changes |= {name: change} if change is not None else {}
    if is_careful:
        for name, refusal in _refusals(bank, changes, verb, way):
            arrivals[name] = _refused(name, refusal)
            del changes[name]
    return tuple(arrivals.values()), list(changes.values())


def _refusals(
    bank: BankFolder, changes: Mapping[str, FileChange], verb: str, way: Way
) -> list[tuple[str, RefusedError]]:
    """Return the files that `commit` would refuse, each with the reason."""
    steps: dict[str, Step] = {}
    found: list[tuple[str, RefusedError]] = []
    for name, change in changes.items():
        try:
            steps[name] = step_of(bank, change, way, way.author.now(), None)
        except RefusedError as error:
            found.append((name, error))
    gone = [step for step in steps.values() if step.new is None]
    for name, step in steps.items():
        try:
            without_secrets([step, *gone], verb, way)
        except SecretError as error:
            found.append((name, error))
    return found


def _decide(
    bank: BankFolder, name: str, item: Incoming, names: _Names, labels: Labels
) -> tuple[Arrival, FileChange | None]:
    """Return what comes of one file, and the change of the file here, None for none.

    Raises:
        BankError: the file is refused.
    """
    path = sync_path(bank, name)
    for data in item[:2]:
        if data is not None:
            check_incoming_text(name, data)
    here = read_sync_path(bank, name, path)
    if here is not None and here.why:
        raise NotSyncableError(name=name, why=f"the file here cannot be merged: {here.why}")
    ours = here.data if here is not None else None
    base, theirs, is_first = item
    if name in bank.main_files and bank.layout.contracted:
        # a contract is lost and not deleted, on whichever side it is missing
        base = base if ours is not None else None
        theirs = theirs if theirs is not None else ours
    sides, named = ((theirs, ours), Labels(labels.theirs, labels.ours)) if is_first else ((ours, theirs), labels)
    outcome = reconcile(base, *sides, name=name, contract=bank.contract_of(name), labels=named)
    if is_first:
        turned = "removed" if outcome.data is None and ours is not None else _TURNED.get(outcome.action, outcome.action)
        outcome = outcome._replace(action=turned)
    arrival = Arrival(name, outcome.action, outcome.data, outcome.conflicts)
    if outcome.data == ours:
        return arrival, None
    names.claim(path, name)
    before = digest_if_there(ours)
    if outcome.data is None:
        return arrival, FileChange(path, base=before, gone=True)
    text = outcome.data.decode("utf-8", "surrogateescape")
    return arrival, FileChange(path, text=text, base=before, whole=True, merged=True)


class _Names:
    """The names in the folders that files come into: no second file of a name in other letters may come in."""

    def __init__(self) -> None:
        self._entries: dict[Path, dict[str, str]] = {}

    def claim(self, path: Path, name: str) -> None:
        """Take a name, folder by folder.

        Raises:
            ArtifactError: there is a file or folder of the same name in other letters.
        """
        parts = name.split("/")
        here = path.parents[len(parts) - 1]
        for part in parts:
            entries = self._entries.get(here)
            if entries is None:
                entries = self._entries[here] = _folded_names(here)
            taken = entries.setdefault(folded(part), part)
            if taken != part:
                why = f"{taken!r} has the same name in other letters"
                raise ArtifactError(path=name, why=why, hint="rename one of the two, on the machine that has it")
            here /= part


def _folded_names(folder: Path) -> dict[str, str]:
    try:
        names = sorted((each.name for each in folder.iterdir()), reverse=True)
    except OSError:
        return {}
    # of two that are there, the first one travels
    return {folded(each): each for each in names}


def digest_if_there(data: bytes | None) -> str:
    """Return the digest of a file's bytes, "" for no file."""
    return digest_of(data) if data is not None else ""


def _refused(name: str, error: BankError) -> Arrival:
    return Arrival(name, REFUSED, code=error.code, why=error.message)
