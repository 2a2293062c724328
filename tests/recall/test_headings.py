"""Headings by a part of their name: the section itself, titles, names with and without accents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.recall.words.typos import best_headings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    bank = Bank.init(tmp_path)
    bank.note("first ^id1")
    bank.plans.new("Blue green deployment")
    bank.plans.new("Größe der Tabelle")
    return bank


def best(bank: Bank, name: str) -> str:
    return bank.headings(name)[0].address


def test_a_section_is_found_and_never_its_first_item(bank: Bank, tmp_path: Path) -> None:
    (found,) = bank.headings("learnings")
    assert found.address == "activeContext.md#Learnings"
    assert found.digest == bank.show(found.address).digest
    lines = (tmp_path / ".memorybank/activeContext.md").read_text().splitlines()
    assert lines[found.line - 1] == "## Learnings"


def test_the_title_of_a_plan_comes_before_its_sections(bank: Bank) -> None:
    found = bank.headings("blue green")
    assert found[0].address.endswith("#Blue green deployment")
    assert found[0].score == 1
    assert all(each.score < 1 for each in found[1:])


@pytest.mark.parametrize("typed", ["Größe", "Grosse", "groesse", "GRÖSSE", "Gro\u0308\u00dfe", "grosse tabele"])
def test_letters_with_and_without_accents(bank: Bank, typed: str) -> None:
    assert best(bank, typed).endswith("#Größe der Tabelle")


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ("Smorrebrod", "Smørrebrød"),
        ("smoerrebroed", "Smørrebrød"),
        ("aarhus", "Århus"),
        ("arhus", "Århus"),
        ("lodz", "Łódź"),
        ("istanbul", "İstanbul"),
        ("οδος", "ΟΔΟΣ"),
        ("oeuvre", "Œuvre"),
        ("aether", "Æther"),
        ("API", "ＡＰＩ"),  # noqa: RUF001  full-width letters
        ("cafe", "Cafe\u0301"),
    ],
)
def test_letters_that_are_written_otherwise(typed: str, heading: str) -> None:
    assert best_headings(typed, ["Something else", heading], 3) == [(1, 100.0)]


def test_the_searched_word_is_found_with_two_letters_for_one(bank: Bank) -> None:
    bank.save("Die Übergröße wird gekürzt", type="fact")
    for typed in ("Übergröße", "Uebergroesse", "ubergrosse"):
        assert bank.search(typed)[0].text.startswith("Die Übergröße")


def test_a_file_that_went_is_left_out(bank: Bank, tmp_path: Path) -> None:
    assert bank.headings("blue green")
    (plan,) = tmp_path.rglob("*blue-green*.md")
    plan.unlink()
    assert not bank.headings("blue green")


def test_a_search_for_a_heading_finds_the_section_once_and_not_its_items(bank: Bank) -> None:
    bank.note("the second line")
    (hit,) = bank.search("learnings")
    assert (hit.address, hit.text) == ("activeContext.md#Learnings", "- first ^id1\n- the second line")
    assert hit.digest == bank.show(hit.address).digest
    assert bank.search("second learnings")[0].text == "- the second line"
    assert bank.search("first")[0].address == "activeContext.md#Learnings^id1"


def test_sections_found_by_their_heading_leave_room_for_other_hits(bank: Bank) -> None:
    for number in range(12):
        bank.note(f"line number {number}")
    bank.save("What the learnings are for", type="fact")
    found = bank.search("learnings", limit=2)
    assert {each.scope for each in found} == {"contracts", "records"}
