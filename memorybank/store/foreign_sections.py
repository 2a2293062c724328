"""Which sections notes go to in a bank with another tool's sections (Cline, Roo), and what our addresses mean there.

A section is found by what `[headings]` of bank.toml says, by its exact name, by its name in another language
(`contracts/heading_names.py`), without decoration, or by a heading that contains the name's words. If it is missing, it
is created in the language of the file, but never next to a heading that may be the one that is meant.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.contracts.contract import NONE
from memorybank.contracts.layouts import CLINE_ELSEWHERE, CLINE_NOTES, CLINE_SECTIONS, CONTRACT_FILES
from memorybank.document.addresses import Address, address_of, find_named, find_sections
from memorybank.document.edits import Append, InsertSection
from memorybank.document.items import entries_of
from memorybank.document.names import is_same_name, plain_of
from memorybank.document.sections import key_of, outline
from memorybank.document.source import Source
from memorybank.errors import NoAnchorError
from memorybank.shell import command, quoted
from memorybank.store.journal.commit import FileChange

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from memorybank.document.edits import Edit
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder

FOCUS = "focus"
_FOCUS_NAME = "current focus"
_TOP = 2  # headings of this level are the sections of these files
_FAR = 1000  # more than a language has names for a kind
_FILES = {"patterns.md": "systemPatterns.md"}


def foreign_place(bank: BankFolder, kind: str) -> Address:
    """Return the section for a kind: the existing one, else the one to create."""
    found, _ = _standing(bank, kind)
    if found:
        return found
    file, names = CLINE_NOTES[kind]
    from memorybank.contracts.heading_names import name_in

    language = _language_of(bank, file)
    own = (name_in(language, each) for each in _kindred(kind))
    return Address(file, next(filter(None, own), names[0]))


def _kindred(kind: str) -> tuple[str, ...]:
    """Return a kind, and those whose usual section takes it as well."""
    file, names = CLINE_NOTES[kind]
    others = [each for each, (there, own) in CLINE_NOTES.items() if there == file and own[0] in names]
    return (kind, *(each for each in others if each != kind))


def _language_of(bank: BankFolder, file: str) -> str:
    """Return the language of a file's headings; of a file without known ones, that of the whole bank."""
    from memorybank.contracts.heading_names import is_known, language_of

    names = [section.name for section in _top(_read(bank, file))] if os.path.lexists(bank.folder / file) else []
    if not any(map(is_known, names)):
        there = [each for each in bank.main_files if os.path.lexists(bank.folder / each)]
        names = [section.name for each in there for section in _top(_read(bank, each))]
    return language_of(names)


def _standing(bank: BankFolder, kind: str) -> tuple[Address | None, Document | None]:
    """Return the existing section of a kind, from the first file that has one, and that file."""
    places = [CLINE_NOTES[kind], *CLINE_ELSEWHERE.get(kind, ())]
    documents = {each: _read(bank, each) for each, _ in places if os.path.lexists(bank.folder / each)}
    mapped = _mapped(bank)

    def known(document: Document, names: Iterable[str]) -> Section | None:
        own = [each for each in _top(document) if mapped.get(key_of(each.name)) == kind]
        return own[0] if own else _named(document, names) or _translated(document, kind, mapped)

    for look in (known, _holding):
        for each, names in places:
            section = look(documents[each], names) if each in documents else None
            if section is not None:
                return Address(each, address_of(documents[each], section).section), documents[each]
    return None, None


def _mapped(bank: BankFolder) -> dict[str, str]:
    """Return the kind of each heading in `[headings]` of bank.toml."""
    return {key_of(name): kind for name, kind in bank.config.headings.items()}


def _translated(document: Document, kind: str, mapped: Container[str]) -> Section | None:
    """Return the section that has a name of the kind in another language; of several, that with the usual name."""
    found = _all_translated(document, kind, mapped)
    best = min(rank for rank, _ in found) if found else 0
    usual = [section for rank, section in found if rank == best]
    return usual[0] if len(usual) == 1 else None


def _all_translated(document: Document, kind: str, mapped: Container[str]) -> list[tuple[int, Section]]:
    sections = [each for each in _top(document) if key_of(each.name) not in mapped]
    from memorybank.contracts.heading_names import kinds_named

    return [(named.rank, section) for section in sections for named in kinds_named(section.name) if named.kind == kind]


def _named(document: Document, names: Iterable[str]) -> Section | None:
    for name in names:
        found = find_sections(document, name)
        if len(found) == 1:
            return found[0]
    for each in names:
        found = find_named(document, each)
        if len(found) == 1:
            return found[0]
    return None


def _holding(document: Document, names: Iterable[str]) -> Section | None:
    """Return the one section whose heading contains a name: all its words, or a single word joined by `and`."""
    for name in names:
        words = plain_of(name).words
        found = [one for one in _top(document) if _holds(plain_of(one.name).words, words)]
        if len(found) == 1:
            return found[0]
    return None


def _holds(said: str, words: str) -> bool:
    if " " in words:
        return f" {words} " in f" {said} "
    return said.startswith(f"{words} and ") or said.endswith(f" and {words}")


def _top(document: Document) -> list[Section]:
    return [section for section in document.sections[1:] if section.level == _TOP]


def _refuse_near(document: Document, section: str, edits: Sequence[Edit], mapped: Container[str]) -> None:
    """Raise an error if the new section would be next to a heading that may be the one that is meant."""
    from memorybank.contracts.heading_names import kinds_named
    from memorybank.contracts.similar_headings import is_near_name

    own = {kind: names for kind, (file, names) in CLINE_NOTES.items() if file == document.path}
    kinds = [kind for kind in own if is_name_of(section, kind)]
    # names of another kind belong to that kind
    taken = [name for kind, names in own.items() if kind not in kinds for name in names]
    free = [
        each
        for each in _top(document)
        if key_of(each.name) not in mapped
        and not any(is_same_name(each.name, name) for name in taken)
        and not kinds_named(each.name)
    ]
    wanted = [name for kind in kinds for name in own[kind]]
    found = [each for each in free if any(is_near_name(each.name, name) for name in wanted)]
    if not found and "task" in kinds:
        # a heading in other words or another language: open checkboxes show that it holds tasks
        found = [each for each in free if any(entry.item.task == " " for entry in entries_of(document, each))]
    if not found:
        return
    addresses = [str(address_of(document, each)) for each in found]
    accept = f"bank edit {quoted(addresses[-1])} --insert-after {quoted(section)}"
    text = next((edit.text for edit in edits if isinstance(edit, Append) and edit.item), "")
    again = command("bank note", text or "TEXT", f"--as {kinds[0]} --to {quoted(addresses[0])}")
    error = NoAnchorError(file=document.path, section=section, command=again)
    told = " or ".join(f"{each.name!r} on line {document.source.line_of(each.start)}" for each in found[:3])
    error.message += f"; it may be {told}; if it is not, {accept}"
    error.details.update(near=[each.name for each in found], accept=accept)
    raise error


def is_name_of(section: str, kind: str) -> bool:
    """Return whether a new section of a kind gets this name, in English or in another language."""
    from memorybank.contracts.heading_names import kinds_named

    if key_of(section) == key_of(CLINE_NOTES[kind][1][0]):
        return True
    return any(named.kind in _kindred(kind) and named.rank == 0 for named in kinds_named(section))


def sections_of_kind(bank: BankFolder, kind: str, document: Document) -> list[Section]:
    """Return all sections of a file that are known for a kind, in file order."""
    places = [CLINE_NOTES[kind], *CLINE_ELSEWHERE.get(kind, ())]
    known = [name for file, names in places if file == document.path for name in names]
    found = {each.number: each for name in known for each in find_named(document, name)}
    if any(file == document.path for file, _ in places):
        mapped = _mapped(bank)
        translated = _all_translated(document, kind, mapped)
        found.update({section.number: section for rank, section in translated if rank < _FAR})
        found.update({each.number: each for each in _top(document) if mapped.get(key_of(each.name)) == kind})
    place, _ = _standing(bank, kind)
    if place is not None and place.file == document.path:
        found.update({section.number: section for section in find_sections(document, place.section)})
    return [each for _, each in sorted(found.items())]


def unknown_sections(bank: BankFolder, document: Document) -> list[Section]:
    """Return the sections of a file of Cline that no kind of note goes to, without those that Cline's files have.

    The sections of files that take no notes are free.
    """
    names = [name for file, names in _places() if file == document.path for name in names]
    if not names:
        return []
    from memorybank.contracts.heading_names import is_known

    mapped = _mapped(bank)
    return [
        section
        for section in _top(document)
        if key_of(section.name) not in mapped
        and not is_known(section.name)
        and not any(_holds(plain_of(section.name).words, plain_of(name).words) for name in names)
    ]


def _places() -> list[tuple[str, tuple[str, ...]]]:
    return [*CLINE_NOTES.values(), *(each for places in CLINE_ELSEWHERE.values() for each in places)]


def translated(bank: BankFolder, address: Address) -> Address:
    """Return what an address of our own files means in a bank with other files; existing addresses stay unchanged."""
    file = next((each for each in CONTRACT_FILES if address.file in (each, each.removesuffix(".md"))), "")
    if not file:
        return _translated_address(bank, address)
    there = _FILES.get(file, file)
    is_file = os.path.lexists(bank.folder / file)
    if not address.section:
        return address if is_file else address._replace(file=there)
    if is_file and find_named(_read(bank, file), address.section):
        return address
    kind = _kind_of(file, address.section)
    if not kind:
        return _translated_address(bank, address if is_file else address._replace(file=there))
    found, _ = _standing(bank, kind)
    if found is not None:
        return found._replace(item=address.item)
    return Address(CLINE_NOTES[kind][0], CLINE_NOTES[kind][1][0], address.item)


def _translated_address(bank: BankFolder, address: Address) -> Address:
    """Return what an English name of Cline's own sections means in a file in another language."""
    kinds = [
        kind
        for kind, (file, names) in CLINE_NOTES.items()
        if file == address.file and any(is_same_name(name, address.section) for name in names)
    ]
    if not kinds or (
        os.path.lexists(bank.folder / address.file) and find_named(_read(bank, address.file), address.section)
    ):
        return address
    found = next((place for place, _ in (_standing(bank, kind) for kind in kinds) if place), None)
    return found._replace(item=address.item) if found else address


def _kind_of(file: str, section: str) -> str:
    from memorybank.contracts.load import load_contract

    contract = load_contract(file)
    spec = contract.spec_of(section) if contract else None
    if spec is None:
        return ""
    return FOCUS if key_of(spec.name) == _FOCUS_NAME else next(iter(spec.notes), "")


def is_made(bank: BankFolder, place: Address) -> bool:
    """Return whether a missing section is created when something is put there: yes if it belongs to a kind of note."""
    return not bank.layout.contracted and any(
        file == place.file and is_name_of(place.section, kind) for kind, (file, _) in CLINE_NOTES.items()
    )


def put_edits(bank: BankFolder, place: Address, edits: tuple[Edit, ...]) -> FileChange:
    """Plan edits of a section; a missing section or file is created.

    Raises:
        NoAnchorError: the section is missing, and a heading may be the one that is meant.
        BankError: the file cannot be read, or has no room for a section.
    """
    path = bank.folder / place.file
    if not os.path.lexists(path):
        from memorybank.contracts.preview import preview

        title = outline(Source(f"# {_title_of(place.file)}\n".encode()), place.file)
        steps = _with_section(title, place.section, edits)
        # the edits are kept too: they show what else the same operation puts there
        return FileChange(path, steps, text=preview(title, steps).after.source.text)
    document = _read(bank, place.file)
    if find_named(document, place.section):
        return FileChange(path, edits)
    _refuse_near(document, place.section, edits, _mapped(bank))
    return FileChange(path, _with_section(document, place.section, edits))


def _with_section(document: Document, section: str, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Insert a new section at the end of the file, before the edits that need it."""
    end = len(document.source.text)
    last = [each for each in reversed(document.sections[1:]) if each.end == end]
    names = [address_of(document, each).section for each in last]
    # a name that several sections share would be ambiguous; a file without headings needs no anchor
    anchor = next((name for name in names if len(find_sections(document, name)) == 1), "")
    # a placeholder makes room, as in a template; the first real entry replaces it
    return (InsertSection(anchor, section, f"- {NONE}"), *edits)


def _read(bank: BankFolder, file: str) -> Document:
    path, name = bank.existing(file)
    return outline(Source(bank.read(path)), name)


def fresh_text(file: str) -> str:
    """Return the initial text of a file in a new bank: its sections, each with a placeholder line."""
    sections = "".join(f"\n## {name}\n\n- {NONE}\n" for name in CLINE_SECTIONS[file])
    return f"# {_title_of(file)}\n{sections}"


def _title_of(file: str) -> str:
    """Make a title from a file name: `Active Context` from `activeContext.md`."""
    stem = file.removesuffix(".md").replace("brief", " Brief")
    words = "".join(f" {char}" if char.isupper() else char for char in stem).split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
