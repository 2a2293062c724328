"""Items of a section: list them, edit one, move one to another section or file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.addresses import address_of
from memorybank.document.editing.item_edits import find_item, lifted
from memorybank.document.edits import Append, Edit, ItemRef, RemoveItem, ReplaceItem, Tick
from memorybank.document.items import done_of, entries_of, split_marker
from memorybank.document.source import without_eol
from memorybank.errors import BankError, NoItemError, StaleEditError
from memorybank.listing import Listing
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.view import address_in, find, open_document, placeholders_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# digits of an item's number: no list is longer
_DIGITS = 10


class ItemRow(NamedTuple):
    """One listed item. `done` is None for an item without a checkbox, or with another `mark` in the box."""

    number: int
    text: str
    done: bool | None
    depth: int
    id: str
    digest: str
    line: int
    mark: str = ""


class ItemList(Listing[ItemRow]):
    """The items of a section, in their order."""

    __slots__ = ()
    plural = "items"


def ref_of(text: str, texts: Sequence[str]) -> ItemRef:
    """Read what a user typed for an item: its number from 1, its ^id, or its text.

    A number is tied to the text that stands there now, so that an item that slipped in above changes nothing.
    """
    if text in texts:
        return ItemRef(text=text)
    if text.startswith("^"):
        return ItemRef(id=text[1:])
    number = number_in(text, len(texts))
    return ItemRef(text=texts[number - 1], number=number) if number else ItemRef(text=text)


def number_in(text: str, count: int) -> int:
    """Return the number, from 1, that a text is in a list of `count`; 0 for a text that is no such number."""
    # isdigit alone takes the digits of every script, and superscripts too
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        return 0
    return int(text) if int(text) <= count else 0


def list_items(bank: BankFolder, address: str) -> ItemList:
    """List the items of a section, nested ones after their parents.

    Raises:
        BankError: nothing or more than one thing matches the address.
    """
    place = address_in(bank, address)
    document = open_document(bank, place.file)
    section = find(bank, document, place.section)
    return ItemList(
        ItemRow(
            number,
            entry.text,
            done_of(entry.item.task),
            entry.item.depth,
            entry.id,
            entry.digest,
            entry.line,
            entry.item.task or "",
        )
        for number, entry in enumerate(entries_of(document, section), 1)
    )


def edit_item(bank: BankFolder, address: str, make: Callable[[str], Edit], verb: str, way: Way) -> Receipt:
    """Apply one item edit to the section at an address.

    Raises:
        StaleEditError: the item existed when the file was read, and is gone when it is written.
        BankError: the edit is refused.
    """
    place = address_in(bank, address)
    document = open_document(bank, place.file)
    section = find(bank, document, place.section)
    path, _ = bank.existing(place.file)
    edit = make(place.section)
    try:
        return commit(bank, [FileChange(path, (edit,))], verb, way)
    except NoItemError as error:
        raise gone_since(bank, document, section, edit, error) from error


def gone_since(bank: BankFolder, document: Document, section: Section, edit: Edit, error: NoItemError) -> BankError:
    """Return the error for a missing item: a stale edit if the document that was read still had it."""
    if not isinstance(edit, Tick | ReplaceItem | RemoveItem):
        return error
    with suppress(BankError):
        try:
            find_item(document, section, edit.item, placeholders=placeholders_of(bank, document, section))
        except NoItemError as missing:
            return missing
        name = address_of(document, section).section
        now = open_document(bank, document.path)
        current = find(bank, now, name)
        if not _has(now, current, edit.item):
            return StaleEditError(
                address=str(address_of(document, section)),
                expected=f"item {str(edit.item)!r}",
                digest=now.digest_of(current),
                hint=f"bank item list {quoted(str(address_of(document, section)))}",
            )
    return error


def _has(document: Document, section: Section, ref: ItemRef) -> bool:
    try:
        find_item(document, section, ref)
    except BankError:
        return False
    return True


def move_item(bank: BankFolder, address: str, ref: ItemRef, to: str, way: Way, *, expect: str = "") -> Receipt:
    """Move an item with its children to the end of another section, in one operation.

    The text is added before it is removed, so a crash can leave it in both places but never in neither.

    Raises:
        BankError: one of the places does not exist, or its contract does not allow the change.
    """
    source, target = address_in(bank, address), address_in(bank, to)
    document = open_document(bank, source.file)
    section = find(bank, document, source.section)
    # first: in a section that changed, `ref` may match another item or nothing
    if expect and expect not in (document.digest_of(section), document.source.digest):
        raise StaleEditError(address=address, expected=expect, digest=document.digest_of(section))
    entry = find_item(document, section, ref, placeholders=placeholders_of(bank, document, section))
    whole = lifted(document, section, entry)
    if split_marker(without_eol(whole))[2].strip() == entry.text and not split_marker(entry.text)[0]:
        arrives = Append(target.section, entry.text, item=True, task=entry.item.task, in_order=True)
    else:
        arrives = Append(target.section, whole, whole=True, in_order=True)
    leaves = RemoveItem(source.section, ref, document.digest_of(section))
    from_path, from_name = bank.existing(source.file)
    if not bank.layout.contracted:
        from memorybank.store.foreign_sections import is_made, put_edits

        if is_made(bank, target) and target.file != source.file:
            arrival = put_edits(bank, target, (arrives._replace(placeholders=(NONE,)),))
            return commit(bank, [arrival, FileChange(from_path, (leaves,))], "item move", way)
        if is_made(bank, target):
            made = put_edits(bank, target, (arrives._replace(placeholders=(NONE,)),)).edits
            return commit(bank, [FileChange(from_path, (leaves, *made))], "item move", way)
    to_path, to_name = bank.existing(target.file)
    if from_name == to_name:
        # the section's digest guards what is read here and edited under the lock
        edits: tuple[Edit, ...] = (leaves, arrives)
        return commit(bank, [FileChange(from_path, edits)], "item move", way)
    return commit(
        bank,
        [FileChange(to_path, (arrives,)), FileChange(from_path, (leaves,))],
        "item move",
        way,
    )
