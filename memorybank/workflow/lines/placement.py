"""Places: which section a kind of note goes to, and the change that adds a line there.

With a contract, the edit also adds a missing section. In a Cline bank the user chooses the sections: an existing name
is used, and if none exists, the section or the file is created.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.contracts.layouts import CLINE_NOTES, CONTRACT_FILES
from memorybank.document.addresses import Address, near
from memorybank.errors import ContractError
from memorybank.ids import chosen
from memorybank.store.journal.commit import FileChange

if TYPE_CHECKING:
    from memorybank.contracts.contract import SectionSpec
    from memorybank.document.edits import Edit
    from memorybank.store.folder import BankFolder

FOCUS = "focus"
FOCUS_SECTION = "Current Focus"


class Placement(NamedTuple):
    """Where a kind of note goes in this bank; `spec` is None without a contract."""

    file: str
    section: str
    spec: SectionSpec | None


def kinds_of(bank: BankFolder) -> dict[str, str]:
    """Return every kind of note that this bank accepts, with the address it goes to."""
    if not bank.layout.contracted:
        return {kind: f"{file}#{names[0]}" for kind, (file, names) in CLINE_NOTES.items() if kind != FOCUS}
    kinds = {}
    for file in CONTRACT_FILES:
        contract = bank.contract_of(file)
        for spec in contract.sections if contract else ():
            kinds.update(dict.fromkeys(spec.notes, f"{file}#{spec.name}"))
    return kinds


def place_of(bank: BankFolder, kind: str) -> Placement:
    """Return where a kind of note goes.

    Raises:
        ContractError: no contract accepts that kind; the error lists the valid kinds.
    """
    kinds = kinds_of(bank)
    kind = chosen(kind, kinds)
    if kind not in kinds:
        close = near(kind, sorted(kinds))
        hint = f"use --as {close[0]}" if close else "bank note -h"
        why = f"invalid kind of note {kind!r}: choose from {', '.join(sorted(kinds))}"
        error = ContractError(address=kind, why=why, hint=hint)
        error.options = {"--as": close[0]} if close else {}
        raise error
    if not bank.layout.contracted:
        return _foreign_place(bank, kind)
    file, _, section = kinds[kind].partition("#")
    contract = bank.contract_of(file)
    return Placement(file, section, contract.spec_of(section) if contract else None)


def put_line(bank: BankFolder, place: Placement, line: str, *, task: str | None = None) -> FileChange:
    """Plan to add a line as the newest item of a place; a missing place is created.

    Raises:
        BankError: the file cannot be read, or a section cannot be added to it.
    """
    from memorybank.document.edits import Append

    placeholders = () if place.spec else (NONE,)
    return put_edits(
        bank, place, (Append(place.section, line, item=True, task=task, placeholders=placeholders, in_order=True),)
    )


def put_focus(bank: BankFolder, line: str) -> FileChange:
    """Plan to make a line the current focus.

    Raises:
        BankError: as for `put_line`.
    """
    ours = bank.layout.contracted
    place = Placement(CONTRACT_FILES[0], FOCUS_SECTION, None) if ours else _foreign_place(bank, FOCUS)
    from memorybank.document.edits import Replace

    return put_edits(bank, place, (Replace(place.section, line),))


def put_edits(bank: BankFolder, place: Placement, edits: tuple[Edit, ...]) -> FileChange:
    """Plan edits of a place; a missing place is created.

    Raises:
        BankError: as for `put_line`.
    """
    if bank.layout.contracted:
        path, _ = bank.existing(place.file)
        return FileChange(path, edits)
    from memorybank.store.foreign_sections import put_edits as put

    return put(bank, Address(place.file, place.section), edits)


def is_made(bank: BankFolder, address: Address) -> bool:
    """Check whether a section is created on the first write: in a bank of another tool, a section for notes is."""
    if bank.layout.contracted:
        return False
    from memorybank.store.foreign_sections import is_made as made

    return made(bank, address)


def _foreign_place(bank: BankFolder, kind: str) -> Placement:
    from memorybank.store.foreign_sections import foreign_place

    place = foreign_place(bank, kind)
    return Placement(place.file, place.section, None)
