"""The MCP Inspector judges the server in both eras: tools, their schemas strictly, resources, prompts, skills, load.

Its programs run in one process of Node, see inspector.mjs: `mcpdo` keeps a connection in each era, on which every tool
is called; what only the command line can do, which connects each time, is done by it.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from memorybank import Bank
from memorybank.serve.mcp.tools.listed import table
from tests.judges import INSPECTOR, NODE, need
from tests.running import FULL, MODULE, ROOT, environment
from tests.serve.tool_calls import REFUSED, prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.one_worker
ERAS = ("legacy", "modern")
eras = pytest.mark.parametrize("era", ERAS)
# its status where a tool is not there or its result has isError, and for any other failure
TOOL_ERROR, FAILED = 5, 1
LISTS = ("resources", "resources/templates", "prompts", "tools", "skills")
# what the answer of a list, of a resource and of a prompt holds
FIELDS = {"resources", "resourceTemplates", "prompts", "tools", "skills", "contents", "messages", "skill"}
SKILL = "skill://session-memory/SKILL.md"
FILE = "bank://file/progress.md"


class Ran(NamedTuple):
    """What a run gave."""

    status: int
    out: str
    err: str

    def value(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.out)
        return answer


class Inspector:
    """The process of the Inspector's programs, and a project with a bank for each era."""

    def __init__(self, folder: Path) -> None:
        node, inspector = need(NODE), need(INSPECTOR)
        self.projects = {era: folder / era for era in ERAS}
        self.calls = {era: prepared(project) for era, project in self.projects.items()}
        (folder / "home").mkdir()
        own = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
        script = ROOT / "tests" / "serve" / "inspector.mjs"
        with (folder / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(node), str(script), str(inspector)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                encoding="utf-8",
                env=own,
                cwd=folder,
            )
        self.stderr = folder / "stderr"

    def run(self, *words: str, until: str = "", meanwhile: Callable[[], object] | None = None) -> Ran:
        """Run a program; with `until`, interrupt it when it prints that, and do something `meanwhile` until it ends."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        guard = threading.Timer(120, self.process.kill)
        guard.start()
        self.process.stdin.write(json.dumps({"words": words, "until": until}) + "\n")
        self.process.stdin.flush()
        while meanwhile is not None and not select.select([self.process.stdout], [], [], 0.2)[0]:
            meanwhile()
        line = self.process.stdout.readline()
        guard.cancel()
        assert line, self.stderr.read_text(encoding="utf-8")
        return Ran(**json.loads(line))

    def server(self, era: str) -> tuple[list[str], list[str]]:
        """Return the command of a server with all tools, and the options that give it what it needs."""
        told = [
            word for name, value in environment().items() if name == "PYTHONPATH" for word in ("-e", f"{name}={value}")
        ]
        return [sys.executable, *MODULE[1:], "mcp", "--tools", "all", "--bank", str(self.projects[era])], told

    def cli(self, era: str, *words: str) -> Ran:
        """Run the command line, with a server of its own."""
        command, told = self.server(era)
        return self.run("cli", *command, *told, "--protocol-era", era, *words)

    def connected(self, era: str, *words: str, **options: Any) -> Ran:
        """Run a command on the connection of an era."""
        return self.run("mcpdo", f"@{era}", *words, "--format", "json", **options)


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspector]:
    found = Inspector(tmp_path_factory.mktemp("inspector"))
    for era in ERAS:
        command, told = found.server(era)
        cwd = ("--cwd", str(found.projects[era]))
        ran = found.run("mcpdo", "connect", f"@{era}", "--era", era, *cwd, *told, "--", *command)
        assert ran.status == 0, ran
    yield found
    found.process.communicate(timeout=60)
    assert found.process.returncode == 0, found.stderr.read_text(encoding="utf-8")


@eras
def test_the_connections_are_in_their_era_and_get_the_instructions(era: str, inspector: Inspector) -> None:
    shown = inspector.connected(era, "connections/show").value()
    assert (shown["protocolEra"], shown["serverInfo"]["name"]) == (era, "bank")
    assert (shown["protocolVersion"] == "2026-07-28") == (era == "modern")
    assert "bank_load" in shown["instructions"]


@eras
def test_every_tool_is_called(era: str, inspector: Inspector) -> None:
    """In one of the eras; in each of them in a full run, and by the official client."""
    calls = inspector.calls[era]
    assert {name for name, _ in calls} == set(table())
    for name, arguments in calls if FULL else calls[ERAS.index(era) :: len(ERAS)]:
        ran = inspector.connected(era, "tools/call", name, "--tool-args-json", json.dumps(arguments))
        assert ran.status in ({0, TOOL_ERROR} if name in REFUSED else {0}), (name, ran)
        answer = ran.value()
        assert answer["content"], (name, ran)
        assert "structuredContent" in answer or name in REFUSED, (name, ran)


@eras
def test_the_schemas_of_all_tools_pass_strictly(era: str, inspector: Inspector) -> None:
    ran = inspector.cli(era, "--method", "tools/list", "--strict")
    assert ran.status == 0, ran
    assert {tool["name"] for tool in ran.value()["tools"]} == set(table())


@eras
def test_the_skills_conform_and_their_digests_are_right(era: str, inspector: Inspector) -> None:
    listed = inspector.cli(era, "--method", "skills/list", "--verify", "--require-digests")
    got = inspector.connected(era, "skills/get", SKILL, "--verify")
    for ran in (listed, got):
        assert ran.status == 0, ran
        assert "Verified " in ran.err + ran.out, ran
        assert "no conformance errors" in ran.err + ran.out, ran


@eras
def test_resources_prompts_and_skills_are_listed_and_read(era: str, inspector: Inspector) -> None:
    words: list[tuple[str, ...]] = [(f"{name}/list",) for name in LISTS]
    words += [
        ("resources/read", "bank://section/progress.md/Tasks"),
        ("resources/read", "bank://search/redis"),
        ("resources/read", SKILL),
        ("skills/get", SKILL),
        ("prompts/get", "load"),
        ("prompts/get", "wrap-up"),
        ("prompts/get", "decide", "--prompt-args", "decision=Use Redis"),
        ("prompts/get", "promote-review"),
    ]
    for each in words:
        ran = inspector.connected(era, *each)
        assert ran.status == 0, (each, ran)
        rows = [value for name, value in ran.value().items() if name in FIELDS]
        assert rows, (each, ran)
        assert rows[0], (each, ran)
    resources = inspector.connected(era, "resources/list").value()["resources"]
    assert FILE in [each["uri"] for each in resources]


@eras
def test_a_change_is_told_to_a_subscriber(era: str, inspector: Inspector) -> None:
    project = inspector.projects[era]
    counted = iter(range(1000))

    def change() -> None:
        Bank.open(project).tasks.add(f"Task {next(counted)} of the {era} era")

    ran = inspector.connected(era, "resources/subscribe", FILE, until='"resources/updated"', meanwhile=change)
    assert ran.status == 0, ran
    assert FILE in ran.out, ran


@eras
def test_a_fault_fails_with_its_message(era: str, inspector: Inspector) -> None:
    """So that runs that report nothing but successes are runs that looked."""
    faults = [
        (("resources/read", "bank://file/progres.md"), FAILED, "did you mean progress.md"),
        (("tools/call", "bank_show", "--tool-args-json", '{"address": "nothing.md"}'), TOOL_ERROR, "isError"),
        (("tools/call", "bank_nothing"), TOOL_ERROR, "bank_nothing"),
        (("skills/get", "skill://nothing/SKILL.md"), FAILED, "skill://nothing/SKILL.md"),
    ]
    for words, status, message in faults:
        ran = inspector.connected(era, *words)
        assert (ran.status, message in ran.err) == (status, True), (words, ran)
    ran = inspector.cli(era, "--method", "tools/call", "--tool-name", "bank_show", "--tool-arg", "address=nothing.md")
    assert ran.status == TOOL_ERROR, ran


@pytest.mark.parametrize("era", ERAS if FULL else ERAS[-1:])
def test_a_hundred_calls_ten_at_a_time_have_no_error(era: str, inspector: Inspector) -> None:
    words = ("--method", "tools/call", "--tool-name", "bank_show", "--tool-arg", "address=progress.md#Tasks")
    load = ("--load", "--load-requests", "100", "--load-concurrency", "10", "--format", "json")
    ran = inspector.cli(era, *words, *load)
    assert ran.status == 0, ran
    result = ran.value()["result"]
    assert result["requests"] == 100, result
    assert not [value for name, value in result.items() if "error" in name.lower() and value], result
