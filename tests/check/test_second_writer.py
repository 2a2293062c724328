"""A writer that comes between the look and the lock loses nothing: fixes and migrations are planned anew."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import fix, lint
from memorybank.files.write import lock
from memorybank.store.manage.migrate import migrate
from memorybank.store.way import Way, WriteOptions
from tests.running import START

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder


def beside(bank: BankFolder, way: Way, do: Callable[[Way], object], write: Callable[[], None]) -> None:
    """Run a command that waits for the lock, and write while it waits."""
    waits = threading.Event()
    worker = threading.Thread(target=do, args=(Way(way.author, WriteOptions(on_wait=lambda _: waits.set())),))
    with lock(bank.state / "lock", timeout=1, holder="another writer"):
        worker.start()
        assert waits.wait(10)
        write()
    worker.join(30)
    assert not worker.is_alive()


def put(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def learnings(bank: BankFolder) -> Path:
    path = bank.folder / "activeContext.md"
    put(path, "## Learnings\n\n- [None]", "## Learnings\n\n- same\n- same")
    return path


def test_a_fix_keeps_the_line_of_another_writer(bank: BankFolder, way: Way, learnings: Path) -> None:
    findings = lint(bank, now=START)
    beside(bank, way, lambda it: fix(bank, findings, it), lambda: put(learnings, "- same\n", "- theirs\n- same\n"))
    assert "## Learnings\n\n- theirs\n- same\n\n" in learnings.read_text(encoding="utf-8")


def test_a_fix_does_nothing_where_another_writer_did_it(bank: BankFolder, way: Way, learnings: Path) -> None:
    findings = lint(bank, now=START)
    beside(bank, way, lambda it: fix(bank, findings, it), lambda: put(learnings, "- same\n- same\n", "- same\n"))
    assert "## Learnings\n\n- same\n\n" in learnings.read_text(encoding="utf-8")


def test_a_migration_keeps_the_line_of_another_writer(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "progress.md"
    put(path, "## Verification\n\n- [None]", "## Verification Evidence\n\n- `make` → exit 0")
    beside(
        bank,
        way,
        lambda it: migrate(bank, it),
        lambda: put(path, "- `make` → exit 0\n", "- `make` → exit 0\n- `theirs` → exit 0\n"),
    )
    text = path.read_text(encoding="utf-8")
    assert "## Verification\n\n- `make` → exit 0\n- `theirs` → exit 0\n" in text
