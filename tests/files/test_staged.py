"""New files that are written together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import DiskError
from memorybank.files.staged import staged, sync_folders
from memorybank.files.write import FileMoved, publish_staged

if TYPE_CHECKING:
    from pathlib import Path


def test_each_gets_its_name_and_nothing_stays(tmp_path: Path) -> None:
    files = {tmp_path / f"{number}.md": f"text {number}\n".encode() for number in range(150)}
    with staged(list(files.items())) as names:
        assert [path for path in files if path.exists()] == []
        for path, temp in names.items():
            publish_staged(path, temp)
        sync_folders(files)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_what_was_not_named_is_deleted(tmp_path: Path) -> None:
    with staged([(tmp_path / "a.md", b"a"), (tmp_path / "b.md", b"b")]) as names:
        publish_staged(tmp_path / "a.md", names[tmp_path / "a.md"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with staged([(path, b"ours")]) as names:
        path.write_bytes(b"theirs")
        with pytest.raises(FileMoved) as moved:
            publish_staged(path, names[path])
    assert moved.value.current == b"theirs"
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a.md": b"theirs"}


@pytest.mark.parametrize("step", [1, 70, 150])
def test_a_failed_sync_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    calls = iter(range(1, 1000))
    sync = os.fsync

    def fail(fd: int) -> None:
        if next(calls) == step:
            raise OSError(5, "I/O error")
        sync(fd)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskError), staged([(tmp_path / f"{number}.md", b"text") for number in range(150)]):
        pytest.fail("it is not on the disk")
    assert list(tmp_path.iterdir()) == []
