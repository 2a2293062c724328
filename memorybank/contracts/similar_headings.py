"""Find headings that may be a contract's missing section under another name. Pure; used for errors and reports only.

A heading is similar by its words, by its level, or by its place: it is where the missing section should be, and no
contract knows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import address_of, find_named, near
from memorybank.document.names import is_same_name, plain_of
from memorybank.document.sections import key_of, name_of
from memorybank.errors import NoAnchorError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.contracts.contract import Contract, SectionSpec
    from memorybank.document.scanner.nodes import Heading
    from memorybank.document.sections import Document, Section

OWN_LEVEL = 2
# words that many headings share and that do not show what a section is about
_COMMON = (
    "a active and code common context current file for from in key last list my next of our pattern patterns progress"
    " project recent section session the this to user with work workflow"
)
_WEAK = frozenset(_COMMON.split())
_STEM = 4
_ALIKE = 82
_TINY_WORDS = "a and are for from in is my of our still the this to what whats with"
_SMALL = frozenset(_TINY_WORDS.split())
_MORE = 2
# extra words beyond the section's name: these are decoration, any other word may mean the opposite (rejected, old)
_ADDED = (
    "active all current general important insights items key latest lesson lessons list log made main new notable note"
    " notes ongoing open overview pending remaining summary taken things todo"
)
_DECORATION = frozenset(_ADDED.split())


class SimilarHeading(NamedTuple):
    """A heading that may be a missing section; `is_sure` if its words match and no other section fits."""

    name: str
    line: int
    start: int
    is_sure: bool
    by_words: bool


def foreign_sections(document: Document, contract: Contract) -> list[Section]:
    """Return the sections at the contract's level that are not in the contract."""
    return [
        section
        for section in document.sections[1:]
        if section.level == OWN_LEVEL and contract.spec_of(section.name) is None
    ]


def outer_headings(document: Document, contract: Contract) -> list[tuple[Heading, SectionSpec]]:
    """Return the headings of level 1 after the title that have a section's name; at that level they count as text."""
    titles = [heading for heading in document.headings if heading.level == 1]
    pairs = [(title, contract.spec_of(name_of(title.text))) for title in titles[1:]]
    return [(each, spec) for each, spec in pairs if spec is not None]


def near_sections(document: Document, contract: Contract, spec: SectionSpec) -> list[SimilarHeading]:
    """Return the headings that may be a missing section, the most likely first; empty if the section exists."""
    if find_named(document, spec.name, *spec.other_names):
        return []
    line_of = document.source.line_of
    outer = [each for each, its in outer_headings(document, contract) if its is spec]
    if outer:
        is_sure = len(outer) == 1
        return [
            SimilarHeading(name_of(each.text), line_of(each.start), each.start, is_sure, by_words=True)
            for each in outer
        ]
    foreign = foreign_sections(document, contract)
    if not foreign:
        return []
    alike = [each for each in foreign if is_near_spec(each.name, spec)]
    if alike:
        rivals = [
            other
            for other in contract.sections
            if other is not spec
            and is_near_spec(alike[0].name, other)
            and not find_named(document, other.name, *other.other_names)
        ]
        extra = _strong(alike[0].name) - {word for name in (spec.name, *spec.other_names) for word in _strong(name)}
        unlike = [word for word in extra if not any(_akin(word, own) for own in _strong(spec.name))]
        is_sure = len(alike) == 1 and not rivals and _DECORATION.issuperset(unlike)
        return [SimilarHeading(each.name, line_of(each.start), each.start, is_sure, by_words=True) for each in alike]
    if spec.optional or spec.kind == "stamp":
        # a file may be without this section, so a heading in its place proves nothing
        return []
    stands = _in_its_place(document, contract, spec, foreign)
    return [
        SimilarHeading(stand.name, line_of(stand.start), stand.start, is_sure=False, by_words=False) for stand in stands
    ]


class RenamedHeading(NamedTuple):
    """A heading that is a section of the contract under another name.

    `is_sure` if it can be renamed without asking. `is_decorated` if only emoji, a number or marks differ: such a
    section is used as it is.
    """

    heading: Heading
    line: int
    spec: SectionSpec
    is_sure: bool
    is_decorated: bool


def renamed_headings(document: Document, contract: Contract) -> list[RenamedHeading]:
    """Return the headings that are, or may be, a section of the contract under another name, in file order."""
    headings = {each.start: each for each in document.headings}
    line_of = document.source.line_of
    found = []
    for spec in contract.sections:
        twins = twins_of(document, spec)
        if len(twins) == 1 and key_of(twins[0].name) != key_of(spec.name) and is_same_name(twins[0].name, spec.name):
            is_sure = not any(find_named(document, merge) for merge in spec.merges)
            heading = headings[twins[0].start]
            found.append(RenamedHeading(heading, line_of(heading.start), spec, is_sure, is_decorated=True))
        found += [
            RenamedHeading(headings[section.start], section.line, spec, section.is_sure, is_decorated=False)
            for section in near_sections(document, contract, spec)
        ]
    return sorted(found, key=lambda each: each.line)


def twins_of(document: Document, spec: SectionSpec) -> list[Section]:
    """Return the sections at the contract's level that have a section's name or alias, the best match first."""
    own = [section for section in document.sections[1:] if section.level == OWN_LEVEL]
    found = [each for each in own if any(is_same_name(each.name, name) for name in (spec.name, *spec.aliases))]
    return sorted(found, key=lambda each: (key_of(each.name) != key_of(spec.name), each.number))


def refuse_near(document: Document, contract: Contract, spec: SectionSpec) -> None:
    """Refuse to add a section if the file has a heading that may be this section.

    Raises:
        NoAnchorError: there is such a heading; the message names it, the command that renames it, and the command
            that adds the section anyway.
    """
    found = near_sections(document, contract, spec)
    if not found:
        return
    told = " or ".join(f"{each.name!r} on line {each.line}" for each in found[:3])
    command, accept = ways_out(document, spec, found)
    error = NoAnchorError(file=document.path, section=spec.name, command=command)
    error.message += f"; it may be {told}; if it is not, {accept}"
    error.details.update(near=[each.name for each in found], accept=accept)
    raise error


def ways_out(document: Document, spec: SectionSpec, found: Sequence[SimilarHeading]) -> tuple[str, str]:
    """Return the command that renames the similar heading, and the one that adds the missing section anyway."""
    starts = {each.start for each in found}
    addresses = [str(address_of(document, section)) for section in document.sections[1:] if section.start in starts]
    if found[0].is_sure:
        command = f"bank check --fix {quoted(document.path)}"
    elif len(addresses) == 1:
        command = f"bank edit {quoted(addresses[0])} --rename {quoted(spec.name)}"
    else:
        command = f"bank outline {quoted(document.path)}"
    beside = addresses[0] if addresses else str(address_of(document, document.sections[-1]))
    return command, f"bank edit {quoted(beside)} --insert-after {quoted(spec.name)}"


def is_near_spec(name: str, spec: SectionSpec) -> bool:
    """Whether a heading's words are similar to a section's: they share a distinctive word, or differ by a typo."""
    said = _strong(name)
    return any(_akin(one, other) for one in said for other in _strong(spec.name)) or any(
        _covers(said, _strong(each)) for each in spec.other_names
    )


def is_near_name(name: str, other: str) -> bool:
    """Whether a heading has all words of a name in some form, and few others."""
    said, wanted = _said(name), _said(other)
    more = [word for word in said - _WEAK if not any(_akin(word, one) for one in wanted)]
    return bool(_strong(other)) and _covers(said, wanted) and len(more) <= _MORE


def _said(name: str) -> set[str]:
    return set(plain_of(name).words.split()) - _SMALL


def _covers(said: Iterable[str], wanted: set[str]) -> bool:
    return bool(wanted) and all(any(_akin(one, other) for one in said) for other in wanted)


def _strong(name: str) -> set[str]:
    return {word for word in plain_of(name).words.split() if word not in _WEAK}


def _akin(one: str, other: str) -> bool:
    """Whether two words are probably forms of the same word: the same stem, or nearly the same letters."""
    if one == other:
        return True
    shared = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        shared += 1
    if shared >= _STEM and shared * 10 >= 6 * max(len(one), len(other)) - 9:
        return True
    # typos are rarely in the first letter: "references" is not "preferences"
    return one[:1] == other[:1] and min(len(one), len(other)) > _STEM and bool(near(one, [other], score=_ALIKE))


def _in_its_place(
    document: Document, contract: Contract, spec: SectionSpec, foreign: Sequence[Section]
) -> list[Section]:
    """Return the foreign sections between the two sections that surround the missing one in its contract."""
    places = {key_of(each.name): number for number, each in enumerate(contract.sections)}
    own = places[key_of(spec.name)]
    before, after = -1, len(document.sections)
    for section in document.sections[1:]:
        known = contract.spec_of(section.name) if section.level == OWN_LEVEL else None
        if known is None:
            continue
        if places[key_of(known.name)] < own:
            before = max(before, section.number)
        else:
            after = min(after, section.number)
    return [each for each in foreign if before < each.number < after]
