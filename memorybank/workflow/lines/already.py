"""Whether a note says what its section says already, word for word: then it need not be written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.workflow.lines.note import item_for, line_of
from memorybank.workflow.lines.placement import Placement, place_of

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_DATE_LENGTH = len("[2026-11-21]")


def already_noted(
    bank: BankFolder, text: str, way: Way, *, kind: str, to: str = "", file: str = "", why: str = ""
) -> Receipt | None:
    """Return the receipt of a note that is there already, with its place; None if it has to be written.

    A line counts as the same if all its characters are; with a date, only on the same day; a task, only if it is open.
    """
    found = place_noted(bank, line_of(text, why=why, file=file), way=way, kind=kind, to=to)
    if not found:
        return None
    from memorybank.store.journal.commit import commit

    return commit(bank, [], "note", way)._replace(already=found)


def place_noted(bank: BankFolder, line: str, *, way: Way, kind: str, to: str = "") -> str:
    """Return where a line is already; "" if it has to be written."""
    try:
        place = _placement(bank, kind, to)
        # almost every line is new: the file's bytes show it without parsing it
        if not place.section or line.encode("utf-8", "surrogateescape") not in bank.read(bank.existing(place.file)[0]):
            return ""
        return _place_in(bank, place, line, kind, way)
    except BankError:
        # the write itself says what is wrong
        return ""


def _placement(bank: BankFolder, kind: str, to: str) -> Placement:
    if not to:
        return place_of(bank, kind)
    from memorybank.store.view import address_in

    address = address_in(bank, to)
    contract = bank.contract_of(address.file)
    return Placement(address.file, address.section, contract.spec_of(address.section) if contract else None)


def _place_in(bank: BankFolder, place: Placement, line: str, kind: str, way: Way) -> str:
    from memorybank.workflow.lines.find import lines_in
    from memorybank.workflow.lines.similarity import is_same

    whole, task = item_for(place.spec, line, kind, way)
    is_dated = whole != line
    for row in lines_in(bank, place.file, place.section):
        is_task = task is not None and (row.done is None or row.done != (task == "x"))
        if is_task or not is_same(row.text, whole):
            continue
        if not is_dated or row.text[:_DATE_LENGTH] == whole[:_DATE_LENGTH]:
            return row.address if row.id else f"{row.address} {row.number}"
    return ""
