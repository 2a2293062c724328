"""Find a line of the memory files by what a user types: its address, its id, its text, or a record's id."""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import address_of, near
from memorybank.document.items import done_of, entries_of, plain_key, split_marker, text_end
from memorybank.document.names import is_same_name
from memorybank.document.sections import key_of
from memorybank.document.text import one_line
from memorybank.errors import DuplicateAnchorError, NoFileError, NoItemError, StaleEditError
from memorybank.shell import quoted
from memorybank.store.view import address_in, find, open_document, placeholders_of
from memorybank.workflow.lines.similarity import plain_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.document.edits import ItemRef
    from memorybank.document.items import Entry
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.lines.placement import Placement

# the checkbox marks for a dropped task
DROPPED = "-~"


class Line(NamedTuple):
    """One item: its place, its text, and the digest of its section, which protects an edit of it.

    `text` is its whole own text, folded to one line; `first` is its first line, which edits use to find it. Neither
    includes nested items; `is_alone` is true if there are none. `depth` is 0 for a top-level item.
    """

    file: str
    section: str
    number: int
    text: str
    id: str
    done: bool | None
    digest: str
    line: int
    first: str
    is_alone: bool
    depth: int = 0

    @property
    def address(self) -> str:
        """The address of its section, with its id if it has one."""
        return f"{self.file}#{self.section}{'^' + self.id if self.id else ''}"

    @property
    def ref(self) -> ItemRef:
        """The reference for an edit: number and text must both match."""
        from memorybank.document.edits import ItemRef

        return ItemRef(text=self.first, number=self.number)


def lines_in(bank: BankFolder, file: str, section: str = "") -> list[Line]:
    """List the items of a section or a whole file, without placeholders; empty if the file does not exist."""
    try:
        document = open_document(bank, file)
    except NoFileError:
        return []
    sections = [find(bank, document, section)] if section else list(_own_sections(document))
    return [line for each in sections for line in lines_of_section(bank, document, each)]


def _own_sections(document: Document) -> Iterator[Section]:
    """Yield the sections to list, so that no item is listed twice: a contract's section includes its subsections."""
    for section in document.sections[1:]:
        if not document.contract or section.level <= 2:  # noqa: PLR2004  the level of a contract's sections
            yield section


def lines_of_section(bank: BankFolder, document: Document, section: Section) -> Iterator[Line]:
    """Read the items of a section, without placeholders."""
    ignored = placeholders_of(bank, document, section)
    digest = document.digest_of(section)
    entries = entries_of(document, section)
    for number, entry in enumerate(entries, 1):
        if plain_key(entry.text) not in ignored:
            yield _line(document, section, digest, number, entries)


def _line(document: Document, section: Section, digest: str, number: int, entries: Sequence[Entry]) -> Line:
    entry = entries[number - 1]
    address = address_of(document, section, item=entry.id).section
    item, text, is_alone = entry.item, entry.text, True
    if "\n" in document.source.shadow[item.start : item.end].strip():
        below = takewhile(lambda each: each.item.start < item.end, islice(entries, number, None))
        end = text_end(document, item, tuple(each.item for each in below))
        text = split_marker(f"- {one_line(document.source.text[item.content : end])}")[2].strip()
        is_alone = not document.source.shadow[end : item.end].strip()
    # a begun task is not done; a dropped task is neither done nor open
    done = None if item.task is None or item.task in DROPPED else done_of(item.task) is True
    depth = item.depth
    return Line(document.path, address, number, text, entry.id, done, digest, entry.line, entry.text, is_alone, depth)


def stands_in(line: Line, place: Placement) -> bool:
    """Check whether a line is in a place, also if the section has another name in its file."""
    if line.file != place.file:
        return False
    if place.spec is None:
        return key_of(line.section) == key_of(place.section)
    return any(is_same_name(line.section, name) for name in (place.spec.name, *place.spec.other_names))


def find_line(bank: BankFolder, what: str, item: str = "", *, files: Sequence[str] = ()) -> Line:
    """Find a line by its section and an item, by `file.md#Section^id`, `^id`, its text, or a record's id.

    Raises:
        NoItemError: no line matches; the error lists near misses.
        DuplicateAnchorError: several lines match.
    """
    if "#" in what and (item or address_in(bank, what).item):
        return _at(bank, what, item)
    wanted = what.strip()
    ident = wanted[1:] if wanted.startswith("^") else ""
    lines = [line for file in (files or bank.main_files) for line in lines_in(bank, file)]
    texts = (wanted, split_marker(f"- {wanted}")[2])
    found = [
        line
        for line in lines
        if (ident and line.id == ident)
        or (not ident and not {line.text, line.first, plain_of(line.text)}.isdisjoint(texts))
    ]
    if not found and wanted and not ident:
        found = [line for line in lines if wanted in _words(line.text)]
    if len(found) == 1:
        return found[0]
    if found:
        addresses = [each.address for each in found[:8]]
        rows = [each.line for each in found]
        error = DuplicateAnchorError(file=found[0].file, section=wanted, lines=rows, addresses=addresses)
        if found[0].id:
            error.instead = (what, addresses[0])
        raise error
    close = near(wanted, [line.text for line in lines[:1000]])
    looked = " and ".join(files) or "the memory files"
    hint = f"bank show {quoted(files[0])}" if files else "bank load"
    raise NoItemError(address=looked, item=wanted, near=close, what="line", hint=hint)


def same_line(bank: BankFolder, seen: Line, what: str, item: str = "", *, files: Sequence[str] = ()) -> Line:
    """Find a line again under the lock, after it was looked up before: a number may now mean another line.

    Raises:
        StaleEditError: the line is gone, or `what` now means another line.
    """
    try:
        now = find_line(bank, what, item, files=files)
    except (NoItemError, DuplicateAnchorError) as error:
        raise _gone(seen, seen.digest) from error
    if now.text != seen.text:
        raise _gone(seen, now.digest)
    return now


def _gone(seen: Line, digest: str) -> StaleEditError:
    hint = f"bank item list {quoted(f'{seen.file}#{seen.section}')}"
    return StaleEditError(address=seen.address, expected=f"item {seen.first[:80]!r}", digest=digest, hint=hint)


def _words(text: str) -> set[str]:
    return {word.strip("()[]{}.,;:`") for word in text.split()}


def _at(bank: BankFolder, address: str, item: str) -> Line:
    from memorybank.document.editing.item_edits import find_item
    from memorybank.document.edits import ItemRef

    place = address_in(bank, address)
    document = open_document(bank, place.file)
    section = find(bank, document, place.section)
    entries = entries_of(document, section)
    wanted = item.strip()
    if place.item:
        ref = ItemRef(id=place.item)
    elif wanted.isascii() and wanted.isdigit() and wanted not in [each.text for each in entries]:
        ref = ItemRef(number=int(wanted))
    else:
        ref = ItemRef(id=wanted[1:]) if wanted.startswith("^") else ItemRef(text=wanted)
    placeholders = placeholders_of(bank, document, section)
    entry = find_item(document, section, ref, placeholders=placeholders)
    if plain_key(entry.text) in placeholders:
        raise NoItemError(address=f"{document.path}#{section.name}", item=entry.text, what="line", hint="bank load")
    number = 1 + [each.item.start for each in entries].index(entry.item.start)
    return _line(document, section, document.digest_of(section), number, entries)
