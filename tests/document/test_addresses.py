"""Addresses: what each stands for, and that those which are printed can be used."""

from __future__ import annotations

import re
import time

import pytest

from memorybank.document.addresses import address_of, parse_address, resolve_section, section_names
from memorybank.document.editing.apply import apply
from memorybank.document.edits import Append, InsertSection
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source
from memorybank.errors import DuplicateAnchorError, NoAnchorError

NESTED = "# Notes\n\n## A\n\n### Steps\n\none\n\n## B\n\n### Steps\n\ntwo\n"
BOOKS = "# One\n\n## Steps\n\n# Two\n\n## Steps\n\n### Steps\n"
TWINS = "# Notes\n\n## A\n\n## A\n"


def read(text: str) -> Document:
    return outline(Source(text.encode()), "my notes.md")


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        (NESTED, "Notes/A", 3),
        (NESTED, "notes / a", None),
        (NESTED, "Notes/A/Steps", 5),
        (NESTED, "B/Steps", 11),
        (BOOKS, "One/Steps", 3),
        (BOOKS, "Two/Steps/Steps", 9),
        (BOOKS, "Steps/Steps", 9),
        ("# P\n\n## C\n\n## P\n\n### C\n", "P/C", 7),
        ("# N\n\n## a/b\n", "a/b", 3),
        ("# N\n\n## a/b\n", "N/a/b", 3),
        ("# N\n\n## x/a/b\n", "a/b", None),
        (NESTED, "A/Notes", None),
        (NESTED, "Notes/Steps", None),
    ],
)
def test_a_path_may_begin_with_the_title(text: str, name: str, line: int | None) -> None:
    document = read(text)
    if line is None:
        with pytest.raises(NoAnchorError):
            resolve_section(document, name)
        return
    assert document.source.line_of(resolve_section(document, name).start) == line


@pytest.mark.parametrize("text", [NESTED, BOOKS, "# N\n\n## P\n\n### X\n\n#### Y\n\n## X\n\n### Y\n"])
def test_every_section_that_can_be_told_apart_has_an_address_of_its_own(text: str) -> None:
    document = read(text)
    names = section_names(document)
    for section, name in zip(document.sections[1:], names, strict=True):
        assert resolve_section(document, name) == section
        assert resolve_section(document, address_of(document, section).section) == section


@pytest.mark.parametrize(("text", "name"), [(NESTED, "Steps"), (BOOKS, "Steps")])
def test_a_name_that_stands_for_several_is_told_with_addresses_that_can_be_used(text: str, name: str) -> None:
    document = read(text)
    with pytest.raises(DuplicateAnchorError) as caught:
        resolve_section(document, name)
    addresses = [str(each) for each in caught.value.details["addresses"]]  # type: ignore[attr-defined]  # a list
    assert len(addresses) == len(caught.value.details["lines"])  # type: ignore[arg-type]  # a list
    for each in addresses:
        assert each in caught.value.message
        resolve_section(document, parse_address(each).section)
    assert caught.value.hint == f"bank show '{addresses[0]}'"


def test_sections_of_one_name_are_told_apart_by_their_number() -> None:
    with pytest.raises(DuplicateAnchorError) as caught:
        resolve_section(read(TWINS), "A")
    assert caught.value.hint == "bank show 'my notes.md#A~1'"
    assert re.search(r"on lines 3 and 5: my notes.md#A~1, my notes.md#A~2$", caught.value.message)
    assert resolve_section(read(TWINS), "A~2").number == 3


def test_text_before_every_heading_is_the_file_itself() -> None:
    document = read("words\n")
    assert str(apply(document, Append("", "more")).address) == "my notes.md"


def test_a_section_put_before_the_first_one_is_the_one_that_is_told() -> None:
    done = apply(read("## B\n"), InsertSection("B", "A", "x", before=True))
    assert str(done.address) == "my notes.md#A"


def test_a_path_is_found_in_a_large_file_at_once() -> None:
    document = read("# N\n\n" + "".join(f"## Day {n}\n\n### Tasks\n\n" for n in range(20_000)))
    began = time.process_time()
    resolve_section(document, "N/Day 19000/Tasks")
    assert time.process_time() - began < 30  # section by section: minutes
