"""The Python face of work in progress: the ladder, notes from agents, evidence that is run, hygiene, back and forth.

As in `api`, each function is a command: the clock, chance and the environment are filled in where no `way` is given.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from memorybank.api import default_way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.check.doctor import Probe
    from memorybank.check.review import Question
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.restore import RestoreResult
    from memorybank.store.journal.undo import UndoResult
    from memorybank.store.way import Way
    from memorybank.workflow.evidence.prove import Proof
    from memorybank.workflow.evidence.verify import VerifyResult
    from memorybank.workflow.ladder.promote import Demotion, Promotion
    from memorybank.workflow.lines.rotate import RotateResult
    from memorybank.workflow.notes.queue import ApplyResult


def promote(bank: BankFolder, what: str, to: str, *, way: Way | None = None, **given: Any) -> Promotion:
    """Move a line one rung up, to "pattern", "document" or "proven"; arguments are those of `workflow.ladder.promote`.

    Raises:
        NoItemError: there is no such line.
        ContractError: no such section takes it, or nothing shows that it is proven.
    """
    from memorybank.workflow.ladder.promote import promote as move

    return move(bank, what, to, way or default_way(bank), **given)


def demote(bank: BankFolder, what: str, why: str, *, item: str = "", way: Way | None = None) -> Demotion:
    """Strike a pattern that proved wrong; the line stays, with the reason.

    Raises:
        NoItemError: there is no such line.
    """
    from memorybank.workflow.ladder.promote import demote as strike

    return strike(bank, what, why, way or default_way(bank), item=item)


def apply_notes(
    bank: BankFolder, idents: Sequence[str] = (), *, workflow: str = "", way: Way | None = None
) -> ApplyResult:
    """Write notes that agents handed in where they belong, all of them without ids, as one operation.

    Raises:
        RoleError: only the router applies, and never what it handed in itself.
        NoRecordError: there is no such note.
    """
    from memorybank.workflow.notes.queue import apply_notes as settle

    return settle(bank, idents, way or default_way(bank), workflow=workflow)


def prove(
    bank: BankFolder,
    subject: str,
    command: Sequence[str],
    *,
    covers: Sequence[str] = (),
    report: str = "",
    shell: bool = False,
    seconds: float = 600.0,
    way: Way | None = None,
) -> Proof:
    """Run a command in the project's folder and write what it proves: a claim, or a task that is done by it.

    Nothing is written when it is no proof; `why` of the answer says what is missing then.

    Raises:
        BankError: what is to be proven stands nowhere, or a write is refused.
    """
    from memorybank.workflow.evidence.prove import prove as run
    from memorybank.workflow.evidence.run import asked

    writes = way or default_way(bank)
    what = asked(tuple(command), writes, shell=shell, folder="", covers=tuple(covers), report=report)
    return run(bank, subject, what, writes, os.environ, seconds=seconds)


def verify(
    bank: BankFolder, *, which: str = "", what: str = "", seconds: float = 600.0, way: Way | None = None
) -> VerifyResult:
    """Say which evidence still holds; `which` is "stale" or "all" for what is run again, `what` names one line.

    Raises:
        UntrustedError: a command that is due was not approved on this machine; none is run then.
        NoItemError: the line that is named is none, or has no evidence.
    """
    from memorybank.store.home import home_of
    from memorybank.workflow.evidence.verify import verify as look

    writes = way or default_way(bank)
    return look(bank, writes, os.environ, home_of(os.environ), which=which, what=what, seconds=seconds)


def rotate(bank: BankFolder, *, order: str = "", way: Way | None = None) -> RotateResult:
    """Move what is over a section's cap to the archive, as one operation, proven item by item.

    `order` (newest-first, oldest-first) says how lists without dates are kept.

    Raises:
        BankError: a file cannot be read or written.
    """
    from memorybank.workflow.lines.rotate import rotate as move

    return move(bank, way or default_way(bank), order=order)


def unarchive(bank: BankFolder, address: str, *, count: int = 1, way: Way | None = None) -> RotateResult:
    """Bring the newest archived items of a section back to the end that holds its oldest.

    Raises:
        NoItemError: nothing of that section is archived.
    """
    from memorybank.workflow.lines.rotate import unarchive as bring_back

    return bring_back(bank, address, way or default_way(bank), count=count)


def doctor(bank: BankFolder, *, fix: bool = False) -> list[Probe]:
    """Look whether all around a bank is in order, each probe with its mend; with `fix` after what is sure was mended.

    Raises:
        BankError: another process holds the bank, or the disk refuses.
    """
    from memorybank.check.doctor import examine, mend

    if fix:
        mend(bank)
    return examine(bank)


def review(bank: BankFolder, *, period: str = "weekly", way: Way | None = None) -> list[Question]:
    """Give what a keeper of the memory decides, each question with its command; `period` is weekly or quarterly."""
    from memorybank.check.review import review as ask

    return ask(bank, (way or default_way(bank)).author.now(), period=period)


def redo(bank: BankFolder, *, way: Way | None = None) -> UndoResult:
    """Do again what the last undo took back.

    Raises:
        NotFoundError: there is nothing to redo.
        StaleEditError: the lines changed since the undo.
    """
    from memorybank.store.journal.redo import redo as again

    return again(bank, way or default_way(bank))


def restore(bank: BankFolder, file: str, *, at: str = "", way: Way | None = None) -> RestoreResult:
    """Write a file's text as an operation left it: the one named `at`, else the last whose text is kept.

    Raises:
        NoRecordError: no operation wrote the file, or its text is not kept any more.
    """
    from memorybank.store.journal.restore import restore as bring_back

    return bring_back(bank, file, way or default_way(bank), at=at)
