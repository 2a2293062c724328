"""The lock: one holder at a time, named to those who wait, never left behind."""

from __future__ import annotations

import os
import stat
import threading
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import (
    LockedError,
    NotAFileError,
)
from memorybank.files.write import (
    lock,
)

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX names and modes")


def test_lock_keeps_others_out_and_names_its_holder(tmp_path: Path) -> None:
    guard = tmp_path / "state" / "lock"
    told: list[str] = []
    with lock(guard, holder="bank note") as waited:
        assert waited < 5
        with pytest.raises(LockedError) as locked, lock(guard, timeout=1.1, on_wait=told.append):
            pytest.fail("two held it at once")
    assert f"bank note (pid {os.getpid()})" in str(locked.value)
    assert told == [f"waiting for bank note (pid {os.getpid()})"]

    with lock(guard, timeout=0) as waited:
        assert waited < 5
    assert guard.exists()
    if os.name == "posix":
        assert stat.S_IMODE(guard.stat().st_mode) == 0o600
        assert stat.S_IMODE(guard.parent.stat().st_mode) == 0o700


def test_lock_gives_the_time_it_waited(tmp_path: Path) -> None:
    held, waits = threading.Event(), threading.Event()

    def hold() -> None:
        with lock(tmp_path / "lock"):
            held.set()
            waits.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with lock(tmp_path / "lock", timeout=60, on_wait=lambda _: waits.set()) as waited:
        assert waited > 0.9
    thread.join()


@posix
def test_lock_follows_no_link_and_empties_no_victim(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "lock").symlink_to(victim)
    with pytest.raises(NotAFileError), lock(tmp_path / "lock"):
        pytest.fail("a planted link was followed")
    assert victim.read_bytes() == b"precious"


@posix
def test_a_lock_file_that_was_replaced_while_waiting_is_opened_again(tmp_path: Path) -> None:
    guard = tmp_path / "lock"
    held, release, second, tried = (threading.Event() for _ in range(4))

    def hold() -> None:
        with lock(guard):
            held.set()
            release.wait(60)

    def wait() -> None:
        with lock(guard, timeout=60):
            second.set()
            tried.wait(60)

    threads = [threading.Thread(target=hold), threading.Thread(target=wait)]
    threads[0].start()
    held.wait()
    threads[1].start()
    time.sleep(0.05)
    guard.unlink()
    release.set()
    threads[0].join()
    assert second.wait(60)
    with pytest.raises(LockedError), lock(guard, timeout=0.02):
        pytest.fail("two held it at once")
    tried.set()
    threads[1].join()


def test_the_signature_is_shown_without_control_characters(tmp_path: Path) -> None:
    with (
        lock(tmp_path / "lock", holder="bank\x1b[2J"),
        pytest.raises(LockedError) as locked,
        lock(tmp_path / "lock", timeout=0),
    ):
        pytest.fail("two held it at once")
    assert str(locked.value).isprintable()
