"""The commit that is checked out, read from git's files: always what git itself says."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from memorybank.store.git import repository
from memorybank.store.git.repository import count_open, head_of

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True, env=repository.environ()
    ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "deep").mkdir(parents=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("git was started")

    monkeypatch.setattr(repository, "ask", refuse)


@pytest.mark.parametrize("state", ["branch", "nested name", "packed", "newer than packed", "detached", "subfolder"])
def test_the_commit_is_read_without_a_process(project: Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    where = project
    if state == "nested name":
        git(project, "checkout", "-q", "-b", "topic/a")
    elif state in {"packed", "newer than packed"}:
        git(project, "pack-refs", "--all")
        if state != "packed":
            git(project, "commit", "-q", "--allow-empty", "-m", "second")
    elif state == "detached":
        git(project, "checkout", "-q", "--detach")
    elif state == "subfolder":
        where = project / "deep"
    wanted = git(project, "rev-parse", "HEAD")
    without_git(monkeypatch)
    assert head_of(where) == wanted


def test_what_is_not_in_plain_files_is_asked_of_git(project: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    assert head_of(tmp_path / "empty") == ""
    git(project, "worktree", "add", "-q", "../linked", "-b", "other")
    git(tmp_path / "linked", "commit", "-q", "--allow-empty", "-m", "there")
    assert head_of(tmp_path / "linked") == git(tmp_path / "linked", "rev-parse", "HEAD") != head_of(project)


def test_a_link_is_followed_to_its_own_repository(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "of the outer one")
    inner = tmp_path / "elsewhere"
    inner.symlink_to(project / "deep")
    assert head_of(inner) == git(project, "rev-parse", "HEAD")


def test_a_damaged_head_is_no_commit(project: Path) -> None:
    for junk in (b"", b"\xff\xfe", b"ref: refs/heads/../../../../etc/passwd\n", b"ref: refs/heads/a\0b\n", b"x" * 40):
        (project / ".git/HEAD").write_bytes(junk)
        assert head_of(project) == ""


def test_open_files_are_counted_as_they_are_listed(project: Path) -> None:
    for name in ("a.py", "b b.py", "deep/c.py"):
        (project / name).write_text("x")
    git(project, "add", "a.py", "b b.py")
    git(project, "commit", "-q", "-m", "two")
    (project / "a.py").rename(project / "moved.py")
    (project / "b b.py").write_text("y")
    git(project, "add", "-A", "deep")
    changed = repository.changed_since(project, head_of(project))
    assert changed is not None
    assert count_open(project) == len(changed.files) == 4
    assert count_open(project, without=("deep",)) == 3
    assert count_open(project / "deep") == 1


def test_without_a_repository_nothing_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", os.fspath(tmp_path))
    assert (head_of(tmp_path), count_open(tmp_path)) == ("", 0)
