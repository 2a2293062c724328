"""`kill -9` while a line is promoted over three files: after the next write all of it is done, or none."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.faults.test_kill_records import ROUNDS, killed, took
from tests.running import bank, findings, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path / "project")
    return tmp_path / "project"


def test_promoting_is_all_or_nothing(project: Path) -> None:
    chance = random.Random(11)
    active = project / ".memorybank" / "activeContext.md"
    bank(project, "note", "warm up, once and for all")
    usual = took(project, "promote", "warm up, once and for all", "--to", "document", "--section", "solution/x")
    for number in range(ROUNDS):
        text = f"observation number {number}"
        assert bank(project, "note", text).returncode == 0
        words = ("promote", text, "--to", "document", "--section", "solution/x")
        killed(project, *words, after=usual * chance.uniform(0.5, 1.05))
        assert bank(project, "note", f"after {number}").returncode == 0
        lines = active.read_text(encoding="utf-8")
        files = list(project.glob(f"docs/solutions/x/*-observation-number-{number}.md"))
        there = f"- {text}\n" in lines
        assert (len(files), lines.count(f"→ {text}\n")) == ((0, 0) if there else (1, 1))
    assert findings(project) == []
