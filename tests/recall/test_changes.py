"""A program that searches again: each change on disk is found by the next search; without one no file is checked."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.files import watch as watch_module
from memorybank.files.watch import Watch
from memorybank.recall import changes
from memorybank.recall.sources import states_of_bank
from tests.running import new_bank

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder

OLD = 1_700_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="the watch is Linux's")


def aged(folder: Path) -> None:
    """Make all files old: one that was just written is read again in any case."""
    for path in folder.rglob("*"):
        os.utime(path, (OLD, OLD), follow_symlinks=False)


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """Give a bank that was searched several times, with a memory, a plan and a message."""
    project = tmp_path / "project"
    project.mkdir()
    made = Bank.init(project)
    made.save("The walrus holds twenty connections")
    (project / "docs" / "plans").mkdir(parents=True)
    (project / "docs" / "plans" / "p.md").write_text("# Plan\n\nFeed the walrus\n", encoding="utf-8")
    made.start_session(label="s")
    made.add_message("user", "Where is the walrus?")
    aged(project)
    for _ in range(4):
        assert made.search("walrus")
    return made


def memory(bank: Bank) -> Path:
    return next((bank.path / "memories" / "fact").glob("*.md"))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count how often the files of a bank are checked one by one."""
    looked: list[object] = []

    def check(bank: BankFolder) -> object:
        looked.append(bank)
        return states_of_bank(bank)

    monkeypatch.setattr(changes, "states_of_bank", check)
    return looked


@linux
def test_without_a_change_no_file_is_checked(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = counted(monkeypatch)
    for query in ("walrus", "connections", "plan"):
        assert bank.search(query)
    assert not looked
    # a second object for the same bank is the same place
    assert Bank.open(bank.project).search("walrus")
    assert not looked
    memory(bank).touch()
    bank.search("walrus")
    assert looked


def in_place(bank: Bank) -> None:
    """Change a file as a program without care does: same inode, same size, and its time put back."""
    path = memory(bank)
    with path.open("r+b") as file:
        at = file.read().index(b"walrus")
        file.seek(at)
        file.write(b"zebras")
    os.utime(path, (OLD, OLD))


def renamed_over(bank: Bank) -> None:
    path = memory(bank)
    new = path.with_suffix(".tmp")
    new.write_text(path.read_text(encoding="utf-8").replace("walrus", "zebras"), encoding="utf-8")
    new.replace(path)


def appended(bank: Bank) -> None:
    (path,) = (bank.path / "sessions").glob("*.jsonl")
    with path.open("a", encoding="utf-8") as file:
        file.write(path.read_text(encoding="utf-8").splitlines()[-1].replace("walrus", "zebras") + "\n")


def new_type(bank: Bank) -> None:
    folder = bank.path / "memories" / "animal"
    folder.mkdir()
    (folder / "z.md").write_text("# Z\n\nzebras graze\n", encoding="utf-8")


def new_subfolder(bank: Bank) -> None:
    folder = bank.project / "docs" / "plans" / "2026" / "11"
    folder.mkdir(parents=True)
    (folder / "z.md").write_text("# Z\n\nzebras graze\n", encoding="utf-8")


def new_docs(bank: Bank) -> None:
    folder = bank.project / "docs" / "research"
    folder.mkdir()
    (folder / "z.md").write_text("# Z\n\nzebras graze\n", encoding="utf-8")


def moved_in(bank: Bank) -> None:
    folder = bank.project.parent / "outside"
    folder.mkdir()
    (folder / "z.md").write_text("# Z\n\nzebras graze\n", encoding="utf-8")
    aged(folder)
    folder.rename(bank.path / "memories" / "animal")


def new_archive(bank: Bank) -> None:
    folder = bank.path / "archive" / "memories" / "fact"
    folder.mkdir(parents=True)
    (folder / "z.md").write_text("# Z\n\nzebras graze\n", encoding="utf-8")


def other_bank_in_its_place(bank: Bank) -> None:
    copy = bank.project.parent / "copy"
    shutil.copytree(bank.path, copy)
    path = next((copy / "memories" / "fact").glob("*.md"))
    path.write_text(path.read_text(encoding="utf-8").replace("walrus", "zebras"), encoding="utf-8")
    aged(copy)
    folder = bank.path
    folder.rename(bank.project.parent / "before")
    copy.rename(folder)


def through_us(bank: Bank) -> None:
    bank.note("zebras graze")


CHANGES = (
    *(in_place, renamed_over, appended, new_type, new_subfolder, new_docs, moved_in),
    *(new_archive, other_bank_in_its_place, through_us),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_every_change_is_found_by_the_next_search(bank: Bank, change: Callable[[Bank], None]) -> None:
    assert not bank.search("zebras graze", archived=True)
    for _ in range(3):
        bank.search("walrus")
    change(bank)
    assert any("zebra" in hit.text for hit in bank.search("zebras", archived=True))
    for _ in range(3):
        assert any("zebra" in hit.text for hit in bank.search("zebras", archived=True))


def test_what_is_removed_is_gone(bank: Bank) -> None:
    memory(bank).unlink()
    assert not [hit for hit in bank.search("walrus connections") if "twenty" in hit.text]
    shutil.rmtree(bank.project / "docs")
    assert not [hit for hit in bank.search("walrus") if hit.scope == "docs"]


@linux
def test_a_child_process_has_a_watch_of_its_own(bank: Bank) -> None:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            in_place(bank)
            os.write(write, b"y" if any("zebras" in hit.text for hit in bank.search("zebras")) else b"n")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    # the child did not take the report that its parent waits for
    assert (os.read(read, 1), [hit.text[:10] for hit in bank.search("zebras")]) == (b"y", ["The zebras"])
    os.close(read)
    os.close(write)


@linux
def test_a_file_with_a_second_name_is_checked_each_time(bank: Bank, tmp_path: Path) -> None:
    other = tmp_path / "second.md"
    os.link(memory(bank), other)
    # ours was not reported; after the next report no watch is trusted
    (bank.path / "progress.md").touch()
    bank.search("walrus")
    with other.open("r+b") as file:
        file.seek(file.read().index(b"walrus"))
        file.write(b"zebras")
    assert any("zebras" in hit.text for hit in bank.search("zebras"))


@linux
def test_after_a_minute_the_files_are_checked_in_any_case(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = counted(monkeypatch)
    now = time.monotonic()
    monkeypatch.setattr("memorybank.recall.changes.time.monotonic", lambda: now + 61)
    assert bank.search("walrus")
    assert len(looked) == 1


@linux
def test_a_disk_that_reports_nothing_is_not_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Watch.on([str(tmp_path)])
    assert made is not None
    made.close()
    monkeypatch.setattr(watch_module, "_LOCAL", frozenset((0x6969,)))
    assert Watch.on([str(tmp_path)]) is None


@linux
def test_lost_reports_count_as_a_change(tmp_path: Path) -> None:
    watch = Watch.on([str(tmp_path)])
    assert watch is not None
    assert not watch.has_changed()
    (tmp_path / "build.log").write_text("x", encoding="utf-8")
    assert not watch.has_changed()
    # more than the system keeps
    path = tmp_path / "x.log"
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text(encoding="ascii"))
    for number in range(most + 2):
        path.with_suffix(f".{number % 2}").touch()
    assert watch.has_changed()
    assert not watch.is_whole
    watch.close()


def test_a_file_from_a_far_future_is_searched_and_no_error(tmp_path: Path) -> None:
    bank = new_bank(tmp_path / "project")
    memory = bank.folder / "memories" / "fact" / "fct-20261121-abcde-later.md"
    memory.parent.mkdir(parents=True)
    memory.write_text("---\nid: fct-20261121-abcde\n---\n# Later\n\nflumox\n", "utf-8")
    # in 2400: more nanoseconds than SQLite's numbers hold
    os.utime(memory, ns=(13_569_465_600_000_000_000,) * 2)
    found = Bank.open(tmp_path / "project").search("flumox")
    assert [hit.path for hit in found] == ["memories/fact/fct-20261121-abcde-later.md"]


def test_a_file_that_went_while_it_was_listed_has_no_second_name(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("text", encoding="utf-8")
    with os.scandir(tmp_path) as entries:
        (entry,) = entries
    path.unlink()
    assert not watch_module.has_second_name(entry)
