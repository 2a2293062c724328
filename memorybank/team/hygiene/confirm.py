"""Confirm that something is still true, so that a review does not ask again until its interval has passed.

A record gets the day in its field `reviewed`, a line of a memory file the mark `(still true DAY)`: both are part of
the file, so that the whole team sees them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import address_of
from memorybank.document.edits import ItemRef, ReplaceItem
from memorybank.errors import FieldError, NoItemError, NoRecordError
from memorybank.records.change import target_of, with_fields
from memorybank.records.ledgers.fact_list import fact_named, path_of, read_document
from memorybank.records.memories.reviewed import REVIEWED, marked, reviewed_day
from memorybank.store.journal.commit import FileChange, retried
from memorybank.times import day_of
from memorybank.workflow.lines.find import find_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Annotated, Any, TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class ConfirmationWire(TypedDict):
        """The JSON form of a confirmation."""

        confirmed: list[Annotated[Any, Confirmed]]
        count: int
        receipt: ReceiptWire


class Confirmed(NamedTuple):
    """What was confirmed: the id of a record or the address of a line, and its title or text."""

    where: str
    text: str


class Confirmation(NamedTuple):
    """What was confirmed, in the order it was named, and the receipt."""

    confirmed: tuple[Confirmed, ...]
    receipt: Receipt

    def to_wire(self) -> ConfirmationWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "confirmed": to_wire(self.confirmed),
            "count": len(self.confirmed),
            "receipt": self.receipt.to_wire(),
        }


def confirm(bank: BankFolder, wanted: Sequence[str], way: Way, *, item: str = "") -> Confirmation:
    """Write down today as the day on which records and lines were still true, all in one operation.

    Each is the id of a record or of a fact, the address of a line with its `^id`, or the line's text. With `item` there
    is one, the address of a section.

    Raises:
        FieldError: nothing is named, or `item` goes with several.
        NoRecordError, NoItemError: nothing has this id or this text.
        DuplicateAnchorError: several lines have this text.
    """
    names = list(dict.fromkeys(each.strip() for each in wanted if each.strip()))
    if not names or (item and len(names) > 1):
        why = "--item goes with one address" if names else "nothing is named"
        raise FieldError(field="wanted", why=why, hint="bank review lists what to confirm")
    day = day_of(way.author.now())

    def make() -> tuple[tuple[Confirmed, ...], list[FileChange]]:
        found: list[Confirmed] = []
        records: list[FileChange] = []
        lines: dict[Path, dict[ReplaceItem, None]] = {}
        for name in names:
            if not item and "#" not in name and not name.startswith("^"):
                change = _record(bank, name, day, found)
                if change is not None:
                    records.append(change)
                    continue
            path, edit = _line(bank, name, item, day, found)
            lines.setdefault(path, {})[edit] = None
        edited = [FileChange(path, tuple(edits)) for path, edits in lines.items()]
        return tuple(found), [*records, *edited]

    found, receipt = retried(make, bank, "confirm", way)
    return Confirmation(found, receipt)


def _record(bank: BankFolder, ident: str, day: str, found: list[Confirmed]) -> FileChange | None:
    """Plan the field of a record; None if the name is not that of a record."""
    try:
        target = target_of(bank, ident, every=True)
    except NoRecordError as error:
        if error.code != NoRecordError.code:
            raise  # several records
        return None
    record = target.record
    found.append(Confirmed(record.id, record.title))
    is_there = reviewed_day(record) == day
    return target.changed((target.source if is_there else with_fields(target.source, {REVIEWED: day})).text)


def _line(bank: BankFolder, name: str, item: str, day: str, found: list[Confirmed]) -> tuple[Path, ReplaceItem]:
    """Plan the mark of a line: of a fact by its id, of any other line as `find_line` finds it."""
    if not item and "#" not in name:
        document = read_document(bank)
        try:
            fact = fact_named(document, name)
        except NoRecordError:
            pass
        else:
            section = address_of(document, fact.section).section if fact.section.number else ""
            found.append(Confirmed(fact.paf.id, fact.paf.text))
            return path_of(bank), ReplaceItem(section, ItemRef(text=fact.first_line), marked(fact.line, day))
    try:
        line = find_line(bank, name, item)
    except NoItemError as error:
        if item or "#" in name or name.startswith("^"):
            raise
        near = error.details.get("near", ())
        close = [str(each) for each in near] if isinstance(near, list) else []
        raise NoRecordError(ident=name, kind="record or line", near=close, hint="bank review") from error
    found.append(Confirmed(line.address, line.text))
    return bank.existing(line.file)[0], ReplaceItem(line.section, line.ref, marked(line.text, day))
