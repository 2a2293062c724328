"""`kill -9` while a workflow finishes over six files, or notes are applied: after the next write all of it, or none."""

from __future__ import annotations

import json
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


def text_of(project: Path, file: str) -> str:
    return (project / ".memorybank" / file).read_text(encoding="utf-8")


def queued(project: Path, text: str) -> None:
    assert bank(project, "note", text, "--role", "read-only").returncode == 0


def test_applying_notes_writes_each_once(project: Path) -> None:
    chance = random.Random(12)
    queued(project, "warm up, once and for all")
    usual = took(project, "notes", "apply")
    for number in range(ROUNDS):
        texts = [f"agent {name} saw number {number}" for name in ("one", "two")]
        for each in texts:
            queued(project, each)
        killed(project, "notes", "apply", after=usual * chance.uniform(0.5, 1.05))
        assert bank(project, "note", f"after {number}").returncode == 0
        waiting = [each["text"] for each in json.loads(bank(project, "notes", "list", "--json").stdout)["notes"]]
        written = [each for each in texts if text_of(project, "activeContext.md").count(f"- {each}\n") == 1]
        assert sorted(waiting + written) == sorted(texts)
        assert len(waiting) in (0, 2)
        bank(project, "notes", "apply")
    assert findings(project) == []


def test_a_workflow_is_finished_whole_or_goes_on(project: Path) -> None:
    chance = random.Random(13)
    usual = 0.0
    for number in range(ROUNDS):
        ident = f"wf-{number}"
        assert bank(project, "workflow", "start", "BUILD", f"goal {number}", "--id", ident).returncode == 0
        bank(project, "workflow", "task", f"step number {number}")
        bank(project, "workflow", "task", "t1", "--evidence", f"make {number} → exit 0")
        queued(project, f"learned number {number}")
        words = ("workflow", "finish", ident)
        if not usual:
            usual = took(project, *words)
            continue
        killed(project, *words, after=usual * chance.uniform(0.5, 1.05))
        assert bank(project, "note", f"after {number}").returncode == 0
        value = json.loads(text_of(project, f"workflows/{ident}.json"))
        ended = value["status"] == "finished"
        progress, active = text_of(project, "progress.md"), text_of(project, "activeContext.md")
        assert progress.count(f"- [x] step number {number} - make {number} → exit 0\n") == ended
        assert progress.count(f"\n- make {number} → exit 0\n") == ended
        assert (f"goal {number} ({ident})" in progress) == (not ended)
        assert active.count(f"] step number {number}\n") == ended
        if not ended:
            assert bank(project, *words).returncode == 0
        bank(project, "notes", "apply")
    assert findings(project) == []
