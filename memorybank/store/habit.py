"""Which end of its lists a bank keeps its newest items at, where the dates of some of them tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.order import dates_fall
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.write import read, resolve
from memorybank.errors import BankError

if TYPE_CHECKING:
    from memorybank.store.bank import Bank


def order_of_others(bank: Bank) -> bool | None:
    """Say whether the lists of the memory files begin with their newest items; None unless all with dates agree."""
    told: set[bool] = set()
    for file in bank.main_files:
        try:
            # a bank of another tool may lack any of its files
            path, name = bank.existing(file)
            document = outline(
                Source(read(resolve(path, bank.roots))), name, contract=bank.contract_of(name) is not None
            )
        except BankError:
            continue
        for section in document.sections[1:]:
            falls = dates_fall(document, section) if section.level > 1 else None
            told |= set() if falls is None else {falls}
    return told.pop() if len(told) == 1 else None
