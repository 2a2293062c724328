"""A record that somebody moved into a folder below its type's is the same record: found, listed, changed, searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.records.draft import NewRecord
from memorybank.records.find import find_record, scan
from memorybank.records.memories.memories import save, update
from memorybank.records.memories.relations import supersede
from memorybank.store.journal.undo import undo
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


@pytest.mark.parametrize("inner", ["2026", "2026/11", "old ones"])
def test_a_record_is_found_below_its_folder(bank: BankFolder, way: Way, inner: str) -> None:
    saved = save(bank, NewRecord("Zebras are striped", kind="decision", title="Zebra"), way).record
    path = bank.folder / saved.file
    moved = path.parent / inner / path.name
    moved.parent.mkdir(parents=True)
    path.rename(moved)
    assert find_record(bank, saved.id).file == f"memories/decision/{inner}/{path.name}"
    assert [each.id for each in scan(bank).records] == [saved.id]
    update(bank, saved.id, way, tags=["+moved"])
    assert "moved" in moved.read_text(encoding="utf-8")
    after = save(bank, NewRecord("Zebras are spotted", kind="decision", title="Zebra again"), way).record
    supersede(bank, saved.id, after.id, way)
    assert find_record(bank, saved.id).status == "superseded"
    undo(bank, "", way)
    assert not path.exists()
    found = run_bank(bank.project, "search", "striped")
    assert f"{inner}/{path.name}" in found.stdout
    assert saved.id in run_bank(bank.project, "list").stdout
    assert saved.id in run_bank(bank.project, "recall", saved.id).stdout


def test_hidden_folders_and_links_are_passed_over(bank: BankFolder, way: Way) -> None:
    saved = save(bank, NewRecord("Zebras are striped", kind="decision", title="Zebra"), way).record
    path = bank.folder / saved.file
    (path.parent / ".trash").mkdir()
    path.rename(path.parent / ".trash" / path.name)
    (path.parent / "again").symlink_to(path.parent)
    assert scan(bank).records == []
