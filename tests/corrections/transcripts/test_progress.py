"""Logs are read on from where reading ended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.transcripts.counts import LogCounts, Start
from memorybank.corrections.transcripts.log_places import LogFile
from memorybank.corrections.transcripts.progress import FILE, State, note, read_state, save_state, unread
from memorybank.corrections.transcripts.read_log import read_events
from tests.corrections.transcripts import test_codex_log as codex
from tests.corrections.transcripts.claude import Log

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.transcripts.event import Event


def log_file(path: Path, client: str = "claude-code") -> LogFile:
    status = path.stat()
    return LogFile(client, path, status.st_size, status.st_mtime_ns, status.st_ino)


def mined(path: Path, state: State) -> list[Event]:
    """Read what is new, as mining does."""
    log = log_file(path)
    place = unread(log, state)
    if place is None:
        return []
    counts = LogCounts()
    events = list(read_events(path, log.client, start=place.start.offset, line=place.start.line, counts=counts))
    note(log, counts, state)
    return [event for event in events if event.line >= place.first_new]


@pytest.fixture
def log() -> Log:
    made = Log()
    for number in range(10):
        made.asks(f"question {number}")
        made.says(f"answer {number}")
    return made


def append(path: Path, log: Log, lines: int) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in log.lines[-lines:])


def test_a_log_that_did_not_change_is_not_read(tmp_path: Path, log: Log) -> None:
    path, state = log.write(tmp_path), State()
    assert len(mined(path, state)) == 20
    assert unread(log_file(path), state) is None
    os.utime(path, (1, 1))
    assert unread(log_file(path), state) is None


def test_a_log_that_grew_is_read_on_with_the_turns_before(tmp_path: Path, log: Log) -> None:
    path, state = log.write(tmp_path), State()
    mined(path, state)
    log.asks("no, use tabs")
    append(path, log, 1)
    place = unread(log_file(path), state)
    assert place is not None
    before = log.lines[:12]
    assert (place.start, place.first_new) == (Start(sum(len(line) + 1 for line in before), 13), 21)
    (event,) = mined(path, state)
    assert (event.text, event.line, event.offset) == ("no, use tabs", 21, sum(len(line) + 1 for line in log.lines[:20]))


def test_a_torn_line_is_read_when_it_is_whole(tmp_path: Path, log: Log) -> None:
    path, state = log.write(tmp_path), State()
    log.asks("no, use tabs")
    with path.open("a", encoding="utf-8") as file:
        file.write(log.lines[-1][:50])
    assert len(mined(path, state)) == 20
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{log.lines[-1][50:]}\n")
    assert [event.text for event in mined(path, state)] == ["no, use tabs"]


@pytest.mark.parametrize("size", ["shorter", "as long", "longer"])
def test_a_log_that_was_replaced_is_read_from_the_start(tmp_path: Path, log: Log, size: str) -> None:
    path, state = log.write(tmp_path), State()
    mined(path, state)
    other = Log(session="s2" if size == "as long" else "s0002")
    for number in range(3 if size == "shorter" else 10):
        other.asks(f"question {number}")
        other.says(f"Answer {number}")
    path.unlink()
    other.write(tmp_path)
    assert mined(path, state)[0].session == other.lines[0].split('"sessionId":"')[1].split('"')[0]


def test_the_state_is_kept_and_a_damaged_one_is_no_error(tmp_path: Path, log: Log) -> None:
    path, state = log.write(tmp_path), State()
    mined(path, state)
    save_state(tmp_path, state)
    save_state(tmp_path, {"/other": next(iter(state.values()))})
    assert read_state(tmp_path) == {**state, "/other": state[str(path)]}
    for text in ("", "[]", '{"a": 1, "b": [1], "c": ["x", 1, 2, 3, 4, 5, 6, 7, "d"]}', "[" * 100_000):
        (tmp_path / FILE).write_text(text)
        assert read_state(tmp_path) == {}


def test_a_log_that_cannot_be_read_is_tried_again(tmp_path: Path, log: Log) -> None:
    path, state = log.write(tmp_path), State()
    found = log_file(path)
    path.unlink()
    counts = LogCounts()
    assert not list(read_events(path, "claude-code", counts=counts))
    note(found, counts, state)
    assert state == {}
    assert list(counts.refused) == [str(path)]


def test_a_long_turn_is_read_on_with_its_last_answers(tmp_path: Path) -> None:
    log, state = Log(), State()
    log.asks("start")
    for number in range(40):
        log.says(f"answer {number}")
        log.add("attachment", attachment={"type": "prompt_snapshot", "text": "x" * 40_000})
    path = log.write(tmp_path)
    mined(path, state)
    place = unread(log_file(path)._replace(size=10**9), state)
    assert place is not None
    assert place.first_new - place.start.line in range(20, 30)
    events = list(read_events(path, "claude-code", start=place.start.offset, line=place.start.line))
    assert events[-1].text == "answer 39"


def test_a_rollout_that_is_read_on_has_its_session(tmp_path: Path) -> None:
    path = tmp_path / "rollout-1.jsonl"
    lines = [codex.header(source="exec"), codex.item("assistant", "Hi"), codex.completed("UserMessage", "no")]
    path.write_text("".join(f"{line}\n" for line in lines))
    start = len(lines[0]) + 1
    events = list(read_events(path, "codex", start=start, line=2))
    assert [(event.text, event.session, event.line) for event in events] == [("Hi", codex.ONE, 2), ("no", codex.ONE, 3)]
    assert not events[-1].is_sure
