"""Rotation: items over a section's cap move to archive/, oldest first, and can come back.

A list may be sorted newest first, so `ages_of` finds out which items are the oldest.

The move is verified before anything is written: the items that stay and the archived ones must equal the items before,
byte for byte. Archives are not loaded and not searched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.contracts.preview import stamped
from memorybank.document.addresses import find_named
from memorybank.document.items import entries_of
from memorybank.document.sections import outline, splice
from memorybank.document.source import Source
from memorybank.errors import NoFileError, SpillError
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.view import address_in, find, open_document
from memorybank.times import minute_of
from memorybank.workflow.lines.item_ages import ages_of, told_by
from memorybank.workflow.workflow_errors import NothingArchivedError

if TYPE_CHECKING:
    from typing import Annotated, TypedDict

    from memorybank.contracts.contract import Contract
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class RotateWire(TypedDict):
        """The JSON form of a rotate."""

        sections: list[Annotated[Any, MovedItems]]
        count: int
        receipt: Annotated[Any, Receipt] | None


FOLDER = "archive/contracts"


class MovedItems(NamedTuple):
    """Items moved from a section to its archive or back; how many each has now; how their age was determined."""

    address: str
    archive: str
    moved_count: int
    here_count: int
    archived_count: int
    order: str = ""


class RotateResult(NamedTuple):
    """The changed sections, and the receipt of the operation; None if there was nothing to do."""

    sections: tuple[MovedItems, ...]
    receipt: Receipt | None

    def to_wire(self) -> RotateWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "sections": to_wire(self.sections),
            "count": len(self.sections),
            "receipt": to_wire(self.receipt),
        }


class _Pair(NamedTuple):
    """A contract file and its archive, as documents while they are changed."""

    here: Document
    there: Document
    base_here: str
    base_there: str
    rows: tuple[MovedItems, ...]


def rotate(bank: BankFolder, way: Way, *, order: str = "") -> RotateResult:
    """Move the oldest items of every section over its cap to archive/contracts/, as one operation.

    `order` (newest-first, oldest-first) is the order of lists without dates, if the caller knows it.

    Raises:
        SpillError: the items would be changed by the move; nothing is written.
    """

    def make() -> tuple[list[MovedItems], list[FileChange]]:
        done: list[MovedItems] = []
        changes: list[FileChange] = []
        for file in CONTRACT_FILES if bank.layout.contracted else ():
            try:
                pair = _opened(bank, file)
            except NoFileError:
                continue
            contract = bank.contract_of(file)
            for spec in contract.sections if contract else ():
                for section in find_named(pair.here, spec.name)[:1] if spec.cap else ():
                    over = len(_items(pair.here, section)) - spec.cap
                    pair = _archived(bank, pair, spec.name, over, order) if over > 0 else pair
            done.extend(pair.rows)
            changes += _changes(bank, pair, contract, way)
        return done, changes

    done, receipt = retried(make, bank, "rotate", way)
    return RotateResult(tuple(done), receipt if done else None)


def unarchive(bank: BankFolder, address: str, way: Way, *, count: int = 1) -> RotateResult:
    """Move the newest archived items of a section back, next to its oldest items, as one operation.

    Raises:
        NothingArchivedError: the section has no archived items.
    """
    place = address_in(bank, address)

    def make() -> tuple[tuple[MovedItems, ...], list[FileChange]]:
        pair = _opened(bank, bank.existing(place.file)[1])
        name = find(bank, pair.here, place.section).name
        there = find_named(pair.there, name)
        if not there or not _items(pair.there, there[0]):
            raise NothingArchivedError(address=f"{pair.here.path}#{name}")
        pair = _brought_back(bank, pair, name, count)
        return pair.rows, _changes(bank, pair, bank.contract_of(pair.here.path), way)

    done, receipt = retried(make, bank, "unarchive", way)
    return RotateResult(done, receipt)


def _opened(bank: BankFolder, file: str) -> _Pair:
    here = open_document(bank, file)
    name = f"{FOLDER}/{file}"
    try:
        source = Source(bank.read(bank.folder / name))
        base = source.digest
    except NoFileError:
        source, base = Source(f"# Archive of {file}\n".encode()), ""
    return _Pair(here, outline(source, name), here.source.digest, base, ())


def _items(document: Document, section: Section) -> list[tuple[int, int, str]]:
    """Return a section's top items as spans with their text, including nested items."""
    spans = [entry.item for entry in entries_of(document, section) if entry.item.depth == 0]
    return [(span.start, span.end, document.source.text[span.start : span.end].strip("\r\n")) for span in spans]


def _archived(bank: BankFolder, pair: _Pair, name: str, over: int, asked: str) -> _Pair:
    section = _section(pair.here, name)
    items = _items(pair.here, section)
    ages = ages_of(bank, pair.here, section, asked=asked)
    going = ages.oldest_first[:over]
    # the archive is always sorted oldest first
    gone = [items[number][2] for number in going]
    stays = [text for number, (*_, text) in enumerate(items) if number not in going]
    here = _without(pair.here, items, frozenset(going))
    return _proved(pair, here, _with(pair.there, name, gone), name, gone, stays, order=told_by(ages.order))


def _without(document: Document, items: list[tuple[int, int, str]], going: frozenset[int]) -> Document:
    """Return the document without some items and without the blank lines next to them."""
    shadow = document.source.shadow
    for number in sorted(going, reverse=True):
        start, end, _ = items[number]
        after = items[number + 1][0] if number + 1 < len(items) else end
        before = items[number - 1][1] if number else start
        if after > end and not shadow[end:after].strip():
            end = after
        elif number and not shadow[before:start].strip():
            start = before
        document = splice(document, start, end, "")
    return document


def _brought_back(bank: BankFolder, pair: _Pair, name: str, count: int) -> _Pair:
    archived = _items(pair.there, _section(pair.there, name))
    back = archived[-count:]
    there = splice(pair.there, back[0][0], back[-1][1], "")
    section = _section(pair.here, name)
    items = _items(pair.here, section)
    order = ages_of(bank, pair.here, section).order
    stand_in = len(items) == 1 and items[0][2].lstrip("-*+ ") == NONE
    eol = pair.here.source.eol_near(section.body)
    texts = [text for *_, text in back]
    if order.newest_first:
        texts.reverse()
    block = "".join(f"{text}{eol}" for text in texts)
    if items and order.newest_first and not stand_in:
        at = items[-1][1]
        broken = pair.here.source.text[at - 1 : at] in ("\n", "\r")
        here = splice(pair.here, at, at, block if broken else f"{eol}{block}")
    elif items:
        here = splice(pair.here, items[0][0], items[0][1] if stand_in else items[0][0], block)
    else:
        here = splice(pair.here, section.body, section.body, f"{eol}{block}")
    stays = [] if stand_in else [text for *_, text in items]
    rest = [text for *_, text in archived[: -len(back)]]
    kept = [*stays, *texts] if order.newest_first else [*texts, *stays]
    return _proved(pair, here, there, name, rest, kept, moved=len(back), order=told_by(order))


def _with(document: Document, name: str, texts: list[str]) -> Document:
    """Add items at the end of a section of an archive; a missing section is created."""
    eol = document.source.eol_near(0)
    block = eol.join(texts) + eol
    found = find_named(document, name)
    items = _items(document, found[0]) if found else []
    if items:
        at = items[-1][1]
        broken = document.source.text[at - 1 : at] in ("\n", "\r")
        return splice(document, at, at, block if broken else eol + block)
    end = found[0].end if found else len(document.source.text)
    before = document.source.text[:end]
    lead = "" if before.endswith(("\n", "\r")) else eol
    return splice(document, end, end, f"{lead}{'' if found else f'{eol}## {name}{eol}'}{eol}{block}")


def _proved(
    pair: _Pair,
    here: Document,
    there: Document,
    name: str,
    archived: list[str],
    kept: list[str],
    *,
    moved: int = 0,
    order: str = "",
) -> _Pair:
    """Verify that every item is in one of the two files, unchanged."""
    now = (
        [text for *_, text in _items(here, _section(here, name))] if kept or _items(here, _section(here, name)) else []
    )
    stored = [text for *_, text in _items(there, _section(there, name))]
    sections = [section.name for section in here.sections] == [section.name for section in pair.here.sections]
    if now != kept or stored[len(stored) - len(archived) :] != archived or not sections:
        raise SpillError(address=f"{pair.here.path}#{name}", why="moving the items would change them")
    row = MovedItems(f"{here.path}#{name}", there.path, moved or len(archived), len(kept), len(stored), order)
    return pair._replace(here=here, there=there, rows=(*pair.rows, row))


def _section(document: Document, name: str) -> Section:
    return find_named(document, name)[0]


def _changes(bank: BankFolder, pair: _Pair, contract: Contract | None, way: Way) -> list[FileChange]:
    if not pair.rows:
        return []
    here = pair.here
    if contract is not None:
        here = stamped(here, contract, minute_of(way.author.now()), [])
    path, _ = bank.existing(pair.here.path)
    # the target is written first: after a crash an item may exist twice, but it is never lost
    there = FileChange(bank.folder / pair.there.path, text=pair.there.source.text, base=pair.base_there)
    left = FileChange(path, text=here.source.text, base=pair.base_here)
    return [there, left] if pair.rows[0].archived_count >= pair.rows[0].moved_count else [left, there]
