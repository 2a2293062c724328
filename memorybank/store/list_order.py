"""Find out at which end of its lists a bank keeps the newest items, from the dates in the items."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.order import dates_fall
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import BankError

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


# the year in the date of the last update
STAMP_YEARS = 1
_YEAR = re.compile(rb"(?<!\d)(?:19|20)\d\d(?!\d)")


def _year_count(data: bytes) -> int:
    """Count what looks like a year of this century or the last."""
    return len(_YEAR.findall(data))


def order_of_others(bank: BankFolder) -> bool | None:
    """Return whether the lists of the memory files start with the newest item; None unless all dated lists agree."""
    told: set[bool] = set()
    for file in bank.main_files:
        try:
            # a bank of another tool may lack any of its files
            path, name = bank.existing(file)
            data = bank.read(path)
            if _year_count(data) <= STAMP_YEARS + 1:
                # needs two dated items besides the date of the last update; this check avoids nearly every parse
                continue
            document = outline(Source(data), name, contract=bank.contract_of(name) is not None)
        except BankError:
            continue
        for section in document.sections[1:]:
            is_dated = section.level > 1 and _year_count(document.text_of(section).encode("utf-8", "replace")) > 1
            falls = dates_fall(document, section) if is_dated else None
            told |= set() if falls is None else {falls}
    return told.pop() if len(told) == 1 else None
