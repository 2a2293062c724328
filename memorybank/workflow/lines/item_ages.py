"""How old the items of a section are, and which end of it has the newest.

The sources, in order: the items' dates, the journal (where the last lines were added), git, the contract. The result
names its source, so that a receipt can show it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NEWEST_FIRST
from memorybank.document.items import entries_of
from memorybank.document.order import (
    ASKED,
    CONTRACT,
    DATES,
    DEFAULT,
    OTHERS,
    WRITES,
    ListOrder,
    Order,
    by_habit,
    date_of,
    direction,
)
from memorybank.errors import BankError
from memorybank.store.journal.log import lines_written, read_operations
from memorybank.store.list_order import order_of_others

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.items import Entry
    from memorybank.document.order import Day
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder

_TOLD = {
    DATES: "by the dates of its items",
    WRITES: "by where the last lines were written",
    ASKED: "by the given option",
    CONTRACT: "by its contract",
    OTHERS: "like the other lists of the bank",
    DEFAULT: "unknown, so in the order `bank note` adds; if wrong, use --newest-first",
}


class ItemAges(NamedTuple):
    """The numbers of a section's top items, from 0, oldest first; and the order with its source."""

    oldest_first: tuple[int, ...]
    order: Order


def told_by(order: Order) -> str:
    """Return an order and its source as text for a receipt."""
    return f"{'newest first' if order.newest_first else 'oldest first'}, {_TOLD[order.by]}"


def ages_of(bank: BankFolder, document: Document, section: Section, *, asked: str = "") -> ItemAges:
    """Sort the top items of a section by age; the journal and git are read only if dates do not decide.

    `asked` is the order given by the caller, for lists without dates.
    """
    entries = [entry for entry in entries_of(document, section) if entry.item.depth == 0]
    dates = _dates(document, section, entries)
    falls = direction(dates)
    if falls is not None:
        order = Order(falls, DATES)
    elif asked:
        order = Order(asked == NEWEST_FIRST, ASKED)
    else:
        order = _habit(bank, document, section, entries)
    numbers = list(range(len(entries)))
    if order.newest_first:
        numbers.reverse()
    known = [date for date in dates if date is not None]
    if falls is not None and len(known) * 2 >= len(dates):
        days = _filled(dates, known)
        # within one day the position decides: the sort is stable
        numbers.sort(key=lambda number: days[number])
    return ItemAges(tuple(numbers), order)


def _dates(document: Document, section: Section, entries: Sequence[Entry]) -> list[Day | None]:
    """Return the date of each item: its own, else the date of the heading above it."""
    below = [each for each in document.sections[1:] if section.start < each.start < section.end]
    found: list[Day | None] = []
    for entry in entries:
        heading = next((one.name for one in reversed(below) if one.start < entry.item.start), "")
        found.append(date_of(entry.text) or (date_of(heading) if heading else None))
    return found


def _filled(dates: Sequence[Day | None], known: Sequence[Day]) -> list[Day]:
    """Return the dates, where an item without one gets the date of the item above it."""
    filled: list[Day] = []
    for date in dates:
        filled.append(date or (filled[-1] if filled else known[0]))
    return filled


def _habit(bank: BankFolder, document: Document, section: Section, entries: Sequence[Entry]) -> Order:
    contract = bank.contract_of(document.path)
    spec = contract.spec_of(section.name) if contract else None
    habit = ListOrder(lines_written(read_operations(bank), document.path), lambda: order_of_others(bank))
    order = by_habit([entry.text for entry in entries], declared=spec.order if spec else "", habit=habit)
    if order.by == WRITES:
        return order
    falls = direction(moments_of(bank, document, section, entries))
    return order if falls is None else Order(falls, WRITES)


def moments_of(bank: BankFolder, document: Document, section: Section, entries: Sequence[Entry]) -> list[Day | None]:
    """Return when each item was written, according to the journal or git."""
    from memorybank.document.addresses import address_of
    from memorybank.store.journal.history import blame

    seen: dict[int, str] = {}
    with suppress(BankError):
        seen = {each.line: each.at for each in blame(bank, str(address_of(document, section)))}
    return [_moment(seen.get(entry.line, "")) for entry in entries]


def _moment(at: str) -> Day | None:
    parts = at.replace("T", "-").replace(":", "-").split("-")[:5]
    numbers = [int(part) for part in parts if part.isdigit()]
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]) if len(numbers) == len(parts) == 5 else None  # noqa: PLR2004  down to the minute


def order_in(bank: BankFolder, document: Document, section: Section) -> Order:
    """Return which end of a section has its newest items."""
    return ages_of(bank, document, section).order
