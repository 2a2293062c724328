"""Brings the files of another bank over: of another worktree or clone, of one that is deleted, or of any other place.

The text that both sides had is the one of the commit that both branches come from, or the newest one that both journals
know. Files that the other bank does not have stay as they are: a rescue deletes nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, FieldError, NoBankError
from memorybank.store.discover import bank_at
from memorybank.store.folder import BankFolder
from memorybank.store.git.repository import head_of
from memorybank.store.journal.log import read_operations, standing_undos
from memorybank.store.journal.timeline import Timeline
from memorybank.team.incoming import Arrival, Incoming, apply_incoming
from memorybank.team.merge import Labels
from memorybank.team.syncable import sync_files, sync_path
from memorybank.team.worktrees.orphans import has_only_journal
from memorybank.team.worktrees.worktree_list import (
    below_top,
    common_commit,
    files_at,
    read_object,
    top_of,
    worktrees_of,
)

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.journal.log import Operation
    from memorybank.store.way import Way
    from memorybank.team.incoming import ArrivalWire

    class StayedWire(TypedDict):
        """A file of the other bank that was not brought over."""

        file: str
        why: str

    class AdoptedWire(TypedDict):
        """The answer of `bank adopt-from`."""

        source: str
        branch: str
        commit: str
        common_commit: str
        files: list[ArrivalWire]
        left_out: list[StayedWire]
        receipt: ReceiptWire | None


VERB = "adopt-from"
_SHOWN = 60


class Adopted(NamedTuple):
    """What came of the other bank's files; `source` is folder, journal or commit: where they were read from.

    `common` is the commit that both come from, "" if it is not known. `left_out` are names and reasons.
    """

    source: str
    branch: str
    commit: str
    common: str
    files: tuple[Arrival, ...]
    left_out: tuple[tuple[str, str], ...]
    receipt: Receipt

    def to_wire(self) -> AdoptedWire:
        """Return the JSON form; without a receipt where there was nothing to write."""
        is_done = self.receipt.operation or self.receipt.dry_run
        return {
            "source": self.source,
            "branch": self.branch,
            "commit": self.commit,
            "common_commit": self.common,
            "files": [each.to_wire() for each in self.files],
            "left_out": [{"file": name, "why": why} for name, why in self.left_out],
            "receipt": self.receipt.to_wire() if is_done else None,
        }


class _Theirs(NamedTuple):
    """The other bank: where it was read from, its texts, what stays there, and the commit it is at."""

    source: str
    texts: dict[str, bytes]
    left_out: tuple[tuple[str, str], ...] = ()
    branch: str = ""
    commit: str = ""
    bank: BankFolder | None = None


def adopt_from(bank: BankFolder, folder: Path, way: Way, home: Path) -> Adopted:
    """Merge the files of another bank into this one, as one operation; with `dry_run` nothing is written.

    Raises:
        NoBankError: there is no bank, and git knows no deleted worktree there.
        FieldError: it is this bank.
        BankError: the write is refused.
    """
    # as git names its worktrees, also those that are gone
    folder = Path(os.path.realpath(folder))
    theirs = _theirs(bank, folder, home)
    common = common_commit(bank.project, head_of(bank.project), theirs.commit)
    bases = _Bases(bank, common, theirs.bank)
    items = {name: Incoming(bases.base_of(name), text) for name, text in theirs.texts.items()}
    label = theirs.branch or folder.name
    label = "".join(each for each in label if each.isprintable())[:_SHOWN]
    arrivals = apply_incoming(bank, items, VERB, way, Labels("here", label))
    return Adopted(
        theirs.source, theirs.branch, theirs.commit, common, arrivals.files, theirs.left_out, arrivals.receipt
    )


def _theirs(bank: BankFolder, folder: Path, home: Path) -> _Theirs:
    place = folder if folder.name == bank.folder.name else folder / bank.layout.folder
    if has_only_journal(place):
        other = BankFolder(place, folder if place != folder else folder.parent, bank.layout)
        other.read_only = True
        return _from_journal(other)
    found = bank_at(folder, home) if folder.is_dir() else None
    if found is None:
        return _from_commit(bank, folder)
    if found.folder.samefile(bank.folder):
        hint = "bank banks --orphans lists the banks that were left behind"
        raise FieldError(field="dir", why=f"{folder} is this bank", hint=hint)
    found.read_only = True
    texts, left_out = {}, []
    for name, data, why in sync_files(found):
        if why:
            left_out.append((name, why))
        else:
            texts[name] = data
    commit = head_of(found.project)
    worktree = next((each for each in worktrees_of(bank.project) if found.folder.is_relative_to(each.folder)), None)
    branch = worktree.branch if worktree is not None else ""
    return _Theirs("folder", texts, tuple(left_out), branch, commit, found)


def _from_journal(other: BankFolder) -> _Theirs:
    """Return the last texts that a bank's journal knows, where its files are gone."""
    operations = _done(other)
    names = {file.file for operation in operations for file in operation.receipt.files if file.after}
    texts = {}
    for name in sorted(names):
        line = Timeline(other, name, operations, None)
        last = line.links[-1].receipt.after
        data = line.data_of(last) if last else None
        if data is not None:
            texts[name.removeprefix(f"{other.layout.folder}/")] = data
    return _Theirs("journal", texts, bank=other)


def _from_commit(bank: BankFolder, folder: Path) -> _Theirs:
    """Return the files that the commit of a deleted worktree has of its bank.

    Raises:
        NoBankError: git knows no such worktree, or its commit has no bank.
    """
    hint = "bank banks --orphans lists the banks that were left behind"
    for each in worktrees_of(bank.project):
        if not each.is_gone or not each.commit or not folder.is_relative_to(each.folder):
            continue
        inner = folder.relative_to(each.folder).as_posix().removesuffix(bank.layout.folder).strip("/.")
        rows = files_at(bank.project, each.commit, inner, bank.layout.folder)
        read = ((name, read_object(bank.project, ident)) for name, ident in rows if _travels(bank, name))
        texts = {name: data for name, data in read if data is not None}
        if texts:
            return _Theirs("commit", texts, (), each.branch, each.commit)
    raise NoBankError(start=folder, named=True, there=folder.is_dir(), hint=hint)


def _travels(bank: BankFolder, name: str) -> bool:
    try:
        sync_path(bank, name)
    except BankError:
        return False
    return True


class _Bases:
    """Finds the text of a file that both banks had."""

    def __init__(self, bank: BankFolder, common: str, other: BankFolder | None) -> None:
        self._bank, self._common, self._other = bank, common, other
        top = top_of(bank.project) if common else None
        self._inner = (below_top(bank.folder, top), below_top(bank.project, top)) if top is not None else None
        self._ours: list[Operation] | None = None
        self._theirs: list[Operation] = []

    def base_of(self, name: str) -> bytes | None:
        """Return the text; None if it is not known, or the file was added on both sides."""
        if self._inner is not None:
            inner = self._inner[1] if name.startswith("docs/") else self._inner[0]
            data = read_object(self._bank.project, f"{self._common}:{'/'.join(filter(None, (inner, name)))}")
            if data is not None:
                return data
        return self._in_journals(name)

    def _in_journals(self, name: str) -> bytes | None:
        """Return the newest text of the other journal that this one knows, too."""
        if self._other is None:
            return None
        if self._ours is None:
            self._ours, self._theirs = _done(self._bank), _done(self._other)
        ours = Timeline(self._bank, self._bank.name_of(self._bank.folder / name), self._ours, _bytes(self._bank, name))
        theirs = Timeline(self._other, ours.name, self._theirs, _bytes(self._other, name))
        # a text that was brought over and undone was not brought over
        undone = {each.undoes for each in standing_undos(self._ours)}
        links = [each for each in ours.links if not each.operation.undoes]
        known = {ours.digest, *(each.receipt.before for each in links)}
        known |= {each.receipt.after for each in links if each.operation.id not in undone}
        seen = [theirs.digest]
        for link in reversed(theirs.links):
            seen += [link.receipt.after, link.receipt.before]
        shared = next((digest for digest in seen if digest and digest in known), "")
        return (ours.data_of(shared) or theirs.data_of(shared)) if shared else None


def _done(bank: BankFolder) -> list[Operation]:
    """Return the operations that were done: a text of one that was taken back is not what a bank had."""
    return [each for each in read_operations(bank) if each.state == "done"]


def _bytes(bank: BankFolder, name: str) -> bytes | None:
    found = next(sync_files(bank, [name]), None)
    return found.data if found is not None and not found.why else None
