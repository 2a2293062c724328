"""A file's text comes back as an operation left it, whatever another program did to the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import Append, ItemRef, RemoveItem
from memorybank.errors import NoRecordError, StaleEditError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.history import history
from memorybank.store.journal.restore import changed_by, restore
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

FILE = "activeContext.md"


@pytest.fixture
def path(bank: BankFolder) -> Path:
    return bank.folder / FILE


@pytest.mark.parametrize("damage", ["deleted", "emptied", "nul", "cut", "edited"])
def test_the_last_text_comes_back_and_an_undo_brings_the_damage_back(
    bank: BankFolder, way: Way, path: Path, damage: str
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


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf# Mine\r\n\r\n## A\r\n\r\n- caf\xe9\r\n", b"# Mine\n\n## A\n\n- one"])
def test_a_text_that_bank_did_not_make_comes_back_with_its_bytes(bank: BankFolder, way: Way, data: bytes) -> None:
    """What stood there before the first operation is kept when that operation is written down."""
    path = bank.folder / "mine.md"
    path.write_bytes(data)
    changes = [FileChange(path, (Append("A", "two", item=True),))]
    commit(bank, changes, "edit", way)
    after = path.read_bytes()
    path.write_bytes(b"")
    restore(bank, "mine.md", way)
    assert path.read_bytes() == after
    undo(bank, "", way)
    assert path.read_bytes() == b""
    with pytest.raises(StaleEditError):
        undo(bank, "", way)


def test_a_text_that_was_edited_by_hand_comes_back_as_an_operation_left_it(
    bank: BankFolder, way: Way, path: Path
) -> None:
    left = {}
    for word in ("one", "two", "three"):
        ident = note(bank, word, way).operation
        left[ident] = path.read_bytes()
        path.write_bytes(path.read_bytes().replace(b"- [None]\n", b"- by hand\n", 1))
    path.write_bytes(b"")
    for ident, text in left.items():
        restore(bank, FILE, way, at=ident)
        assert path.read_bytes() == text


def test_an_older_text_comes_back_by_its_operation(bank: BankFolder, way: Way, path: Path) -> None:
    ident = note(bank, "the first", way).operation
    text = path.read_bytes()
    note(bank, "the second", way)
    assert restore(bank, FILE, way, at=ident).restored == ident
    assert path.read_bytes() == text


def test_a_file_that_is_as_it_was_is_left_alone(bank: BankFolder, way: Way) -> None:
    note(bank, "the first", way)
    assert restore(bank, FILE, way).receipt.operation == ""


def test_a_dry_run_shows_the_text_and_writes_nothing(bank: BankFolder, way: Way, path: Path) -> None:
    note(bank, "the first", way)
    path.unlink()
    done = restore(bank, FILE, Way(way.author, WriteOptions(dry_run=True)))
    assert "+- the first" in done.receipt.files[0].diff
    assert not path.exists()


@pytest.mark.parametrize("file", ["docs/never.md", FILE])
def test_what_is_not_kept_is_said(bank: BankFolder, way: Way, file: str) -> None:
    note(bank, "the first", way)
    (bank.state / "journal.jsonl").unlink()
    with pytest.raises(NoRecordError, match="no operation wrote"):
        restore(bank, file, way)


def test_a_difference_has_the_lines_of_each_file(bank: BankFolder, way: Way) -> None:
    ident = note(bank, "the first", way).operation
    note(bank, "the gotcha", way, kind="gotcha")
    changed = changed_by(bank)
    assert [file for file, _ in changed.files] == ["patterns.md"]
    assert "\n+- the gotcha\n" in changed.files[0][1]
    assert "\n+- the first\n" in changed_by(bank, ident).files[0][1]
    with pytest.raises(NoRecordError):
        changed_by(bank, "op-none")


def test_history_shows_the_words(bank: BankFolder, way: Way) -> None:
    note(bank, "Store all times in UTC", way)
    note(bank, "the gotcha", way, kind="gotcha")
    assert [each.text for each in history(bank)[:2]] == ["- the gotcha", "- Store all times in UTC"]


def test_history_shows_what_a_new_file_is_and_what_was_taken_out(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("Every call has an end.", title="Timeouts"), way)
    note(bank, "one", way)
    note(bank, "two", way)
    taken = FileChange(bank.folder / FILE, (RemoveItem("Learnings", ItemRef(text="one")),))
    commit(bank, [taken], "item remove", way)
    words = [each.text for each in history(bank)]
    assert words[0] == "(removed) - one"
    assert words[3] in ("Timeouts", "Every call has an end.")
