"""Places: which section a kind of note goes to, and the change that puts a line there.

Where a contract says so, the edit heals what is missing. In a bank of Cline the sections are the user's: a name of
those in use is taken, and where none is there the section, or the file, is made.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CLINE_NOTES, CONTRACT_FILES
from memorybank.contracts.rules import preview
from memorybank.contracts.schema import NONE
from memorybank.document.anchors import address_of, find_sections, near
from memorybank.document.edits import Append, InsertSection, Replace
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.write import read, resolve
from memorybank.errors import ContractError
from memorybank.shell import quoted
from memorybank.store.commit import FileChange

if TYPE_CHECKING:
    from memorybank.contracts.schema import SectionSpec
    from memorybank.document.edits import Edit
    from memorybank.document.sections import Document
    from memorybank.store.bank import Bank

FOCUS = "focus"
FOCUS_SECTION = "Current Focus"
SHOWN_TEXT = 80  # a longer text is not said again in advice


class Place(NamedTuple):
    """Where a kind of note goes in this bank; `spec` is None where no contract says so."""

    file: str
    section: str
    spec: SectionSpec | None


def kinds_of(bank: Bank) -> dict[str, str]:
    """Give every kind of note that this bank takes, with the address it goes to."""
    if not bank.layout.contracted:
        return {kind: f"{file}#{names[0]}" for kind, (file, names) in CLINE_NOTES.items() if kind != FOCUS}
    kinds = {}
    for file in CONTRACT_FILES:
        contract = bank.contract_of(file)
        for spec in contract.sections if contract else ():
            kinds.update(dict.fromkeys(spec.notes, f"{file}#{spec.name}"))
    return kinds


def place_of(bank: Bank, kind: str, *, text: str = "") -> Place:
    """Say where a kind of note goes; `text` is what is to be noted, for the advice when none takes it.

    Raises:
        ContractError: no contract takes that kind; the kinds it could be are told.
    """
    kinds = kinds_of(bank)
    if kind not in kinds:
        close = near(kind, sorted(kinds))
        hint = f"kinds are {', '.join(sorted(kinds))}"
        if close:
            again = f"bank note {quoted(text)}" if 0 < len(text) <= SHOWN_TEXT else "say"
            hint = f"{again} --as {close[0]}"
        raise ContractError(address=kind, why=f"there is no kind of note {kind!r}", hint=hint)
    if not bank.layout.contracted:
        return _foreign_place(bank, kind)
    file, _, section = kinds[kind].partition("#")
    contract = bank.contract_of(file)
    return Place(file, section, contract.spec_of(section) if contract else None)


def put_line(bank: Bank, place: Place, line: str, *, task: str | None = None) -> FileChange:
    """Plan that a line becomes the newest item of a place; where nothing has it yet, the place is made.

    Raises:
        BankError: the file cannot be read, or has no room for a section.
    """
    placeholders = () if place.spec else (NONE,)
    return put_edits(
        bank, place, (Append(place.section, line, item=True, task=task, placeholders=placeholders, in_order=True),)
    )


def put_focus(bank: Bank, line: str) -> FileChange:
    """Plan that a line becomes the current focus.

    Raises:
        BankError: as for `put_line`.
    """
    ours = bank.layout.contracted
    place = Place(CONTRACT_FILES[0], FOCUS_SECTION, None) if ours else _foreign_place(bank, FOCUS)
    return put_edits(bank, place, (Replace(place.section, line),))


def put_edits(bank: Bank, place: Place, edits: tuple[Edit, ...]) -> FileChange:
    """Plan edits of a place; where nothing has it yet, the place is made.

    Raises:
        BankError: as for `put_line`.
    """
    path = bank.folder / place.file
    if bank.layout.contracted:
        path, name = bank.existing(place.file)
        return FileChange(path, name, edits)
    if not os.path.lexists(path):
        title = Source(f"# {_title_of(place.file)}\n".encode())
        steps = _with_section(outline(title, place.file), place.section, edits)
        made = preview(outline(title, place.file), steps)
        # the edits tell what else of one operation goes there
        return FileChange(path, place.file, steps, text=made.after.source.text)
    document = _read(bank, place.file)
    if find_sections(document, place.section):
        return FileChange(path, place.file, edits)
    return FileChange(path, place.file, _with_section(document, place.section, edits))


def _with_section(document: Document, section: str, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Put a new section behind everything, before the edits that need it."""
    end = len(document.source.text)
    last = [each for each in reversed(document.sections[1:]) if each.end == end]
    names = [address_of(document, each).section for each in last]
    # a name that others have too would leave open which of them is meant; a file without headings needs none
    anchor = next((each for each in names if len(find_sections(document, each)) == 1), "")
    # a stand-in makes room as a template does; the first real entry takes its place
    return (InsertSection(anchor, section, f"- {NONE}"), *edits)


def _foreign_place(bank: Bank, kind: str) -> Place:
    file, names = CLINE_NOTES[kind]
    if os.path.lexists(bank.folder / file):
        document = _read(bank, file)
        for each in names:
            if len(find_sections(document, each)) == 1:
                return Place(file, each, None)
    return Place(file, names[0], None)


def _read(bank: Bank, file: str) -> Document:
    path, name = bank.existing(file)
    return outline(Source(read(resolve(path, bank.roots))), name)


def _title_of(file: str) -> str:
    """Make a title of a file's name: `Active Context` of `activeContext.md`."""
    stem = file.removesuffix(".md").replace("brief", " Brief")
    words = "".join(f" {char}" if char.isupper() else char for char in stem).split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
