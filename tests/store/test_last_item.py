"""The last item of a section leaves the placeholder, and undo knows what stood there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

LEARNINGS = "activeContext.md#Learnings"


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    make_bank(tmp_path)
    return Bank.open(tmp_path)


def text_of(bank: Bank, file: str = "activeContext.md") -> str:
    return (bank.path / file).read_text(encoding="utf-8")


def test_the_last_item_leaves_the_placeholder(bank: Bank) -> None:
    before = text_of(bank)
    bank.note("one")
    bank.note("two")
    bank.items.remove(LEARNINGS, "1")
    assert "[None]" not in text_of(bank).partition("## Learnings")[2].partition("##")[0]
    bank.items.remove(LEARNINGS, "1")
    assert text_of(bank).partition("## Last")[0] == before.partition("## Last")[0]


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_undo_brings_the_item_back_in_its_place(bank: Bank, eol: str) -> None:
    path = bank.path / "activeContext.md"
    path.write_bytes(text_of(bank).replace("\n", eol).encode())
    bank.note("one")
    before = path.read_bytes()
    bank.items.remove(LEARNINGS, "1")
    assert f"- [None]{eol}".encode() in path.read_bytes()
    bank.undo()
    assert path.read_bytes() == before


def test_undo_brings_it_back_beside_what_was_noted_since(bank: Bank) -> None:
    bank.note("one")
    removed = bank.items.remove(LEARNINGS, "1").operation
    bank.note("two")
    bank.undo(removed)
    assert {row.text for row in bank.items.list(LEARNINGS)} == {"one", "two"}
    assert "- [None]" not in text_of(bank).partition("## Learnings")[2].partition("##")[0]


def test_other_text_and_nested_items_need_no_placeholder(bank: Bank) -> None:
    path = bank.path / "activeContext.md"
    text = text_of(bank).replace("## Learnings\n\n- [None]", "## Learnings\n\nWhy:\n\n- one\n  - below")
    path.write_text(text, encoding="utf-8")
    bank.items.remove(LEARNINGS, "below")
    bank.items.remove(LEARNINGS, "one")
    assert text_of(bank).partition("## Learnings")[2].partition("##")[0].strip() == "Why:"


def test_an_item_that_moves_away_leaves_it_too(bank: Bank) -> None:
    bank.note("one")
    bank.items.move(LEARNINGS, "1", "patterns.md#Common Gotchas")
    assert "## Learnings\n\n- [None]\n" in text_of(bank)
    assert [row.text for row in bank.items.list("patterns.md#Common Gotchas")] == ["one"]


def test_a_file_without_a_contract_gets_none(tmp_path: Path) -> None:
    make_bank(tmp_path)
    (tmp_path / ".memorybank" / "notes.md").write_text("# Notes\n\n## Keys\n\n- one\n", encoding="utf-8")
    done = run(tmp_path, "item", "remove", "notes.md#Keys", "1", "--json")
    assert json.loads(done.stdout)["receipt"]["operation"]
    assert (tmp_path / ".memorybank" / "notes.md").read_text(encoding="utf-8") == "# Notes\n\n## Keys\n\n"
