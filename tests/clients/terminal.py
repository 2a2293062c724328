"""A terminal for a client that is used by hand: tmux, on a server of its own that reads no settings of a user."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60.0


class Terminal:
    """What a user does at a terminal: look, wait, press keys."""

    def __init__(self, tmux: list[str]) -> None:
        self._tmux = tmux

    @property
    def screen(self) -> str:
        """The text on the screen; empty after the program ended."""
        return self._run("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Press keys, in tmux's names: `Enter`, `Down`, `C-u`."""
        self._run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text, and return when it stands on the screen."""
        self._run("send-keys", "-l", text)
        self.wait_for(text)

    def write(self, line: str) -> None:
        """Type a line and press Enter: not both at once, which is a paste."""
        self.type(line)
        self.press("Enter")

    def wait_for(self, text: str) -> None:
        """Return when a text stands on the screen."""
        self.wait_until(lambda: text in self.screen, f"{text!r} on the screen")

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Return when something is so; fail with the screen when it takes too long."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                pytest.fail(f"waited for {what}:\n{self.screen}")
            time.sleep(0.2)

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=False).stdout


@contextmanager
def terminal(words: list[str], cwd: Path, env: dict[str, str]) -> Iterator[Terminal]:
    """Run a program in a terminal while the block runs. Without tmux the test is skipped."""
    tmux = shutil.which("tmux")
    if not tmux:
        pytest.skip("a session by hand needs tmux, which is not here")
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        server = [tmux, "-S", str(Path(folder) / "socket"), "-f", "/dev/null"]
        size = ["-x", "120", "-y", "45"]
        subprocess.run([*server, "new-session", "-d", *size, "-c", str(cwd), shlex.join(words)], env=env, check=True)
        try:
            yield Terminal(server)
        finally:
            subprocess.run([*server, "kill-server"], capture_output=True, check=False)
