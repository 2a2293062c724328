"""The object that Python users get: its names, its edits, and arguments of the wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import memorybank
from memorybank import Bank, BankError
from memorybank.errors import FieldError, StaleEditError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.init(tmp_path)


def test_the_class_is_found_by_its_name() -> None:
    assert "Bank" in dir(memorybank)
    assert memorybank.Bank is Bank


def test_a_bank_is_opened_from_a_folder_below_its_project(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    assert Bank.open(tmp_path / "src").path == bank.path


def test_no_bank_is_an_error_with_the_next_command(tmp_path: Path) -> None:
    with pytest.raises(BankError) as caught:
        Bank.open(tmp_path)
    assert caught.value.code == "no-bank"
    assert caught.value.hint.startswith("bank init")


def test_an_edit_with_the_digest_of_an_older_text_is_refused_with_a_diff(bank: Bank) -> None:
    seen = bank.show("progress.md#Tasks")
    bank.tasks.add("Ship it")
    with pytest.raises(StaleEditError) as caught:
        bank.edit("progress.md#Tasks").replace("- [ ] Something else", expect=seen.digest)
    assert "Ship it" in str(caught.value.details["diff"])
    assert [task.text for task in bank.tasks.list()] == ["Ship it"]


def test_a_dry_run_writes_nothing(bank: Bank, tmp_path: Path) -> None:
    receipt = Bank.open(tmp_path, dry_run=True).note("WAL mode needs a local disk", kind="gotcha")
    assert receipt.dry_run
    assert "WAL mode" not in bank.show("patterns.md").text


def test_a_text_for_a_list_is_one_word_or_several_and_never_letters(bank: Bank) -> None:
    one = bank.save("Python 3.11", type="fact", tags="stack")  # what users type
    two = bank.save("FastAPI", type="fact", tags="stack, web")  # what users type
    assert one.record.tags == ("stack",)
    assert two.record.tags == ("stack", "web")


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("note", {"text": 7}),
        ("note", {"text": b"bytes"}),
        ("note", {"text": ["a", "list"]}),
        ("history", {"limit": "many"}),
        ("history", {"with_diff": "yes"}),
        ("save", {"content": "x", "tags": 3}),
        ("save", {"content": "x", "tags": [1]}),
    ],
)
def test_a_value_of_another_type_is_refused_with_a_sentence(bank: Bank, method: str, given: dict[str, Any]) -> None:
    with pytest.raises(FieldError, match="expected"):
        getattr(bank, method)(**given)
    assert bank.history(limit=5)[0].verb == "init"


def test_a_number_names_a_task(bank: Bank) -> None:
    bank.tasks.add("Ship it")
    bank.tasks.done(1, evidence="`make` → exit 0")  # type: ignore[arg-type]  # what users type
    assert bank.tasks.list() == []
    assert bank.undo()[0].receipt.verb.startswith("undo")
