"""What is left behind: nothing of an undone file, nothing of a killed writer, no word of what was done again."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.document.receipt import FileReceipt, Receipt
from memorybank.store.journal.history import history
from memorybank.store.journal.log import begin
from memorybank.store.journal.redo import redo
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note
from memorybank.workflow.progress.documents import new_document

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


def test_an_undone_document_takes_its_empty_folders_along(bank: BankFolder, way: Way) -> None:
    made = new_document(bank, "plan", "Move to WAL", way)
    undo(bank, "", Way(way.author, WriteOptions(dry_run=True)))
    assert (bank.project / made.file).is_file()
    undo(bank, "", way)
    assert not (bank.project / "docs").exists()
    redo(bank, way)
    assert (bank.project / made.file).is_file()


def test_a_folder_that_holds_something_stays(bank: BankFolder, way: Way) -> None:
    (bank.project / "docs").mkdir()
    (bank.project / "docs" / ".keep").write_bytes(b"")
    new_document(bank, "plan", "Move to WAL", way)
    undo(bank, "", way)
    assert [each.name for each in (bank.project / "docs").iterdir()] == [".keep"]


def test_what_was_done_again_is_not_told_as_undone(bank: BankFolder, way: Way) -> None:
    first = note(bank, "one", way).operation
    second = undo(bank, "", way).receipt.operation
    assert {each.operation: each.undone_by for each in history(bank)}[first] == second
    third = redo(bank, way).receipt.operation
    undone = {each.operation: each.undone_by for each in history(bank)}
    assert (undone[first], undone[second], undone[third]) == ("", third, "")
    fourth = undo(bank, third, way).receipt.operation
    undone = {each.operation: each.undone_by for each in history(bank)}
    assert (undone[first], undone[second], undone[third]) == (second, "", fourth)


@pytest.mark.parametrize("name", ["notes.md", "docs/plans/new.md"])
def test_what_a_killed_writer_left_is_gone_with_the_next_write_of_any_file(
    bank: BankFolder, way: Way, name: str
) -> None:
    """The file it was for may never be written again: it is in the journal, not in the folder, that it is known."""
    path = bank.place_of(name if "/" in name else f"./{name}")[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = path.with_name(f".{path.name}.{dead.pid}-0123456789ab.tmp")
    left.write_bytes(b"half a te")
    file = FileReceipt(bank.name_of(path), "", "0" * 16, 10, (), (), (), "")
    begin(bank, Receipt("op-20261121-zzzzz", "edit", "2026-11-21T05:30:00Z", "tests", "", (file,), 0.0))
    note(bank, "one", way)
    assert not left.exists()
    assert {each.operation: each.state for each in history(bank)}["op-20261121-zzzzz"] == "aborted"
