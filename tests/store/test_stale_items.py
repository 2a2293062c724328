"""An item that is another one by the time it is written: a stale edit, whatever names it, and never "not found"."""

from __future__ import annotations

import fcntl
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from tests.running import MODULE, bank, environment, make_bank, second_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TASKS = "progress.md#Tasks"
LEARNINGS = "activeContext.md#Learnings"
OLD = "0123456789abcdef"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path)
    there = Bank.open(tmp_path)
    for name in ("alpha task", "beta task"):
        there.note(name, kind="task")
    for name in ("alpha", "beta"):
        there.note(name)
    return tmp_path


def behind_a_writer(project: Path, words: list[str], change: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """Run a command as a process that must wait for the lock; a file changes while it waits."""
    with (project / ".memorybank" / ".state" / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with subprocess.Popen(
            [*MODULE, *words],
            cwd=project,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stderr
            first = child.stderr.readline()
            assert "wait" in first, first
            change()
            time.sleep(0.05)
            fcntl.flock(held, fcntl.LOCK_UN)
            out, err = child.communicate(timeout=60)
    return subprocess.CompletedProcess(words, child.returncode, out, first + err)


def beside_a_writer(project: Path, words: list[str], change: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """Run a command; a file changes in the moment in which it takes the lock."""
    with second_writer(change):
        return bank(project, *words)


def edited(project: Path, file: str, old: str, new: str) -> None:
    path = project / ".memorybank" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("named", ["beta task", "2"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- [ ] alpha task\n", ""),
        ("- [ ] alpha task\n", "- [ ] first\n- [ ] alpha task\n"),
        ("- [ ] beta task\n", ""),
        ("- [ ] beta task\n", "- [ ] beta tasks\n"),
    ],
)
def test_a_task_that_moved_or_went_is_a_stale_edit(project: Path, named: str, old: str, new: str) -> None:
    run = behind_a_writer if not new else beside_a_writer
    done = run(project, ["task", "done", named], lambda: edited(project, "progress.md", old, new))
    assert done.returncode == 4, done.stderr
    assert "[stale-edit]" in done.stderr
    assert "did you mean" not in done.stderr
    assert "[x]" not in (project / ".memorybank" / "progress.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["item", "remove", LEARNINGS, "beta"],
        ["item", "remove", LEARNINGS, "2"],
        ["item", "replace", LEARNINGS, "beta", "gamma"],
        ["item", "move", LEARNINGS, "beta", "--to", "activeContext.md#Blockers"],
        ["item", "tick", LEARNINGS, "beta"],
    ],
    ids=" ".join,
)
def test_an_item_that_went_is_a_stale_edit(project: Path, words: list[str]) -> None:
    run = behind_a_writer if words[-1] == "2" else beside_a_writer
    done = run(project, words, lambda: edited(project, "activeContext.md", "- beta\n", "- better\n"))
    assert done.returncode == 4, done.stderr
    assert "- better\n" in (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("item", ["no such item", "9", "^abcde", "beta"])
@pytest.mark.parametrize("command", ["tick", "untick", "remove", "replace", "move"])
def test_what_was_seen_is_looked_at_before_the_item(project: Path, command: str, item: str) -> None:
    more = {"replace": ["gamma"], "move": ["--to", "activeContext.md#Blockers"]}.get(command, [])
    done = bank(project, "item", command, LEARNINGS, item, *more, "--expect", OLD)
    assert done.returncode == 4, done.stderr
    assert "[stale-edit]" in done.stderr


@pytest.mark.parametrize("item", ["no such task", "9", "beta task"])
def test_a_task_is_ticked_only_as_it_was_seen(project: Path, item: str) -> None:
    done = bank(project, "task", "done", item, "--expect", OLD)
    assert done.returncode == 4, done.stderr
    digest = bank(project, "show", TASKS).stderr.partition("@")[2].split()[0]
    done = bank(project, "task", "done", "beta task", "--expect", digest)
    assert done.returncode == 0, done.stderr


def test_what_was_never_there_is_not_found(project: Path) -> None:
    assert bank(project, "task", "done", "gamma task").returncode == 3
    assert bank(project, "item", "remove", LEARNINGS, "gamma").returncode == 3


def test_an_item_without_a_box_is_not_stale(project: Path) -> None:
    assert bank(project, "item", "tick", LEARNINGS, "beta").returncode == 3
