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


class _Held:
    """The last part of a program's output, up to a limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.data = bytearray()
        self.cut = False

    def take(self, stream: IO[bytes] | None) -> None:
        while stream is not None:
            chunk = os.read(stream.fileno(), _CHUNK)
            if not chunk:
                stream.close()
                return
            self.data += chunk
            if len(self.data) > 2 * self.limit:
                del self.data[: -self.limit]
                self.cut = True

    def end(self) -> tuple[bytes, bool]:
        return bytes(self.data[-self.limit :]), self.cut or len(self.data) > self.limit


def run_program(
    words: Sequence[str], folder: Path, environ: Mapping[str, str], seconds: float, *, limit: int
) -> ProcessResult:
    """Run a program in a folder, with empty input, and return how it ended and the last `limit` bytes of its output.

    Output and errors come as one stream. When the time is over, or this process is interrupted, the program is
    killed together with everything in its process group.
    """
    begun = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603  no shell; the caller has checked these words
            list(words),
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return ProcessResult("error", None, 0.0, str(error).encode("utf-8", "replace"))
    held = _Held(limit)
    reader = threading.Thread(target=held.take, args=(process.stdout,), daemon=True)
    reader.start()
    code: int | None = None
    state = "timeout"
    try:
        code = process.wait(seconds)
        state = "ended"
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process.poll() is None:
            _kill(process)
    reader.join(_DRAIN_SECONDS)
    if reader.is_alive():
        _kill(process)
        reader.join(_DRAIN_SECONDS)
    output, cut = held.end()
    return ProcessResult(state, code, round(time.monotonic() - begun, 3), output, cut)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
    process.wait()
