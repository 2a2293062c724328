"""Which bank the worktrees of a repository use: each its own, or all that of the main one. Git itself makes them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import ConfigError, NoBankError
from memorybank.store.config import read_config
from memorybank.store.discover import find_bank
from memorybank.store.manage.init import init
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.way import Way

SHARED = 'scope = "repository"\n'


def git(folder: Path, *words: str) -> None:
    quiet = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", "-C", str(folder), *quiet, *words], check=True, capture_output=True)


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "src" / "deep" / "a.py").write_bytes(b"")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


def with_bank(folder: Path, way: Way, settings: str, *, tracked: bool = True) -> Path:
    place = init(folder, way).bank.folder
    (place / "bank.toml").write_text(settings, encoding="utf-8")
    if tracked:
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "bank")
    return place


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return repository(tmp_path / "main")


def worktree(main: Path, place: Path) -> Path:
    git(main, "worktree", "add", "-q", "-b", place.name, str(place))
    return place


def test_each_worktree_has_its_own_bank_unless_asked_otherwise(main: Path, tmp_path: Path, way: Way) -> None:
    with_bank(main, way, "")
    other = worktree(main, tmp_path / "other")
    assert find_bank(other / "src", environ={}).folder == other / ".memorybank"
    assert read_config(main / ".memorybank" / "bank.toml").scope == "worktree"


def test_with_repository_scope_all_worktrees_share_the_main_one(main: Path, tmp_path: Path, way: Way) -> None:
    place = with_bank(main, way, SHARED)
    other = worktree(main, tmp_path / "other")
    for start in (main, main / "src", other, other / "src" / "deep"):
        bank = find_bank(start, environ={})
        assert (bank.folder, bank.project) == (place, main)
    note(find_bank(other, environ={}), "seen from the other one", way)
    assert "seen from the other one" in (place / "activeContext.md").read_text(encoding="utf-8")
    assert "seen from" not in (other / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")


def test_a_bank_that_git_does_not_keep_is_shared_too(main: Path, tmp_path: Path, way: Way) -> None:
    place = with_bank(main, way, SHARED, tracked=False)
    other = worktree(main, tmp_path / "other")
    assert not (other / ".memorybank").exists()
    assert find_bank(other, environ={}).folder == place


def test_a_bank_that_git_does_not_keep_is_not_shared_by_default(main: Path, tmp_path: Path, way: Way) -> None:
    with_bank(main, way, "", tracked=False)
    with pytest.raises(NoBankError):
        find_bank(worktree(main, tmp_path / "other"), environ={})


def test_the_settings_of_the_main_worktree_decide(main: Path, tmp_path: Path, way: Way) -> None:
    """One file says it for all of them, whatever their branches hold."""
    place = with_bank(main, way, "")
    other = worktree(main, tmp_path / "other")
    (other / ".memorybank" / "bank.toml").write_text(SHARED, encoding="utf-8")
    assert find_bank(other, environ={}).folder == other / ".memorybank"
    (other / ".memorybank" / "bank.toml").write_text("", encoding="utf-8")
    (place / "bank.toml").write_text(SHARED, encoding="utf-8")
    assert find_bank(other, environ={}).folder == place


def test_the_bank_of_a_part_of_the_repository_is_shared_at_its_place(main: Path, tmp_path: Path, way: Way) -> None:
    place = with_bank(main / "src", way, SHARED)
    other = worktree(main, tmp_path / "other")
    assert find_bank(other / "src" / "deep", environ={}).folder == place
    with pytest.raises(NoBankError):
        find_bank(other, environ={})


def test_a_worktree_inside_the_main_one_and_one_that_moved(main: Path, tmp_path: Path, way: Way) -> None:
    place = with_bank(main, way, SHARED)
    inside = worktree(main, main / ".worktrees" / "inside")
    assert find_bank(inside / "src", environ={}).folder == place
    git(main, "worktree", "move", str(inside), str(tmp_path / "moved"))
    assert find_bank(tmp_path / "moved", environ={}).folder == place


def test_relative_links_between_worktrees_are_followed(main: Path, tmp_path: Path, way: Way) -> None:
    """What git writes with `worktree.useRelativePaths`, put there by hand: an older git does not know it."""
    place = with_bank(main, way, SHARED)
    other = worktree(main, tmp_path / "other")
    (other / ".git").write_bytes(b"gitdir: ../main/.git/worktrees/other\n")
    assert find_bank(other, environ={}).folder == place


def test_a_named_bank_is_the_one_that_is_named(main: Path, tmp_path: Path, way: Way) -> None:
    with_bank(main, way, SHARED)
    other = worktree(main, tmp_path / "other")
    assert find_bank(main, named=str(other), environ={}).folder == other / ".memorybank"


def test_a_bare_repository_has_no_main_worktree(main: Path, tmp_path: Path, way: Way) -> None:
    with_bank(main, way, SHARED)
    git(tmp_path, "clone", "-q", "--bare", str(main), "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(tmp_path / "other"), "main")
    assert find_bank(tmp_path / "other", environ={}).folder == tmp_path / "other" / ".memorybank"


def test_a_submodule_is_no_worktree(main: Path, tmp_path: Path, way: Way) -> None:
    with_bank(main, way, SHARED)
    outer = repository(tmp_path / "outer")
    git(outer, "submodule", "add", "-q", str(main), "sub")
    assert find_bank(outer / "sub", environ={}).folder == outer / "sub" / ".memorybank"


@pytest.mark.parametrize(
    "content", [b"", b"gitdir: \n", b"gitdir: /nonexistent\n", b"\xff\0", b"gitdir: .\n", b"gitdir: " + b"x" * 10_000]
)
def test_a_git_file_that_leads_nowhere_is_passed_over(tmp_path: Path, way: Way, content: bytes) -> None:
    place = init(tmp_path, way).bank.folder
    (tmp_path / ".git").write_bytes(content)
    assert find_bank(tmp_path, environ={}).folder == place


def test_init_in_a_worktree_takes_the_shared_bank(main: Path, tmp_path: Path, way: Way) -> None:
    place = with_bank(main, way, SHARED, tracked=False)
    other = worktree(main, tmp_path / "other")
    assert init(other, way).bank.folder == place
    assert not (other / ".memorybank").exists()


def test_a_scope_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "bank.toml").write_bytes(b'scope = "repo"\n')
    with pytest.raises(ConfigError, match="scope must be"):
        read_config(tmp_path / "bank.toml")
