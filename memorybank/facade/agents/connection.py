"""What a server of agents' programs needs of a bank: finding it, its session, and running approved commands only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import BankError, LockedError, SetUpError
from memorybank.facade.caller import system_clock
from memorybank.facade.face import Face
from memorybank.shell import quoted
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.store.folder import BankFolder
    from memorybank.workflow.evidence.prove import Proof

# a log is renamed when it is larger, in place of the one before
LOG_BYTES = 1024 * 1024


class BankChoiceError(SetUpError):
    """It is not clear which bank an agent's program means: the places that it names are not of one project."""

    code = "bank-choice"

    def __init__(self, *, why: str, candidates: Sequence[Mapping[str, str]]) -> None:
        named = next((each["bank"] for each in candidates if each["bank"]), "DIR")
        hint = f"bank mcp --bank {quoted(named)}"
        super().__init__(path="the bank", why=why, hint=hint)
        self.where = ""
        self.details["candidates"] = [dict(each) for each in candidates]


class Connecting(Face):
    """What a server does with a bank beside the calls that it passes on."""

    __slots__ = ()

    def session(self) -> str:
        """Return the current session; one is started for an agent that has none. "" where that is not possible.

        Raises:
            LockedError: another process has the bank; the call itself would wait as long once more.
        """
        found = self._current_session()
        if found or self._caller.role or self._folder.read_only:
            return found
        from memorybank.facade.sessions import Sessions

        try:
            return Sessions(self._folder, self._caller).start().record.id
        except LockedError:
            raise
        except BankError:
            return ""

    def current(self) -> str:
        """Return the current session, "" for none."""
        with suppress(BankError):
            return self._current_session()
        return ""

    def prove(
        self,
        subject: str,
        command: Sequence[str],
        *,
        covers: Sequence[str] = (),
        report: str = "",
        seconds: float = 600.0,
    ) -> Proof:
        """Run a command that is approved on this machine, and write what it proves; as `Bank.prove`.

        Raises:
            UntrustedError: it is not approved; nothing is run.
            BankError: as `Bank.prove`.
        """
        import shlex

        from memorybank.facade.evidence import Evidence
        from memorybank.store.approvals import refuse_untrusted
        from memorybank.workflow.evidence.evidence import runnable_of
        from memorybank.workflow.evidence.run import asked

        evidence = Evidence(self._folder, self._caller)
        place = evidence.run_folder().relative_to(self._folder.project).as_posix()
        folder = "" if place == "." else place
        request = asked(command, self._way(), shell=False, folder=folder, covers=covers, report=report)
        try:
            wanted = [runnable_of(request.command, shell=False, folder=folder)]
            refuse_untrusted(self._caller.home, self._folder, wanted)
        except BankError as error:
            error.hint = f"bank prove --trust {quoted(subject)} -- {shlex.join(command)}"
            raise
        return evidence.prove(subject, command, covers=covers, report=report, seconds=seconds)


def find_folder(start: Path, *, named: str | None, environ: Mapping[str, str]) -> BankFolder:
    """Return the folder of the bank of a place; errors are those of `find_bank`."""
    from memorybank.store.discover import find_bank

    return find_bank(start, named=named, environ=environ)


def half_done(bank: BankFolder) -> list[str]:
    """Return the operations that a crash left half done: their files do not fit together until the next write."""
    from memorybank.store.journal.log import read_operations
    from memorybank.store.journal.recover import state_of

    with suppress(BankError):
        return [each.id for each in read_operations(bank, tail=True) if state_of(bank, each) == "torn"]
    return []


def persons_home() -> Path:
    """Return the home folder of the user."""
    from memorybank.store.home import persons_folder

    return persons_folder()


def why_not_a_role(name: str) -> str:
    """Return why this is not the name of a role, "" if it is."""
    from memorybank.store.roles import ROUTER, narrowed

    try:
        narrowed(ROUTER, name)
    except BankError as error:
        return error.message
    return ""


def name_of(folder: BankFolder) -> str:
    """Return what a person calls a bank: its project's name, or that of a bank of the user."""
    return (folder.folder if folder.is_users_own else folder.project).name or str(folder.project)


def now_stamp() -> str:
    """Return the time as the bank writes it."""
    return stamp_of(system_clock())


def append_log(file: str, line: bytes) -> bool:
    """Add a line to a log of trouble; a full one is renamed to `FILE.1`. Return whether it was written."""
    from memorybank.files.durable import append_line, rotate

    path = Path(os.path.abspath(os.path.expanduser(file)))  # noqa: PTH100,PTH111  links stay
    try:
        if path.exists() and path.stat().st_size > LOG_BYTES:
            rotate(path, path.with_name(f"{path.name}.1"))
        append_line(path, line, is_durable=False)
    except (BankError, OSError):
        return False
    return True
