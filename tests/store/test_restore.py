"""A file's text comes back as an operation left it, whatever another program did to the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.errors import NoRecordError
from memorybank.store.past import history
from memorybank.store.restore import changed_by, restore
from memorybank.store.undo import undo
from memorybank.workflow.notes import note

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way

FILE = "activeContext.md"


@pytest.fixture
def path(bank: Bank) -> Path:
    return bank.folder / FILE


@pytest.mark.parametrize("damage", ["deleted", "emptied", "nul", "cut", "edited"])
def test_the_last_text_comes_back_and_an_undo_brings_the_damage_back(
    bank: Bank, way: Way, path: Path, damage: str
) -> None:
    note(bank, "the first", way)
    ident = note(bank, "größer, 日本", way).operation
    text = path.read_bytes()
    broken = {"deleted": None, "emptied": b"", "nul": b"\0" * 500, "cut": text[:30], "edited": text + b"- by hand\n"}
    left = broken[damage]
    path.unlink() if left is None else path.write_bytes(left)
    done = restore(bank, FILE, way)
    assert done.restored == ident
    assert path.read_bytes() == text
    undo(bank, "", way)
    assert (path.read_bytes() if path.exists() else None) == left


def test_an_older_text_comes_back_by_its_operation(bank: Bank, way: Way, path: Path) -> None:
    ident = note(bank, "the first", way).operation
    text = path.read_bytes()
    note(bank, "the second", way)
    assert restore(bank, FILE, way, at=ident).restored == ident
    assert path.read_bytes() == text


def test_a_file_that_is_as_it_was_is_left_alone(bank: Bank, way: Way) -> None:
    note(bank, "the first", way)
    assert restore(bank, FILE, way).receipt.operation == ""


def test_a_dry_run_shows_the_text_and_writes_nothing(bank: Bank, way: Way, path: Path) -> None:
    note(bank, "the first", way)
    path.unlink()
    done = restore(bank, FILE, way._replace(dry_run=True))
    assert "+- the first" in done.receipt.files[0].diff
    assert not path.exists()


@pytest.mark.parametrize("file", ["docs/never.md", FILE])
def test_what_is_not_kept_is_said(bank: Bank, way: Way, file: str) -> None:
    note(bank, "the first", way)
    (bank.state / "journal.jsonl").unlink()
    with pytest.raises(NoRecordError, match="kept text"):
        restore(bank, file, way)


def test_a_difference_has_the_lines_of_each_file(bank: Bank, way: Way) -> None:
    ident = note(bank, "the first", way).operation
    note(bank, "the gotcha", way, kind="gotcha")
    changed = changed_by(bank)
    assert [file for file, _ in changed.files] == ["patterns.md"]
    assert "\n+- the gotcha\n" in changed.files[0][1]
    assert "\n+- the first\n" in changed_by(bank, ident).files[0][1]
    with pytest.raises(NoRecordError):
        changed_by(bank, "op-none")


def test_history_shows_the_words(bank: Bank, way: Way) -> None:
    note(bank, "Store all times in UTC", way)
    note(bank, "the gotcha", way, kind="gotcha")
    assert [each.words for each in history(bank)[:2]] == ["- the gotcha", "- Store all times in UTC"]
