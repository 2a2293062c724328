"""Checkpoints: what is marked was read, from progress.md and from git; nothing is made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import ItemRef
from memorybank.errors import NoRecordError, SecretError
from memorybank.store.discover import find_bank
from memorybank.store.journal.undo import undo
from memorybank.store.manage.init import init
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note
from memorybank.workflow.progress.checkpoints import find_checkpoint, list_checkpoints, save_checkpoint
from memorybank.workflow.progress.progress import Progress
from memorybank.workflow.progress.tasks import finish_task
from tests.running import bank as run
from tests.running import git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder


@pytest.fixture
def repository(tmp_path: Path, way: Way) -> BankFolder:
    """Give the bank of a repository with one commit."""
    project = tmp_path / "app"
    project.mkdir()
    git(project, "init", "-q")
    (project / "a.py").write_text("one\ntwo\n", encoding="utf-8")
    made = init(project, way).bank
    git(project, "add", "-A")
    git(project, "commit", "-qm", "first")
    return made


def test_it_tells_the_tasks_as_they_stand(bank: BankFolder, way: Way) -> None:
    for each in ("User model", "[/] Registration", "Login", "Rate limits"):
        note(bank, each, way, kind="task")
    finish_task(bank, ItemRef("User model"), way)
    note(bank, "Project set up", way, kind="done")
    made = save_checkpoint(bank, way, note="Ready for login.", phase="Implementation").checkpoint
    stored = json.loads((bank.folder / made.file).read_bytes())
    assert stored == {
        "timestamp": stored["timestamp"],
        "session_id": way.author.actor.session,
        "phase": "Implementation",
        "progress": {
            "current_task": "Registration",
            "completed": ["User model", "Project set up"],
            "in_progress": ["Registration"],
            "todo": ["Login", "Rate limits"],
        },
        "notes": "Ready for login.",
    }


def test_what_is_not_known_is_not_there(bank: BankFolder, way: Way) -> None:
    """No git, no tasks, no phase: a checkpoint that says little, and nothing that is not so."""
    value = save_checkpoint(bank, way.with_actor(way.author.actor._replace(session=""))).checkpoint.value
    assert set(value) == {"timestamp", "progress"}
    assert value["progress"] == {"completed": [], "in_progress": [], "todo": []}


def test_the_sections_of_a_cline_bank_are_read(tmp_path: Path, way: Way) -> None:
    folder = tmp_path / "memory-bank"
    folder.mkdir()
    text = "# Progress\n\n## What Works\n\n- login\n\n## In Progress\n\n- half\n\n## What's Left to Build\n\n- signup\n"
    (folder / "progress.md").write_text(text, encoding="utf-8")
    value = save_checkpoint(find_bank(tmp_path, environ={}), way).checkpoint.value
    assert value["progress"] == {
        "current_task": "half",
        "completed": ["login"],
        "in_progress": ["half"],
        "todo": ["signup"],
    }


def test_the_phase_is_what_progress_names(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[PLAN | BUILD | REVIEW | DEBUG]", "BUILD"), encoding="utf-8")
    assert save_checkpoint(bank, way).checkpoint.phase == "BUILD"


def test_files_and_lines_are_those_since_the_last_checkpoint(repository: BankFolder, way: Way) -> None:
    project = repository.project
    (project / "a.py").write_text("one\n2\nthree\n", encoding="utf-8")
    (project / "ünew\nfile.txt").write_text("x\n", encoding="utf-8")
    first = save_checkpoint(repository, way).checkpoint.value
    assert first["files_modified"] == ["a.py", "ünew\nfile.txt"]
    assert first["metrics"] == {"files_modified": 2, "lines_added": 2, "lines_removed": 1}
    assert first["git_commit"] == git(project, "rev-parse", "HEAD").strip()
    assert "since_commit" not in first
    git(project, "add", "-A")
    git(project, "commit", "-qm", "second")
    later = save_checkpoint(repository, way).checkpoint.value
    assert later["since_commit"] == first["git_commit"]
    assert later["metrics"]["files_modified"] == 2
    after = save_checkpoint(repository, way).checkpoint.value
    assert after["files_modified"] == []
    assert "since_commit" not in after


@pytest.mark.parametrize("commit", ["--output=stolen.txt", "0" * 40, "HEAD", 7, None])
def test_a_commit_that_is_none_is_passed_over(repository: BankFolder, way: Way, commit: object) -> None:
    """A checkpoint comes from whoever wrote to the repository: what it holds must not become an option of git."""
    folder = repository.folder / "checkpoints"
    folder.mkdir()
    text = json.dumps({"timestamp": "2030-01-01T00:00:00Z", "git_commit": commit})
    (folder / "checkpoint_20300101_0000.json").write_text(text, encoding="utf-8")
    value = save_checkpoint(repository, way).checkpoint.value
    assert "since_commit" not in value
    assert value["files_modified"] == []
    assert not (repository.project / "stolen.txt").exists()


def test_two_in_one_second_are_two(bank: BankFolder, way: Way) -> None:
    made = [save_checkpoint(bank, way, note=str(number)).checkpoint for number in range(5)]
    assert len({each.file for each in made}) == 5
    assert [each.notes for each in list_checkpoints(bank).checkpoints] == ["4", "3", "2", "1", "0"]
    assert find_checkpoint(bank) == made[-1]
    assert find_checkpoint(bank, made[1].file.removesuffix(".json")[-5:]) == made[1]
    with pytest.raises(NoRecordError):
        find_checkpoint(bank, "checkpoint_2026")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"a": NaN'])
def test_one_that_is_broken_is_told_and_the_others_read(bank: BankFolder, way: Way, text: bytes) -> None:
    save_checkpoint(bank, way, note="good")
    (bank.folder / "checkpoints" / "checkpoint_20250107_1200.json").write_bytes(text)
    found = list_checkpoints(bank)
    assert [each.notes for each in found.checkpoints] == ["good"]
    assert [each.file for each in found.broken] == ["checkpoints/checkpoint_20250107_1200.json"]


def test_one_of_another_tool_is_read_with_all_its_fields(bank: BankFolder) -> None:
    (bank.folder / "checkpoints").mkdir()
    value = {"timestamp": "2025-01-07T13:30:00Z", "phase": 7, "metrics": {"tests_added": 8}, "mood": "good"}
    (bank.folder / "checkpoints" / "checkpoint_20250107_1330.json").write_text(json.dumps(value), encoding="utf-8")
    found = find_checkpoint(bank, "checkpoint_20250107_1330.json")
    assert found.to_wire() == {"file": "checkpoints/checkpoint_20250107_1330.json", **value}
    assert found.phase == ""


def test_a_secret_in_a_note_is_refused_and_a_dry_run_writes_nothing(bank: BankFolder, way: Way) -> None:
    with pytest.raises(SecretError):
        save_checkpoint(bank, way, note="token ghp_" + "Zk3Qw9XvT7bNm2LpR8sDf4GhJ6cYx1aEu5oV")
    save_checkpoint(bank, Way(way.author, WriteOptions(dry_run=True)))
    assert not (bank.folder / "checkpoints").exists()


def test_progress_can_be_given_and_it_is_undone_like_all_else(bank: BankFolder, way: Way) -> None:
    made = save_checkpoint(bank, way, progress=Progress(completed=("Feature A",), todo=("Feature B",)))
    assert made.checkpoint.value["progress"]["todo"] == ["Feature B"]
    undo(bank, "", way)
    assert list_checkpoints(bank).checkpoints == []


def test_it_is_the_project_that_is_asked_whatever_git_itself_is_busy_with(
    repository: BankFolder, tmp_path: Path
) -> None:
    """A hook of another repository calls: git tells its children where that one is."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    git(other, "commit", "-qm", "other", "--allow-empty")
    env = {"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": str(other / ".git" / "index"), "GIT_WORK_TREE": str(other)}
    made = json.loads(run(repository.project, "checkpoint", "--json", env=env).stdout)["checkpoint"]
    assert made["git_commit"] == git(repository.project, "rev-parse", "HEAD").strip()


def test_the_commands(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert run(tmp_path, "checkpoint").returncode == 0
    assert run(tmp_path, "checkpoint", "Registration done", "--phase", "Implementation").returncode == 0
    assert run(tmp_path, "checkpoint", "- list it all").returncode == 0
    listed = json.loads(run(tmp_path, "checkpoint", "list", "--json").stdout)
    assert [each["notes"] for each in listed["checkpoints"]] == ["- list it all", "Registration done", ""]
    shown = json.loads(run(tmp_path, "--json", "checkpoint", "show").stdout)
    assert shown["checkpoint"]["notes"] == "- list it all"
    stem = listed["checkpoints"][1]["file"].rpartition("/")[2].removesuffix(".json")
    assert "phase         Implementation" in run(tmp_path, "checkpoint", "show", stem).stdout
    assert run(tmp_path, "checkpoint", "show", "nope").returncode == 3
