"""A project with a bank, and `bank` itself, run inside this process."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from memorybank.cli.main import run
from tests.inside import run_inside
from tests.running import make_bank

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How a run ended: its status and what it said, where."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def environ_of(**more: str) -> dict[str, str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MEMORYBANK_", "GIT_"))}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**environ, "PYTHONPATH": path, "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1795239000", **more}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project that has a bank."""
    folder = tmp_path / "project"
    folder.mkdir()
    make_bank(folder)
    return folder


@pytest.fixture
def bank(project: Path) -> Callable[..., Ended]:
    """Give a function that runs `bank` in the project, as if it were a process."""

    def ended(*words: str, stdin: bytes = b"", cwd: Path | None = None, **more: str) -> Ended:
        ran = run_inside(words, folder=cwd or project, environ=environ_of(**more), stdin=stdin)
        return Ended(ran.status, ran.out.decode("utf-8"), ran.err.decode("utf-8"))

    return ended


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Give a function that runs `bank` inside this process, in the project."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("MEMORYBANK_DIR", raising=False)

    def ended(*words: str) -> Ended:
        capfd.readouterr()
        status = run(list(words))
        sys.stdout.flush()
        said = capfd.readouterr()
        return Ended(status, said.out, said.err)

    return ended
