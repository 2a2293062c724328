"""The command line, run inside this process or as a real one, and what tests and benchmarks of it share."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

Value = TypeVar("Value")
ROOT = Path(__file__).resolve().parent.parent
MODULE = (sys.executable, "-m", "memorybank")
FILES = ("activeContext.md", "patterns.md", "progress.md")
START = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
FULL = bool(os.environ.get("MEMORYBANK_FULL"))
# the exit statuses that the documentation names, without 70: a bug of ours
REFUSALS = frozenset({1, 2, 3, 4, 5, 6, 7, 8})

SECTIONS = {
    "activeContext.md": ("Learnings", "Decisions", "References", "Blockers"),
    "patterns.md": ("Common Gotchas", "User Standards"),
    "progress.md": ("Completed", "Verification"),
}


def sampled(values: Iterable[Value], by: int) -> list[Value]:
    """Return all of the values in a full run, else one in `by`: for tables whose rows go the same way."""
    return list(values)[:: 1 if FULL else by]


def environment(**extra: str) -> dict[str, str]:
    """Give the environment of a child: this checkout's package, nothing of a bank that is meant elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEMORYBANK_", "PYTHONDONT"))}
    return {**kept, "PYTHONPATH": str(ROOT), **extra}


def wait_until_gone(process: int) -> None:
    """Wait until there is no process of this number: it ended, and was waited for. POSIX only."""
    limit = time.monotonic() + 60
    while True:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < limit
        time.sleep(0.02)


def bank(
    project: Path,
    *words: str,
    text: str | None = None,
    timeout: float = 60.0,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `bank` with these words in a project, to its end, inside this process."""
    from tests.inside import run_inside

    data = None if text is None else text.encode("utf-8", "surrogateescape")
    ran = run_inside(words, folder=project, environ=environment(**(env or {})), stdin=data, timeout=timeout)
    return subprocess.CompletedProcess([*MODULE, *words], ran.status, _decoded(ran.out), _decoded(ran.err))


def _decoded(data: bytes) -> str:
    """Read what a program said as `subprocess` does in text mode."""
    return data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")


def bank_process(
    project: Path,
    *words: str,
    text: str | None = None,
    timeout: float = 60.0,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `bank` with these words in a project, to its end, as a process of its own."""
    return subprocess.run(
        [*MODULE, *words],
        cwd=project,
        env=environment(**(env or {})),
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=timeout,
        check=False,
    )


def make_bank(project: Path, size: int = 0) -> Path:
    """Make a project with a new bank, its three files filled to about `size` bytes; gives the bank's folder.

    As `bank init` makes it, without a process of its own: hundreds of tests begin here.
    """
    tree, _ = _bank_files(project.name, None)
    folder = _put(project, tree)
    for file in FILES:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        if size > len(text):
            path.write_text(filled(text, SECTIONS[file], size), encoding="utf-8")
    return folder


def make_steady_bank(project: Path, way: Way) -> BankFolder:
    """Make a project with a new bank whose every byte is known; `way` is a fresh `steady_way()`."""
    tree, drawn = _bank_files(project.name, START)
    for length in drawn:
        way.author.random_bytes(length)
    _put(project, tree)
    return folder_of(project)


def steady_way(now: datetime = START) -> Way:
    """Give a way of writing whose clock stands and whose chance counts."""
    from memorybank.store.actor import Actor
    from memorybank.store.way import Author, Way

    numbers = count(1)

    def random_bytes(length: int) -> bytes:
        number = next(numbers)
        return bytes((number >> (5 * place)) & 31 for place in reversed(range(length)))

    return Way(Author(Actor("tests", "s1"), lambda: now, random_bytes))


@cache
def _bank_files(name: str, now: datetime | None) -> tuple[dict[str, bytes], tuple[int, ...]]:
    """Give the files of the bank that `init` makes in a project of this name, and what it drew of chance.

    Once for each name, as a bank knows its name. Without a time, the clock and the chance are those of the machine.
    """
    from memorybank.store.actor import Actor
    from memorybank.store.manage.init import init
    from memorybank.store.way import Author, Way

    drawn: list[int] = []
    way = steady_way(now) if now else Way(Author(Actor("cli", ""), lambda: datetime.now(UTC), os.urandom))

    def counted(length: int) -> bytes:
        drawn.append(length)
        return way.author.random_bytes(length)

    with tempfile.TemporaryDirectory() as outside:
        project = Path(outside) / (name or "project")
        project.mkdir()
        folder = init(project, way._replace(author=way.author._replace(random_bytes=counted))).bank.folder
        paths = [each for each in sorted(folder.rglob("*")) if each.is_file()]
        return {each.relative_to(project).as_posix(): each.read_bytes() for each in paths}, tuple(drawn)


def _put(project: Path, tree: dict[str, bytes]) -> Path:
    """Write a bank's files into a project; what is a machine's own is its user's own, as `init` leaves it."""
    folder = project / ".memorybank"
    folder.mkdir(parents=True)
    (folder / ".state").mkdir(mode=0o700)
    for name, data in tree.items():
        path = project / name
        path.write_bytes(data)
        if path.parent != folder and path.name != ".gitignore":
            path.chmod(0o600)
    return folder


def new_bank(project: Path) -> BankFolder:
    """Make a project with a new bank, as the rooms below the facade take it."""
    make_bank(project)
    return folder_of(project)


def folder_of(project: Path) -> BankFolder:
    """Return the bank of a project as the rooms below the facade take it."""
    from memorybank.store.discover import find_bank

    return find_bank(project, environ={})


def filled(text: str, sections: tuple[str, ...], size: int) -> str:
    """Put list items of the usual length below some sections, in equal parts, until the text has about `size` bytes."""
    share = (size - len(text)) // len(sections)
    for section in sections:
        head, line, tail = text.partition(f"## {section}\n")
        assert line, section
        text = f"{head}{line}\n{bullets(section, share)}{tail}"
    return text


def bullets(topic: str, size: int) -> str:
    """Give about `size` bytes of list items, as a project's memory holds them."""
    lines = []
    length = number = 0
    while length < size:
        number += 1
        place = f"src/part_{number % 31}.py:{number}"
        line = f"- {topic} {number}: the parser keeps `state[{number % 97}]`, *not* the caller - see {place}\n"
        lines.append(line)
        length += len(line)
    return "".join(lines)


class Cost(NamedTuple):
    """What one child used: seconds of CPU (its own and the system's), the most memory in MB, its exit status."""

    cpu: float
    megabytes: float
    status: int


def cost_of(command: tuple[str, ...], folder: Path, env: dict[str, str]) -> Cost:
    """Run a command with nothing to read and nowhere to print, and tell what it cost.

    The memory told is never less than this process's own at the time of the call: keep it small.
    """
    null = os.open(os.devnull, os.O_RDWR)
    here = Path.cwd()
    os.chdir(folder)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
        pid = os.posix_spawn(command[0], command, env, file_actions=actions)
    finally:
        os.chdir(here)
        os.close(null)
    _, status, used = os.wait4(pid, 0)
    kilobytes = used.ru_maxrss / 1024 if sys.platform == "darwin" else used.ru_maxrss
    return Cost(used.ru_utime + used.ru_stime, kilobytes / 1024, os.waitstatus_to_exitcode(status))


@cache
def import_everything() -> None:
    """Import every module, once: a child that is forked has them, and would else import each for itself."""
    import memorybank

    for module in pkgutil.walk_packages(memorybank.__path__, "memorybank."):
        importlib.import_module(module.name)


def findings(project: Path) -> list[str]:
    """Name the rules that `bank check` finds broken; long lists are left out, as the tests make them."""
    done = bank(project, "check", "--json")
    return [each["rule"] for each in json.loads(done.stdout)["findings"] if each["rule"] != "over-cap"]


def git(folder: Path, *words: str) -> str:
    """Run git in a folder as somebody; gives what it said."""
    someone = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *someone, *words], check=True, capture_output=True)
    return done.stdout.decode()


def wait_until_read(written: IO[Any]) -> None:
    """Wait until a child has read all that was written into its pipe, so that it waits for more."""
    if sys.platform == "linux":
        import fcntl
        import termios

        ends = time.monotonic() + 60
        while any(fcntl.ioctl(written, termios.FIONREAD, bytes(4))):
            assert time.monotonic() < ends
            time.sleep(0.01)
        time.sleep(0.1)
    else:
        time.sleep(2)


@contextmanager
def second_writer(write: Callable[[], object]) -> Iterator[None]:
    """Let somebody write once, in the moment in which the next command in this process waits for the lock."""
    from memorybank.files.lock import before_locking

    def once(_: str) -> None:
        before_locking.remove(once)
        write()

    before_locking.append(once)
    try:
        yield
    finally:
        if once in before_locking:
            before_locking.remove(once)
