"""Evidence as people type it is seen, and what no record is bound to says how to bind it: the command works."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.store.discover import find_bank
from memorybank.workflow.evidence.evidence import parse_told
from memorybank.workflow.evidence.verify import standings
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
RUN = "python3 -m unittest -q suite"


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("verification", f"`{RUN}` → exit 0 (1/1) - it works"),
        ("verification", f"`{RUN}` → exit 0 (1/1) - it works ^v7k2m"),
        ("verification", f"`{RUN}` → exit 0"),
        ("verification", f"{RUN}: exit 0"),
        ("verification", f'it\'s "done" - {RUN} -> exit 0 (1/1)'),
        ("verification", f"`cd . && {RUN}` → exit 0"),
        ("verification", f"`A=1 {RUN}` → exit 0"),
        ("done", f"Store it - {RUN}: exit 0 (1/1)"),
        ("done", f"Store it - `{RUN}` → exit 0 (1/1) ^k1"),
    ],
)
def test_the_command_that_is_told_binds_the_line(tmp_path: Path, kind: str, line: str) -> None:
    run_bank(tmp_path, "init")
    (tmp_path / "suite.py").write_text(SUITE, encoding="utf-8")
    run_bank(tmp_path, "note", line, "--as", kind)
    bank = find_bank(tmp_path, environ={})
    (found,) = standings(bank)
    assert found.state == "unbound"
    assert found.why in run_bank(tmp_path, "verify").stdout
    told = found.why.partition("create one: ")[2]
    ours = f"{shlex.quote(sys.executable)} -m memorybank "
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        told.replace("bank ", ours, 1),
        shell=True,
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (after,) = standings(bank)
    assert after.state in ("fresh", "uncovered")
    assert parse_told(after.text) == parse_told(found.text)._replace(said="1/1")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "command", "exit_code"),
    [
        ("pytest tests/http: exit 0 (12/12)", "pytest tests/http", 0),
        ("Retry on 429 - make test: exit 2", "make test", 2),
        ("npm run build -> exit 0 - the bundle ^v1", "npm run build", 0),
        ("./run.sh all => exit 1", "./run.sh all", 1),
        ("`make` (exit 0)", "make", 0),
        ("`make`: exit code 0", "make", 0),
        ("make - exit 0", "make", 0),
    ],
)
def test_evidence_without_marks_is_seen(text: str, command: str, exit_code: int) -> None:
    told = parse_told(text)
    assert told is not None
    assert (told.command, told.exit_code) == (command, exit_code)


@pytest.mark.parametrize(
    "text", ["Deploy works: exit 0", "it fails with exit 1", "go to exit 5", "When users exit 0 times", "exit 0"]
)
def test_a_sentence_is_no_evidence(text: str) -> None:
    assert parse_told(text) is None
