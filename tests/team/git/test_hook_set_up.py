"""`bank install git`: a block in each hook, beside what the user has, and what the hooks say."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import make_bank
from tests.team.git.repo import ACTIVE, Repo, new_repo, two_branches

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("git") or os.name == "nt", reason="needs git and a shell")
HOOKS = ".git/hooks"
SCRIPTS = {
    "ends early": "#!/bin/sh\nexit 0\n",
    "runs another program": '#!/usr/bin/env bash\nset -euo pipefail\nexec true "$@"\n',
    "no first line": "echo hello\n",
    "no end": "#!/bin/sh\necho hello",
    "empty": "",
}


def hook(repo: Repo, name: str = "post-merge") -> Path:
    return repo.folder / HOOKS / name


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def test_hooks_come_and_go(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "my repo")
    repo.bank("install", "git", "--capture")
    names = ["post-checkout", "post-commit", "post-merge", "post-rewrite"]
    assert sorted(each.name for each in (repo.folder / HOOKS).iterdir()) == names
    assert all(os.access(hook(repo, name), os.X_OK) for name in names)
    assert "nothing to change" in repo.bank("install", "git", "--capture")
    repo.bank("uninstall", "git")
    assert list((repo.folder / HOOKS).iterdir()) == []


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    assert "hook git post-merge" in repo.bank("install", "git", "--dry-run")
    assert not (repo.folder / HOOKS).exists()


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_a_hook_of_the_user_stays_and_both_run(tmp_path: Path, text: str) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, [], ["theirs"])
    put(hook(repo), text)
    before = hook(repo).stat().st_mode
    repo.bank("install", "git")
    assert hook(repo).stat().st_mode == before
    assert "hello" not in text or "hello" in repo.git("merge", "--no-edit", "other").err
    subprocess.run(["sh", "-n", str(hook(repo))], check=True)
    repo.bank("uninstall", "git")
    assert hook(repo).read_text(encoding="utf-8") == text


def test_what_a_hook_reads_is_left_to_it(tmp_path: Path) -> None:
    """After a rebase, git tells a hook which commits were rewritten."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, [], ["theirs"])
    put(hook(repo, "post-rewrite"), "#!/bin/sh\ncat > ../read\n")
    repo.bank("install", "git")
    repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "again")
    assert len((tmp_path / "read").read_text(encoding="utf-8").split()) == 2


@pytest.mark.parametrize("first", ["#!/usr/bin/env python3", "#!/usr/bin/node", "\0"])
def test_a_hook_that_is_no_shell_script(tmp_path: Path, first: str) -> None:
    repo = new_repo(tmp_path / "repo")
    put(hook(repo), f"{first}\n")
    said = repo.bank("install", "git")
    assert "left: " in said
    assert "add this to it: if test -x" in said
    assert hook(repo).read_text(encoding="utf-8") == f"{first}\n"
    assert hook(repo, "post-checkout").exists()


def test_a_hook_that_is_a_link(tmp_path: Path) -> None:
    """Its target may be a file of the project, or of another one."""
    repo = new_repo(tmp_path / "repo")
    put(repo.folder / "scripts" / "post-merge", "#!/bin/sh\n")
    hook(repo).parent.mkdir(parents=True)
    hook(repo).symlink_to("../../scripts/post-merge")
    assert "it is a link to ../../scripts/post-merge" in repo.bank("install", "git")
    repo.bank("uninstall", "git")
    assert repo.text("scripts/post-merge") == "#!/bin/sh\n"
    assert hook(repo).is_symlink()


def test_a_hook_that_git_skips(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    put(hook(repo), "#!/bin/sh\n")
    hook(repo).chmod(0o644)
    assert "is not executable, so git skips it: chmod +x" in repo.bank("install", "git")


def test_a_folder_of_hooks_in_the_project(tmp_path: Path) -> None:
    """Others have `bank` elsewhere, or not at all."""
    repo = new_repo(tmp_path / "repo")
    repo.git("config", "core.hooksPath", ".githooks")
    said = repo.bank("install", "git")
    assert "commit them" in said
    text = repo.text(".githooks/post-merge")
    assert "command -v bank" in text
    assert str(tmp_path) not in text
    two_branches(repo, [], ["theirs"])
    repo.git("merge", "-q", "--no-edit", "other", env={"PATH": os.defpath})
    repo.bank("uninstall", "git")
    assert not (repo.folder / ".githooks/post-merge").exists()


def test_husky(tmp_path: Path) -> None:
    """It makes the folder that git uses anew; what the project has is beside it."""
    repo = new_repo(tmp_path / "repo")
    put(repo.folder / ".husky" / "_" / "post-merge", "#!/usr/bin/env sh\n. ./h\n")
    put(repo.folder / ".husky" / "post-merge", "npm install\n")
    repo.git("config", "core.hooksPath", ".husky/_")
    repo.bank("install", "git")
    assert "hook git" not in repo.text(".husky/_/post-merge")
    assert repo.text(".husky/post-merge").endswith("npm install\n")
    repo.bank("uninstall", "git")
    assert repo.text(".husky/post-merge") == "npm install\n"


def test_hooks_of_all_repositories(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    shared = tmp_path / "hooks of mine"
    repo.git("config", "--global", "core.hooksPath", str(shared))
    assert "the hooks of all your repositories" in repo.bank("install", "git", status=5)
    assert not shared.exists()
    repo.bank("install", "git", "--force")
    assert (shared / "post-merge").exists()
    other = Repo(tmp_path / "other")
    other.folder.mkdir()
    other.git("init", "-q")
    other.git("commit", "-q", "--allow-empty", "-m", "fix: it")
    assert other.git("checkout", "-q", "-b", "topic").err == ""
    repo.bank("uninstall", "git")
    assert not (shared / "post-merge").exists()


def test_two_projects_in_one_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.folder.mkdir()
    repo.git("init", "-q")
    projects = []
    for name in ("one app", "two"):
        (repo.folder / name).mkdir()
        make_bank(repo.folder / name)
        projects.append(Repo(repo.folder / name))
        projects[-1].bank("install", "git", "--capture")
    assert hook(repo).read_text(encoding="utf-8").count("memorybank:begin") == 2
    repo.git("commit", "-q", "--allow-empty", "-m", "fix: both")
    assert all("fix: both" in project.bank("notes", "list") for project in projects)
    projects[0].bank("uninstall", "git")
    assert "--project two" in hook(repo).read_text(encoding="utf-8")
    projects[1].bank("uninstall", "git")
    assert not hook(repo).exists()


def test_the_hooks_of_a_linked_worktree(tmp_path: Path) -> None:
    """They are those of the main one, and run in both."""
    repo = new_repo(tmp_path / "repo")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.bank("install", "git", "--capture")
    assert hook(repo, "post-commit").exists()
    linked.git("commit", "-q", "--allow-empty", "-m", "fix: in the linked one")
    assert "fix: in the linked one" in linked.bank("notes", "list")
    assert "fix" not in repo.bank("notes", "list")


def test_a_merge_that_brings_markers(tmp_path: Path) -> None:
    """Somebody committed an unresolved merge: whoever gets it is told, and where."""
    repo = new_repo(tmp_path / "repo")
    repo.bank("install", "git")
    repo.git("checkout", "-q", "-b", "other")
    repo.learn("<<<<<<< ours", "a", "=======", "b", ">>>>>>> theirs")
    repo.write(ACTIVE, repo.text().replace("- <<<", "<<<").replace("- ===", "===").replace("- >>>", ">>>"))
    repo.commit()
    assert repo.git("checkout", "-q", "main").err == ""
    said = repo.git("merge", "-q", "--no-edit", "other").err
    assert "bank: activeContext.md has an unresolved merge on lines" in said
    assert "bank merge activeContext.md" in said
    # files of the user with an example in them are no business of ours
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.write("README.md", "<<<<<<< ours\n=======\n>>>>>>> theirs\n")
    repo.commit()
    assert repo.git("checkout", "-q", "-b", "topic").err == ""


def test_a_clone_without_the_driver_is_told(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.git("clone", "-q", str(repo.folder), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.bank("install", "git")
    assert "bank: this clone merges the bank as text; bank merge install" in clone.git("checkout", "-b", "topic").err
    clone.bank("merge", "install")
    assert "bank:" not in clone.git("checkout", "-b", "more").err
    assert "bank:" not in clone.git("checkout", "--", ACTIVE).err


def test_a_branch_without_a_bank(tmp_path: Path) -> None:
    """A bank further up belongs to something else, and the shell may name yet another one."""
    outer = tmp_path / "outer"
    outer.mkdir()
    make_bank(outer)
    repo = new_repo(outer / "repo")
    repo.bank("install", "git", "--capture")
    repo.git("checkout", "-q", "--orphan", "empty")
    repo.git("rm", "-rqf", ".")
    shutil.rmtree(repo.folder / ".memorybank", ignore_errors=True)
    env = {"MEMORYBANK_DIR": str(outer)}
    assert repo.git("commit", "-q", "--allow-empty", "-m", "fix: elsewhere", env=env).err == ""
    assert "fix" not in Repo(outer).bank("notes", "list")


def test_an_operation_on_another_branch_is_not_undone_by_mistake(tmp_path: Path) -> None:
    """Git takes the lines of another branch away; the journal of this folder knows them still."""
    repo = new_repo(tmp_path / "repo")
    repo.bank("install", "git")
    repo.git("checkout", "-q", "-b", "topic")
    repo.bank("note", "only on the branch")
    repo.commit()
    repo.git("checkout", "-q", "main")
    before = repo.text()
    repo.bank("undo", status=4)
    assert repo.text() == before
    assert "only on the branch" not in repo.bank("search", "branch")
    repo.git("checkout", "-q", "topic")
    assert "only on the branch" in repo.bank("search", "branch")
    repo.bank("undo")
    assert "only on the branch" not in repo.text()
