"""The merge driver in all that merges: lines that both sides added are put together, in all of git's ways."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import environment
from tests.team.git.repo import ACTIVE, Repo, learnings, new_repo, two_branches

if TYPE_CHECKING:
    from pathlib import Path

BOTH = ["one", "two", "three", "ours", "theirs"]
MARKS = ("<<<<<<<", "=======", ">>>>>>>")
pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")


def merged(repo: Repo) -> None:
    text = repo.text()
    assert not any(mark in text for mark in MARKS), text
    assert sorted(learnings(text)) == sorted(BOTH)


def test_both_sides_added_a_line(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "my repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("merge", "-q", "other")
    merged(repo)


def test_without_the_driver_git_stops_there(tmp_path: Path) -> None:
    """So that the other tests show what the driver does."""
    repo = new_repo(tmp_path / "repo", driver=False)
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("merge", "-q", "other", status=1)
    assert MARKS[0] in repo.text()


def test_a_rebase(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("rebase", "-q", "other")
    merged(repo)


def test_a_rebase_of_patches(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("rebase", "-q", "--apply", "other")
    merged(repo)


def test_a_cherry_pick(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("cherry-pick", "other")
    merged(repo)


def test_a_stash(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.learn("theirs")
    repo.git("stash")
    repo.learn("ours")
    repo.commit()
    repo.git("stash", "pop")
    merged(repo)


def test_branches_that_were_merged_crosswise(tmp_path: Path) -> None:
    """Git then makes a common ancestor by merging two, as text, and markers in it are nobody's lines."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("branch", "ours-first")
    repo.git("merge", "-q", "other")
    repo.git("checkout", "-q", "other")
    repo.git("merge", "-q", "ours-first")
    repo.learn("later there")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.learn("later here")
    repo.commit()
    repo.git("merge", "-q", "other")
    assert sorted(learnings(repo.text())) == sorted([*BOTH, "later there", "later here"])


def test_a_linked_worktree(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("worktree", "add", "-q", "-b", "third", str(tmp_path / "linked tree"))
    linked = Repo(tmp_path / "linked tree")
    linked.git("merge", "-q", "other")
    merged(linked)


def test_a_clone_has_the_attributes_and_no_driver(tmp_path: Path) -> None:
    """It merges as git does; `bank doctor`, `bank merge status` and the hooks say so."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("clone", "-q", str(repo.folder), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.git("merge", "-q", "origin/other", status=1)
    assert MARKS[0] in clone.text()
    clone.git("merge", "--abort")
    assert "bank merge install" in clone.bank("doctor", status=1)
    assert "this clone has no driver" in clone.bank("merge", "status", status=1)
    clone.bank("merge", "install")
    clone.git("merge", "-q", "origin/other")
    merged(clone)


def test_a_window_has_no_path(tmp_path: Path) -> None:
    """A program with windows starts git without the user's PATH, and the driver is still found."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    bare = {name: environment()[name] for name in ("HOME", "PYTHONPATH")}
    folder = os.path.dirname(shutil.which("git") or "")  # noqa: PTH120
    words = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "merge", "-q", "other"]
    subprocess.run(words, cwd=repo.folder, env={**bare, "PATH": f"{folder}:/bin"}, check=True, capture_output=True)
    merged(repo)


def test_a_contract_that_is_only_on_the_other_branch(tmp_path: Path) -> None:
    """While git checks files out, there is no bank that could be opened."""
    repo = Repo(tmp_path / "repo")
    repo.folder.mkdir()
    repo.git("init", "-q")
    repo.write("README.md", "hello\n")
    repo.commit()
    repo.git("checkout", "-q", "-b", "other")
    with_bank = new_repo(tmp_path / "with bank")
    for name in (ACTIVE, ".gitattributes"):
        repo.write(name, with_bank.text(name))
    repo.git("config", "merge.bank.driver", with_bank.git("config", "merge.bank.driver").out.strip())
    repo.commit()
    repo.git("branch", "third")
    repo.learn("theirs")
    repo.commit()
    repo.git("checkout", "-q", "third")
    repo.learn("ours")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "third")
    repo.git("merge", "-q", "other")
    merged(repo)


def test_git_stops_where_the_result_cannot_be_written(tmp_path: Path) -> None:
    """Nothing is taken for merged, and the merge can be made again."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    before = repo.text()
    command = repo.git("config", "merge.bank.driver").out.strip()
    repo.git("config", "merge.bank.driver", "exit 129")
    # older versions take it for a conflict, newer ones for a fault
    assert repo.git("merge", "-q", "other", status=None).status != 0
    repo.git("merge", "--abort", status=None)
    assert repo.text() == before
    assert repo.git("status", "--porcelain").out == ""
    repo.git("config", "merge.bank.driver", command)
    repo.git("merge", "-q", "other")
    merged(repo)


def test_a_template_of_the_bank_that_is_invalid(tmp_path: Path) -> None:
    """The driver reads it, and a fault in it must not stop a merge."""
    repo = new_repo(tmp_path / "repo")
    repo.write(".memorybank/templates/contracts/activeContext.md", "---\nsections: [\n---\n")
    repo.commit()
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("merge", "-q", "other")
    merged(repo)
