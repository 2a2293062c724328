"""Run a program to its end or until a time limit: without a shell, and with a limit on its output.

When it is killed, the processes it started are killed too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CHUNK = 65536
# a child process that outlives its program may keep the output open: wait this long for it
_DRAIN_SECONDS = 1.0


class ProcessResult(NamedTuple):
    """How a program ended: `ended`, `timeout` or `error` (it could not be started; `output` contains the reason).

    `exit_code` is None when the program did not end by itself, and negative when a signal ended it. `cut` is true when
    only the end of the output was kept.
    """

    state: str
    exit_code: int | None
    seconds: float
    output: bytes
    cut: bool = False


class _Running:
    """A program that a thread starts and reads: the last part of its output, up to a limit.

    An interrupt reaches only the main thread, so none can come between the start of a program and the moment it is
    known whom to kill.
    """

    def __init__(self, limit: int, given: bytes = b"") -> None:
        self.limit = limit
        self.given = given
        self.process: subprocess.Popen[bytes] | None = None
        self.error = ""
        self.begun = threading.Event()
        self.is_unwanted = False
        self._data = bytearray()
        self._cut = False

    def run(self, words: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        try:
            self.process = process = subprocess.Popen(  # noqa: S603  no shell; the caller has checked these words
                list(words),
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.PIPE if self.given else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self.error = str(error)
            return
        finally:
            self.begun.set()
        if self.is_unwanted:
            _kill(process)
        if process.stdin is not None:
            # beside the reading: a program that writes before it has read all must not wait for us
            threading.Thread(target=_give, args=(process.stdin, self.given), daemon=True).start()
        self._take(process.stdout)

    def end(self) -> None:
        """Kill what runs, or what is about to."""
        self.is_unwanted = True
        if self.process is not None and self.process.poll() is None:
            _kill(self.process)

    def output(self) -> tuple[bytes, bool]:
        return bytes(self._data[-self.limit :]), self._cut or len(self._data) > self.limit

    def _take(self, stream: IO[bytes] | None) -> None:
        while stream is not None:
            chunk = os.read(stream.fileno(), _CHUNK)
            if not chunk:
                stream.close()
                return
            self._data += chunk
            if len(self._data) > 2 * self.limit:
                del self._data[: -self.limit]
                self._cut = True


def run_program(
    words: Sequence[str], folder: Path, environ: Mapping[str, str], seconds: float, *, limit: int, given: bytes = b""
) -> ProcessResult:
    """Run a program in a folder, and return how it ended and the last `limit` bytes of its output.

    Its input is `given`, which it need not read. Output and errors come as one stream. When the time is over, or this
    process is interrupted, the program is killed together with everything in its process group.
    """
    started = time.monotonic()
    running = _Running(limit, given)
    thread = threading.Thread(target=running.run, args=(words, folder, environ), daemon=True)
    code: int | None = None
    state = "timeout"
    try:
        thread.start()
        running.begun.wait()
        if running.process is None:
            return ProcessResult("error", None, 0.0, running.error.encode("utf-8", "replace"))
        code = running.process.wait(seconds)
        state = "ended"
    except subprocess.TimeoutExpired:
        pass
    finally:
        running.end()
        if thread.is_alive():
            thread.join(_DRAIN_SECONDS)
    if thread.is_alive() and running.process is not None:
        _kill(running.process)
        thread.join(_DRAIN_SECONDS)
    output, cut = running.output()
    return ProcessResult(state, code, round(time.monotonic() - started, 3), output, cut)


def _give(stream: IO[bytes], data: bytes) -> None:
    # a program that ends, or is killed, before it has read everything
    with suppress(OSError), stream:
        stream.write(data)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
    process.wait()
