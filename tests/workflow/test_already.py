"""What is noted twice is written once, with its place; what is saved twice is written, with a word about the first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

LINE = "The test database must be reset between runs"


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    make_bank(tmp_path)
    return Bank.open(tmp_path)


def test_a_line_that_is_there_is_not_written_again(bank: Bank) -> None:
    first = bank.note(LINE)
    before = (bank.path / "activeContext.md").read_bytes()
    receipt = bank.note(f"- {LINE}\n")
    assert (receipt.operation, receipt.files, receipt.already) == ("", (), "activeContext.md#Learnings 1")
    assert (bank.path / "activeContext.md").read_bytes() == before
    assert first.already == ""
    assert bank.note(LINE, again=True).operation
    assert [row.text for row in bank.items.list("activeContext.md#Learnings")] == [LINE, LINE]


@pytest.mark.parametrize(
    "other", ["The test database must be reset between run", f"{LINE}.", LINE.upper(), f"{LINE} - CI"]
)
def test_a_line_that_differs_in_one_character_is_written(bank: Bank, other: str) -> None:
    bank.note(LINE)
    assert bank.note(other).operation


def test_its_section_its_reason_and_its_place_count(bank: Bank) -> None:
    bank.note(LINE)
    assert bank.note(LINE, kind="gotcha").operation
    assert bank.note(LINE, why="flaky").operation
    assert bank.note(LINE, why="flaky").already == "activeContext.md#Learnings 2"
    assert bank.note(LINE, to="patterns.md#Common Gotchas").already == "patterns.md#Common Gotchas 1"
    assert bank.note(LINE, to="activeContext.md#Blockers").operation


def test_an_id_is_named_and_does_not_count(bank: Bank) -> None:
    bank.note(f"{LINE} ^reset")
    assert bank.note(LINE).already == "activeContext.md#Learnings^reset"


def test_a_task_that_is_done_can_be_noted_again(bank: Bank) -> None:
    bank.note("Rotate the keys", kind="task")
    assert bank.note("Rotate the keys", kind="task").already
    bank.tasks.done("1")
    assert bank.note("Rotate the keys", kind="task").operation


def test_a_line_that_was_undone_is_written(bank: Bank) -> None:
    bank.note(LINE)
    bank.undo()
    assert bank.note(LINE).operation


def test_the_command_says_where_it_is_and_ends_well(tmp_path: Path) -> None:
    make_bank(tmp_path)
    run(tmp_path, "note", LINE)
    again = run(tmp_path, "note", LINE)
    assert (again.returncode, again.stdout) == (0, "already there: activeContext.md#Learnings 1\n")
    assert "--again" in again.stderr
    assert run(tmp_path, "note", LINE, "--dry-run").stdout == "already there: activeContext.md#Learnings 1\n"
    answer = json.loads(run(tmp_path, "note", LINE, "--json").stdout)
    assert (answer.get("receipt") or answer)["already"] == "activeContext.md#Learnings 1"
    assert run(tmp_path, "note", LINE, "--again").stdout.startswith("noted: ")


def test_a_memory_with_the_text_of_another_is_saved_with_a_word(bank: Bank) -> None:
    first = bank.save("URLs are versioned: /v1/, /v2/", tags=["api"])
    again = bank.save("URLs are versioned: /v1/, /v2/")
    assert again.receipt.operation
    assert again.advice == (
        f"{first.record.id} says the same already; bank delete {again.record.id} takes the new one back",
    )
    assert bank.save("URLs are versioned: /v1/, /v2/", type="procedural").advice == ()
    assert not [each for each in bank.save("URLs are versioned: /v1/ and /v2/").advice if "says the same" in each]


def test_a_lesson_learned_twice_is_said_too(bank: Bank) -> None:
    first = bank.learn("Normalise input", cause="No lower-casing")
    assert first.record.id in bank.learn("Normalise input", cause="No lower-casing").advice[0]
    assert bank.learn("Normalise input", cause="Another").advice == ()


def test_a_dry_run_of_the_first_memory_goes_well(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert run(tmp_path, "save", "The first of all", "--dry-run").returncode == 0
    assert run(tmp_path, "decide", "Use Redis", "--why", "It lasts", "--dry-run").returncode == 0
