"""Files as bytes: found inside the bank, opened without surprise, never half saved."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import (
    BankError,
    EncodingRefusedError,
    LimitError,
    NoFileError,
    NotAFileError,
    OutsideError,
)
from memorybank.files import read as reading
from memorybank.files.write import (
    append_line,
    delete,
    publish,
    read,
    resolve,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX names and modes")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


def test_read_gives_the_whole_file(path: Path) -> None:
    path.write_bytes(b"a\r\n" * 100_000)
    assert read(path) == b"a\r\n" * 100_000


def test_read_of_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NoFileError):
        read(tmp_path / "none.md")


def test_read_refuses_what_is_too_large(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(reading.SIZE_LIMIT + 1)
    with pytest.raises(LimitError):
        read(path)


@pytest.fixture
def odd_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    things = {kind: tmp_path / kind for kind in ("folder", "pipe", "socket")}
    things["folder"].mkdir()
    os.mkfifo(things["pipe"])
    monkeypatch.chdir(tmp_path)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        yield things | {"device": tmp_path.__class__("/dev/zero")}


@posix
@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_what_is_not_a_file_is_refused_at_once(odd_things: dict[str, Path], kind: str) -> None:
    path = odd_things[kind]
    start = time.monotonic()
    for attempt in (
        lambda: read(path),
        lambda: publish(path, base=b"", new=b"new\n"),
        lambda: publish(path, base=None, new=b"new\n"),
        lambda: delete(path, base=b""),
    ):
        with pytest.raises(NotAFileError):
            attempt()
    if kind != "device":
        with pytest.raises(NotAFileError):
            append_line(path, b"{}")
    assert time.monotonic() - start < 30  # reading one would wait for ever


@linux
def test_read_waits_for_a_save_that_is_under_way(path: Path) -> None:
    """An editor empties the file and fills it a moment later: nobody needs to see the moment."""
    emptied = threading.Event()

    def save() -> None:
        with path.open("wb", buffering=0) as file:
            emptied.set()
            time.sleep(0.03)
            file.write(b"half ")
            time.sleep(0.03)
            file.write(b"and half\n")

    editor = threading.Thread(target=save)
    editor.start()
    emptied.wait()
    assert read(path) == b"half and half\n"
    editor.join()


def test_settle_takes_what_can_be_a_text(path: Path) -> None:
    assert settle(path, b"text", None) == b"text"
    assert settle(path, b"", 0) == b""
    assert settle(path, b"x" * 100, 1000) == b"x" * 100
    assert settle(path, b"x", 999) == b"x"


def test_settle_waits_for_the_text(path: Path) -> None:
    timer = threading.Timer(0.04, path.write_bytes, [b"the text\n"])
    path.write_bytes(b"")
    timer.start()
    assert settle(path, b"", None) == b"the text\n"
    timer.join()


@pytest.mark.parametrize(
    ("data", "size"),
    [(b"", None), (b"", 5), (b"\0" * 50, None), (b"x" * 99, 1000)],
    ids=["empty", "empty-5", "nul", "tiny"],
)
def test_settle_refuses_what_is_left_of_a_text(path: Path, data: bytes, size: int | None) -> None:
    path.write_bytes(data)
    with pytest.raises(EncodingRefusedError) as refused:
        settle(path, data, size)
    assert "bank restore" in refused.value.hint


@posix
def test_resolve_knows_inside_from_outside(tmp_path: Path) -> None:
    bank, evil = tmp_path / "bank", tmp_path / "bank-evil"
    for folder in (bank, evil):
        folder.mkdir()
    (bank / "in.md").symlink_to(bank / "not-yet.md")
    (bank / "out.md").symlink_to(evil / "notes.md")
    (bank / "door").symlink_to(evil)
    (bank / "circle.md").symlink_to(bank / "circle.md")
    (tmp_path / "alias").symlink_to(bank)

    assert resolve(bank / "notes.md", [bank]) == bank / "notes.md"
    assert resolve(bank / "in.md", [bank]) == bank / "not-yet.md"
    assert resolve(tmp_path / "alias" / "notes.md", [bank]) == bank / "notes.md"
    assert resolve(bank / "notes.md", [tmp_path / "alias"]) == bank / "notes.md"
    assert resolve(evil / "notes.md", [bank, evil]) == evil / "notes.md"
    for outside in (
        evil / "notes.md",
        bank / ".." / "bank-evil" / "notes.md",
        bank / "out.md",
        bank / "door" / "notes.md",
        bank / "circle.md",
    ):
        with pytest.raises(OutsideError):
            resolve(outside, [bank])


@pytest.mark.parametrize("name", ["a\0.md", "a\n.md", "a\x1b[31m.md", "a\x7f.md", "a\x85.md"])
def test_resolve_refuses_control_characters(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutsideError) as refused:
        resolve(tmp_path / name, [tmp_path])
    assert str(refused.value).isprintable()


def test_the_hint_leads_to_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path, shown in (("file", "file"), ("file/below/it", "file")):
        with pytest.raises(BankError) as refused, reading.typed(tmp_path / path):
            raise PermissionError(errno.EACCES, "Permission denied")
        assert refused.value.hint == f"ls -ld {tmp_path / shown}"
