"""Programs that are run to their end or killed: no interrupt leaves one behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.process import run_program
from tests.running import wait_until_gone

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and process groups of POSIX")


def test_an_interrupt_while_a_program_is_started_leaves_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a client cancels a call just after the program began, on a machine with much to do."""
    started: list[subprocess.Popen[bytes]] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **named: Any) -> None:
            super().__init__(*words, **named)
            started.append(self)
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.2)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_program(["sleep", "60"], tmp_path, os.environ, 30, limit=1000)
    assert len(started) == 1
    wait_until_gone(started[0].pid)


def test_a_program_over_its_time_is_killed_with_what_it_started(tmp_path: Path) -> None:
    script = "(while :; do : > alive; sleep 0.05; done) & wait"
    result = run_program(["sh", "-c", script], tmp_path, os.environ, 1, limit=1000)
    assert (result.state, result.exit_code) == ("timeout", None)
    (tmp_path / "alive").unlink()
    time.sleep(0.3)
    assert not (tmp_path / "alive").exists()


def test_only_the_end_of_a_long_output_is_kept(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "print('a' * 300_000 + 'end')"]
    result = run_program(words, tmp_path, os.environ, 60, limit=1000)
    assert (result.state, result.exit_code, result.cut) == ("ended", 0, True)
    assert result.output == b"a" * (1000 - 4) + b"end\n"


def test_a_program_that_cannot_be_started_is_an_error_with_the_reason(tmp_path: Path) -> None:
    result = run_program(["./no-such-program"], tmp_path, os.environ, 60, limit=1000)
    assert result.state == "error"
    assert b"no-such-program" in result.output


def test_a_program_gets_its_input_and_may_leave_it_unread(tmp_path: Path) -> None:
    given = b"x" * 300_000
    counted = [sys.executable, "-c", "import sys; print(len(sys.stdin.buffer.read()))"]
    assert run_program(counted, tmp_path, os.environ, 60, limit=1000, given=given).output == b"300000\n"
    assert run_program(["true"], tmp_path, os.environ, 60, limit=1000, given=given).exit_code == 0
