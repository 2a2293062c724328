"""`kill -9` at a step of a command, other commands, then the command again: what it wrote is there once.

Some steps by default, every step with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.facade.schemas import answer_schema
from memorybank.store.discover import find_bank
from memorybank.store.journal.log import read_operations
from tests.cli.test_json import faults_of
from tests.faults.killing import Killing, snapshot
from tests.faults.writing_commands import make_project
from tests.running import FULL, bank, sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.faults.writing_commands import Project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the children are forked")

# writes a second time when it is run twice, or is refused the second time
TWICE = ("log", "decide", "checkpoint", "bug new", "bug fix", "task done", "learn", "save", "delete", "workflow task")
READING: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("doctor",),
    ("doctor", "--fix"),
    ("load",),
    ("history",),
    ("show", "activeContext.md"),
    ("search", "Redis"),
    ("session", "list"),
    ("undo", "--dry-run"),
    ("note", "never written", "--dry-run"),
    ("wrap-up", "--dry-run"),
    ("list",),
    ("status",),
    ("notes", "apply", "--dry-run"),
    # writes, and finds nothing to write
    ("migrate",),
)
WRITING = (("note", "written in between"), ("task", "add", "Added in between"))
# a checkpoint holds what there is, so what is written before it changes its text
ADDING = ("log", "decide", "bug new", "learn", "save", "workflow task")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = make_project(tmp_path_factory.mktemp("between") / "project")
    # so that it has nothing left to do when it comes between
    assert bank(made.folder, "migrate").returncode == 0
    return made


@pytest.fixture
def killing(
    tmp_path: Path,
    project: Project,
    child: Callable[[Callable[[], None]], int],
    dying_at_a_change: Callable[[int], AbstractContextManager[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Killing:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795860000")
    monkeypatch.setenv("MEMORYBANK_HOME", os.fspath(tmp_path / "home"))
    return Killing(project, tmp_path, child, dying_at_a_change)


def killed(killing: Killing, words: tuple[str, ...], *, by: int = 9) -> Iterator[int]:
    """Kill a command at each of its steps; yields the step, where it had not ended yet."""
    killing.copy()
    status, steps = killing.run(words)
    assert status == 0
    for due in some(steps, by=by):
        if dies(killing, words, due):
            yield due


def some(steps: int, *, by: int = 9) -> range:
    """Return every step in a full run, else one in `by`, the last steps first: by then something was written."""
    return range(steps, 0, -1 if FULL else -by)


def dies(killing: Killing, words: tuple[str, ...], due: int) -> bool:
    """Kill a command at a step, in a new copy; False if it had ended by then."""
    killing.copy()
    before = killing.last()
    if killing.run(words, due)[0] != -signal.SIGKILL:
        return False
    return killing.last().id == before.id or killing.last().state != "done"


def done_by(killing: Killing, *runs: tuple[str, ...]) -> list[tuple[str, str]]:
    killing.copy()
    for words in runs:
        killing.run(words)
    return snapshot(killing.folder)


@pytest.mark.parametrize("name", sampled(TWICE, 2))
def test_commands_that_only_read_come_between(killing: Killing, project: Project, name: str) -> None:
    words = tuple(project.words(name))
    done = done_by(killing, words)
    alone = [(each,) for each in READING]
    for step in killed(killing, words, by=16):
        # at each step another one, at some all of them in a row; in a full run all of it at each step
        for between in [*alone, READING] if FULL else [alone[step % len(alone)] if step % 5 else READING]:
            assert dies(killing, words, step)
            for each in between:
                killing.run(each)
            assert killing.run(words)[0] == 0, (step, between)
            assert snapshot(killing.folder) == done, (step, between)


@pytest.mark.parametrize("name", sampled(ADDING, 2))
def test_commands_that_write_come_between(killing: Killing, project: Project, name: str) -> None:
    """What has a text of its own is known again; where nothing was written yet, it is written now."""
    words = tuple(project.words(name))
    done = texts(done_by(killing, words, *WRITING))
    for step in killed(killing, words, by=16):
        for each in (("check",), *WRITING):
            assert killing.run(each)[0] in (0, 1), step
        assert killing.run(words)[0] == 0, step
        assert texts(snapshot(killing.folder)) == done, step


def texts(files: list[tuple[str, str]]) -> list[str]:
    """Return all lines in one order: what was written first is above."""
    return sorted(line for _, text in files for line in text.split("\n"))


def test_the_answer_is_given_once(killing: Killing) -> None:
    """After the answer the same words are a new command, as they are after an undo of what was interrupted."""
    words = ("log", "said twice")
    entries = killing.folder / ".memorybank" / "development_log.md"
    seen = []
    for step in killed(killing, words, by=3):
        is_there = "said twice" in entries.read_text(encoding="utf-8")
        seen.append(is_there)
        if not is_there:
            continue
        for each in (("check",), words, ("check",)):
            killing.run(each)
        assert entries.read_text(encoding="utf-8").count("said twice") == 1, step
        killing.run(words)
        assert entries.read_text(encoding="utf-8").count("said twice") == 2, step
    assert True in seen
    for step in killed(killing, words):
        if "said twice" not in entries.read_text(encoding="utf-8"):
            continue
        for each in (("check",), ("undo",), words):
            assert killing.run(each)[0] in (0, 1), step
        assert entries.read_text(encoding="utf-8").count("said twice") == 1, step


def test_what_acts_on_the_present_is_done_again_after_a_write(killing: Killing) -> None:
    """`undo` means another operation once something was written since."""
    seen = 0
    for step in killed(killing, ("undo",)):
        for each in (("check",), ("note", "written since"), ("undo",)):
            assert killing.run(each)[0] in (0, 1), step
        text = (killing.folder / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
        assert "written since" not in text, step
        seen += 1
    assert seen


@pytest.mark.parametrize("label", ["auth", "a new one"])
def test_a_message_is_said_once_and_again_if_it_is_said_again(killing: Killing, label: str) -> None:
    """What was killed is known by a mark; the same words that are really said twice are two messages."""
    words = ("session", "message", "user", "said by the killed", "--session", label)

    def said() -> int:
        folder = killing.folder / ".memorybank" / "sessions"
        return sum(path.read_text(encoding="utf-8").count(words[3]) for path in folder.glob("*.jsonl"))

    killing.copy()
    steps = killing.run(words)[1]
    written = 0
    for due in some(steps, by=8):
        dies(killing, words, due)
        was_said, is_pending = said(), any(killing.folder.glob(".memorybank/.state/saying/*"))
        written += was_said and is_pending
        for each in (("check",), ("doctor", "--fix"), ("note", "in between")):
            killing.run(each)
        assert killing.run(words)[0] == 0, due
        # without a mark the command had ended
        assert said() == (2 if was_said and not is_pending else 1), due
        assert not any(killing.folder.glob(".memorybank/.state/saying/*")), due
        assert killing.run(words)[0] == 0, due
        assert said() == (3 if was_said and not is_pending else 2), due
    assert written
    # once something else was said, the same words are a new message
    for due in some(steps, by=16):
        dies(killing, words, due)
        was_said = said()
        killing.run(("session", "message", "assistant", "an answer", "--session", label))
        assert killing.run(words)[0] == 0, due
        assert said() == was_said + 1, due


def test_a_message_that_was_there_is_answered_in_its_form(killing: Killing) -> None:
    words = ("session", "message", "user", "said by the killed", "--session", "auth", "--json")
    killing.copy()
    steps = killing.run(words)[1]
    answers = []
    for due in some(steps):
        dies(killing, words, due)
        out = killing.folder.with_name("out")
        out.unlink(missing_ok=True)
        killing.run(words)
        answers.append(json.loads(out.read_text(encoding="utf-8")))
    assert [faults_of(each, answer_schema("session message")) for each in answers] == [[]] * len(answers)
    again = [each for each in answers if each.get("already_done")]
    assert again
    assert {(each["message"]["text"], each["receipt"], each["started"]) for each in again} == {(words[3], None, False)}


def test_a_damaged_file_of_interrupted_commands_stops_nothing(killing: Killing) -> None:
    killing.copy()
    state = find_bank(killing.folder, environ={}).state / "unanswered.json"
    for text in ("[", "{}", "[1, {}]", '[{"op": 1, "request": null}]', "[" * 100_000):
        state.write_text(text, encoding="utf-8")
        assert killing.run(("note", f"beside {len(text)}"))[0] == 0
    assert read_operations(find_bank(killing.folder, environ={}))[-1].state == "done"
