"""One of git's hooks, after git has done its work: nothing here may keep git or the user from going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.facade.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memorybank.store.folder import BankFolder

_COMMIT = "post-commit"
# what the user has set for the shell may mean another bank than the one of this repository
_ELSEWHERE = ("MEMORYBANK_DIR", "MEMORYBANK_NAMESPACE")
_SECONDS = 2.0


def after_hook(name: str, project: Path, environ: Mapping[str, str]) -> list[str]:
    """Do what is to be done after a hook of this name, and return the lines to print; nearly always none.

    Where the project has no bank on this branch, nothing is done.
    """
    kept = {key: value for key, value in environ.items() if key not in _ELSEWHERE}
    caller = Caller(folder=project, environ=kept, timeout=_SECONDS, tool="git")
    try:
        bank = _bank(project, caller)
        if bank is None or bank.read_only:
            return []
        from memorybank.facade.team.merging import GitWork

        git = GitWork(bank, caller)
        if name != _COMMIT:
            return git.after().rows()
        git.capture()
    except (BankError, OSError):
        # a secret, a bank in use, a disk that is full: the commit is made, and its message is still there
        return []
    return []


def _bank(project: Path, caller: Caller) -> BankFolder | None:
    """Return the bank of exactly this project: one further up belongs to something else."""
    from memorybank.store.discover import bank_at, shared_bank

    return shared_bank(project) or bank_at(project, caller.home)
