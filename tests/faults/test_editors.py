"""Programs that do not know our lock save while we publish: none of their saves is overwritten."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import DiskError
from memorybank.files.write import FileMoved, lock, publish, read, read_back, settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the children are forked")

SAVES = 40
WRITERS = 4
TRIES = 200


def add_line(path: Path, guard: Path, line: bytes) -> None:
    """Do what one `bank note` does: lock, read, edit, publish, and again when the file has moved."""
    with lock(guard, timeout=60):
        for _ in range(TRIES):
            base = settle(path, read(path), None)
            try:
                publish(path, base=base, new=base + line)
            except FileMoved:
                continue
            read_back(path, base + line, base)
            return
        raise DiskError(path=path, why="no rest from editors")


def save_by_rename(path: Path, text: bytes) -> None:
    """Save as vim does."""
    other = path.with_name("editor.swp")
    other.write_bytes(text)
    other.replace(path)


def save_in_place(path: Path, text: bytes) -> None:
    """Open without emptying, then write over it in one call."""
    with path.open("r+b", buffering=0) as file:
        file.write(text)
        file.truncate()


def save_in_two_steps(path: Path, text: bytes) -> None:
    """Save as VS Code does: empty the file, and fill it a moment later."""
    with path.open("wb", buffering=0) as file:
        time.sleep(random.uniform(0.002, 0.010))
        file.write(text)


def save_in_pieces(path: Path, text: bytes) -> None:
    """Save as a program with a small buffer does."""
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(text), len(text) // 3 + 1):
            file.write(text[start : start + len(text) // 3 + 1])
            time.sleep(0.001)


@pytest.mark.parametrize("save", [save_by_rename, save_in_place, save_in_two_steps, save_in_pieces])
def test_no_save_of_an_editor_is_overwritten(
    tmp_path: Path,
    child: Callable[[Callable[[], None]], int],
    save: Callable[[Path, bytes], None],
) -> None:
    path, guard, stop = tmp_path / "notes.md", tmp_path / "state" / "lock", tmp_path / "stop"
    path.write_bytes(b"# Notes\n")

    def write_on() -> None:
        number = 0
        while not stop.exists():
            add_line(path, guard, b"- ours %d %d\n" % (os.getpid(), number))
            number += 1

    def edit() -> None:
        for number in range(SAVES):
            time.sleep(random.uniform(0.001, 0.02))
            save(path, path.read_bytes() + b"- save %d.\n" % number)

    writers = [child(write_on) for _ in range(WRITERS)]
    editor = child(edit)
    assert os.waitpid(editor, 0)[1] == 0
    stop.touch()
    assert [os.waitpid(pid, 0)[1] for pid in writers] == [0] * WRITERS

    text = path.read_bytes()
    assert [number for number in range(SAVES) if text.count(b"- save %d.\n" % number) != 1] == []
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["notes.md", "state", "stop"]


def test_writers_under_the_lock_keep_every_line_once(
    tmp_path: Path, child: Callable[[Callable[[], None]], int]
) -> None:
    path, guard = tmp_path / "notes.md", tmp_path / "state" / "lock"
    path.write_bytes(b"# Notes\n")

    def work_of(writer: int) -> Callable[[], None]:
        def work() -> None:
            for number in range(30):
                add_line(path, guard, b"- %d-%d\n" % (writer, number))

        return work

    pids = [child(work_of(writer)) for writer in range(6)]
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 6

    lines = path.read_bytes().split(b"\n")[1:-1]
    assert sorted(lines) == sorted(b"- %d-%d" % (writer, n) for writer in range(6) for n in range(30))
