"""Several clients' servers and the command line write one bank at once, and one server is killed in a call."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from memorybank import Bank
from tests.running import ROOT
from tests.serve.mcp_client import Served

if TYPE_CHECKING:
    from pathlib import Path

FULL = "MEMORYBANK_FULL" in os.environ
CLIENTS = 8 if FULL else 3
NOTES = 50 if FULL else 6
COMMANDS = 20 if FULL else 3
PROGRAM = [sys.executable, "-m", "memorybank"]
# seconds: in the middle of a call of some ten milliseconds
INTO_A_CALL = 0.01


class Client(Served):
    """One client with a server of its own."""

    def write(self, *, is_killed: bool) -> list[str]:
        """Write the notes, and return those whose write was acknowledged."""
        done = []
        for number in range(NOTES):
            if is_killed and number == NOTES // 2:
                threading.Timer(INTO_A_CALL, self.server.kill).start()
            name = f"client{self.number}note{number:03d}"
            answer = self.ask(
                "tools/call", {"name": "bank_note", "arguments": {"text": f"{name} of a crowd", "kind": "gotcha"}}
            )
            if answer is None:
                break
            assert not answer["result"].get("isError"), answer
            done.append(name)
        return done


def test_acknowledged_notes_of_many_servers_are_there_once_and_a_killed_one_leaves_nothing(tmp_path: Path) -> None:
    project = tmp_path / "project"
    bank = Bank.init(project)
    clients = [Client(number, project) for number in range(CLIENTS)]

    def type_commands() -> list[str]:
        names = [f"command{number:03d}" for number in range(COMMANDS)]
        for name in names:
            words = [*PROGRAM, "note", f"{name} of a crowd", "--as", "gotcha"]
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            subprocess.run(words, cwd=project, env=env, capture_output=True, check=True)
        return names

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        typed = pool.submit(type_commands)
        written = [pool.submit(client.write, is_killed=not client.number) for client in clients]
        acknowledged = [name for each in written for name in each.result()] + typed.result()
    for client in clients:
        client.end()
    # a server ends with its client: none is left
    assert [client.server.wait(20) for client in clients] == [-9, *[0] * (CLIENTS - 1)]
    assert len(acknowledged) >= (CLIENTS - 1) * NOTES + COMMANDS
    text = (bank.path / "patterns.md").read_text(encoding="utf-8")
    assert [name for name in acknowledged if text.count(name) != 1] == []
    # the killed call is there as a whole or not at all
    assert all(text.count(f"client0note{number:03d}") <= 1 for number in range(NOTES))
    assert Bank.open(project, timeout=1).note("Nobody holds the lock", kind="gotcha").operation
    assert not list(bank.path.rglob("*.tmp"))
    assert not [each for each in bank.check().findings if each.severity == "error"]
