"""Settles a merge that git left in a file: what the structure decides is decided, and the rest stays a conflict.

The sides are those of git's index while the text is as git left it. A text that was edited since is taken apart at its
markers instead, so that no edit is lost; what it is compared with still comes from the index, or from the markers of
the style diff3. If the text before both sides is in neither, nothing is certain, and somebody has to choose.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import Source, digest_of
from memorybank.errors import ArtifactError, FieldError
from memorybank.ids import chosen
from memorybank.store.journal.commit import FileChange, retried
from memorybank.team.git.bank_place import bank_place
from memorybank.team.git.marked_text import BOTH, OURS, TAKEN, THEIRS, base_of, parts_in, side, without_labels
from memorybank.team.git.unmerged import Stages, stages_of
from memorybank.team.merge import Conflict, Labels, merge_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.team.git.bank_place import BankPlace
    from memorybank.team.git.marked_text import Part
    from memorybank.team.merge import Merged

    class LeftConflictWire(TypedDict):
        """The JSON form of a conflict that is left in a file."""

        place: str
        first_line: int
        last_line: int
        why: str

    class SettledFileWire(TypedDict):
        """The JSON form of one settled file."""

        file: str
        sides: str
        conflict_count: int
        conflicts: list[LeftConflictWire]

    class SettledWire(TypedDict):
        """The JSON form of a settling."""

        files: list[SettledFileWire]
        conflict_count: int
        receipt: ReceiptWire


INDEX, MARKERS, FILES, NONE = "index", "markers", "files", "none"
_UNKNOWN = "the text before both sides is not known"


class SettledFile(NamedTuple):
    """One file: where its sides came from (`index`, `markers`, `files`; `none`: no merge), and what is left."""

    file: str
    sides: str
    conflicts: tuple[Conflict, ...] = ()

    def to_wire(self) -> SettledFileWire:
        """Return the JSON form."""
        return {
            "file": self.file,
            "sides": self.sides,
            "conflict_count": len(self.conflicts),
            "conflicts": [
                {"place": each.place, "first_line": each.first, "last_line": each.last, "why": each.why}
                for each in self.conflicts
            ],
        }


class Settled(NamedTuple):
    """The files, and the receipt of the one operation that wrote them."""

    files: tuple[SettledFile, ...]
    receipt: Receipt

    @property
    def conflict_count(self) -> int:
        """How many conflicts are left."""
        return sum(len(each.conflicts) for each in self.files)

    def to_wire(self) -> SettledWire:
        """Return the JSON form."""
        return {
            "files": [each.to_wire() for each in self.files],
            "conflict_count": self.conflict_count,
            "receipt": self.receipt.to_wire(),
        }


class Sides(NamedTuple):
    """The texts of a merge, where they come from, and how conflicts name them."""

    came_from: str
    base: bytes | None
    ours: bytes
    theirs: bytes
    labels: Labels
    # set where the text before both sides is not known
    parts: tuple[Part, ...] = ()


def settle(bank: BankFolder, files: Sequence[str], way: Way, *, take: str = "") -> Settled:
    """Settle the merges in files, as one operation. `take` decides what is left: `ours`, `theirs` or `both`.

    A file without a merge is left as it is.

    Raises:
        NoFileError: there is no such file.
        ArtifactError: the markers in a file have no counterpart, or the result would not be JSON any more.
        BankError: the write is refused.
    """
    take = choice(take)

    def make() -> tuple[tuple[SettledFile, ...], list[FileChange]]:
        found: list[SettledFile] = []
        changes: list[FileChange] = []
        for path, name in dict(map(bank.existing, files)).items():
            done, change = _settled(bank, path, name, take)
            found.append(done)
            changes += [change] if change is not None else []
        return tuple(found), changes

    settled, receipt = retried(make, bank, "merge", way)
    return Settled(settled, receipt)


def settle_with(bank: BankFolder, file: str, other: str, way: Way, *, take: str = "", keep: bool = False) -> Settled:
    """Merge another copy of a file into it and remove the copy, as one operation; with conflicts the copy stays.

    The two have no common text to compare with. `keep` leaves the copy in any case.

    Raises:
        NoFileError: one of the two does not exist.
        FieldError: both are the same file.
        BankError: the write is refused.
    """
    take = choice(take)
    paths = [bank.existing(each) for each in (file, other)]
    if paths[0][0].samefile(paths[1][0]):
        raise FieldError(field="with", why=f"{other} is the same file", hint=f"bank merge {file}")

    def make() -> tuple[SettledFile, list[FileChange]]:
        (path, name), (copy, _) = paths
        ours, theirs = bank.read(path), bank.read(copy)
        sides = Sides(FILES, None, ours, theirs, Labels(file, other))
        data, conflicts = decided(place_in(bank, name), sides, take)
        changes = _change(path, ours, data)
        if not conflicts and not keep:
            changes.append(FileChange(copy, base=digest_of(theirs), gone=True))
        return SettledFile(name, FILES, conflicts), changes

    settled, receipt = retried(make, bank, "merge", way)
    return Settled((settled,), receipt)


def choice(take: str) -> str:
    """Return which side is to be taken where conflicts are left; "" for no choice.

    Raises:
        FieldError: there is no such choice.
    """
    found = chosen(take, TAKEN) if take else ""
    if take and found not in TAKEN:
        raise FieldError(field="take", why=f"invalid value {take!r}", hint=f"choose from {', '.join(TAKEN)}")
    return found


def _settled(bank: BankFolder, path: Path, name: str, take: str) -> tuple[SettledFile, FileChange | None]:
    data = bank.read(path)
    sides = _sides(bank, path, name, data)
    if sides is None:
        return SettledFile(name, NONE), None
    if sides.parts:
        new = data if not take else Source(data).to_bytes(side(sides.parts, take))
        _check_json(name, new if take else b"", take)
        conflicts = () if take else tuple(_left(sides.parts))
        return SettledFile(name, sides.came_from, conflicts), next(iter(_change(path, data, new)), None)
    new, conflicts = decided(place_in(bank, name), sides, take)
    return SettledFile(name, sides.came_from, conflicts), next(iter(_change(path, data, new)), None)


def place_in(bank: BankFolder, name: str) -> BankPlace:
    """Return what a file of a bank is for a merge."""
    return bank_place(bank.folder, name)._replace(contract=bank.contract_of(name))


def _change(path: Path, old: bytes, new: bytes) -> list[FileChange]:
    if old == new:
        return []
    text = new.decode("utf-8", "surrogateescape")
    return [FileChange(path, text=text, base=digest_of(old), whole=True, merged=True)]


def _sides(bank: BankFolder, path: Path, name: str, data: bytes) -> Sides | None:
    stages = stages_of(bank.project, path)
    parts = parts_in(data, is_merge=stages is not None)
    if parts is None:
        hint = f"edit {path}: each <<<<<<< needs its ======= and its >>>>>>>, with no other merge between them"
        raise ArtifactError(path=name, why="a merge marker in it has no counterpart", hint=hint)
    blocks = [each for each in parts if not isinstance(each, str)]
    if not blocks:
        return None
    labels = Labels(*blocks[0].labels)
    both = stages is not None and stages.ours is not None and stages.theirs is not None
    if stages is not None and both and _is_untouched(bank, name, data, stages, path):
        return Sides(INDEX, stages.base, stages.ours or b"", stages.theirs or b"", labels)
    source = Source(data)
    ours, theirs = (source.to_bytes(side(parts, name)) for name in (OURS, THEIRS))
    base = stages.base if stages is not None else None
    told = base_of(parts)
    if base is None and told is not None:
        base = source.to_bytes(told)
    if base is None and stages is None:
        return Sides(MARKERS, None, ours, theirs, labels, tuple(parts))
    return Sides(MARKERS, base, ours, theirs, labels)


def _left(parts: Sequence[Part]) -> Iterator[Conflict]:
    """Yield the conflicts of a text that are left as they are, by their lines."""
    line = 1
    for part in parts:
        if isinstance(part, str):
            line += part.count("\n")
            continue
        rows = 3 + part.ours.count("\n") + part.theirs.count("\n")
        yield Conflict("", line, line + rows - 1, _UNKNOWN)
        line += rows


def _is_untouched(bank: BankFolder, name: str, data: bytes, stages: Stages, path: Path) -> bool:
    """Whether a text is what a merge of the stages leaves, by git or by us: nobody has edited it since."""
    from memorybank.team.git.text_merge import merge_bytes

    bare = without_labels(data)
    mine = merge_files(
        stages.base, stages.ours or b"", stages.theirs or b"", name=name, contract=bank.contract_of(name)
    )
    if without_labels(mine.data) == bare:
        return True
    as_git = merge_bytes(path.parent, stages.base or b"", stages.ours or b"", stages.theirs or b"")
    return as_git is not None and without_labels(as_git.data) == bare


def decided(place: BankPlace, sides: Sides, take: str) -> tuple[bytes, tuple[Conflict, ...]]:
    """Return the merged text and the conflicts that are left in it.

    Raises:
        ArtifactError: the side that is taken would not leave valid JSON.
    """
    merged: Merged = merge_files(
        sides.base, sides.ours, sides.theirs, name=place.name, contract=place.contract, labels=sides.labels
    )
    if not merged.conflicts or not take:
        return merged.data, merged.conflicts
    parts = parts_in(merged.data, is_merge=True)
    if parts is None:
        # a side has markers of its own
        return merged.data, merged.conflicts
    source = Source(merged.data)
    data = source.to_bytes(side(parts, take))
    _check_json(place.name, data, take)
    return data, ()


def _check_json(name: str, data: bytes, take: str) -> None:
    rows = [data] if name.endswith(".json") else data.split(b"\n") if name.endswith(".jsonl") else []
    for row in filter(bytes.strip, rows):
        try:
            json.loads(row)
        except (ValueError, RecursionError):
            hint = f"bank merge {name} --{OURS if take == BOTH else THEIRS}"
            raise ArtifactError(path=name, why=f"with {take} it would not be valid JSON", hint=hint) from None
