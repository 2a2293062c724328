"""The pages in docs/ say what is: each command and each program they show runs, in the order in which it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import bank, environment, make_bank

ROOT = Path(__file__).parents[1]
# the reference is made from the commands, and held by a test of its own
PAGES = sorted(each.name for each in (ROOT / "docs").glob("*.md") if each.name != "cli.md")
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_runs(page: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    make_bank(project)
    for kind, text in BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if kind == "python":
            done = subprocess.run(
                [sys.executable, "-c", text], cwd=project, env=environment(), capture_output=True, check=False
            )
            assert done.returncode == 0, f"{page}: {done.stderr.decode()}"
            continue
        for line in re.findall(r"^\$ bank (.+)$", text, re.MULTILINE):
            told = bank(project, *shlex.split(line))
            assert told.returncode == 0, f"{page}: bank {line}: {told.stdout}{told.stderr}"
