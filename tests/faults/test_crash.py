"""Whatever fails or dies while a file is written: it holds its old bytes or its new ones, and the next write works."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from memorybank.errors import BankError
from memorybank.files.write import FileMoved, append_line, delete, publish

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the children are forked")

OLD = b"old line\n" * 3000
NEW = b"new line, longer\n" * 3000
LARGE = 5_000_000
MOST_CALLS = 300


class Operation(NamedTuple):
    """One way to change a file, with what stands there before and after (None: no file)."""

    name: str
    before: bytes | None
    after: bytes | None
    do: Callable[[Path], None]


OPERATIONS = (
    Operation("replace", OLD, NEW, lambda path: publish(path, base=OLD, new=NEW)),
    Operation("create", None, NEW, lambda path: publish(path, base=None, new=NEW)),
    Operation("delete", OLD, None, lambda path: delete(path, base=OLD)),
    Operation("append", OLD, OLD + b"{}\n", lambda path: append_line(path, b"{}")),
    Operation("append-new", None, b"{}\n", lambda path: append_line(path, b"{}")),
)
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)


def fresh(tmp_path: Path, operation: Operation) -> Path:
    folder = tmp_path / "bank"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "notes.md"
    if operation.before is not None:
        path.write_bytes(operation.before)
        path.chmod(0o640)
    return path


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def standing(path: Path, operation: Operation) -> bytes | None:
    """Give what stands there; a journal that was made and not yet written to counts as none."""
    found = content(path)
    return None if operation.name == "append-new" and found == b"" else found


def check_next_write_works(path: Path) -> None:
    publish(path, base=content(path), new=b"the next one\n")
    assert [entry.name for entry in path.parent.iterdir()] == ["notes.md"]
    assert path.read_bytes() == b"the next one\n"


@every_operation
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR, errno.EMFILE, errno.EROFS])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from-then-on"])
def test_each_system_call_in_turn_fails(
    tmp_path: Path,
    failing: Callable[[int, int, bool], AbstractContextManager[Any]],
    operation: Operation,
    number: int,
    lasting: bool,
) -> None:
    """A refusal of our family and the old bytes, or success and the new ones; never anything between."""
    for due in range(1, MOST_CALLS):
        path = fresh(tmp_path, operation)
        refusal: BaseException | None = None
        with failing(due, number, lasting) as trip:
            try:
                operation.do(path)
            except (BankError, FileMoved) as error:
                refusal = error
        where = f"call {due}, {trip.fired}"
        if refusal is None:
            assert standing(path, operation) == operation.after, where
        elif lasting:
            # What could not be made durable could not be taken back either.
            assert standing(path, operation) in {operation.before, operation.after}, where
        else:
            assert standing(path, operation) == operation.before, where
        if not lasting:
            assert {entry.name for entry in path.parent.iterdir()} <= {"notes.md"}, where
        check_next_write_works(path)
        if not trip.fired:
            break
    else:
        pytest.fail(f"{operation.name} never ran through")


@needs_fork
@every_operation
def test_killed_before_each_system_call(
    tmp_path: Path,
    child: Callable[[Callable[[], None]], int],
    dying: Callable[[int], AbstractContextManager[Any]],
    operation: Operation,
) -> None:
    for due in range(1, MOST_CALLS):
        path = fresh(tmp_path, operation)

        def work(path: Path = path, due: int = due) -> None:
            with dying(due):
                operation.do(path)

        status = os.waitpid(child(work), 0)[1]
        found = standing(path, operation)
        if status == 0:
            assert found == operation.after
        else:
            assert os.WTERMSIG(status) == signal.SIGKILL
            assert found in {operation.before, operation.after}, f"call {due}"
        check_next_write_works(path)
        if status == 0:
            break
    else:
        pytest.fail(f"{operation.name} never ran through")


@needs_fork
def test_killed_at_random_moments_while_a_large_file_is_published(
    tmp_path: Path, child: Callable[[Callable[[], None]], int]
) -> None:
    """Wholly old or wholly new, and what was acknowledged is never gone."""
    path = tmp_path / "notes.md"

    def text(number: int) -> bytes:
        return (b"%09d\n" % number) * (LARGE // 10)

    publish(path, base=None, new=text(0))
    number = 0
    for _ in range(40):
        reader, writer = os.pipe()

        def work(number: int = number, writer: int = writer) -> None:
            while True:
                publish(path, base=text(number), new=text(number + 1))
                number += 1
                os.write(writer, b"%09d\n" % number)

        pid = child(work)
        time.sleep(random.uniform(0.005, 0.08))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(writer)
        with os.fdopen(reader, "rb") as acknowledged:
            last = ([number] + [int(line) for line in acknowledged])[-1]

        found = path.read_bytes()
        number = int(found[:9])
        assert number in {last, last + 1}
        assert found == text(number)
    publish(path, base=text(number), new=b"done\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.md"]


@needs_fork
def test_a_lock_dies_with_its_process(tmp_path: Path, child: Callable[[Callable[[], None]], int]) -> None:
    from memorybank.files.write import lock

    held = tmp_path / "held"

    def work() -> None:
        with lock(tmp_path / "lock", holder="bank note"):
            held.touch()
            time.sleep(60)

    pid = child(work)
    while not held.exists():
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with lock(tmp_path / "lock", timeout=1) as waited:
        assert waited < 0.5


STRACE = shutil.which("strace")
PROGRAM = """
import sys
from pathlib import Path
from memorybank.files.write import publish
publish(Path(sys.argv[1]), base=b"old\\n", new=b"new\\n")
"""


def run_traced(path: Path, trace: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    assert STRACE is not None
    changing = "trace=openat,write,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,fchmod,fchown"
    return subprocess.run(
        [
            STRACE,
            "-f",
            "-y",
            "-s",
            "300",
            "-o",
            str(trace),
            "-e",
            changing,
            *options,
            sys.executable,
            "-B",
            "-c",
            PROGRAM,
            str(path),
        ],
        capture_output=True,
        check=False,
    )


@pytest.fixture
def traced(tmp_path: Path) -> Path:
    """Give a place for the trace, where tracing is possible."""
    if STRACE is None:
        pytest.skip("needs strace")
    path = tmp_path / "probe.md"
    path.write_bytes(b"old\n")
    if run_traced(path, tmp_path / "probe").returncode:
        pytest.skip("strace may not trace here")
    path.unlink()
    return tmp_path / "trace"


def test_the_order_of_system_calls_survives_a_power_cut(tmp_path: Path, traced: Path) -> None:
    """The bytes are on the disk before they get the name, and the name before we return."""
    path = tmp_path / "notes.md"
    path.write_bytes(b"old\n")

    assert run_traced(path, traced).returncode == 0

    steps = []
    for line in traced.read_text(errors="replace").split("\n"):
        for step, marks in (
            ("create", ("openat(", ".notes.md.", "O_EXCL", "O_NOFOLLOW")),
            ("write", ("write(", ".notes.md.")),
            ("sync file", ("fsync(", ".notes.md.")),
            ("exchange", ("renameat2(", "notes.md", "RENAME_EXCHANGE")),
            ("sync folder", ("fsync(", f"<{tmp_path}>")),
            ("unlink", ("unlink", ".notes.md.")),
        ):
            if all(mark in line for mark in marks):
                steps.append(step)
    assert steps == ["create", "write", "sync file", "exchange", "sync folder", "unlink"]


def test_killed_inside_the_kernel(tmp_path: Path, traced: Path) -> None:
    """At the entry of each system call that names the bank, as a real run makes them."""
    path = tmp_path / "bank" / "notes.md"
    path.parent.mkdir()
    path.write_bytes(b"old\n")
    assert run_traced(path, traced).returncode == 0
    seen: dict[str, int] = {}
    points = []
    for line in traced.read_text(errors="replace").split("\n"):
        call = line.partition(" ")[2].strip().partition("(")[0]
        seen[call] = seen.get(call, 0) + 1
        if str(path.parent) in line:
            points.append((call, seen[call]))
    assert {"openat", "write", "fchmod", "fsync", "renameat2", "unlink"} <= {call for call, _ in points}

    for call, when in points:
        path.write_bytes(b"old\n")
        done = run_traced(path, traced, "-e", f"inject={call}:signal=KILL:when={when}")
        assert done.returncode != 0, (call, when)
        assert path.read_bytes() in {b"old\n", b"new\n"}, (call, when)
        check_next_write_works(path)
