"""Places of banks that are not what they seem: a home folder that is a project, a link, a main worktree that moved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.running import bank, git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="HOME and links are of Unix")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Give a folder that is a project and the home folder in one, as in a container."""
    folder = tmp_path / "app"
    (folder / "docs" / "research").mkdir(parents=True)
    (folder / "docs" / "research" / "pools.md").write_text("# Pools\n\n## Quagga\n\nzebra\n", encoding="utf-8")
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "other" / ".git").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("words", [["init"], ["init", "."]])
def test_a_home_that_is_a_project_has_its_documents(app: Path, words: list[str]) -> None:
    env = {"HOME": str(app), "MEMORYBANK_HOME": ""}
    done = bank(app, *words, env=env)
    assert done.returncode == 0, done.stderr
    assert "is your home folder" in done.stderr
    assert "global bank" in done.stderr
    assert "docs/research/pools.md" in bank(app, "search", "zebra", env=env).stdout
    assert bank(app / "src" / "deep", "note", "from below", env=env).returncode == 0
    assert "from below" in bank(app, "load", "--global", env=env).stdout
    assert "docs/research/pools.md" in bank(app / "other", "search", "zebra", "--global", env=env).stdout
    assert bank(app, "plan", "new", "A plan", env=env).returncode == 0
    assert len(list((app / "docs" / "plans").glob("*.md"))) == 1
    assert bank(app, "undo", env=env).returncode == 0
    assert bank(app / "other", "undo", "--global", env=env).returncode == 0
    # a repository below it is no part of it
    assert bank(app / "other", "note", "x", env=env).returncode == 3


def test_a_global_bank_that_is_there_stays_one_and_init_says_so(app: Path) -> None:
    env = {"HOME": str(app), "MEMORYBANK_HOME": ""}
    assert bank(app, "init", "--global", env=env).stderr.count("home folder") == 0
    done = bank(app, "init", env=env)
    assert "of no project" in done.stderr
    assert "home_is_project = true" in done.stderr
    assert bank(app / "src", "note", "x", env=env).returncode == 3
    with (app / ".memorybank" / "bank.toml").open("a", encoding="utf-8") as settings:
        settings.write("home_is_project = true\n")
    assert "docs/research/pools.md" in bank(app / "src", "search", "zebra", env=env).stdout
    assert bank(app, "doctor", env=env).returncode == 0


@pytest.mark.parametrize("layout", [".memorybank", "memory-bank", ".claude/cc10x/v10", ".claude"])
def test_a_bank_behind_a_link_out_of_the_project_is_refused_unless_it_is_named(tmp_path: Path, layout: str) -> None:
    target = tmp_path / "elsewhere"
    project = tmp_path / "project"
    project.mkdir()
    make_bank(target)
    place = project / layout
    place.parent.mkdir(parents=True, exist_ok=True)
    if layout == ".claude":
        (tmp_path / "claude" / "cc10x").mkdir(parents=True)
        (target / ".memorybank").rename(tmp_path / "claude" / "cc10x" / "v10")
        place.symlink_to(tmp_path / "claude")
        place = place / "cc10x" / "v10"
    else:
        place.symlink_to(target / ".memorybank")
    before = (place / "activeContext.md").read_bytes()
    (project / "src").mkdir()
    for words in (["note", "x"], ["load"], ["init"], ["init", "--adopt"]):
        done = bank(project / "src" if "init" not in words else project, *words)
        assert done.returncode == 5 or (words == ["init"] and done.returncode == 8), done.stdout + done.stderr
    assert "it is a link to" in bank(project, "note", "x").stderr
    assert bank(project, "note", "x", "--bank", str(project)).returncode == 5
    assert (place / "activeContext.md").read_bytes() == before
    assert bank(project, "status", "--bank", str(place)).returncode == 0
    assert bank(project, "status", env={"MEMORYBANK_DIR": str(place)}).returncode == 0


def test_a_bank_behind_a_link_inside_the_project_is_used(tmp_path: Path) -> None:
    project = tmp_path / "project"
    folder = make_bank(project)
    folder.rename(project / "memory")
    folder.symlink_to("memory")
    assert bank(project, "note", "x").returncode == 0
    link = tmp_path / "link"
    link.symlink_to(project)
    assert bank(link, "note", "y").returncode == 0


@pytest.fixture
def linked(tmp_path: Path) -> tuple[Path, Path]:
    """Give a main worktree whose bank is shared, and a linked one with git's copy of it."""
    main, other = tmp_path / "main", tmp_path / "other"
    folder = make_bank(main)
    settings = folder / "bank.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('"worktree"', '"repository"'), encoding="utf-8")
    git(main, "init", "-q", "-b", "main")
    git(main, "add", "-A")
    git(main, "commit", "-qm", "bank")
    git(main, "worktree", "add", "-q", "-b", "other", str(other))
    return main, other


@pytest.mark.parametrize("words", [["note", "x"], ["load"], ["init"], ["session", "start"]])
def test_a_main_worktree_that_moved_is_told(linked: tuple[Path, Path], words: list[str]) -> None:
    main, other = linked
    main.rename(main.parent / "moved")
    before = {path: path.read_bytes() for path in (other / ".memorybank").glob("*.md")}
    done = bank(other, *words)
    assert done.returncode == 8, done.stdout + done.stderr
    assert "main worktree was moved" in done.stderr
    assert "worktree repair" in done.stderr
    assert before == {path: path.read_bytes() for path in (other / ".memorybank").glob("*.md")}
    git(main.parent / "moved", "worktree", "repair", str(other))
    assert bank(other, *words).returncode == 0
    assert before == {path: path.read_bytes() for path in (other / ".memorybank").glob("*.md")}


def test_a_copy_that_is_named_is_used(linked: tuple[Path, Path]) -> None:
    main, other = linked
    main.rename(main.parent / "moved")
    assert bank(other, "note", "x", "--bank", str(other)).returncode == 0
    assert "- x\n" in (other / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")


def test_a_main_worktree_that_lost_its_bank_is_told(linked: tuple[Path, Path]) -> None:
    main, other = linked
    (main / ".memorybank").rename(main.parent / "away")
    done = bank(other, "note", "x")
    assert done.returncode == 8
    assert "has no bank" in done.stderr
    # where each worktree has its own, nothing is missing
    settings = other / ".memorybank" / "bank.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('"repository"', '"worktree"'), encoding="utf-8")
    assert bank(other, "note", "x").returncode == 0
