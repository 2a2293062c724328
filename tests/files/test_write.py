"""The door through which all files are written: what it keeps, what it refuses, what it promises."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import (
    DiskError,
    NoFileError,
    NotAFileError,
    PermissionRefusedError,
    ReadbackError,
)
from memorybank.files import read as reading
from memorybank.files import swap as exchange
from memorybank.files import temporary as temp
from memorybank.files.write import (
    FileMoved,
    append_line,
    delete,
    make_dirs,
    publish,
    read,
    read_back,
    resolve,
    rotate,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX names and modes")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_publish_replaces_what_the_caller_saw(path: Path) -> None:
    publish(path, base=b"old\n", new=b"new\n")

    assert path.read_bytes() == b"new\n"
    assert names(path.parent) == ["notes.md"]


@pytest.mark.parametrize("text", [b"", b"\0", b"\xff\xfe\r\n", b"x" * 3_000_000])
def test_publish_writes_any_bytes(path: Path, text: bytes) -> None:
    publish(path, base=b"old\n", new=text)
    assert path.read_bytes() == text


def test_publish_leaves_what_somebody_else_saved(path: Path) -> None:
    with pytest.raises(FileMoved) as moved:
        publish(path, base=b"older\n", new=b"new\n")

    assert moved.value.current == b"old\n"
    assert path.read_bytes() == b"old\n"
    assert names(path.parent) == ["notes.md"]


def test_publish_says_that_the_file_is_gone(path: Path) -> None:
    path.unlink()
    with pytest.raises(FileMoved) as moved:
        publish(path, base=b"old\n", new=b"new\n")

    assert moved.value.current is None
    assert names(path.parent) == []


def test_publish_makes_a_new_file_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        publish(tmp_path / "new.md", base=None, new=b"new\n")
        publish(tmp_path / "private.json", base=None, new=b"{}\n", mode=0o600)
    finally:
        os.umask(before)

    assert (tmp_path / "new.md").read_bytes() == b"new\n"
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "new.md").stat().st_mode) == 0o640
        assert stat.S_IMODE((tmp_path / "private.json").stat().st_mode) == 0o600


def test_publish_makes_no_file_where_one_stands(path: Path) -> None:
    with pytest.raises(FileMoved) as moved:
        publish(path, base=None, new=b"new\n")

    assert moved.value.current == b"old\n"
    assert path.read_bytes() == b"old\n"


def test_publish_into_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(NoFileError):
        publish(tmp_path / "none" / "new.md", base=None, new=b"new\n")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_publish_keeps_the_mode(path: Path, mode: int) -> None:
    path.chmod(mode)
    publish(path, base=b"old\n", new=b"new\n")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_publish_keeps_owner_and_group(path: Path) -> None:
    try:
        os.chown(path, 1234, 4321)
    except PermissionError:
        pytest.skip("only root may give files away")
    publish(path, base=b"old\n", new=b"new\n")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


@linux
def test_publish_keeps_extended_attributes_and_the_acl(path: Path) -> None:
    assert sys.platform == "linux"
    # user::rw- user:1234:r-- group::r-- mask::r-- other::---
    entries = ((1, 6, -1), (2, 4, 1234), (4, 4, -1), (16, 4, -1), (32, 0, -1))
    acl = b"\2\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + (who & 0xFFFFFFFF).to_bytes(4, "little")
        for tag, bits, who in entries
    )
    try:
        os.setxattr(path, "user.colour", b"green")
        os.setxattr(path, "system.posix_acl_access", acl)
    except OSError:
        pytest.skip("this file system has none")

    publish(path, base=b"old\n", new=b"new\n")

    assert os.getxattr(path, "user.colour") == b"green"
    assert os.getxattr(path, "system.posix_acl_access") == acl


@posix
def test_publish_refuses_a_read_only_file_in_a_writable_folder(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(PermissionRefusedError):
        publish(path, base=b"old\n", new=b"new\n")
    with pytest.raises(PermissionRefusedError):
        delete(path, base=b"old\n")

    assert path.read_bytes() == b"old\n"


@posix
def test_publish_refuses_a_read_only_folder(path: Path) -> None:
    path.parent.chmod(0o555)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("root may write everywhere")
        with pytest.raises(PermissionRefusedError):
            publish(path, base=b"old\n", new=b"new\n")
    finally:
        path.parent.chmod(0o755)
    assert path.read_bytes() == b"old\n"


def test_a_name_too_long_is_a_disk_error(tmp_path: Path) -> None:
    with pytest.raises(DiskError):
        publish(tmp_path / ("x" * 300), base=None, new=b"new\n")


@posix
def test_a_name_as_long_as_allowed_is_written(tmp_path: Path) -> None:
    """The temporary file's name is longer, and is cut."""
    path = tmp_path / ("ä" * 126 + ".md")
    publish(path, base=None, new=b"old\n")
    publish(path, base=b"old\n", new=b"new\n")
    assert path.read_bytes() == b"new\n"
    assert names(tmp_path) == [path.name]


@posix
def test_publish_follows_the_link_when_resolved(tmp_path: Path, path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(path)

    publish(resolve(link, [tmp_path]), base=b"old\n", new=b"new\n")

    assert link.is_symlink()
    assert path.read_bytes() == b"new\n"


@posix
def test_a_link_itself_is_never_replaced(tmp_path: Path, path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(path)
    with pytest.raises(NotAFileError):
        publish(link, base=b"old\n", new=b"new\n")
    with pytest.raises(NotAFileError):
        append_line(link, b"{}")
    with pytest.raises(NotAFileError):
        read(link)
    assert link.is_symlink()
    assert path.read_bytes() == b"old\n"


def test_temporaries_of_dead_processes_are_swept(path: Path) -> None:
    """Those of living ones stay, and so does everything that only looks alike."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    start = f".notes.md.{dead.pid}-"
    stale = path.with_name(f"{start}{'0' * 12}.tmp")
    kept = [
        path.with_name(f".notes.md.{os.getppid()}-{'0' * 12}.tmp"),
        path.with_name(f".other.md.{dead.pid}-{'0' * 12}.tmp"),
        path.with_name(f"{start}notes.tmp"),
    ]
    for each in (stale, *kept):
        each.write_bytes(b"half a te")

    publish(path, base=b"old\n", new=b"new\n")

    assert names(path.parent) == sorted(["notes.md", *(each.name for each in kept)])


def test_leftovers_beside_many_files_are_swept_with_one_look_at_each_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    targets = [path.parent / sub / name for sub in (".", "sub") for name in ("notes.md", "notes.md.md", "x\ny.md")]
    (path.parent / "sub").mkdir()
    stale = [each.with_name(f".{each.name}.{dead.pid}-{'0' * 12}.tmp") for each in targets]
    kept = path.with_name(f".other.md.{dead.pid}-{'0' * 12}.tmp")
    for each in (*stale, kept):
        each.write_bytes(b"half a te")
    looks: list[str] = []
    listed = os.listdir

    def look(folder: str) -> list[str]:
        looks.append(folder)
        return listed(folder)

    monkeypatch.setattr(os, "listdir", look)

    temp.sweep(*map(os.fspath, targets))

    assert len(looks) == 2
    assert [each for each in stale if each.exists()] == []
    assert kept.exists()


@linux
def test_a_killed_process_that_nobody_waited_for_counts_as_dead(path: Path) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    try:
        assert zombie.stdout is not None
        zombie.stdout.read()
        stale = path.with_name(f".notes.md.{zombie.pid}-{'0' * 12}.tmp")
        stale.touch()
        deadline = time.monotonic() + 60
        while stale.exists() and time.monotonic() < deadline:
            temp.sweep(os.fspath(path))
        assert not stale.exists()
    finally:
        zombie.communicate()


def test_without_the_exchange_the_bytes_are_compared_and_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise exchange.UnsupportedError

    monkeypatch.setattr(exchange, "_rename", missing)
    publish(path, base=b"old\n", new=b"new\n")
    with pytest.raises(FileMoved):
        publish(path, base=b"old\n", new=b"newer\n")
    publish(path.with_name("other.md"), base=None, new=b"other\n")
    with pytest.raises(FileMoved):
        publish(path.with_name("other.md"), base=None, new=b"another\n")
    delete(path.with_name("other.md"), base=b"other\n")

    assert path.read_bytes() == b"new\n"
    assert names(path.parent) == ["notes.md"]


def between_compare_and_exchange(monkeypatch: pytest.MonkeyPatch, *saves: Callable[[], object]) -> None:
    """Let other programs save just before each of the next exchanges, where no compare can see it."""
    real = exchange.swap
    waiting = list(saves)

    def swap(one: str, other: str) -> None:
        if waiting:
            waiting.pop(0)()
        real(one, other)

    monkeypatch.setattr(exchange, "swap", swap)


def saving(path: Path, text: bytes) -> Callable[[], object]:
    def save() -> None:
        other = path.with_name("editor.swp")
        other.write_bytes(text)
        other.replace(path)

    return save


def test_a_save_between_compare_and_exchange_is_put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    between_compare_and_exchange(monkeypatch, saving(path, b"editor\n"))
    with pytest.raises(FileMoved) as moved:
        publish(path, base=b"old\n", new=b"new\n")

    assert moved.value.current == path.read_bytes() == b"editor\n"
    assert names(path.parent) == ["notes.md"]


def test_a_second_save_while_the_first_is_put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest stays; the one it replaced is handed to the caller, so no text is lost."""
    between_compare_and_exchange(monkeypatch, saving(path, b"first\n"), saving(path, b"second\n"))
    with pytest.raises(FileMoved) as moved:
        publish(path, base=b"old\n", new=b"new\n")

    assert (moved.value.current, moved.value.orphan) == (b"second\n", b"first\n")
    assert path.read_bytes() == b"second\n"
    assert names(path.parent) == ["notes.md"]


def test_a_file_deleted_while_a_save_is_put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    between_compare_and_exchange(monkeypatch, saving(path, b"editor\n"), path.unlink)
    with pytest.raises(FileMoved):
        publish(path, base=b"old\n", new=b"new\n")
    assert path.read_bytes() == b"editor\n"


@pytest.mark.parametrize("has_leases", [True, False])
def test_a_writer_with_the_old_file_open_keeps_its_save(
    path: Path, monkeypatch: pytest.MonkeyPatch, has_leases: bool
) -> None:
    """It opened the file before the exchange and writes after it, into the file that came out."""
    if not has_leases:
        monkeypatch.setattr(reading, "_take_lease", lambda _fd: None)
    elif sys.platform != "linux":
        pytest.skip("Linux only")
    opened = threading.Event()

    def edit() -> None:
        with path.open("r+b", buffering=0) as file:
            opened.set()
            time.sleep(0.012)
            file.write(b"editor\n")

    editor = threading.Thread(target=edit)

    def start() -> None:
        editor.start()
        # With a lease the open itself waits for us.
        opened.wait(0.05)

    between_compare_and_exchange(monkeypatch, start)
    with pytest.raises(FileMoved):
        publish(path, base=b"old\n", new=b"new\n")
    editor.join()

    assert path.read_bytes() == b"editor\n"
    assert names(path.parent) == ["notes.md"]


def test_read_back_accepts_ours_and_a_later_save(path: Path) -> None:
    path.write_bytes(b"new text\n")
    read_back(path, b"new text\n", b"old\n")
    path.write_bytes(b"new text, edited\n")
    read_back(path, b"new text\n", b"old\n")
    path.write_bytes(b"edited\n")
    read_back(path, b"new text\n", None)


@pytest.mark.parametrize("found", [None, b"old\n", b"", b"new ", b"new \0\0\0\0\0"])
def test_read_back_refuses_what_no_editor_would_save(path: Path, found: bytes | None) -> None:
    if found is None:
        path.unlink()
    else:
        path.write_bytes(found)
    with pytest.raises(ReadbackError):
        read_back(path, b"new text\n", b"old\n")


def test_delete_removes_what_the_caller_saw(path: Path) -> None:
    delete(path, base=b"old\n")
    assert names(path.parent) == []


def test_delete_leaves_what_somebody_else_saved(path: Path) -> None:
    with pytest.raises(FileMoved) as moved:
        delete(path, base=b"older\n")
    assert moved.value.current == b"old\n"
    assert names(path.parent) == ["notes.md"]

    path.unlink()
    with pytest.raises(FileMoved) as moved:
        delete(path, base=b"old\n")
    assert moved.value.current is None


def test_a_save_just_before_the_delete_is_put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = exchange.rename_new

    def rename_new(source: str, target: str) -> None:
        monkeypatch.setattr(exchange, "rename_new", real)
        saving(path, b"editor\n")()
        real(source, target)

    monkeypatch.setattr(exchange, "rename_new", rename_new)
    with pytest.raises(FileMoved) as moved:
        delete(path, base=b"old\n")

    assert moved.value.current == path.read_bytes() == b"editor\n"
    assert names(path.parent) == ["notes.md"]


def test_append_line_ends_a_line_that_a_crash_tore(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    append_line(journal, b'{"n":1}')
    append_line(journal, b'{"n":2}\n')
    with journal.open("ab") as file:
        file.write(b'{"n":')
    append_line(journal, b'{"n":3}')

    assert journal.read_bytes() == b'{"n":1}\n{"n":2}\n{"n":\n{"n":3}\n'
    if os.name == "posix":
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="newline"):
        append_line(journal, b"a\nb")


def test_rotate_moves_the_journal_over_the_older_one(tmp_path: Path) -> None:
    journal, older = tmp_path / "journal.jsonl", tmp_path / "journal.1.jsonl"
    journal.write_bytes(b"new\n")
    older.write_bytes(b"old\n")
    rotate(journal, older)
    assert names(tmp_path) == [older.name]
    assert older.read_bytes() == b"new\n"


def test_make_dirs_makes_what_is_missing(tmp_path: Path) -> None:
    make_dirs(tmp_path / "a" / "b" / "c", mode=0o700)
    make_dirs(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_make_dirs_refuses_a_file_in_the_way(path: Path) -> None:
    with pytest.raises(NotAFileError):
        make_dirs(path)
    with pytest.raises(NotAFileError):
        make_dirs(path / "below")


def test_importing_the_room_is_cheap() -> None:
    """The calls that need ctypes and signals load them when first made."""
    program = "import sys, memorybank.files.write; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) & {"ctypes", "fcntl", "subprocess", "tempfile", "secrets", "asyncio"} == set()
