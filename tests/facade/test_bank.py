"""The object that Python users get: its names, its edits, and arguments of the wrong type."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

import memorybank
from memorybank import Bank, BankError
from memorybank.errors import FieldError, NoBankError, StaleEditError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.init(tmp_path / "project")


def test_the_class_is_found_by_its_name() -> None:
    assert "Bank" in dir(memorybank)
    assert memorybank.Bank is Bank


def test_a_bank_is_opened_from_a_folder_below_its_project(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "project" / "src").mkdir()
    assert Bank.open(tmp_path / "project" / "src").path == bank.path


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
    receipt = Bank.open(tmp_path / "project", dry_run=True).note("WAL mode needs a local disk", kind="gotcha")
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


def test_a_folder_that_does_not_exist_is_not_taken_for_the_one_above(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoBankError):
        Bank.open(bank.project / "typo")
    monkeypatch.setenv("HOME", str(bank.project.parent))
    assert Bank.open(f"~/{bank.project.name}").path == bank.path


def test_a_named_folder_comes_before_the_environment(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Bank.init(tmp_path / "other")
    monkeypatch.setenv("MEMORYBANK_DIR", str(other.path))
    assert Bank.open(bank.project).path == bank.path
    assert Bank.open().path == other.path


@pytest.mark.parametrize(
    "given",
    [
        {"start": 7},
        {"start": b"x"},
        {"start": "a\0b"},
        {"start": "a\ud800b"},
        {"timeout": "x"},
        {"timeout": None},
        {"timeout": -1.0},
        {"timeout": float("nan")},
        {"dry_run": "no"},
        {"role": "boss"},
        {"allow_secrets": 3},
    ],
)
def test_the_arguments_of_open_are_checked(given: dict[str, Any]) -> None:
    with pytest.raises(BankError):
        Bank.open(**given)


def test_a_bank_that_was_moved_is_not_made_again_in_its_old_place(bank: Bank) -> None:
    project = bank.project
    project.rename(project.with_name("moved"))
    for call in (lambda: bank.save("x"), lambda: bank.search("x"), lambda: bank.log("x"), bank.list, bank.history):
        with pytest.raises(NoBankError):
            call()
    assert not project.exists()


def test_settings_that_changed_are_read_again(bank: Bank) -> None:
    bank.note("one")
    (bank.path / "bank.toml").write_text("layout = 99\n", encoding="utf-8")
    with pytest.raises(BankError) as refused:
        bank.note("two")
    assert refused.value.code == "newer-version"
    with pytest.raises(BankError):
        Bank.open(bank.project)


def test_a_number_is_not_the_end_of_an_operation(bank: Bank) -> None:
    for number in range(30):
        bank.note(f"note {number}")
    for short in ("2", "0", "a"):
        with pytest.raises(BankError):
            bank.undo(short)
    with pytest.raises(BankError, match="operation: expected a str, got int"):
        bank.undo(2)  # type: ignore[arg-type]  # what users type
    with pytest.raises(BankError):
        bank.undo(count=0)
    assert len(bank.undo(count=2)) == 2


def test_a_bank_goes_to_another_process(bank: Bank) -> None:
    assert pickle.loads(pickle.dumps(bank)).note("from there").verb == "note"


@pytest.mark.parametrize(
    "call",
    [
        lambda bank: bank.save("x", tags={"a", 1}),
        lambda bank: bank.list(limit="9" * 5000),
        lambda bank: bank.list(since=7),
        lambda bank: bank.search("x", limit=10**30),
        lambda bank: bank.save("x", sections=[("a",)]),
        lambda bank: bank.save("x", metadata={"a": 10**5000}),
        lambda bank: bank.save("x", links=["a\ud800b"]),
        lambda bank: bank.save("x", links=["a\0b"]),
        lambda bank: bank.show("a\ud800b"),
        lambda bank: bank.path_of("a\0b"),
        lambda bank: bank.items.tick("progress.md#Tasks", "9" * 5000),
        lambda bank: bank.groups.context("x", max_messages_per_session=-1),
        lambda bank: bank.set_summary("abc"),
        lambda bank: bank.set_summary(team=["Bob"]),
        lambda bank: bank.sync_tasks(7),
        lambda bank: bank.checkpoint("z", progress={"a": 7}),
        lambda bank: bank.rule(7),
        lambda bank: bank.banks.forget(7),
        lambda bank: bank.export(7),
        lambda bank: bank.import_from("adr", "a\0b"),
        lambda bank: bank.prove("x", "true"),
        lambda bank: bank.search("x", session_id=object()),
    ],
)
def test_what_cannot_be_meant_is_an_error_with_a_code(bank: Bank, call: Callable[[Bank], object]) -> None:
    with pytest.raises(BankError) as refused:
        call(bank)
    assert refused.value.code
    assert bank.list() == []
