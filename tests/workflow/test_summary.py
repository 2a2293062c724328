"""The summary: what people told stays as they wrote it, numbers are counted or are not there."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import ConfigError, FieldError, NoFileError, SecretError, StaleEditError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.store.journal.undo import undo
from memorybank.workflow.lines.note import note
from memorybank.workflow.progress.summary import read_summary, refresh_summary, set_summary
from tests.running import bank as run
from tests.running import git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

AT = "2026-11-21T05:30:00Z"


def text_of(bank: BankFolder) -> str:
    return (bank.folder / "summary.json").read_bytes().decode()


def put(bank: BankFolder, text: str) -> None:
    (bank.folder / "summary.json").write_bytes(text.encode())


def test_a_new_one_has_what_was_told_and_no_more(bank: BankFolder, way: Way) -> None:
    set_summary(bank, {"status": "in_progress", "project_name": "Mine", "license": "MIT"}, way)
    expected = {
        "project_name": "Mine",
        "status": "in_progress",
        "created_at": AT,
        "updated_at": AT,
        "license": "MIT",
    }
    assert list(read_summary(bank).value.items()) == list(expected.items())


def test_what_others_wrote_keeps_its_keys_order_and_shape(bank: BankFolder, way: Way) -> None:
    put(
        bank,
        '{\r\n    "zebra": [1, 2],\r\n    "status": "new",\r\n    "ünï": {"a": null},\r\n    "created_at": "x"\r\n}',
    )
    set_summary(bank, {"status": "old"}, way)
    text = text_of(bank)
    assert list(json.loads(text)) == ["zebra", "status", "ünï", "created_at", "updated_at"]
    assert text.startswith('{\r\n    "zebra"')
    assert text.count("\n") == text.count("\r\n")
    assert text.endswith("}")
    assert '"ünï"' in text


def test_parts_and_entries_are_set_one_by_one(bank: BankFolder, way: Way) -> None:
    milestone = {"name": "MVP", "status": "in_progress"}
    set_summary(bank, [("team", {"name": "Ada"}), ("team", {"name": "Bo"}), ("milestones", milestone)], way)
    set_summary(
        bank,
        [
            ("tech_stack.backend", "FastAPI"),
            ("team", {"name": "Ada", "role": "lead"}),
            ("milestones", {**milestone, "status": "completed"}),
        ],
        way,
    )
    value = read_summary(bank).value
    assert value["team"] == [{"name": "Ada", "role": "lead"}, {"name": "Bo"}]
    assert value["milestones"] == [{"name": "MVP", "status": "completed"}]
    assert value["tech_stack"] == {"backend": "FastAPI"}
    set_summary(bank, {}, way, unset=["tech_stack.backend", "team"])
    assert "team" not in read_summary(bank).value
    assert read_summary(bank).value["tech_stack"] == {}


def test_numbers_are_counted(tmp_path: Path, bank: BankFolder, way: Way) -> None:
    project = bank.project
    git(project, "init", "-q")
    (project / "a.py").write_text("one\ntwo\nthree\n", encoding="utf-8")
    (project / "logo.png").write_bytes(b"\0\1\n\2\n")
    (project / "empty.txt").write_bytes(b"")
    git(project, "add", "a.py", "logo.png", "empty.txt")
    save(bank, NewRecord("x"), way)
    save(bank, NewRecord("y"), way)
    save(bank, NewRecord("why", kind="episodic"), way)
    bugs = [
        save(
            bank,
            NewRecord(
                "", kind="bug", title=status, status=status, fields={"severity": "low"}, sections=[("Description", "x")]
            ),
            way,
        )
        for status in ("open", "in-progress", "fixed", "wontfix")
    ]
    note(bank, "first", way, kind="task")
    note(bank, "second", way, kind="done")
    metrics = refresh_summary(bank, way).summary["metrics"]
    assert metrics == {
        "tracked_files": 3,
        "tracked_lines": 3,
        "records": {"bug": len(bugs), "episodic": 1, "fact": 2},
        "bugs_open": 2,
        "bugs_fixed": 1,
        "tasks_done": 1,
        "tasks_open": 1,
    }


def test_what_cannot_be_counted_is_taken_out_and_what_is_not_ours_stays(bank: BankFolder, way: Way) -> None:
    put(bank, '{"metrics": {"test_coverage": 85, "tracked_lines": 5000, "tasks_open": 3}}')
    assert refresh_summary(bank, way).summary["metrics"] == {"test_coverage": 85}


def test_a_refresh_that_finds_nothing_new_writes_nothing(bank: BankFolder, way: Way) -> None:
    refresh_summary(bank, way)
    before = text_of(bank)
    assert refresh_summary(bank, way).receipt.operation == ""
    assert text_of(bank) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project]\nname = "app"\nversion = "1.10"\ndescription = "It does"\n'),
        ("package.json", '{"name": "app", "version": "1.10", "description": "It does"}'),
        ("Cargo.toml", '[package]\nname = "app"\nversion = "1.10"\ndescription = "It does"\n'),
    ],
)
def test_the_version_is_that_of_the_project(bank: BankFolder, way: Way, name: str, text: str) -> None:
    (bank.project / name).write_text(text, encoding="utf-8")
    set_summary(bank, {"version": "0.1", "description": "Mine"}, way)
    value = refresh_summary(bank, way).summary
    assert (value["version"], value["description"]) == ("1.10", "Mine")


@pytest.mark.parametrize("text", ["", "{", "[project]\nversion = 7\n", "\x00", '[project]\nversion = {attr = "x"}\n'])
def test_a_broken_file_of_the_project_is_passed_over(bank: BankFolder, way: Way, text: str) -> None:
    (bank.project / "pyproject.toml").write_text(text, encoding="utf-8")
    assert "version" not in refresh_summary(bank, way).summary


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 2}}', "[" * 100_000])
def test_one_that_would_lose_something_is_not_changed(bank: BankFolder, way: Way, text: str) -> None:
    put(bank, text)
    with pytest.raises(ConfigError):
        refresh_summary(bank, way)
    with pytest.raises(ConfigError):
        read_summary(bank)
    assert text_of(bank) == text


@pytest.mark.parametrize(
    "path", ["metrics.tracked_lines", "metrics", "metrics_given.tests", "a..b", "", ".a", "a b", "status.deep"]
)
def test_a_field_that_cannot_be_is_refused(bank: BankFolder, way: Way, path: str) -> None:
    set_summary(bank, {"status": "new"}, way)
    before = text_of(bank)
    with pytest.raises(FieldError):
        set_summary(bank, {path: 1}, way)
    with pytest.raises(FieldError):
        set_summary(bank, {}, way, unset=[path])
    assert text_of(bank) == before


def test_a_secret_and_a_stale_guard_are_refused_and_an_undo_takes_it_back(bank: BankFolder, way: Way) -> None:
    with pytest.raises(NoFileError):
        read_summary(bank)
    set_summary(bank, {"status": "new"}, way)
    seen = read_summary(bank).digest
    set_summary(bank, {"status": "newer"}, way, expect=seen)
    with pytest.raises(StaleEditError):
        set_summary(bank, {"status": "newest"}, way, expect=seen)
    with pytest.raises(SecretError):
        set_summary(bank, {"description": "ghp_Zk3Qw9XvT7bNm2LpR8sDf4GhJ6cYx1aEu5oV"}, way)
    undo(bank, "", way)
    assert read_summary(bank).value["status"] == "new"


def test_several_that_set_at_once_all_stand(bank: BankFolder, way: Way) -> None:
    failed: list[BaseException] = []

    def one(number: int) -> None:
        try:
            set_summary(bank, {f"part{number}": number}, way)
        except BaseException as error:  # noqa: BLE001  handed to the test
            failed.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    value: Any = read_summary(bank).value
    assert {f"part{number}": number for number in range(8)}.items() <= value.items()


def test_the_commands(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert run(tmp_path, "summary", "show").returncode == 3
    assert run(tmp_path, "summary", "refresh").returncode == 0
    words = ["--name", "My Project", "--tech", "backend=FastAPI + Python", "--member", "AI Agent:Developer"]
    milestones = ["--milestone", "MVP:completed:2025-01-05", "--milestone", "Beta:in_progress:2025-01-15"]
    assert run(tmp_path, "summary", "set", *words, *milestones, "version=1.10", "budget=1.5").returncode == 0
    shown = json.loads(run(tmp_path, "summary", "show", "--json").stdout)["summary"]
    assert shown["project_name"] == "My Project"
    assert shown["version"] == "1.10"
    assert shown["budget"] == 1.5
    assert shown["milestones"][0] == {"name": "MVP", "status": "completed", "completed_at": "2025-01-05"}
    assert shown["milestones"][1]["target_date"] == "2025-01-15"
    assert "FastAPI + Python" in run(tmp_path, "summary", "show").stdout
    assert run(tmp_path, "summary", "set").returncode == 2
    assert run(tmp_path, "summary", "set", "metrics.tasks_done=20").returncode == 5
