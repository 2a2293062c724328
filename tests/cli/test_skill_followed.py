"""An agent that does what the skill says, from its first line to its last, passes every gate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_pages import run_line
from tests.running import bank, git, make_bank

SKILL = Path(__file__).parents[2] / ".claude" / "skills" / "session-memory" / "SKILL.md"
# a line of a shell, or a command in the second column of a table
COMMAND = re.compile(r"^\$ (?P<shell>.+)$|^\|[^|]*\| (?P<cell>.*)\|$", re.MULTILINE)
SPAN = re.compile(r"`(bank [^`]+)`")
STAGES = ("understand", "decompose", "plan", "implement", "verify", "review", "build", "debug", "decision", "resume")


def commands() -> list[str]:
    found: list[str] = []
    for match in COMMAND.finditer(SKILL.read_text(encoding="utf-8")):
        found += [match["shell"]] if match["shell"] else SPAN.findall(match["cell"])
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "app"
    make_bank(project)
    (project / "tests" / "http").mkdir(parents=True)
    (project / "tests" / "http" / "test_retry.py").write_text("def test_retry():\n    assert True\n")
    (project / ".gitignore").write_text("__pycache__\n.pytest_cache\n")
    (project / "src").mkdir()
    (project / "src" / "http.py").write_text("retries = 3\n")
    git(project, "init", "-q")
    git(project, "config", "user.email", "t@example.org")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "fix: retries")
    return project


def test_all_gates_are_open_after_the_start(project: Path) -> None:
    env = {"MEMORYBANK_HOME": str(project.parent / "mine"), "CLAUDE_CODE_SESSION_ID": "agent"}
    lines = commands()
    assert lines[0] == "bank load --for session-start --mark --git"
    for line in lines[: lines.index("bank skills") + 1]:
        run_line(project, line, env)
    for stage in STAGES:
        assert bank(project, "gate", stage, env=env).returncode == 0, stage


def test_the_whole_skill_ends_with_a_wrap_up_that_is_done(project: Path) -> None:
    """Also: every command that it shows works in the order in which it stands there."""
    env = {"MEMORYBANK_HOME": str(project.parent / "mine"), "CLAUDE_CODE_SESSION_ID": "agent"}
    lines = commands()
    assert "bank wrap-up" in lines
    for line in lines:
        run_line(project, line, env)
    assert bank(project, "check", env=env).returncode == 0
