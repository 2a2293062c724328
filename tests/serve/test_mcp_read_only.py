"""`bank mcp --read-only`: no tool, resource or prompt changes a byte of the bank or of the project."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.facade.agents.connection import half_done
from memorybank.serve.mcp.tools.listed import table
from memorybank.store.discover import find_bank
from tests.running import environment, sampled
from tests.serve.mcp_client import Client
from tests.serve.test_mcp_hostile import filled, places, slots
from tests.serve.test_mcp_tools import CALLS
from tests.serve.tool_calls import prepared

if TYPE_CHECKING:
    from pathlib import Path

WRONG = -32602
WORDS = {
    "address": "progress.md#Tasks",
    "file": "progress.md",
    "query": "redis",
    "stage": "plan",
    "decision": "Use Redis",
    "since": "2h",
}


def tree(project: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file of a project, with when it was written; what is derived is left out."""
    found = [path for path in project.rglob("*") if path.is_file() and ".state" not in path.parts]
    return {str(path.relative_to(project)): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    prepared(tmp_path / "app")
    bank = Bank.open(tmp_path / "app")
    # what a reader could be tempted to write: a file without its own date, a line without an id, a heading renamed
    path = bank.path / "patterns.md"
    path.write_bytes(path.read_bytes().replace(b"## Testing Patterns", b"## Tests").replace(b"\n", b"\r\n"))
    return tmp_path / "app"


@pytest.fixture
def client(project: Path) -> Client:
    client = Client(tools="all", read_only=True, bank=str(project))
    client.open()
    return client


def test_no_tool_that_writes_is_listed_or_can_be_called(client: Client, project: Path) -> None:
    before = tree(project)
    listed = {tool["name"] for tool in client.ask("tools/list")["result"]["tools"]}
    assert listed == {name for name, tool in table().items() if tool["call"]["reads"]}
    for tool, arguments in CALLS:
        if f"bank_{tool}" not in listed:
            error = client.ask("tools/call", {"name": f"bank_{tool}", "arguments": arguments})["error"]
            assert error["code"] == WRONG
            assert "only reads" in error["message"]
    assert tree(project) == before


def test_no_call_that_is_taken_changes_a_byte(client: Client, project: Path, tmp_path: Path) -> None:
    before = tree(project)
    ran = 0
    for tool, arguments in CALLS:
        if table()[f"bank_{tool}"]["call"]["reads"]:
            ran += not client.call(tool, **arguments)["isError"]
    assert ran
    forms = [*WORDS.values(), *(each for each in places(tmp_path) if len(each) < 1000)]
    turn = count()
    for name, operation, argument in slots():
        if table()[name]["call"]["reads"]:
            for form in [WORDS.get(argument, "redis"), *sampled(forms[next(turn) % 3 :], 12)]:
                client.ask("tools/call", {"name": name, "arguments": filled(name, operation, argument, form)})
    assert tree(project) == before


def test_no_resource_prompt_skill_or_completion_changes_a_byte(client: Client, project: Path) -> None:
    before = tree(project)
    asked: list[tuple[str, dict[str, Any]]] = []
    for row in client.ask("resources/list")["result"]["resources"]:
        uri = {"uri": row["uri"]}
        asked += [("resources/read", uri), ("resources/subscribe", uri), ("resources/unsubscribe", uri)]
    asked.append(("resources/read", {"uri": "bank://search/redis"}))
    asked.append(("resources/read", {"uri": "bank://section/progress.md/Tasks"}))
    for prompt in client.ask("prompts/list")["result"]["prompts"]:
        given = {each["name"]: WORDS.get(each["name"], "4000") for each in prompt["arguments"]}
        asked += [("prompts/get", {"name": prompt["name"], "arguments": each}) for each in (given, {})]
        asked += [
            (
                "completion/complete",
                {"ref": {"type": "ref/prompt", "name": prompt["name"]}, "argument": {"name": name, "value": ""}},
            )
            for name in given
        ]
    for skill in client.ask("skills/list")["result"]["skills"]:
        asked.append(("skills/get", {"uri": skill["uri"]}))
    answered = [method for method, params in asked if "result" in client.ask(method, params)]
    assert set(answered) == {method for method, _ in asked}
    assert tree(project) == before


KILLED = """
import os, sys
from memorybank.cli.main import run
real, left = os.fsync, [int(sys.argv[1])]
def dying(number):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), 9)
    return real(number)
os.fsync = dying
run(["decide", "Storage: SQLite", "--why", "there is no server to run"])
"""


@pytest.mark.skipif(os.name != "posix", reason="a process is killed as POSIX does")
def test_an_operation_that_was_killed_halfway_is_told_and_not_settled(project: Path) -> None:
    """The record is there and its line is not: who only reads must know that the files do not fit together."""
    bank, folder = Bank.open(project), find_bank(project, environ={})
    for due in range(2, 12):
        subprocess.run([sys.executable, "-c", KILLED, str(due)], cwd=project, env=environment(), check=False)
        # the next one settles what this one left, so the first that is half done is kept
        if half_done(folder):
            break
    client = Client(tools="all", read_only=True, bank=str(project))
    before = tree(project)
    journal = (bank.path / ".state" / "journal.jsonl").read_bytes()
    for tool, arguments in (("load", {}), ("search", {"query": "storage"}), ("show", {"address": "decisions"})):
        answer = client.call(tool, **arguments)
        assert answer["isError"] is False
        assert answer["structuredContent"]["pending"] == half_done(folder)
        assert "half done" in answer["content"][0]["text"]
    assert tree(project) == before
    assert (bank.path / ".state" / "journal.jsonl").read_bytes() == journal
    bank.note("the next write settles it")
    assert "pending" not in client.done("show", address="decisions")
