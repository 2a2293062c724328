"""Runs of a command on copies of a project, each killed at a step, and what such a run left on the disk."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any

from memorybank.cli.main import run
from memorybank.store.discover import find_bank
from memorybank.store.journal.log import read_operations

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from memorybank.store.journal.log import Operation
    from tests.faults.writing_commands import Project

# ids, digests and times are of each run's own
_OWN = re.compile(
    r"\b[a-z]+-\d{8}-[0-9a-z]{5}\b|_\d{8}_\d{6}_[0-9a-z]{5}\b|\^[a-z]?[0-9a-z]{5,6}\b|\b[0-9a-f]{16}\b|\b[vt][0-9a-z]{5}\b"
)
_TIME = re.compile(r"\d+\.\d+ ?s\b|\"seconds\": ?[\d.]+|\"sha256\": ?\"\w+\"")


def snapshot(folder: Path) -> list[tuple[str, str]]:
    """Return every file but local state, name and text, without what no two runs share."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and "/.state/" not in f"/{name}" and "__pycache__" not in name:
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            found.append((_plain(name), _plain(text)))
    return sorted(found)


def _plain(text: str) -> str:
    return _TIME.sub("T", _OWN.sub("ID", text))


class Killing:
    """A command on copies of a project, killed at one step or another."""

    def __init__(
        self,
        project: Project,
        folder: Path,
        child: Callable[[Callable[[], None]], int],
        dying: Callable[[int], AbstractContextManager[Any]],
    ) -> None:
        self.first, self.folder = project.folder, folder / "project"
        self.child, self.dying = child, dying

    def copy(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.first, self.folder)

    def run(self, words: tuple[str, ...], due: int = sys.maxsize) -> tuple[int, int]:
        """Run a command in a child; return its status (-9 when it was killed) and how many steps it took."""
        counted = self.folder.with_name("steps")

        def work() -> None:
            os.chdir(self.folder)
            for number in (1, 2):
                os.dup2(os.open(self.folder.with_name("out"), os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  a descriptor, for good
            with self.dying(due) as trip:
                status = run(list(words))
            counted.write_text(str(trip.count))
            os._exit(status)

        status = os.waitpid(self.child(work), 0)[1]
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return -signal.SIGKILL, 0
        return os.WEXITSTATUS(status), int(counted.read_text())

    def last(self) -> Operation:
        """Return the operation that was the last to begin."""
        return read_operations(find_bank(self.folder, environ={}))[-1]
