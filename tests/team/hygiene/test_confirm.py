"""What is confirmed carries its day in its own file; nothing else of the file changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import DuplicateAnchorError, FieldError, NoItemError, NoRecordError
from memorybank.records.draft import NewRecord
from memorybank.records.ledgers.facts import add_paf, set_status
from memorybank.records.memories.memories import save
from memorybank.records.memories.reviewed import marked, marked_day, unmarked
from memorybank.team.hygiene.confirm import confirm
from memorybank.workflow.lines.note import note
from tests.running import bank as run_bank
from tests.running import make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def test_a_record_gets_one_field_and_keeps_every_other_byte(bank: BankFolder, way: Way) -> None:
    made = save(bank, NewRecord("The host is db-1", title="Host", tags=("ops",)), way).record
    path = bank.folder / made.file
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    done = confirm(bank, [made.id], way)
    after = path.read_bytes()
    assert [each.where for each in done.confirmed] == [made.id]
    assert after.replace(b"reviewed: 2026-11-21\r\n", b"") == before
    assert after.count(b"reviewed: 2026-11-21\r\n") == 1


def test_confirmed_again_it_has_the_later_day_only(bank: BankFolder, way: Way, later: Callable[..., Way]) -> None:
    made = save(bank, NewRecord("The host is db-1", title="Host", tags=("ops",)), way).record
    note(bank, "Dates are local ^dates", way, kind="gotcha")
    names = [made.id, "patterns.md#Common Gotchas^dates"]
    first, again = confirm(bank, names, way), confirm(bank, names, way)
    assert (bool(first.receipt.operation), again.receipt.operation) == (True, "")
    confirm(bank, names, later(days=9))
    assert (bank.folder / made.file).read_text(encoding="utf-8").count("reviewed: 2026-11-30") == 1
    text = (bank.folder / "patterns.md").read_text(encoding="utf-8")
    assert "- Dates are local (still true 2026-11-30) ^dates\n" in text
    assert "2026-11-21)" not in text


def test_several_lines_of_a_file_and_records_are_one_operation(bank: BankFolder, way: Way) -> None:
    made = save(bank, NewRecord("The host is db-1", title="Host", tags=("ops",)), way).record
    for text in ("Use WAL mode", "One writer"):
        note(bank, text, way, kind="decision")
    done = confirm(bank, ["One writer", made.id, "Use WAL mode"], way)
    assert len(done.confirmed) == 3
    text = (bank.folder / "activeContext.md").read_text(encoding="utf-8")
    assert "- Use WAL mode (still true 2026-11-21)\n- One writer (still true 2026-11-21)\n" in text


def test_a_fact_keeps_its_status_and_its_words(bank: BankFolder, way: Way) -> None:
    add_paf(bank, "AUTH", "Tokens are signed", way, why="keys rotate", status="active")
    confirm(bank, ["PAF-AUTH-001"], way)
    changed = set_status(bank, "AUTH-001", "deprecated", way, reason="gone")
    assert (changed.paf.text, changed.paf.why) == ("Tokens are signed", "keys rotate")
    text = (bank.folder / "pafs.md").read_text(encoding="utf-8")
    assert "- **AUTH-001** (deprecated: gone): Tokens are signed — keys rotate (still true 2026-11-21)\n" in text


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("Use WAL", "Use WAL"),
        ("Use WAL ^wal", "Use WAL ^wal"),
        ("Use WAL (still true 2025-01-02)", "Use WAL"),
        ("Use WAL (still true 2025-01-02) ^wal", "Use WAL ^wal"),
        ("It is (still true 2025-01-02) there", "It is (still true 2025-01-02) there"),
    ],
)
def test_a_mark_is_at_the_end_and_only_once(line: str, plain: str) -> None:
    assert unmarked(line) == plain
    new = marked(line, "2026-11-21")
    assert (unmarked(new), marked_day(new)) == (plain, "2026-11-21")


def test_what_is_not_there_is_refused_and_nothing_is_written(bank: BankFolder, way: Way) -> None:
    note(bank, "Use WAL mode", way, kind="decision")
    note(bank, "Use WAL mode", way, kind="gotcha")
    before = (bank.folder / "activeContext.md").read_bytes()
    with pytest.raises(NoRecordError):
        confirm(bank, ["fct-20261121-zzzzz"], way)
    with pytest.raises(DuplicateAnchorError):
        confirm(bank, ["Use WAL mode"], way)
    with pytest.raises(NoItemError):
        confirm(bank, ["activeContext.md#Decisions"], way, item="7")
    for names, item in (([], ""), ([" "], ""), (["a", "b"], "1")):
        with pytest.raises(FieldError):
            confirm(bank, names, way, item=item)
    assert (bank.folder / "activeContext.md").read_bytes() == before


def test_a_write_agent_does_not_write_the_contracts(bank: BankFolder, way: Way) -> None:
    note(bank, "Use WAL mode", way, kind="decision")
    done = run_bank(bank.project, "confirm", "Use WAL mode", env={"MEMORYBANK_ROLE": "read-only"})
    assert done.returncode == 5
    assert "still true" not in (bank.folder / "activeContext.md").read_text(encoding="utf-8")


def test_the_command_shows_what_it_did_and_takes_it_back(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    run_bank(tmp_path, "note", "Use WAL mode", "--as", "decision")
    before = (folder / "activeContext.md").read_bytes()
    dry = run_bank(tmp_path, "confirm", "Use WAL mode", "--dry-run")
    assert "+- Use WAL mode (still true " in dry.stdout
    done = run_bank(tmp_path, "confirm", "Use WAL mode")
    assert done.stdout.startswith("still true: activeContext.md#Decisions  Use WAL mode\n")
    run_bank(tmp_path, "undo")
    assert (folder / "activeContext.md").read_bytes() == before
    wire = json.loads(run_bank(tmp_path, "confirm", "activeContext.md#Decisions", "--item", "1", "--json").stdout)
    assert [each["text"] for each in wire["confirmed"]] == ["Use WAL mode"]
