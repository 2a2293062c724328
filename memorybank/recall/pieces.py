"""Split files into entries for search: a section's own text, an item of a contract, a message, a commit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.load import load_contract
from memorybank.document.addresses import Address, address_of, section_names
from memorybank.document.sections import outline
from memorybank.document.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.contracts.contract import Contract
    from memorybank.document.sections import Document, Section

# characters: a long section without headings is split between paragraphs, so that a hit stays readable
LONG_SECTION = 6000
PIECE = 3000
_TITLE_LEVEL, _CONTRACT_LEVEL = 1, 2


class Piece(NamedTuple):
    """One entry of the index: its place and its text.

    `start`..`end` are the character offsets of its text in the file, `line` counts from 1; `heading` is the path of
    headings above it; `address` and `digest` are for `edit --expect`.
    """

    line: int
    start: int
    end: int
    heading: str
    address: str
    digest: str
    text: str


def pieces_of(data: bytes, name: str, *, contract: bool = False, memory: bool = False) -> Iterator[Piece]:
    """Split a Markdown file into entries: each section's own text, each item of a contract.

    A section of a contract without text, or with only its change date, is an entry without text; so is the title of a
    file without any text. In a contract the items below a deeper heading belong to the section around it. With
    `memory`, as search wants it, they belong to that heading; and a memory file that is no contract is split into
    items too.

    Raises:
        LimitError: the file is too large or has too many sections.
    """
    document = outline(Source(data), name, contract=contract)
    shipped = load_contract(name) if contract else None
    names = ["", *section_names(document, whole=True)]
    trail: list[tuple[int, str]] = []
    titles: list[Piece] = []
    has_pieces = False
    line, at = 1, 0
    for section in document.sections:
        while trail and trail[-1][0] >= section.level:
            trail.pop()
        is_inner = contract and not memory and any(level == _CONTRACT_LEVEL for level, _ in trail)
        if section.level:
            trail.append((section.level, section.name))
        else:
            trail.clear()
        line += document.source.shadow.count("\n", at, section.start)
        at = section.start
        start = section.body if section.level else max(section.body, document.content_start)
        if not section.level:
            line += document.source.shadow.count("\n", at, start)
            at = start
        if is_inner:
            # its items belong to the contract's section around it, which already yielded them
            continue
        text = document.source.text[start : section.own_end]
        has_words = bool(text.strip())
        has_more = section.end > section.own_end
        place = _Place(section, " > ".join(each for _, each in trail), str(Address(name, names[section.number])))
        digest = document.digest_of(section) if section.level else document.source.digest
        if memory and not has_words and not has_more and _is_extra(document, section):
            has_pieces = True
            yield _heading_alone(document, place, line)
            continue
        if (
            not has_words
            and not (contract and section.level == _CONTRACT_LEVEL)
            and (section.level <= _TITLE_LEVEL or has_more)
        ):
            if section.level and not titles:
                titles = [Piece(line, start, start, section.name, place.address, digest, "")]
            continue
        has_pieces = True
        if (contract or memory) and (has_words or (has_more and not memory)):
            yield from _items(document, place, shipped, digest, memory=memory)
            continue
        for offset, piece in _cut(text):
            row = line if not offset else line + document.source.shadow.count("\n", at, start + offset)
            begin = start + offset
            yield Piece(row, begin, begin + len(piece), place.heading, place.address, digest, piece)
    if not has_pieces and not contract:
        # a file that is only a title is found by it
        yield from titles


class _Place(NamedTuple):
    """A section with the path of headings above it, and its address."""

    section: Section
    heading: str
    address: str


def _is_extra(document: Document, section: Section) -> bool:
    """Check whether a heading of a memory file is one that no template has: its name alone is worth finding."""
    return section.level > _CONTRACT_LEVEL or (
        not document.contract and section.level == _TITLE_LEVEL and section.number > 1
    )


def _heading_alone(document: Document, place: _Place, line: int) -> Piece:
    section = place.section
    text = document.source.text[section.start : section.body]
    digest = document.digest_of(section)
    return Piece(line, section.start, section.body, place.heading, place.address, digest, text)


def _items(
    document: Document, place: _Place, contract: Contract | None, digest: str, *, memory: bool
) -> Iterator[Piece]:
    from memorybank.contracts.stand_ins import stand_ins
    from memorybank.document.items import entries_of

    section, heading, address = place
    begin = section.body if section.level else max(section.body, document.content_start)
    at = begin
    line = document.source.line_of(begin)
    end = section.end if document.contract and section.level > _TITLE_LEVEL and not memory else section.own_end
    spec = contract.spec_of(section.name) if contract else None
    is_ignored = stand_ins(spec)
    says = False
    for entry in entries_of(document, section):
        if entry.item.depth or not begin <= entry.item.start < end:
            continue
        if is_ignored(document.source.text[entry.item.start : entry.item.end]):
            at = entry.item.end
            continue
        says = True
        # text between items is a separate entry
        between = document.source.text[at : entry.item.start]
        if between.strip() and not is_ignored(between):
            row = line + document.source.shadow.count("\n", begin, at)
            yield Piece(row, at, entry.item.start, heading, address, digest, between)
        text = document.source.text[entry.item.start : entry.item.end]
        named = str(address_of(document, section, item=entry.id)) if entry.id else address
        yield Piece(entry.line, entry.item.start, entry.item.end, heading, named, digest, text)
        at = entry.item.end
    rest = document.source.text[at:end]
    is_said = rest.strip() and not rest.strip().startswith("<!--") and not (spec and spec.kind == "stamp")
    if is_said and not is_ignored(rest):
        row = line + document.source.shadow.count("\n", begin, at)
        yield Piece(row, at, end, heading, address, digest, rest)
    elif not says and memory and _is_extra(document, section):
        yield _heading_alone(document, place, document.source.line_of(section.start))
    elif not says:
        yield Piece(line, begin, begin, heading, address, digest, "")


def _cut(text: str) -> Iterator[tuple[int, str]]:
    if len(text) <= LONG_SECTION:
        yield 0, text
        return
    at = 0
    while at < len(text):
        stop = len(text)
        if stop - at > LONG_SECTION:
            stop = text.find("\n\n", at + PIECE)
            stop = text.find("\n", at + LONG_SECTION) if stop < 0 or stop - at > LONG_SECTION else stop + 1
            stop = len(text) if stop < 0 else stop + 1
        yield at, text[at:stop]
        at = stop


def messages_of(data: bytes, name: str) -> Iterator[Piece]:
    """Split a session's messages, one JSON object per line, into entries; an invalid line is skipped."""
    at = 0
    text = data.decode("utf-8", "replace")
    for number, row in enumerate(text.split("\n"), 1):
        try:
            value = json.loads(row) if row.strip() else None
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            heading = f"{value.get('role', '')} {value.get('at', '')}".strip()
            yield Piece(number, at, at + len(row), heading, f"{name}:{number}", "", value["text"])
        at += len(row) + 1
