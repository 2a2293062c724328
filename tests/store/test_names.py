"""Every file has one name, and no two files share one: the journal knows a file by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.contracts.layouts import BANK_FOLDERS
from memorybank.document.edits import Append, Replace
from memorybank.errors import BankError
from memorybank.store.discover import find_bank
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.history import history
from memorybank.store.journal.undo import undo
from memorybank.store.view import look
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

TEXT = "# T\n\n## A\n\n- one\n"
PLACES = [
    ("progress.md", "progress.md"),
    ("../progress.md", "./progress.md"),
    ("../README.md", "./README.md"),
    ("../docs/plans/a.md", "docs/plans/a.md"),
    ("../memories/fact/a.md", "./memories/fact/a.md"),
    ("memories/fact/a.md", "memories/fact/a.md"),
    ("notes/a.md", ".memorybank/notes/a.md"),
    ("../notes/a.md", "notes/a.md"),
]


def write(path: Path, text: str = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("place", "name"), PLACES)
def test_a_place_has_one_name_and_the_name_leads_back(bank: BankFolder, place: str, name: str) -> None:
    path = bank.folder / place
    assert bank.name_of(path) == name
    assert bank.place_of(name) == ((bank.folder / place).resolve(), name)


@pytest.mark.parametrize(("place", "name"), PLACES)
def test_a_name_does_not_change_with_what_stands_elsewhere(bank: BankFolder, place: str, name: str) -> None:
    for other, _ in PLACES:
        write((bank.folder / other).resolve())
    assert bank.name_of(bank.folder / place) == name
    assert bank.existing(name) == ((bank.folder / place).resolve(), name)


def test_a_file_of_the_project_keeps_its_history_apart_from_the_one_in_the_bank(bank: BankFolder, way: Way) -> None:
    theirs = write(bank.project / "progress.md")
    note(bank, "ours", way, kind="task")
    commit(bank, [FileChange(theirs, (Append("A", "two", item=True),))], "edit", way)
    assert [each.verb for each in history(bank, "progress.md")] == ["note", "init"]
    assert [each.verb for each in history(bank, "./progress.md")] == ["edit"]
    undo(bank, "", way)
    assert theirs.read_text(encoding="utf-8") == TEXT
    assert "ours" in (bank.folder / "progress.md").read_text(encoding="utf-8")


def test_a_file_of_the_project_has_no_contract_of_ours(bank: BankFolder, way: Way) -> None:
    theirs = write(bank.project / "patterns.md", "# T\n\n## Common Gotchas\n\n- one\n")
    path, _ = bank.existing("./patterns.md")
    assert path == theirs
    commit(bank, [FileChange(path, (Replace("Common Gotchas", "- two"),))], "edit", way)
    assert theirs.read_text(encoding="utf-8") == "# T\n\n## Common Gotchas\n\n- two\n"


def test_a_small_file_of_the_project_is_not_taken_for_an_emptied_one_of_the_bank(bank: BankFolder, way: Way) -> None:
    note(bank, "x" * 1900, way, kind="task")
    theirs = write(bank.project / "progress.md", "## A\n")
    path, _ = bank.existing("./progress.md")
    commit(bank, [FileChange(path, (Append("A", "one", item=True),))], "edit", way)
    assert "- one" in theirs.read_text(encoding="utf-8")


def test_what_the_bank_keeps_in_folders_of_its_own_is_named_from_the_bank(bank: BankFolder) -> None:
    for folder in BANK_FOLDERS:
        assert bank.name_of(bank.folder / folder / "a.md") == f"{folder}/a.md"


def test_a_file_is_also_named_from_the_folder_one_stands_in(bank: BankFolder) -> None:
    deep = bank.project / "src" / "deep"
    write(deep / "notes.md", "# Deep\n")
    write(bank.project / "src" / "near.md", "# Near\n")
    from_deep = find_bank(deep, environ={})
    assert look(from_deep, "notes.md").file == "src/deep/notes.md"
    assert look(from_deep, "notes").file == "src/deep/notes.md"
    assert look(from_deep, "../near.md").file == "src/near.md"
    assert look(from_deep, "progress.md").file == "progress.md"
    with pytest.raises(BankError) as caught:
        look(from_deep, "../../../outside.md")
    assert caught.value.code == "outside"
