"""Places: which section a kind of note goes to, and the change that puts a line there.

Where a contract says so, the edit heals what is missing. In a bank of Cline the sections are the user's: a name of
those in use is taken, and where none is there the section, or the file, is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.contracts.layouts import CLINE_NOTES, CONTRACT_FILES
from memorybank.document.addresses import Address, near
from memorybank.document.edits import Append, Replace
from memorybank.errors import ContractError
from memorybank.store.journal.commit import FileChange

if TYPE_CHECKING:
    from memorybank.contracts.contract import SectionSpec
    from memorybank.document.edits import Edit
    from memorybank.store.folder import BankFolder

FOCUS = "focus"
FOCUS_SECTION = "Current Focus"


class Placement(NamedTuple):
    """Where a kind of note goes in this bank; `spec` is None where no contract says so."""

    file: str
    section: str
    spec: SectionSpec | None


def kinds_of(bank: BankFolder) -> dict[str, str]:
    """Give every kind of note that this bank takes, with the address it goes to."""
    if not bank.layout.contracted:
        return {kind: f"{file}#{names[0]}" for kind, (file, names) in CLINE_NOTES.items() if kind != FOCUS}
    kinds = {}
    for file in CONTRACT_FILES:
        contract = bank.contract_of(file)
        for spec in contract.sections if contract else ():
            kinds.update(dict.fromkeys(spec.notes, f"{file}#{spec.name}"))
    return kinds


def place_of(bank: BankFolder, kind: str) -> Placement:
    """Say where a kind of note goes.

    Raises:
        ContractError: no contract takes that kind; the kinds it could be are told.
    """
    kinds = kinds_of(bank)
    if kind not in kinds:
        close = near(kind, sorted(kinds))
        hint = f"say --as {close[0]}" if close else f"kinds are {', '.join(sorted(kinds))}"
        error = ContractError(address=kind, why=f"there is no kind of note {kind!r}", hint=hint)
        error.options = {"--as": close[0]} if close else {}
        raise error
    if not bank.layout.contracted:
        return _foreign_place(bank, kind)
    file, _, section = kinds[kind].partition("#")
    contract = bank.contract_of(file)
    return Placement(file, section, contract.spec_of(section) if contract else None)


def put_line(bank: BankFolder, place: Placement, line: str, *, task: str | None = None) -> FileChange:
    """Plan that a line becomes the newest item of a place; where nothing has it yet, the place is made.

    Raises:
        BankError: the file cannot be read, or has no room for a section.
    """
    placeholders = () if place.spec else (NONE,)
    return put_edits(
        bank, place, (Append(place.section, line, item=True, task=task, placeholders=placeholders, in_order=True),)
    )


def put_focus(bank: BankFolder, line: str) -> FileChange:
    """Plan that a line becomes the current focus.

    Raises:
        BankError: as for `put_line`.
    """
    ours = bank.layout.contracted
    place = Placement(CONTRACT_FILES[0], FOCUS_SECTION, None) if ours else _foreign_place(bank, FOCUS)
    return put_edits(bank, place, (Replace(place.section, line),))


def put_edits(bank: BankFolder, place: Placement, edits: tuple[Edit, ...]) -> FileChange:
    """Plan edits of a place; where nothing has it yet, the place is made.

    Raises:
        BankError: as for `put_line`.
    """
    if bank.layout.contracted:
        path, _ = bank.existing(place.file)
        return FileChange(path, edits)
    from memorybank.store.foreign_sections import put_edits as put

    return put(bank, Address(place.file, place.section), edits)


def is_made(bank: BankFolder, address: Address) -> bool:
    """Tell whether a section is made when something goes there: in a bank of another tool, one for a kind of note."""
    if bank.layout.contracted:
        return False
    from memorybank.store.foreign_sections import is_made as made

    return made(bank, address)


def _foreign_place(bank: BankFolder, kind: str) -> Placement:
    from memorybank.store.foreign_sections import foreign_place

    place = foreign_place(bank, kind)
    return Placement(place.file, place.section, None)
