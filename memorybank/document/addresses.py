"""Parse addresses and find what they name: exact matches only, near misses are only suggested.

`activeContext.md#Learnings` names a section, `docs/a.md#Design/Storage` a section inside another, `…#Steps~2` the
second section of that name, `…#~3` the third heading of the file, `…^d7k2m9` an item by its id. Case and spacing of a
name do not matter. If no heading has the name, its decoration does not matter either (`names.py`). Nothing else is
guessed. A heading's whole name is tried before any other meaning, so `#todo`, `E = mc^2` and `a/b` can be typed as
they are written in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.sections import key_of
from memorybank.errors import DuplicateAnchorError, NoAnchorError
from memorybank.patterns import later
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.document.sections import Document, Section

_ID = later(r"\^([0-9A-Za-z-]+)\Z")
# a file's name may contain "#" too: docs/C#.md#Intro
_FILE = later(r".*?\.(?:md|markdown)(?=#|\Z)", re.IGNORECASE | re.DOTALL)
# headings have six levels; a name with more slashes than this is searched without the index
_SLASHES = 16
_NUMBERED = later(r"(.*)~0*([1-9][0-9]{0,6})\Z", re.DOTALL)


class Address(NamedTuple):
    """A place in a bank: a file, perhaps a section of it, perhaps an item by its id."""

    file: str
    section: str = ""
    item: str = ""

    def __str__(self) -> str:
        """Return the address as a user types it."""
        fragment = f"#{self.section}" if self.section else ""
        return f"{self.file}{fragment}{'^' + self.item if self.item else ''}"


def parse_address(text: str) -> Address:
    """Parse an address as a user types it; whether `^` is part of a heading depends on the document, see `settled`."""
    named = _FILE.match(text)
    file, _, section = text.partition("#") if named is None else (named[0], "", text[named.end() + 1 :])
    found = _ID.search(section)
    item = ""
    if found:
        item, section = found.group(1), section[: found.start()]
    return Address(file.strip(), section.strip(), item)


def fragment_of(address: str) -> str:
    """Return the part of an address after the file, unchanged."""
    named = _FILE.match(address)
    return address.partition("#")[2] if named is None else address[named.end() + 1 :]


def settled(document: Document, address: Address) -> Address:
    """Return the address with an item id read as part of the section name, if the document has such a heading."""
    if address.item:
        for space in ("", " "):
            whole = f"{address.section}{space}^{address.item}"
            if find_sections(document, whole):
                return Address(address.file, whole)
    return address


def find_sections(document: Document, name: str) -> list[Section]:
    """Find every section that a name matches.

    First by the whole name, then by the path from a parent, then by the number after it, `Steps~2`. If nothing is
    found, the name is tried again without leading `#` marks.
    """
    return _find(document, name, _Scan(document))


def _find(document: Document, name: str, among: _Scan | _Index) -> list[Section]:
    found = among.standing_for(name)
    if found:
        return found
    numbered = _NUMBERED.match(name)
    if numbered:
        base, number = numbered[1].strip(), int(numbered[2])
        group = among.standing_for(base) if base else document.sections[1:]
        return list(group[number - 1 : number])
    bare = name.strip().lstrip("#").strip()
    return _find(document, bare, among) if bare and bare != name.strip() else []


class _Scan:
    """Find sections for one name at a time: the paths of a large file are built only when needed."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def standing_for(self, name: str) -> list[Section]:
        document = self.document
        wanted = key_of(name)
        named = [each for each in document.sections[1:] if key_of(each.name) == wanted]
        if document.contract:
            named = _own(named)
        if named or "/" not in name:
            return named
        # a path may also begin with the title, which is usually left out
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


class _Index:
    """Find sections for all names of a document, at about the cost of one search."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.paths: dict[int, tuple[str, str]] = {}
        self._named: dict[str, list[Section]] = {}
        self._plain: dict[str, list[Section]] = {}
        self._titled: dict[str, list[Section]] = {}
        for section, path, full in _paths(document):
            self.paths[section.number] = (path, full)
            self._named.setdefault(key_of(section.name), []).append(section)
            for paths, each in ((self._plain, path), (self._titled, full)):
                for end in _endings(key_of(each), key_of(section.name)):
                    paths.setdefault(end, []).append(section)
        if document.contract:
            self._named = {name: _own(found) for name, found in self._named.items()}

    def standing_for(self, name: str) -> list[Section]:
        if name.count("/") > _SLASHES:
            return _Scan(self.document).standing_for(name)
        wanted = key_of(name)
        named = self._named.get(wanted)
        if named or "/" not in name:
            return named or []
        return self._plain.get(wanted) or self._titled.get(wanted) or []


def _index_of(document: Document) -> _Index:
    if document.index is None:
        document.index = _Index(document)
    index = document.index
    if not isinstance(index, _Index):
        raise TypeError
    return index


def _own(named: list[Section]) -> list[Section]:
    # a level-3 heading of the same name in another section does not make a contract's section ambiguous
    return [each for each in named if each.level == 2] or named  # noqa: PLR2004  the level of a contract's sections


def _endings(path: str, name: str) -> Iterator[str]:
    """Yield the keys of a path: the path itself, and every ending of it that begins after a slash above the name."""
    if len(path) > len(name):
        yield path
    at = len(path) - len(name) - 1
    for _ in range(_SLASHES):
        at = path.rfind("/", 0, at) if at > 0 else -1
        if at < 0:
            return
        yield path[at + 1 :]


def find_named(document: Document, *names: str) -> list[Section]:
    """Find the sections of the first name that any section has; if no name matches exactly, ignore decoration.

    Decoration is: emoji, a leading number, emphasis, punctuation, `&` for "and". In a contract only its own sections
    are compared this way. If several match, all are returned.
    """
    for name in names:
        found = find_sections(document, name)
        if found:
            return found
    for name in names:
        found = _find_plain(document, name)
        if found:
            return found
    return []


def _find_plain(document: Document, name: str) -> list[Section]:
    from memorybank.document.names import is_same_name

    sections = document.sections[1:]
    if document.contract:
        sections = tuple(section for section in sections if section.level == 2)  # noqa: PLR2004  the level of a contract's sections
    named = [section for section in sections if is_same_name(section.name, name)]
    parts = name.split("/")
    if named or len(parts) == 1 or any(part != part.strip() for part in parts):
        return named
    return [section for section in document.sections[1:] if _ends_with(document, section, parts)]


def _ends_with(document: Document, section: Section, parts: list[str]) -> bool:
    """Whether a section's path ends with these names, decoration ignored."""
    from memorybank.document.names import is_same_name

    if not is_same_name(section.name, parts[-1]):
        return False
    level = section.level
    rest = parts[:-1]
    for each in reversed(document.sections[1 : section.number]):
        if not rest:
            break
        if each.level < level:
            if not is_same_name(each.name, rest[-1]):
                return False
            level = each.level
            rest = rest[:-1]
    return not rest


def _paths(document: Document) -> Iterator[tuple[Section, str, str]]:
    """Yield every section with its path without the title and its path with it, in one pass."""
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
    """Return the one section that a name matches; for an empty name, the preamble of a file without headings.

    The exact name is tried first, then the aliases, then both with the decoration of headings ignored.

    Raises:
        NoAnchorError: no section has the name or one of the aliases; the error lists near misses.
        DuplicateAnchorError: several sections have it.
    """
    if not name:
        if len(document.sections) == 1:
            return document.sections[0]
        raise NoAnchorError(file=document.path, section="", near=near_names(document, ""))
    found = find_named(document, name, *aliases)
    if len(found) > 1:
        raise several(document, name, found)
    if found:
        return found[0]
    near = near_names(document, name)
    command = f"bank show {quoted(f'{document.path}#{near[0]}')}" if near else ""
    raise NoAnchorError(file=document.path, section=name, near=near, command=command)


def several(document: Document, name: str, found: Sequence[Section]) -> DuplicateAnchorError:
    """Return the error for a name that several sections have, with an address for each of them."""
    lines = [document.source.line_of(each.start) for each in found]
    among = _index_of(document)
    addresses = [str(Address(document.path, _name_for(document, each, among))) for each in found[:8]]
    return DuplicateAnchorError(file=document.path, section=name, lines=lines, addresses=addresses)


def address_of(document: Document, section: Section, *, item: str = "") -> Address:
    """Return the shortest address that matches only this section, or only the item with an id in it."""
    if section.number == 0:
        return Address(document.path, "", item)
    if section.name and not item and find_sections(document, section.name) == [section]:
        return Address(document.path, section.name)
    return Address(document.path, _name_for(document, section, _index_of(document), item), item)


def section_names(document: Document, *, whole: bool = False) -> list[str]:
    """Return the name that `address_of` uses, for every section except the preamble, at about the cost of one.

    With `whole`, the path from the outermost section is preferred.
    """
    among = _index_of(document)
    return [_name_for(document, section, among, whole=whole) for section in document.sections[1:]]


def _name_for(document: Document, section: Section, among: _Index, item: str = "", *, whole: bool = False) -> str:
    path, full = among.paths[section.number]
    choices = list(dict.fromkeys((path, section.name, full) if whole else (section.name, path, full)))
    for choice in choices:
        if choice and _stands_alone(document, section, choice, item, among):
            return choice
    for each in (*choices, ""):
        group = among.standing_for(each) if each else document.sections[1:]
        at = bisect_left(group, section.number, key=_number)
        if at < len(group) and group[at].number == section.number:
            # a heading may already have this name, but hardly with an extra zero
            for zeros in ("", "0", "00"):
                numbered = f"{each}~{zeros}{at + 1}"
                if _stands_alone(document, section, numbered, item, among):
                    return numbered
    return path


def _number(section: Section) -> int:
    return section.number


def _stands_alone(document: Document, section: Section, name: str, item: str, among: _Index) -> bool:
    if item:
        return _stands_alone(document, section, name, "", among) and not _find(document, f"{name}^{item}", among)
    found = _find(document, name, among)
    return len(found) == 1 and found[0].number == section.number


def near_names(document: Document, name: str, limit: int = 3) -> list[str]:
    """Return the names of the sections most similar to a name, best first."""
    names = list(dict.fromkeys(section.name for section in document.sections[1:1001]))
    return near(name, names, limit)


def near(text: str, choices: Sequence[str], limit: int = 3, *, score: float = 55) -> list[str]:
    """Return the choices most similar to a text, best first; only for suggestions, never to choose one.

    `score` is the least similarity, from 0 to 100.
    """
    from rapidfuzz import fuzz, process

    found = process.extract(text, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=score, limit=limit)
    return [choice for choice, _, _ in found]
