"""`kill -9` while a record is superseded or deleted: after the next write all of it is done, or none."""

from __future__ import annotations

import json
import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.running import FULL, MODULE, bank, bank_process, environment, findings, make_bank

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 100 if FULL else 2


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path / "project")
    return tmp_path / "project"


def saved(project: Path, title: str) -> str:
    done = bank(project, "save", f"About {title}.", "--type", "decision", "--title", title, "--json")
    return str(json.loads(done.stdout)["record"]["id"])


def killed(project: Path, *words: str, after: float) -> None:
    child = subprocess.Popen(
        [*MODULE, *words],
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    child.kill()
    child.wait()


def took(project: Path, *words: str) -> float:
    """Run a command to its end, and tell how long it took."""
    start = time.monotonic()
    assert bank_process(project, *words).returncode == 0
    return time.monotonic() - start


def listed(project: Path, *words: str) -> dict[str, dict[str, object]]:
    rows = json.loads(bank(project, "list", "--limit", "1000", "--json", *words).stdout)["records"]
    return {row["id"]: row for row in rows}


def test_superseding_is_all_or_nothing(project: Path) -> None:
    chance = random.Random(7)
    old, new = saved(project, "memcached"), saved(project, "redis")
    usual = took(project, "supersede", old, new)
    for number in range(ROUNDS):
        old, new = saved(project, f"old {number}"), saved(project, f"new {number}")
        bank(project, "note", f"Cache: it is there ({old})", "--as", "decision")
        killed(project, "supersede", old, new, after=usual * chance.uniform(0.5, 1.05))
        assert bank(project, "note", f"after {number}").returncode == 0
        rows = listed(project)
        links = [(rows[old]["status"], rows[old]["links"], rows[new]["links"])]
        line = f"- ~~Cache: it is there ({old})~~ → {new}\n"
        text = (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
        if line in text:
            assert links == [("superseded", [{"rel": "superseded-by", "to": new}], [{"rel": "supersedes", "to": old}])]
        else:
            assert links == [("accepted", [], [])]
    assert findings(project) == []


def test_deleting_never_loses_a_record(project: Path) -> None:
    chance = random.Random(8)
    usual = took(project, "delete", saved(project, "first"))
    for number in range(ROUNDS):
        ident = saved(project, f"record {number}")
        killed(project, "delete", ident, after=usual * chance.uniform(0.5, 1.05))
        assert bank(project, "note", f"after {number}").returncode == 0
        here, there = ident in listed(project), ident in listed(project, "--archived")
        assert here != there
        if there:
            undone = bank(project, "history", "--json")
            assert undone.returncode == 0
    assert findings(project) == []


def test_of_two_successors_at_once_one_is_refused(project: Path) -> None:
    for number in range(5):
        old, *new = (saved(project, f"{name} {number}") for name in ("old", "one", "two"))
        children = [
            subprocess.Popen(
                [*MODULE, "supersede", old, each],
                cwd=project,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for each in new
        ]
        assert sorted(each.wait() for each in children) == [0, 4]
        rows = listed(project)
        links = [rows[each]["links"] for each in new]
        assert [] in links
        assert [{"rel": "supersedes", "to": old}] in links
    assert findings(project) == []
