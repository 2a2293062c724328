"""Addresses and what they stand for: exact by name, near misses only as advice.

`activeContext.md#Learnings` names a section, `docs/a.md#Design/Storage` a section below another, `…^d7k2m9` an
item by its id. Case and spacing of a name do not matter; nothing else is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.sections import key_of
from memorybank.errors import DuplicateAnchorError, NoAnchorError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.document.sections import Document, Section

_ID = re.compile(r"\^([0-9A-Za-z-]+)\Z")


class Address(NamedTuple):
    """A place in a bank: a file, perhaps a section of it, perhaps an item by its id."""

    file: str
    section: str = ""
    item: str = ""

    def __str__(self) -> str:
        """Write the address as it is typed."""
        fragment = f"#{self.section}" if self.section else ""
        return f"{self.file}{fragment}{'^' + self.item if self.item else ''}"


def parse_address(text: str) -> Address:
    """Read an address as a user types it."""
    file, _, section = text.partition("#")
    found = _ID.search(section)
    item = ""
    if found:
        item, section = found.group(1), section[: found.start()]
    return Address(file.strip(), section.strip().lstrip("#").strip(), item)


def find_sections(document: Document, name: str) -> list[Section]:
    """Find every section a name stands for: by its whole name, else by its path from a parent down."""
    wanted = key_of(name)
    named = [each for each in document.sections[1:] if key_of(each.name) == wanted]
    if document.contract:
        # an H3 of the same name under another section does not make a contract's own section ambiguous
        own = [each for each in named if each.level == 2]  # noqa: PLR2004  the level of a contract's sections
        named = own or named
    if named or "/" not in name:
        return named
    # a path may begin with the title too, which most files leave unsaid
    last = [each for each in document.sections[1:] if wanted.endswith("/" + key_of(each.name))]
    plain = {}
    titled = {}
    if last:
        for section, path, full in _paths(document):
            plain[section.number], titled[section.number] = key_of(path), key_of(full)
    for paths in (plain, titled):
        found = [each for each in last if f"/{paths[each.number]}".endswith(f"/{wanted}")]
        if found:
            return found
    return []


def _paths(document: Document) -> Iterator[tuple[Section, str, str]]:
    """Give every section with its path, without the title and with it; in one pass."""
    parents: list[tuple[int, str, str]] = []
    for section in document.sections[1:]:
        while parents and parents[-1][0] >= section.level:
            parents.pop()
        name = section.name
        _, above, full = parents[-1] if parents else (0, "", "")
        path = f"{above}/{name}" if above else name
        full = f"{full}/{name}" if full else name
        yield section, path, full
        parents.append((section.level, "" if section.level == 1 else path, full))


def resolve_section(document: Document, name: str, *, aliases: Iterable[str] = ()) -> Section:
    """Give the one section a name stands for; the preamble for no name in a file without headings.

    Raises:
        NoAnchorError: no section has the name, or one of its declared aliases; near misses are told.
        DuplicateAnchorError: several have it.
    """
    if not name:
        if len(document.sections) == 1:
            return document.sections[0]
        raise NoAnchorError(file=document.path, section="", near=near_names(document, ""))
    for each in (name, *aliases):
        found = find_sections(document, each)
        if len(found) > 1:
            raise several(document, each, found)
        if found:
            return found[0]
    near = near_names(document, name)
    command = f"bank show {quoted(f'{document.path}#{near[0]}')}" if near else ""
    raise NoAnchorError(file=document.path, section=name, near=near, command=command)


def several(document: Document, name: str, found: Sequence[Section]) -> DuplicateAnchorError:
    """Give the error that a name stands for several sections, with the addresses that tell them apart."""
    lines = [document.source.line_of(each.start) for each in found]
    addresses = [str(address_of(document, each)) for each in found[:8]]
    told_apart = all(len(find_sections(document, parse_address(each).section)) == 1 for each in addresses)
    return DuplicateAnchorError(
        file=document.path, section=name, lines=lines, addresses=addresses if told_apart else ()
    )


def address_of(document: Document, section: Section) -> Address:
    """Give the shortest address that stands for this section alone, as far as the file allows."""
    if section.number == 0:
        return Address(document.path)
    if find_sections(document, section.name) == [section]:
        return Address(document.path, section.name)
    path, full = next((path, full) for each, path, full in _paths(document) if each == section)
    if find_sections(document, path) != [section] and find_sections(document, full) == [section]:
        return Address(document.path, full)
    return Address(document.path, path)


def section_names(document: Document) -> list[str]:
    """Give the name or path that `address_of` would, for every section but the preamble, at about the cost of one."""
    rows = list(_paths(document))
    counts = Counter(key_of(section.name) for section, _, _ in rows)
    plain = Counter(end for _, path, _ in rows for end in _endings(path))
    titled = Counter(end for _, _, full in rows for end in _endings(full))
    names = []
    for section, path, full in rows:
        if counts[key_of(section.name)] == 1:
            names.append(section.name)
        elif plain[key_of(path)] > 1 and not plain[key_of(full)] and titled[key_of(full)] == 1:
            names.append(full)
        else:
            names.append(path)
    return names


def _endings(path: str) -> list[str]:
    names = key_of(path).split("/")
    return ["/".join(names[at:]) for at in range(len(names))]


def near_names(document: Document, name: str, limit: int = 3) -> list[str]:
    """Name the sections that come closest to a name, best first."""
    names = list(dict.fromkeys(each.name for each in document.sections[1:1001]))
    return near(name, names, limit)


def near(text: str, choices: Sequence[str], limit: int = 3, *, score: float = 55) -> list[str]:
    """Give the choices that come closest to a text, best first; for advice, never for a choice.

    `score` is how alike they must be, of 100.
    """
    from rapidfuzz import fuzz, process

    found = process.extract(text, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=score, limit=limit)
    return [choice for choice, _, _ in found]
