"""What git's hooks tell after a merge, a checkout or a rebase: merges nobody has resolved, and a missing driver.

Nothing else is needed: the index is compared with the files before each answer, and the journal takes what git wrote
for an edit by another program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.conflicts import find_conflicts, lines_told
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.shell import quoted
from memorybank.store.git.repository import ask
from memorybank.team.git.driver_set_up import is_half_set_up

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

_MOST = 20
_MARKER = "^(<<<<<<<|>>>>>>>)"


class Unresolved(NamedTuple):
    """A file with merges that nobody has resolved, and their lines."""

    file: str
    lines: tuple[tuple[int, int], ...]


class AfterGit(NamedTuple):
    """What to tell: the files with unresolved merges, and whether this clone lacks the driver that it should have."""

    unresolved: tuple[Unresolved, ...]
    lacks_driver: bool

    def rows(self) -> list[str]:
        """Return the lines to print; none if all is well."""
        found = [
            f"{each.file} has an unresolved merge on {lines_told(each.lines)}; bank merge {quoted(each.file)}"
            for each in self.unresolved
        ]
        if self.lacks_driver:
            found.append("this clone merges the bank as text; bank merge install sets up its merge driver")
        return found


def look(bank: BankFolder) -> AfterGit:
    """Look at what git has left. Writes nothing."""
    places = [each for each in bank.names_below(bank.project) if each != "."] or ["."]
    told = ask(bank.project, "grep", "-l", "-z", "-I", "-E", "-e", _MARKER, "--", *(f":(literal){e}" for e in places))
    found = []
    for name in [each for each in (told or "").split("\0") if each][:_MOST]:
        path = bank.project / name
        try:
            conflicts = find_conflicts(outline(Source(bank.read(path)), name))
            if conflicts:
                found.append(Unresolved(bank.name_of(path), tuple((each.first, each.last) for each in conflicts)))
        except BankError:
            continue
    return AfterGit(tuple(found), _lacks_driver(bank))


def _lacks_driver(bank: BankFolder) -> bool:
    try:
        return is_half_set_up(bank.project)
    except BankError:
        return False
