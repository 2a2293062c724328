"""An install or uninstall that is killed at any step is settled by the next one, and no byte of the user is lost."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.agents.install.clients import CLIENTS
from memorybank.agents.install.write_all import install, is_present, uninstall
from tests.agents.install_zoo import Setup, put_users_files, setup
from tests.running import FULL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is killed with a signal of POSIX")
# a file, its folder or its name is changed by one of these
CALLS = ("fsync", "replace", "rename", "link", "unlink", "mkdir", "rmdir")


def killed(run: Callable[[], object], step: int) -> bool:
    """Run in a process that is killed before its call number `step`; return whether it got there."""
    child = os.fork()
    if not child:
        count = 0

        def counted(call: Callable[..., object]) -> Callable[..., object]:
            def kill(*args: object, **more: object) -> object:
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args, **more)

            return kill

        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        try:
            run()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def ways(made: Setup, name: str) -> list[Callable[[], object]]:
    client, older = CLIENTS[name], made.request._replace(machine=made.request.machine._replace(program=("/old/bank",)))
    return [
        lambda: install(client, made.request, made.bank_home),
        lambda: uninstall(client, made.request, made.bank_home),
        lambda: install(client, older, made.bank_home),
    ]


@pytest.mark.full
@pytest.mark.parametrize("action", ["install", "upgrade", "uninstall"])
@pytest.mark.parametrize("name", ["claude-code", "codex"] if FULL else ["codex"])
def test_the_next_command_settles_what_a_kill_left(tmp_path: Path, name: str, action: str) -> None:
    for step in (1, 4, 9, 17, 30, 44, 57, 80, 110) if not FULL else range(1, 400):
        made = setup(tmp_path / str(step), "user")
        put_users_files(CLIENTS[name], made.request, "comments")
        before = made.files()
        put, take, put_older = ways(made, name)
        if action == "upgrade":
            put_older()
        if action == "uninstall":
            put()
        is_killed = killed(take if action == "uninstall" else put, step)
        if step % 2:
            # the other way round: an install comes after what was killed
            put()
            assert is_present(CLIENTS[name], made.request)
        take()
        assert made.files() == before, step
        if not is_killed:
            return
