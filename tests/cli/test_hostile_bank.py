"""A hostile bank, opened by every command there is: nothing runs, nothing leaves, nothing hangs, nothing breaks.

The commands are asked of the program, so that one that is new is tried as well. Each runs on a terminal of its own, in
a fresh copy of the bank; half of them by default. MEMORYBANK_FULL=1 tries every bank with each command and its hostile
arguments.
"""

from __future__ import annotations

import gc
import io
import os
import pty
import re
import select
import shutil
import signal
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import pytest

from memorybank.cli.main import cli, run
from memorybank.store.actor import Actor
from memorybank.store.way import Author, Way
from tests.cli import hostile_bank
from tests.running import FULL, REFUSALS, import_everything, sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it needs terminals of POSIX systems")

BANKS = ("words", "places", "state")
SECONDS = 30
MOST_OUTPUT = 8_000_000
# what a terminal obeys, turns or hides; a line ends with CR LF there
RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\r(?!\n)")
FACT, DECISION = "fact-20261121-aaaaa", "dec-20261121-aaaaa"

# what an argument or a required option of a name is given: first what is there, then what means harm
GIVEN: dict[str, tuple[str, str]] = {
    "address": ("activeContext.md#Learnings", "../../outside/private.md#Learnings"),
    "bug": ("bug-20261121-aaaaa", "../bug"),
    "category": ("AUTH", "../AUTH"),
    "command": (f"{sys.executable} -c pass", "/nonexistent"),
    "field": ("title", "\x1b[31m"),
    "file": ("activeContext.md", "memories/fact/out-place.md"),
    "files": ("patterns.md", "../../outside/private.md"),
    "group": ("g1", "../g1"),
    "ident": (FACT, "../../outside/private"),
    "idents": ("note-20261121-1aaaa", "../../outside/private"),
    "item": ("1", "\x1b[31m"),
    "kind": ("BUILD", "\u202e"),
    "kinds": ("fact", "../fact"),
    "name": ("fact", "../../x"),
    "new": (DECISION, "../x"),
    "old": (FACT, "../x"),
    "older_than": ("1", "36500"),
    "one": (FACT, "../x"),
    "operation": ("", "../x"),
    "other": (DECISION, "../x"),
    "query": ("touch", 'a" OR \x00 *'),
    "rel": ("see", "../x"),
    "sessions": ("s1", "../s1"),
    "speaker": ("user", "\x1b"),
    "stage": ("implement", "../x"),
    "task": ("t1", "\x1b"),
    "to": ("activeContext.md#Decisions", "../../outside/private.md#x"),
    "words": ("hostile.json", "/nonexistent"),
}
TEXT = ("plain words", f"{hostile_bank.ESCAPES} $(touch CANARY)\n## x")
# ways to call a command that no argument tells of
MORE: dict[str, tuple[tuple[str, ...], ...]] = {
    "bug show": (("1",),),
    "check": ((), ("--fix",), ("--notices", "--format", "github"), ("decision", "use Redis for caching")),
    "checkpoint add": (("--reason", "precompact"),),
    "checkpoint show": ((),),
    "doctor": (("--fix",),),
    "export": (("--format", "module71", "--to", "out"),),
    "group context": (("g1",),),
    "hydrate": (("--sync", "hostile.json"), ("--sync", ".memorybank/workflows/wf-e.json")),
    "index": (("--rebuild",),),
    "lineage": ((DECISION,),),
    "load": ((), ("--for", "session-start", "--mark")),
    "notes apply": ((),),
    "outline": ((),),
    "paf check": ((), ("AUTH-001",)),
    "paf deprecate": (("AUTH-001",),),
    "promote": (("--suggest",), ("use SQLite for caching", "--to", "document")),
    "review": (("--quarterly",),),
    "search": (("--all", "touch"),),
    "session load": (("s1",),),
    "session show": ((), ("s1",)),
    "trust": ((), ("--json",)),
    "undo": ((),),
    "verify": ((), ("--all",), ("--stale",), ("^vabcde",)),
    "workflow finish": (("wf-a", "--anyway"),),
    "workflow resume": (("wf-a",), ("wf-b",)),
    "workflow show": (("wf-a",), ("wf-c",), ("wf-e",)),
}


class Ended(NamedTuple):
    """How a run ended, and all that its terminal got."""

    status: int
    shown: str


def commands() -> dict[str, click.Command]:
    """Name every command of the program, those that are groups too when they do something by themselves."""
    return dict(_below(cli, (), click.Context(cli)))


def _below(
    command: click.Command, path: tuple[str, ...], context: click.Context
) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    if command.invoke_without_command:
        yield " ".join(path), command
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from _below(below, (*path, name), context)


def words_of(command: click.Command, *, harm: bool) -> list[str]:
    """Make up what a command asks for."""
    words: list[str] = []
    options: list[str] = []
    for param in command.params:
        if isinstance(param, click.Argument):
            given = value_of(param, harm=harm)
            words += ["--", *given.split()] if param.type is click.UNPROCESSED else [given] if given else []
        elif param.required:
            options += [param.opts[0], value_of(param, harm=harm)]
    return [*options, *words]


def value_of(param: click.Parameter, *, harm: bool) -> str:
    if isinstance(param.type, click.Choice):
        return str(param.type.choices[0])
    if isinstance(param.type, click.Path):
        return ""
    return GIVEN.get(param.name or "", TEXT)[harm]


def calls_of(name: str, command: click.Command) -> list[list[str]]:
    """Give the ways to call a command: what is there, as JSON, and what means harm."""
    plain = words_of(command, harm=False)
    found = [list(each) for each in MORE.get(name, ())] or [plain]
    if FULL:
        found += [plain, ["--json", *plain], words_of(command, harm=True)]
    return [[*name.split(), *each] for each in found]


@pytest.fixture(scope="module", params=BANKS)
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that holds the hostile project, and what lies beside it."""
    numbers = count(1)
    way = Way(
        Author(
            Actor("tests", ""),
            lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            lambda length: bytes(length - 1) + bytes([next(numbers) % 32]),
        )
    )
    folder = tmp_path_factory.mktemp(request.param)
    hostile_bank.make(folder / "project", way, request.param)
    import_everything()
    return folder


def copied(source: str, target: str) -> str:
    """Copy a file, or make a pipe where one is."""
    if Path(source).is_fifo():
        os.mkfifo(target)
        return target
    return str(shutil.copy2(source, target, follow_symlinks=False))


def on_a_terminal(project: Path, words: list[str]) -> Ended:
    """Run `bank` in a child whose output is a terminal, and whose input is at its end."""
    pid, terminal = pty.fork()
    if pid == 0:
        status = 70
        try:
            gc.freeze()  # what this process has is not looked through again
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.chdir(project)
            os.environ.update(NO_COLOR="1", EDITOR="true", MEMORYBANK_HOME=str(project.parent / "home"))
            sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(number, "w"), encoding="utf-8") for number in (1, 2))
            status = run(words)
        finally:
            os._exit(status)
    shown = b""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and len(shown) < MOST_OUTPUT:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            more = os.read(terminal, 1 << 16)
        except OSError:  # Linux says so that nobody holds the other end
            break
        if not more:
            break
        shown += more
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    return Ended(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode("utf-8", "surrogateescape"))


def faults_of(folder: Path, done: Ended) -> list[str]:
    """Say what went wrong, if anything did."""
    found = []
    # a question is not answered where there is no input: that is interrupted
    if done.status not in REFUSALS | {0, 130}:
        found.append(f"status {done.status}")
    if "Traceback" in done.shown:
        found.append("a traceback")
    # a progress line is wiped by blanks between two returns
    raw = RAW.search(re.sub("\r[^\x1b]* +\r", "", done.shown))
    if raw:
        found.append(f"{raw[0]!r} on the terminal: {done.shown[max(0, raw.start() - 60) : raw.end() + 20]!r}")
    if hostile_bank.PRIVATE in done.shown:
        found.append("what lies outside was shown")
    for path in folder.rglob("*"):
        if path.name == hostile_bank.CANARY:
            found.append("a command was run")
        is_copy = path.is_file() and not path.is_symlink() and path.parent.name != "outside"
        if is_copy and hostile_bank.PRIVATE.encode() in path.read_bytes():
            found.append(f"what lies outside is in {path.relative_to(folder)}")
    outside = {each.name: each.read_bytes() for each in (folder / "outside").iterdir()}
    private = f"# {hostile_bank.PRIVATE}\n\n## Learnings\n\n- {hostile_bank.PRIVATE}\n".encode()
    if outside != {"private.md": private}:
        found.append("what lies outside was changed")
    return found


def test_every_command_is_safe(bank: Path, tmp_path: Path) -> None:
    faults = []
    # the tour makes a bank of its own, and takes its time
    rows = sampled([row for row in commands().items() if FULL or row[0] != "tour"], 3)
    for number, (name, command) in enumerate(rows):
        if not FULL and BANKS[number % len(BANKS)] != bank.name.rstrip("0123456789"):
            continue
        for words in calls_of(name, command):
            folder = tmp_path / "copy"
            shutil.copytree(bank, folder, symlinks=True, copy_function=copied)
            done = on_a_terminal(folder / "project", words)
            faults += [f"bank {' '.join(words)!r}: {each}\n{done.shown[-600:]!r}" for each in faults_of(folder, done)]
            shutil.rmtree(folder)
    assert not faults, "\n".join(faults)
