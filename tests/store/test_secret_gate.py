"""No writer brings a secret into a file, and what was there already does not stand in the way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import Replace
from memorybank.document.source import digest_of
from memorybank.errors import SecretError
from memorybank.records.draft import NewRecord
from memorybank.records.filter import Filter
from memorybank.records.memories.cleanup import cleanup
from memorybank.records.memories.memories import delete, save
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.history import history
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

# put together here, so that no scanner takes this file for a leak
SECRET = "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"


def test_a_note_with_a_secret_is_refused_and_does_not_show_it(bank: BankFolder, way: Way) -> None:
    before = (bank.folder / "activeContext.md").read_bytes()
    with pytest.raises(SecretError) as refused:
        note(bank, f"the key is {SECRET}", way)
    assert SECRET not in str(refused.value.to_wire())
    assert (bank.folder / "activeContext.md").read_bytes() == before
    assert SECRET.encode() not in (bank.state / "journal.jsonl").read_bytes()


def test_a_dry_run_refuses_it_too(bank: BankFolder, way: Way) -> None:
    with pytest.raises(SecretError):
        note(bank, f"the key is {SECRET}", Way(way.author, WriteOptions(dry_run=True)))


def test_what_is_allowed_by_name_is_written_and_the_journal_says_so(bank: BankFolder, way: Way) -> None:
    note(bank, f"not a key: {SECRET}", Way(way.author, WriteOptions(allow_secrets=("github-token",))))
    assert SECRET in (bank.folder / "activeContext.md").read_text(encoding="utf-8")
    assert history(bank, limit=1)[0].verb == "note (allowed: github-token)"


def test_a_secret_that_a_person_wrote_does_not_stop_an_edit_beside_it(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "notes.md"
    path.write_text(f"# Notes\n\n## Keys\n\n{SECRET}\n", encoding="utf-8")
    commit(bank, [FileChange(path, (Replace("Keys", f"{SECRET}\nrotated"),))], "edit", way)
    assert "rotated" in path.read_text(encoding="utf-8")


def test_an_undo_brings_back_what_was_there(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "notes.md"
    path.write_text(f"# Notes\n\n## Keys\n\n{SECRET}\n", encoding="utf-8")
    commit(bank, [FileChange(path, (Replace("Keys", "gone"),))], "edit", way)
    undo(bank, "", way)
    assert SECRET in path.read_text(encoding="utf-8")


def test_a_memory_with_an_allowed_secret_goes_to_the_archive_and_comes_back(bank: BankFolder, way: Way) -> None:
    saved = save(
        bank, NewRecord(f"not a key: {SECRET}"), Way(way.author, WriteOptions(allow_secrets=("github-token",)))
    )
    path = bank.folder / saved.record.file
    delete(bank, saved.record.id, way)
    assert SECRET in (bank.folder / "archive" / saved.record.file).read_text(encoding="utf-8")
    undo(bank, "", way)
    assert SECRET in path.read_text(encoding="utf-8")
    assert cleanup(
        bank,
        way._replace(author=way.author._replace(now=lambda: datetime(2030, 1, 1, tzinfo=UTC))),
        days=1,
        wanted=Filter(kinds=("fact",)),
    ).records
    assert not path.exists()


def test_what_moves_lets_no_other_secret_in(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "old.md"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    changes = [
        FileChange(bank.folder / "new.md", text=f"{SECRET[:-1]}Z\n"),
        FileChange(path, base=digest_of(path.read_bytes()), gone=True),
    ]
    with pytest.raises(SecretError):
        commit(bank, changes, "move", way)
    assert path.exists()


def test_a_copy_of_a_secret_is_refused(bank: BankFolder, way: Way) -> None:
    (bank.folder / "old.md").write_text(f"{SECRET}\n", encoding="utf-8")
    with pytest.raises(SecretError):
        commit(bank, [FileChange(bank.folder / "new.md", text=f"{SECRET}\n")], "copy", way)
