"""The program `bank` run inside this process: the same entry function, as if it had been started for the purpose.

What a process has of its own is set for one run and put back: words, folder, environment, the three streams as
descriptors (what the program starts sees them too), what signals do, and the state of `cli.typed_text`.
A test that needs a real process asks `tests.running.bank_process` for one.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from memorybank import __main__ as program
from memorybank.cli import typed_text as typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
# less than what every system lets a pipe hold: more comes from a file
PIPE_BYTES = 16_384


class Ran(NamedTuple):
    """How a run ended, and the bytes of what it said."""

    status: int
    out: bytes
    err: bytes


class TooLongError(BaseException):
    """A run did not end in its time; nothing in the program may catch this."""


def run_inside(
    words: Sequence[str], *, folder: Path, environ: dict[str, str], stdin: bytes | None = None, timeout: float = 60.0
) -> Ran:
    """Run `bank` with these words to its end; without `stdin`, there is nothing to read from."""
    with tempfile.TemporaryFile(buffering=0) as out, tempfile.TemporaryFile(buffering=0) as err:
        # the streams are the last to be set and the first to be put back: what fails here is told where pytest sees it
        with (
            _signals_kept(timeout),
            _given(stdin) as given,
            _world(folder, environ),
            _streams(given, out.fileno(), err.fileno()),
        ):
            status = _status(words)
        return Ran(status, _all_of(out), _all_of(err))


def _status(words: Sequence[str]) -> int:
    """Run the entry function; gives the status that it ends the program with."""
    before, sys.argv = sys.argv, ["bank", *words]
    # the run would put what it leaves where it is never looked for, among what conftest has put there
    freeze, gc.freeze = gc.freeze, lambda: None
    try:
        program.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
        gc.freeze = freeze
        typed.begin(())
    raise AssertionError("the program ends with a status")


def _all_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


@contextmanager
def _signals_kept(timeout: float) -> Iterator[None]:
    """Put back what signals do, and end a run that takes too long."""

    def end(*_: object) -> None:
        raise TooLongError

    before = {number: signal.getsignal(number) for number in SIGNALS}
    alarm = signal.signal(signal.SIGALRM, end) if hasattr(signal, "SIGALRM") else None
    if alarm is not None:
        signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        yield
    finally:
        if alarm is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, alarm)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _given(data: bytes | None) -> Iterator[int]:
    """Give a descriptor to read the data from: of a pipe where they fit into one, of the null device for none."""
    if data is None:
        number = os.open(os.devnull, os.O_RDONLY)
    elif len(data) <= PIPE_BYTES:
        number, inlet = os.pipe()
        os.write(inlet, data)
        os.close(inlet)
    else:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            number = os.dup(file.fileno())
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _world(folder: Path, environ: dict[str, str]) -> Iterator[None]:
    """Be in a folder, with an environment."""
    here = os.open(".", os.O_RDONLY)
    before = dict(os.environ)
    try:
        os.chdir(folder)
        _set_environ(environ)
        yield
    finally:
        _set_environ(before)
        os.fchdir(here)
        os.close(here)


def _set_environ(values: dict[str, str]) -> None:
    zone = os.environ.get("TZ")
    for name in os.environ.keys() - values.keys():
        del os.environ[name]
    for name, value in values.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    if os.environ.get("TZ") != zone and hasattr(time, "tzset"):
        time.tzset()


@contextmanager
def _streams(given: int, out: int, err: int) -> Iterator[None]:
    """Put descriptors in place of the three standard ones, and Python's streams over them."""
    streams = sys.stdin, sys.stdout, sys.stderr
    for stream in streams[1:]:
        stream.flush()
    kept = [os.dup(number) for number in range(3)]
    for number, ours in enumerate((given, out, err)):
        os.dup2(ours, number)
    made: list[io.TextIOWrapper] = [
        io.TextIOWrapper(io.open(0, "rb", closefd=False), "utf-8"),  # noqa: SIM115, UP020 - closed below
        io.TextIOWrapper(io.open(1, "wb", closefd=False), "utf-8"),  # noqa: SIM115, UP020
        io.TextIOWrapper(io.open(2, "wb", closefd=False), "utf-8", "backslashreplace", line_buffering=True),  # noqa: SIM115, UP020
    ]
    sys.stdin, sys.stdout, sys.stderr = made
    try:
        yield
    finally:
        for each in made:
            # a stream may be closed already, as a broken one is
            with suppress(OSError, ValueError):
                each.close()
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, before in enumerate(kept):
            os.dup2(before, number)
            os.close(before)
