"""The hook that docs/records.md shows, in a real repository: which commits it saves, and with whatever message."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from memorybank import Bank
from tests.running import MODULE, environment, git, make_bank

PAGE = Path(__file__).parents[2] / "docs" / "records.md"
SCRIPT = re.compile(r"^```sh\n(#!/bin/sh\n.*?)^```", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a script of a Unix shell")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "app"
    make_bank(project)
    git(project, "init", "-q")
    hook = project / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    found = SCRIPT.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    hook.write_text(found[1], encoding="utf-8")
    hook.chmod(0o755)
    program = tmp_path / "bin" / "bank"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(MODULE)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return project


def commit(project: Path, message: str) -> str:
    env = environment(MEMORYBANK_HOME=str(project.parent / "mine"))
    env["PATH"] = f"{project.parent / 'bin'}{os.pathsep}{env['PATH']}"
    words = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "commit"]
    done = subprocess.run(
        [*words, "-q", "--allow-empty", "-F", "-"],
        cwd=project,
        env=env,
        input=message,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout + done.stderr


def saved(project: Path) -> list[tuple[str, str]]:
    """Return the type and the first line of what was saved, sorted: two commits may be of one second."""
    opened = Bank.open(project)
    whole = [opened.recall(each.id) for each in opened.list(limit=50)]
    assert all("git-commit" in each.tags for each in whole)
    return sorted((each.type, each.content.strip().split("\n")[0]) for each in whole)


def test_decisions_and_fixes_are_saved_and_nothing_else(project: Path) -> None:
    for message in (
        "decided: SQLite for the cache, because it is one file",
        "Fix the offset of the last part\n\nIt was counted from 1, since the parser did.\n",
        "readme: how to start",
        "--fix: a message that looks like an option",
        "-m fix 'quotes' and $(echo nothing) `x`",
    ):
        commit(project, message)
    assert saved(project) == [
        ("decision", "decided: SQLite for the cache, because it is one file"),
        ("error", "--fix: a message that looks like an option"),
        ("error", "-m fix 'quotes' and $(echo nothing) `x`"),
        ("error", "Fix the offset of the last part"),
    ]


def test_a_commit_is_saved_once(project: Path) -> None:
    commit(project, "fix: one")
    env = environment(PATH=f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}")
    hook = str(project / ".git" / "hooks" / "post-commit")
    assert subprocess.run([hook], cwd=project, env=env, check=False).returncode == 0
    assert len(saved(project)) == 1
