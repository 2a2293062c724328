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
    from collections.abc import Iterator

# how long a client may take on a busy machine, and until a key is pressed again
PATIENCE, BETWEEN = 90.0, 5.0


class Terminal:
    """What a user does at a terminal: look, wait, press keys."""

    def __init__(self, tmux: list[str]) -> None:
        self._tmux = tmux

    @property
    def screen(self) -> str:
        """The text on the screen, without spaces at the ends of lines; empty after the program ended."""
        lines = self._run("capture-pane", "-p").replace("\N{NO-BREAK SPACE}", " ").splitlines()
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def press(self, key: str, then: str) -> None:
        """Press a key, in tmux's names (`Enter`, `Down`, `C-u`), until a text stands on the screen.

        A program that has drawn its question may not listen yet, and the key is lost.
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._run("send-keys", key)
            if self._shows(then, time.monotonic() + BETWEEN):
                return
        pytest.fail(f"pressed {key} and waited for {then!r}:\n{self.screen}")

    def type(self, text: str) -> None:
        """Type a text, and return when it stands on the screen."""
        self._run("send-keys", "-l", text)
        self.wait_for(text)

    def write(self, line: str, then: str) -> None:
        """Type a line and press Enter until a text stands on the screen: not both at once, which is a paste."""
        self.type(line)
        self.press("Enter", then)

    def leave(self, line: str) -> None:
        """Type a line that ends the program, and return when it has ended."""
        self.type(line)
        end = time.monotonic() + PATIENCE
        while self.screen.strip():
            if time.monotonic() > end:
                pytest.fail(f"typed {line!r} and waited for the end:\n{self.screen}")
            self._run("send-keys", "Enter")
            time.sleep(1)

    def wait_for(self, text: str) -> None:
        """Return when a text stands on the screen; fail with the screen when it takes too long."""
        if not self._shows(text, time.monotonic() + PATIENCE):
            pytest.fail(f"waited for {text!r}:\n{self.screen}")

    def _shows(self, text: str, until: float) -> bool:
        while text not in self.screen:
            if time.monotonic() > until:
                return False
            time.sleep(0.2)
        return True

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
