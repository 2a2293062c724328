"""`bank.adopt_from`: the files of another bank, brought over through the merge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.team.worktrees.adopt import Adopted


class Adopting(Face):
    """The rescue of other banks, as a part of `Bank`."""

    __slots__ = ()

    def adopt_from(self, dir: Path | str) -> Adopted:  # noqa: A002  the command's word
        """Merge the files of another bank into this one, as one operation.

        `dir` is the bank or its project; also that of a deleted worktree whose commit git still has, or a bank of which
        only the journal is left. Nothing here is deleted.

        Raises:
            NoBankError: there is no bank, and git knows no deleted worktree there.
            FieldError: it is this bank.
            BankError: the write is refused.
        """
        from memorybank.team.worktrees.adopt import adopt_from

        return adopt_from(self._folder, Path(dir).expanduser(), self._way(), self._caller.home)
