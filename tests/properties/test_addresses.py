"""Every address that is printed can be typed: it leads back to the section, or the item, that it was printed for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from memorybank.cli.main import cli
from memorybank.document.addresses import Address, address_of, parse_address, resolve_section, section_names, settled
from memorybank.document.editing.item_edits import find_item
from memorybank.document.edits import ItemRef
from memorybank.document.items import entries_of
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source
from memorybank.recall.pieces import pieces_of
from tests.properties.strategies import documents

if TYPE_CHECKING:
    from pathlib import Path


PIECES = [
    "A",
    "B",
    "a",
    "#",
    "/",
    "^",
    "~",
    "1",
    "2",
    "02",
    "\\",
    "%",
    "%20",
    " ",
    "*b*",
    "`c`",
    ".md",
    "|",
    "[x](y)",
    "é",
]
PIECES += ["é", "<!-- c -->", "E = mc", "&amp;", "'", '"', "$HOME"]
FILES = ["notes.md", "docs/C#.md", "a b/d.md", "x^y.md", "100%.md", "docs/#1.md"]
LINES = ["words", "- item ^a1", "- other ^b2 ", "- third ^1", ""]
titles = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@st.composite
def headed(draw: st.DrawFn) -> bytes:
    rows: list[str] = []
    for _ in range(draw(st.integers(1, 7))):
        rows.append(f"{'#' * draw(st.integers(1, 4))} {draw(titles)}")
        rows += [
            "",
            *draw(st.lists(st.sampled_from(LINES), max_size=3)),
            "",
        ]
    return "\n".join(rows).encode()


def read(data: bytes, file: str, *, contract: bool = False) -> Document:
    return outline(Source(data), file, contract=contract)


def typed(document: Document, address: str) -> Address:
    return settled(document, parse_address(address))


@given(headed() | documents(), st.sampled_from(FILES), st.booleans())
@example(b"## A\n## A~1\n## A\n", "notes.md", False)
@example(b"## #todo\n## todo\n## E = mc^2\n## E = mc\n", "notes.md", False)
@example(b"## \n\n## ~1\n\n## ~01\n", "notes.md", False)
@example(b"# T\n\n## a/b\n\n## a\n\n### b\n", "notes.md", False)
def test_the_address_of_a_section_leads_to_it(data: bytes, file: str, contract: bool) -> None:
    document = read(data, file, contract=contract)
    for whole in (False, True):
        names = section_names(document, whole=whole)
        for section, name in zip(document.sections[1:], names, strict=True):
            found = typed(document, str(Address(file, name)))
            assert found.file == file
            assert not found.item
            assert resolve_section(document, found.section) == section
            if not whole:
                assert address_of(document, section).section == name


@given(headed(), st.sampled_from(FILES))
@example(b"## A\n\n- item ^a1\n\n## A^a1\n\n## A~1^a1\n", "notes.md")
def test_the_address_of_an_item_leads_to_it(data: bytes, file: str) -> None:
    document = read(data, file)
    for section in document.sections[1:]:
        entries = entries_of(document, section)
        ids = [each.id for each in entries]
        for entry in entries:
            if not entry.id or ids.count(entry.id) > 1:
                continue
            found = typed(document, str(address_of(document, section, item=entry.id)))
            assert found.item == entry.id
            there = resolve_section(document, found.section)
            assert there == section
            assert find_item(document, there, ItemRef(id=found.item)).item == entry.item


@given(headed(), st.sampled_from(FILES))
def test_the_address_that_search_tells_leads_to_the_text(data: bytes, file: str) -> None:
    document = read(data, file)
    for piece in pieces_of(data, file):
        found = typed(document, piece.address)
        section = resolve_section(document, found.section) if found.section else document.sections[0]
        assert section.start <= piece.start <= section.end


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["init", "."]).exit_code == 0
    return tmp_path


HARD = """# N

## #todo

- a ^q1

## E = mc^2

- b

## C:\\#dir

## a/b

## 100% `x` *y*

## A

## A

##

## see x.md#y
"""


@pytest.mark.parametrize(
    "file", ["docs/d.md", "docs/C#.md", "docs/a^2.md", "docs/#1 50%.md", "docs/x.md#y.md", "docs/plain.txt"]
)
def test_what_outline_prints_show_takes(bank: Path, file: str) -> None:
    path = bank / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(HARD, encoding="utf-8")
    told = CliRunner().invoke(cli, ["outline", file, "--json"])
    assert told.exit_code == 0, told.output
    rows = json.loads(told.stdout)["files"][0]["sections"]
    assert len({row["address"] for row in rows}) == len(rows)
    for row in rows:
        seen = CliRunner().invoke(cli, ["show", row["address"], "--json"])
        assert seen.exit_code == 0, (row, seen.output)
        found = json.loads(seen.stdout)
        assert found["first_line"] == row["first_line"]
        assert found["address"] == row["address"]


def test_an_edit_by_a_printed_address_tells_an_address_that_can_be_typed(bank: Path) -> None:
    path = bank / "docs" / "C#.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HARD, encoding="utf-8")
    rows = json.loads(CliRunner().invoke(cli, ["outline", "docs/C#.md", "--json"]).stdout)["files"][0]["sections"]
    for row in rows[1:]:
        made = CliRunner().invoke(cli, ["edit", row["address"], "--append", f"- zebra{row['first_line']}", "--json"])
        assert made.exit_code == 0, (row, made.output)
        address = json.loads(made.stdout)["receipt"]["files"][0]["sections"][0]["address"]
        assert f"zebra{row['first_line']}" in CliRunner().invoke(cli, ["show", address]).stdout
        listed = CliRunner().invoke(cli, ["item", "list", row["address"]])
        assert f"zebra{row['first_line']}" in listed.stdout
    assert CliRunner().invoke(cli, ["show", "docs/C#.md##todo^q1"]).stdout == "- a ^q1\n"


def test_a_section_of_a_contract_keeps_its_rules_by_any_address(bank: Path) -> None:
    for address in ("Active Context/Learnings", "Learnings~1", "#Learnings", "## Learnings"):
        made = CliRunner().invoke(cli, ["edit", f"activeContext.md#{address}", "--replace", "gone"])
        assert made.exit_code != 0, address
        assert "only grows" in str(made.exception)
