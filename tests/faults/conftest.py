"""Faults for the code that writes files: a chosen system call fails, or the process dies just before it."""

from __future__ import annotations

import gc
import os
import signal
import traceback
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.files import swap as exchange
from tests.running import import_everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What the product calls to change a file or to look at one. `close` is left out: it always closes.
CALLS = (
    "open",
    "read",
    "write",
    "lseek",
    "stat",
    "fstat",
    "listdir",
    "fsync",
    "fchmod",
    "fchown",
    "listxattr",
    "getxattr",
    "setxattr",
    "removexattr",
    "ftruncate",
    "mkdir",
    "link",
    "rename",
    "replace",
    "unlink",
)

# those that leave a mark on the disk
CHANGING = frozenset(("write", "fsync", "fchmod", "mkdir", "link", "rename", "replace", "unlink", "exchange"))

Before = AbstractContextManager["Trip"]


class Trip:
    """Counts the calls and does something before the one that is due."""

    def __init__(
        self, due: int, action: Callable[[], None], *, lasting: bool, only: frozenset[str] = frozenset()
    ) -> None:
        self.due = due
        self.only = only
        self.action = action
        self.lasting = lasting
        self.count = 0
        self.fired = ""

    def step(self, name: str) -> None:
        self.count += 1
        if self.count == self.due or (self.lasting and self.count > self.due):
            self.fired = self.fired or name
            self.action()

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*args: Any, **values: Any) -> Any:
            if not self.only or name in self.only:
                self.step(name)
            return call(*args, **values)

        return stepping


@contextmanager
def tripping(
    due: int, action: Callable[[], None], *, lasting: bool = False, only: frozenset[str] = frozenset()
) -> Iterator[Trip]:
    trip = Trip(due, action, lasting=lasting, only=only)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            if hasattr(os, name):
                patch.setattr(os, name, trip.wrap(name, getattr(os, name)))
        patch.setattr(exchange, "_rename", trip.wrap("exchange", exchange._rename))  # noqa: SLF001 - the kernel's door
        yield trip


@pytest.fixture
def failing() -> Callable[[int, int, bool], AbstractContextManager[Trip]]:
    """Give a context in which the n-th system call (and with `lasting` all later ones) fails with an errno."""

    def context(due: int, number: int, lasting: bool) -> AbstractContextManager[Trip]:
        def fail() -> None:
            raise OSError(number, os.strerror(number))

        return tripping(due, fail, lasting=lasting)

    return context


@pytest.fixture
def dying() -> Callable[[int], AbstractContextManager[Trip]]:
    """Give a context in which the process is killed just before its n-th system call. For a child only."""
    return lambda due: tripping(due, lambda: os.kill(os.getpid(), signal.SIGKILL))


@pytest.fixture
def dying_at_a_change() -> Callable[[int], AbstractContextManager[Trip]]:
    """Give a context in which the process is killed before its n-th call that changes the disk. For a child only."""
    return lambda due: tripping(due, lambda: os.kill(os.getpid(), signal.SIGKILL), only=CHANGING)


@pytest.fixture
def child() -> Iterator[Callable[[Callable[[], None]], int]]:
    """Give a function that starts work in a forked child; children still there at the end are killed."""
    started: list[int] = []
    import_everything()

    def start(work: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                gc.freeze()  # what this process has is not looked through again
                work()
                code = 0
            except BaseException:  # noqa: BLE001 - nothing may climb from a forked child into the test runner
                traceback.print_exc()
            finally:
                os._exit(code)
        started.append(pid)
        return pid

    yield start
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue
