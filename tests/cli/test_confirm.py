"""What is removed for good is asked for; where nobody can answer, and in a dry run, nobody waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path)
    return tmp_path


@pytest.fixture(params=["save", "session"])
def words(project: Path, request: pytest.FixtureRequest) -> list[str]:
    """Return the command that removes a record of the kind for good."""
    if request.param == "save":
        ident = json.loads(bank(project, "save", "x", "--title", "T", "--json").stdout)["record"]["id"]
        return ["delete", ident, "--hard"]
    ident = json.loads(bank(project, "session", "start", "--json").stdout)["record"]["id"]
    return ["session", "delete", ident, "--hard"]


def files(project: Path) -> set[Path]:
    return {each for each in (project / ".memorybank").rglob("*.md") if ".state" not in each.parts}


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_without_an_answer_nothing_is_removed(project: Path, words: list[str], answer: str) -> None:
    before = files(project)
    done = bank(project, *words, text=answer)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert files(project) == before


def test_a_program_is_not_asked(project: Path, words: list[str]) -> None:
    before = files(project)
    done = bank(project, *words, "--json", text="y\n")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"
    assert files(project) == before
    assert bank(project, *words, "--json", "--yes").returncode == 0
    assert files(project) < before


def test_a_dry_run_asks_nobody(project: Path, words: list[str]) -> None:
    before = files(project)
    done = bank(project, *words, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "[y/N]" not in done.stderr
    assert files(project) == before


def test_a_yes_removes(project: Path, words: list[str]) -> None:
    before = files(project)
    assert bank(project, *words, text="y\n").returncode == 0
    assert files(project) < before
