"""`kill -9` at a step of every command that writes; then the same command, another one, or an undo: all of it, or none.

A step of every eighth command by default, every step with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import os
import signal
import zlib
from typing import TYPE_CHECKING, Any

import click
import pytest

from memorybank.check.doctor import examine
from memorybank.cli.main import cli
from memorybank.store.discover import find_bank
from memorybank.store.journal.log import read_operations
from tests.faults.killing import Killing, snapshot
from tests.faults.writing_commands import COMMANDS, EDITOR, ELSEWHERE, ENDS_WITH_1, make_project
from tests.running import FULL, sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.faults.writing_commands import Project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the children are forked")

NEXT = ("note", "the next command", "--as", "reference")
# a run of a program is proof of that moment, so it is run again, and its proof is another one; a message is not in the
# journal, so here it cannot be seen whether its command had ended: tests/faults/test_kill_between.py
ANEW = frozenset({"prove", "session message"})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("killed") / "project")


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield each command below one, with its name; a group that does something itself counts too."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            assert below is not None
            yield from commands(below, f"{name} {each}".strip())
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield name, command


def test_every_command_that_writes_is_listed() -> None:
    """A command writes if it has --dry-run; it is listed by the words that it begins with."""
    writing = {
        name
        for name, command in commands(cli)
        if any("--dry-run" in option.opts for option in command.params if isinstance(option, click.Option))
    }
    listed = {" ".join(words[:count]) for words in COMMANDS.values() for count in (1, 2)}
    assert writing - listed - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() <= writing - listed
    assert {"note", "task reopen", "session end", "workflow finish"} <= writing


@pytest.mark.parametrize("name", sampled(COMMANDS, 8))
def test_a_command_that_was_killed(
    tmp_path: Path,
    project: Project,
    child: Callable[[Callable[[], None]], int],
    dying_at_a_change: Callable[[int], AbstractContextManager[Any]],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795860000")
    monkeypatch.setenv("MEMORYBANK_HOME", os.fspath(tmp_path / "home"))
    monkeypatch.setenv("EDITOR", EDITOR)
    words = tuple(project.words(name))
    killing = Killing(project, tmp_path, child, dying_at_a_change)
    killing.copy()
    none = snapshot(killing.folder)
    status, steps = killing.run(words)
    assert status == (1 if name in ENDS_WITH_1 else 0)
    done = snapshot(killing.folder)
    with_next: list[list[tuple[str, str]]] = []
    chance = zlib.crc32(name.encode())
    cases = [(due, then) for due in range(1, steps + 1) for then in ("again", "next", "undo")]
    for due, then in cases if FULL else cases[chance % max(len(cases), 1) :][:1]:
        where = f"{name}: step {due} of {steps}, {then}"
        if then == "next" and not with_next:
            killing.copy()
            killing.run(words)
            killing.run(NEXT)
            with_next.append(snapshot(killing.folder))
            killing.copy()
            killing.run(NEXT)
            with_next.append(snapshot(killing.folder))
        killing.copy()
        before = killing.last()
        if killing.run(words, due)[0] != -signal.SIGKILL:
            # another run may take a step less
            continue
        had_ended = killing.last().id != before.id and killing.last().state == "done"
        if then == "again":
            again = killing.run(words)[0]
            if not had_ended and name not in ANEW:
                assert again in (0, status), where
                assert snapshot(killing.folder) == done, where
        elif then == "next":
            assert killing.run(NEXT)[0] == 0, where
            assert snapshot(killing.folder) in with_next, where
        else:
            was_begun = killing.last().id != before.id
            assert killing.run(("undo",))[0] == 0, where
            # where nothing was begun, the last operation is another one
            if was_begun and name != "undo":
                assert snapshot(killing.folder) == none, where
        bank = find_bank(killing.folder, environ={})
        assert [each for each in examine(bank) if each.fault] == [], where
        assert {each.state for each in read_operations(bank)} <= {"done", "aborted"}, where


@pytest.mark.parametrize("verb", ["undo", "redo"])
def test_several_steps_that_were_killed(
    tmp_path: Path,
    project: Project,
    child: Callable[[Callable[[], None]], int],
    dying_at_a_change: Callable[[int], AbstractContextManager[Any]],
    verb: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same command does the rest: never a step more, and never one less that it calls done."""
    monkeypatch.setenv("MEMORYBANK_HOME", os.fspath(tmp_path / "home"))
    words = (verb, "-n", "3")
    killing = Killing(project, tmp_path, child, dying_at_a_change)

    def begin() -> None:
        killing.copy()
        for number in range(4):
            assert killing.run(("note", f"line {number}"))[0] == 0
        if verb == "redo":
            assert killing.run(("undo", "-n", "4"))[0] == 0

    def lines() -> list[str]:
        text = (killing.folder / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
        return [each for each in text.split("\n") if each.startswith("- line ")]

    begin()
    status, steps = killing.run(words)
    done = lines()
    assert (status, len(done)) == (0, 1 if verb == "undo" else 3)
    for due in range(1, steps + 1) if FULL else {steps // 3 + 1, steps}:
        begin()
        if killing.run(words, due)[0] != -signal.SIGKILL:
            continue
        if killing.last().state == "done" and lines() == done:
            continue  # all of it was done and written down: the same words again are another command
        assert killing.run(words)[0] == 0, due
        assert lines() == done, due
