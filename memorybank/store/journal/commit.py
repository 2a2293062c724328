"""`commit` makes every change of a bank's files, or shows it without writing; nothing else writes to them.

lock -> recover -> plan -> read -> preview and contract check -> journal -> publish -> read back -> journal -> receipt.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from memorybank.document.receipt import Receipt
from memorybank.errors import ArtifactError, BankError, DiskError, NoFileError, PermissionRefusedError, StaleEditError
from memorybank.files.write import (
    FileMoved,
    delete,
    fingerprint,
    lock,
    make_dirs,
    noting_reads,
    publish,
    publish_staged,
    read,
    read_back,
    resolve,
    sweep,
)
from memorybank.ids import new_id
from memorybank.store.journal.log import begin, finish, keep_bases, keep_orphan, read_operations
from memorybank.store.roles import check_role
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from memorybank.document.edits import Edit
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation
    from memorybank.store.journal.steps import Step
    from memorybank.store.way import Way

TRIES = 50
# so many new files are written together
_MANY = 8
_T = TypeVar("_T")


class FileChange(NamedTuple):
    """The planned change of one file.

    One of three: `edits` of an existing file; `text` as the whole new text, with `base` as the digest the file must
    have now ("" if it must not exist yet); or `gone`, to delete the file while it has the digest `base`.
    A byte order mark is kept, and none is added, unless `whole` is set: then the text itself decides. A text that is
    `merged` may change unresolved merges of the file: whoever made it read them as such.
    """

    path: Path
    edits: tuple[Edit, ...] = ()
    text: str | None = None
    base: str = ""
    gone: bool = False
    whole: bool = False
    merged: bool = False


# reads the bank and returns the changes to make; may be called more than once
Plan = Callable[[], Sequence[FileChange]]


class _Outdated(Exception):  # noqa: N818 - not an error: the plan is made again
    """Another program saved a file after the plan had read it; nothing of the operation was written."""

    def __init__(self, error: BankError) -> None:
        super().__init__(str(error))
        self.error = error


def commit(bank: BankFolder, changes: Sequence[FileChange] | Plan, verb: str, way: Way, *, undoes: str = "") -> Receipt:
    """Make all the changes as one operation, or none of them, and return the receipt.

    Changes that depend on the bank's files are passed as a plan: a function called under the lock, after interrupted
    operations were settled, so no other writer of the bank can come in between. If a program that does not use our lock
    saves one of the files that the plan read and the operation changes, the plan is made again.
    Changes passed as a sequence must be valid whatever was written meanwhile: additions, and edits with `expect`. They
    are applied again to the new text.

    With `dry_run` nothing is written, not even the lock; the receipt contains the diffs.

    Raises:
        BankError: the plan, an edit, the contract or the disk refuses the change; then no file is changed.
    """
    if way.options.dry_run:
        steps, verb, now = _insisted(lambda: _prepared(bank, changes, verb, way, None, undoes))
        return _receipt("", verb, way, now, steps, 0.0)._replace(dry_run=True)
    if bank.read_only:
        raise PermissionRefusedError(path=bank.folder, why="this bank was opened read-only")
    _ = bank.config  # raises if a newer program wrote the bank: then nothing is written
    if not callable(changes):
        # checked first, so that nobody waits for the lock in vain
        check_role(bank, way.author.actor.role, [bank.name_of(change.path) for change in changes])
    from memorybank.store.journal.recover import recover

    resolve(bank.state, bank.roots)
    with lock(bank.state / "lock", timeout=way.options.timeout, holder=verb, on_wait=way.options.on_wait) as waited:
        _hide(bank)
        recent = read_operations(bank, tail=True)
        recover(bank, recent)
        return _insisted(lambda: _done(bank, changes, verb, way, recent, undoes, waited))


def retried(
    make: Callable[[], tuple[_T, Sequence[FileChange]]], bank: BankFolder, verb: str, way: Way
) -> tuple[_T, Receipt]:
    """Commit changes computed from the bank's files under the lock; return what the last computation found, too.

    `make` returns a value and the changes. It is called again when another writer was faster.
    """
    values: list[_T] = []

    def plan() -> Sequence[FileChange]:
        value, changes = make()
        values[:] = [value]
        return changes

    receipt = commit(bank, plan, verb, way)
    return values[0], receipt


def _insisted(do: Callable[[], _T]) -> _T:
    """Try again as long as the plan is outdated, up to `TRIES` times."""
    for left in reversed(range(TRIES)):
        try:
            return do()
        except _Outdated as outdated:
            if not left:
                raise outdated.error from outdated
    raise AssertionError


def _done(
    bank: BankFolder,
    changes: Sequence[FileChange] | Plan,
    verb: str,
    way: Way,
    recent: list[Operation],
    undoes: str,
    waited: float,
) -> Receipt:
    steps, verb, now = _prepared(bank, changes, verb, way, recent, undoes)
    steps = [step for step in steps if step.base != step.new]
    receipt = _receipt(new_id("op", now, way.author.random_bytes), verb, way, now, steps, waited)
    if not steps:
        return receipt._replace(operation="")
    keep_bases(bank, ((step.receipt.file, step.base) for step in steps), recent)
    begin(bank, receipt, undoes=undoes, request=way.options.request)
    publishing = _Publishing(bank, steps, receipt, way, recent, undoes, again=callable(changes))
    receipt = publishing.run()
    if way.options.on_done is not None:
        way.options.on_done(receipt)
    # the intent and the files are on disk and show the outcome; the next write settles an operation left open
    with suppress(BankError):
        finish(bank, receipt.operation)
    return receipt


def _prepared(
    bank: BankFolder,
    changes: Sequence[FileChange] | Plan,
    verb: str,
    way: Way,
    recent: list[Operation] | None,
    undoes: str,
) -> tuple[list[Step], str, datetime]:
    """Make the plan and the steps of each file; return them with the verb, to which allowed secret rules are added."""
    from memorybank.store.journal.steps import step_of, without_secrets

    seen: Mapping[str, int | None] = {}
    if callable(changes):
        with noting_reads() as seen:
            changes = changes()
    check_role(bank, way.author.actor.role, [bank.name_of(change.path) for change in changes])
    now = way.author.now()
    try:
        steps = [step_of(bank, change, way, now, recent) for change in changes]
    except (StaleEditError, ArtifactError, NoFileError) as error:
        if any(_is_outdated(bank, change, seen) for change in changes):
            raise _Outdated(error) from error
        raise
    for step in steps:
        if seen.get(os.fspath(step.path), fingerprint(step.base)) != fingerprint(step.base):
            raise _Outdated(DiskError(path=step.path, why="another program keeps writing it"))
    return steps, verb if undoes else without_secrets(steps, verb, way), now


def _is_outdated(bank: BankFolder, change: FileChange, seen: Mapping[str, int | None]) -> bool:
    """Return whether a file changed since the plan read it."""
    path = resolve(change.path, bank.roots)
    name = os.fspath(path)
    if name not in seen:
        return False
    try:
        return fingerprint(read(path)) != seen[name]
    except NoFileError:
        return seen[name] is not None


def _hide(bank: BankFolder) -> None:
    """Keep local state out of git with a `.gitignore`, wherever the bank is."""
    ignore = bank.state / ".gitignore"
    if not os.path.lexists(ignore):
        # lexists also returns False when the check itself failed
        with suppress(FileMoved):
            publish(ignore, base=None, new=b"*\n")


def _receipt(ident: str, verb: str, way: Way, now: datetime, steps: list[Step], waited: float) -> Receipt:
    from memorybank.store.journal.steps import links_cut

    at = stamp_of(now)
    files = tuple(step.receipt for step in steps)
    receipt = Receipt(ident, verb, at, way.author.actor.tool, way.author.actor.session, files, waited)
    return receipt._replace(lost_links=links_cut(steps))


class _Publishing:
    """Write the files of one operation to disk one after the other, all of them or none."""

    def __init__(
        self,
        bank: BankFolder,
        steps: list[Step],
        receipt: Receipt,
        way: Way,
        recent: list[Operation],
        undoes: str,
        *,
        again: bool,
    ) -> None:
        self.bank, self.way, self.recent, self.undoes = bank, way, recent, undoes
        self.steps, self.receipt = steps, receipt
        # whether the plan can be made again; otherwise its edits are applied again
        self.again = again
        self.done: list[Step] = []
        # new files whose bytes are on the disk, by the path: their temporary names
        self.staged: dict[Path, str] = {}

    def run(self) -> Receipt:
        sweep(*(os.fspath(step.path) for step in self.steps))
        new = [(step.path, step.new) for step in self.steps if step.base is None and step.new is not None]
        try:
            if len(new) >= _MANY:
                self._publish_many(new)
            else:
                self._publish_all()
        except (BankError, _Outdated):
            self._take_back()
            raise
        return self.receipt

    def _publish_many(self, new: Sequence[tuple[Path, bytes]]) -> None:
        from memorybank.files.staged import staged, sync_folders

        paths = [path for path, _ in new]
        for folder in {path.parent for path in paths}:
            make_dirs(folder)
        with staged(new) as self.staged:
            self._publish_all()
            sync_folders(paths)

    def _publish_all(self) -> None:
        for number in range(len(self.steps)):
            for left in reversed(range(TRIES)):
                try:
                    self._publish(self.steps[number])
                    break
                except FileMoved as moved:
                    self._replay(number, left, moved)

    def _publish(self, step: Step) -> None:
        temp = self.staged.pop(step.path, "") if step.base is None else ""
        if step.new is None:
            delete(step.path, base=step.base or b"", is_swept=True)
        elif temp:
            publish_staged(step.path, temp)
        else:
            if step.base is None:
                make_dirs(step.path.parent)
            publish(step.path, base=step.base, new=step.new, is_swept=True)
        # added before it is read back, so that a file that cannot be read back is reverted too
        self.done.append(step)
        if step.new is not None:
            read_back(step.path, step.new, step.base)

    def _replay(self, number: int, left: int, moved: FileMoved) -> None:
        """Apply a file's edits again after another program saved it in between."""
        from memorybank.store.journal.steps import step_of

        step = self.steps[number]
        if moved.orphan is not None:
            keep_orphan(self.bank, f"{self.receipt.operation}-{number}-{left}", moved.orphan)
        busy = DiskError(path=step.path, why="another program keeps writing it")
        if self.again:
            raise _Outdated(busy) from moved
        if left == 0:
            raise busy from moved
        step = step_of(self.bank, step.change, self.way, self.way.author.now(), self.recent)
        self.steps[number] = step
        files = (*self.receipt.files[:number], step.receipt, *self.receipt.files[number + 1 :])
        self.receipt = self.receipt._replace(files=files)
        begin(self.bank, self.receipt, undoes=self.undoes, request=self.way.options.request)

    def _take_back(self) -> None:
        """Revert the files that this operation already published, unless someone has edited them since."""
        for step in reversed(self.done):
            try:
                if step.base is None:
                    delete(step.path, base=step.new or b"")
                else:
                    publish(step.path, base=step.new, new=step.base)
            except (FileMoved, BankError):
                # left for `bank check`: the journal line stays "begun" and records the intent
                return
        try:
            finish(self.bank, self.receipt.operation, "aborted")
        except BankError:
            return  # a full disk: recovery finds the old bytes and comes to the same result
