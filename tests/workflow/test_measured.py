"""Numbers that were measured elsewhere: kept, marked as given, never mistaken for counted ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.errors import FieldError
from tests.running import bank as run
from tests.running import git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = {"lines_of_code_added": 250, "lines_of_code_modified": 50, "tests_added": 8, "bugs_fixed": 1}


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MEMORYBANK_SOURCE_TOOL", "claude-code")
    project = tmp_path / "app"
    project.mkdir()
    git(project, "init", "-q")
    git(project, "commit", "-q", "--allow-empty", "-m", "first")
    make_bank(project)
    return Bank.open(project)


def test_a_checkpoint_keeps_them_beside_the_counted_ones(bank: Bank) -> None:
    (bank.project / "new.py").write_text("x = 1\n", encoding="utf-8")
    made = bank.checkpoint("Registration done", metrics={**SOURCE, "time_spent_minutes": 210}).checkpoint
    assert made.value["metrics"] == {
        "files_modified": 1,
        "lines_added": 0,
        "lines_removed": 0,
        **SOURCE,
        "time_spent_minutes": 210,
    }
    given = made.value["metrics_given"]
    assert set(given) == {*SOURCE, "time_spent_minutes"}
    assert given["tests_added"] == {"by": "claude-code", "at": made.timestamp}
    assert "metrics_given" not in bank.checkpoint("again").checkpoint.value


@pytest.mark.parametrize("name", ["files_modified", "lines_added", "lines_removed"])
def test_what_is_counted_cannot_be_given(bank: Bank, name: str) -> None:
    with pytest.raises(FieldError, match="is counted here"):
        bank.checkpoint(metrics={name: 1})
    assert bank.checkpoints.list() == []


@pytest.mark.parametrize("value", [True, None, [1], {"a": 1}, "", "x" * 201, float("nan")])
def test_a_metric_is_a_number_or_a_short_text(bank: Bank, value: Any) -> None:
    with pytest.raises(FieldError):
        bank.checkpoint(metrics={"tests": value})
    with pytest.raises(FieldError):
        bank.set_summary(metrics={"tests": value})


def test_without_git_they_are_kept_too(tmp_path: Path) -> None:
    make_bank(tmp_path)
    made = run(tmp_path, "checkpoint", "--metric", "loc=500", "--metric", "coverage=85%", "--json")
    value = json.loads(made.stdout)["checkpoint"]
    assert value["metrics"] == {"loc": 500, "coverage": "85%"}
    assert set(value["metrics_given"]) == {"loc", "coverage"}
    assert "loc 500 (given), coverage 85% (given)" in run(tmp_path, "checkpoint", "show").stdout


def test_the_summary_keeps_them_and_counts_its_own(bank: Bank) -> None:
    bank.refresh_summary()
    bank.set_summary(metrics={"lines_of_code": 5000, "test_coverage": 85})
    bank.set_summary({"metrics.features_completed": 15})
    value = bank.refresh_summary().summary
    assert [value["metrics"][name] for name in ("lines_of_code", "test_coverage", "features_completed")] == [
        5000,
        85,
        15,
    ]
    assert set(value["metrics_given"]) == {"lines_of_code", "test_coverage", "features_completed"}
    assert list(value).index("metrics_given") == list(value).index("metrics") + 1
    value = bank.set_summary(unset=["metrics.test_coverage"]).summary
    assert "test_coverage" not in value["metrics"]
    assert "test_coverage" not in value["metrics_given"]


@pytest.mark.parametrize("name", ["tracked_lines", "bugs_fixed", "tasks_done"])
def test_the_numbers_of_the_summary_are_counted(bank: Bank, name: str) -> None:
    with pytest.raises(FieldError, match="is counted here") as refused:
        bank.set_summary(metrics={name: 1})
    assert refused.value.hint == "bank summary refresh"
    with pytest.raises(FieldError, match="is counted here"):
        bank.set_summary({f"metrics.{name}": 1})


@pytest.mark.parametrize("path", ["metrics", "metrics_given", "metrics_given.x"])
def test_the_tables_themselves_cannot_be_set(bank: Bank, path: str) -> None:
    with pytest.raises(FieldError):
        bank.set_summary({path: {"tests": 5}})


def test_the_command_sets_them(tmp_path: Path) -> None:
    make_bank(tmp_path)
    run(tmp_path, "summary", "set", "--metric", "test_coverage=85", "metrics.features_completed=15")
    shown = json.loads(run(tmp_path, "summary", "show", "--json").stdout)["summary"]
    assert shown["metrics"] == {"features_completed": 15, "test_coverage": 85}
    assert run(tmp_path, "summary", "set", "--milestone", "MVP:completed:2025-01-05T00:00:00Z").returncode == 0
    shown = json.loads(run(tmp_path, "summary", "show", "--json").stdout)["summary"]
    assert shown["milestones"] == [{"name": "MVP", "status": "completed", "completed_at": "2025-01-05T00:00:00Z"}]


def test_a_completed_phase_is_logged_in_the_same_operation(bank: Bank) -> None:
    made = bank.checkpoint("All models are there\nand tested", phase="Design", completed=True)
    assert (made.checkpoint.value["status"], made.checkpoint.phase) == ("completed", "Design")
    log = bank.path / "development_log.md"
    assert " - Design completed\n- All models are there\n- and tested\n" in log.read_text(encoding="utf-8")
    bank.undo()
    assert (log.exists(), bank.checkpoints.list()) == (False, [])
    with pytest.raises(FieldError, match="which phase"):
        bank.checkpoint("x", completed=True)
