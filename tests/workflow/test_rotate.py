"""Rotation: what is over a cap goes to the archive as it was, nothing is lost on the way, and it comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import lint
from memorybank.errors import NoItemError
from memorybank.store.undo import undo
from memorybank.workflow.notes import note
from memorybank.workflow.rotate import rotate, unarchive
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way

ARCHIVE = "archive/contracts/progress.md"


@pytest.fixture
def full(bank: Bank, way: Way) -> Bank:
    for number in range(1, 14):
        note(bank, f"Task {number}", way, kind="done")
    return bank


def archived(bank: Bank) -> list[str]:
    text = (bank.folder / ARCHIVE).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.startswith("- ")]


def test_the_oldest_go_and_the_newest_stay(full: Bank, way: Way, section: Callable[[str], list[str]]) -> None:
    before = section("progress.md#Completed")
    done = rotate(full, way)
    assert [(each.address, each.moved, each.here, each.archived) for each in done.sections] == [
        ("progress.md#Completed", 3, 10, 3)
    ]
    assert archived(full) + section("progress.md#Completed") == before
    assert archived(full) == ["- [x] Task 1", "- [x] Task 2", "- [x] Task 3"]
    assert lint(full) == []
    assert rotate(full, way).receipt is None


def test_a_second_rotation_goes_behind_the_first(full: Bank, way: Way, section: Callable[[str], list[str]]) -> None:
    rotate(full, way)
    for number in (14, 15):
        note(full, f"Task {number}", way, kind="done")
    for number in range(21):
        note(full, f"Learned {number}", way, kind="learning")
    rotate(full, way)
    assert archived(full) == [f"- [x] Task {number}" for number in range(1, 6)]
    assert len(section("activeContext.md#Learnings")) == 20
    assert "- Learned 0" in (full.folder / "archive/contracts/activeContext.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_what_hangs_below_an_item_goes_with_it(full: Bank, way: Way, eol: str) -> None:
    path = full.folder / "progress.md"
    text = path.read_text(encoding="utf-8").replace("Task 1\n", "Task 1\n  - a part\n  more\n\n  - [ ] and so on\n")
    path.write_bytes(text.replace("\n", eol).encode())
    rotate(full, way)
    kept = (full.folder / ARCHIVE).read_bytes().decode()
    assert "- [x] Task 1\n  - a part\n  more\n\n  - [ ] and so on\n- [x] Task 2" in kept.replace("\r\n", "\n")
    assert "a part" not in path.read_bytes().decode()
    undo(full, "", way)
    assert path.read_bytes().decode() == text.replace("\n", eol)
    assert not (full.folder / ARCHIVE).exists()


def test_they_come_back_to_where_they_were(full: Bank, way: Way, section: Callable[[str], list[str]]) -> None:
    before = section("progress.md#Completed")
    rotate(full, way)
    unarchive(full, "progress.md#Completed", way)
    assert section("progress.md#Completed") == before[2:]
    unarchive(full, "progress.md#Completed", way, count=9)
    assert section("progress.md#Completed") == before
    assert archived(full) == []
    with pytest.raises(NoItemError):
        unarchive(full, "progress.md#Completed", way)
    with pytest.raises(NoItemError):
        unarchive(full, "activeContext.md#Learnings", way)


def test_archives_are_in_no_load_and_no_search(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    for number in range(12):
        run_bank(tmp_path, "note", f"Zebra {number}", "--as", "done")
    done = run_bank(tmp_path, "rotate", "--json")
    assert json.loads(done.stdout)["sections"][0]["moved"] == 2
    assert "Zebra 0" not in run_bank(tmp_path, "load").stdout
    found = run_bank(tmp_path, "search", "zebra", "--limit", "50", "--json").stdout
    assert "Zebra 5" in found
    assert "archive/" not in found
    assert "Zebra 1" in run_bank(tmp_path, "unarchive", "progress.md#Completed").stdout
    assert "no section is over its cap" not in run_bank(tmp_path, "rotate", "--dry-run").stdout
