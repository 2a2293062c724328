"""`bank corrections` as a person types it: from a log to a record and back."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.corrections.test_mine import denied
from tests.running import MODULE, bank, environment, folder_of, make_bank

if TYPE_CHECKING:
    from pathlib import Path

COMMENTS = ("keep build, only remove dist", "never force push to main", "use the trash, never rm")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project with three waiting corrections, the last one said by the last comment."""
    project, logs = tmp_path / "project", tmp_path / "logs"
    make_bank(project)
    logs.mkdir()
    for number, comment in enumerate(COMMENTS):
        path = denied(comment, f"s{number}").write(logs, f"{number}.jsonl")
        path.write_text(path.read_text().replace("2026-11-30T09:", f"2026-11-30T1{number}:"))
    done = bank(project, "corrections", "mine", "--source", str(logs))
    assert done.stdout.endswith("3 new corrections: 3 logs of 3 read, 6 turns of a person; bank corrections propose\n")
    return project


def test_from_the_list_to_a_record_and_back(project: Path) -> None:
    assert "3 waiting" in bank(project, "corrections", "status").stdout
    rows = bank(project, "corrections", "list", "--status", "waiting").stdout.splitlines()
    assert [row.rpartition("  ")[2] for row in rows] == [*reversed(COMMENTS)]
    ident = rows[0].split()[0]
    why = bank(project, "corrections", "why", ident[-5:]).stdout
    assert "Find the comment" in why
    assert "corrected:" in why
    assert "use the trash, never rm" in bank(project, "corrections", "show", "last").stdout
    assert f"next: bank corrections accept {ident}" in bank(project, "corrections", "propose").stdout
    done = bank(project, "corrections", "accept", ident)
    assert f"accepted: {ident}  use the trash, never rm" in done.stdout
    assert "patterns.md#User Standards" in done.stdout
    assert "2 waiting, 1 accepted" in bank(project, "corrections", "status").stdout
    assert "use the trash" in bank(project, "search", "trash").stdout
    assert bank(project, "check").returncode == 0
    assert bank(project, "undo").returncode == 0
    assert "3 waiting, 0 accepted" in bank(project, "corrections", "status").stdout


def test_an_accepted_correction_is_pinned_in_its_record(project: Path) -> None:
    assert bank(project, "corrections", "accept", "last", "--as", "none").returncode == 0
    assert "bank undo reverts it" in bank(project, "corrections", "pin", "last").stdout
    assert "critical" in bank(project, "corrections", "tier", "last", "critical").stdout
    record = next((folder_of(project).folder / "memories" / "correction").iterdir()).read_text()
    assert "pinned: true" in record
    assert "label: critical" in record
    assert bank(project, "corrections", "drop", "last").returncode == 5
    assert bank(project, "corrections", "pin", "last", "--off").returncode == 0


def test_what_is_dropped_is_left_out_until_it_is_put_back(project: Path) -> None:
    assert bank(project, "corrections", "drop", "last", "--why", "only once").returncode == 0
    assert len(bank(project, "corrections", "list").stdout.splitlines()) == 2
    shown = json.loads(bank(project, "corrections", "show", "last", "--json").stdout)
    assert (shown["correction"]["status"], shown["reason"]) == ("dropped", "only once")
    assert bank(project, "corrections", "drop", "last", "--off").returncode == 0
    assert len(bank(project, "corrections", "list").stdout.splitlines()) == 3


def test_several_processes_accept_at_once(project: Path) -> None:
    """Different ones are all accepted; of two that accept the same, one is refused."""
    rows = bank(project, "corrections", "list").stdout.splitlines()
    idents = [row.split()[0] for row in rows]
    running = [
        subprocess.Popen(
            [*MODULE, "corrections", "accept", ident],
            cwd=project,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for ident in (*idents, idents[0])
    ]
    assert sorted(each.wait(60) != 0 for each in running) == [False, False, False, True]
    text = (folder_of(project).folder / "patterns.md").read_text()
    assert sorted(re.findall(r"\((cor-\d{8}-\w{5})\)", text)) == sorted(idents)
    assert bank(project, "check").returncode == 0


def test_a_bank_that_cannot_be_written_stays_as_it_is(project: Path) -> None:
    patterns = folder_of(project).folder / "patterns.md"
    patterns.chmod(0o444)
    before = patterns.read_bytes()
    done = bank(project, "corrections", "accept", "last")
    assert done.returncode != 0
    assert "read-only" in done.stderr
    assert patterns.read_bytes() == before
    assert not list((folder_of(project).folder / "memories").rglob("*.md"))
    assert "3 waiting, 0 accepted" in bank(project, "corrections", "status").stdout
