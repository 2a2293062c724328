"""The MCP Inspector judges the server in both eras: its lists, the schemas of all tools strictly, calls, skills.

By default it calls the tools of core, half of them in each era; with MEMORYBANK_FULL all tools in both.
The official client calls all tools in both by default, see test_official_client.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from memorybank.serve.mcp.tools import table
from tests.judges import INSPECTOR, NODE, need
from tests.running import MODULE, ROOT, environment
from tests.serve.tool_calls import REFUSED, prepared

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.one_worker
ERAS = ("legacy", "modern")
BATCH = ROOT / "tests" / "serve" / "inspector_batch.mjs"
# its status for a result with isError
TOOL_ERROR = 5
LISTS = ("resources", "resources/templates", "prompts")
# what the answer of a list, of a resource and of a prompt holds
FIELDS = {"resources", "resourceTemplates", "prompts", "contents", "messages"}
CORE = {name for name, tool in table().items() if tool["call"]["core"]}
FULL = "MEMORYBANK_FULL" in os.environ
SKILL = "skill://session-memory/SKILL.md"


class Run(NamedTuple):
    """One run of the Inspector's command line on a new server, which offers some tools."""

    era: str
    words: tuple[str, ...]
    tools: str = "core"


class Ran(NamedTuple):
    """What a run gave."""

    status: int
    out: str
    err: str
    ms: int


def inspect(project: Path, home: Path, runs: list[Run]) -> list[Ran]:
    """Run the Inspector for each of these, all in one process of Node."""
    node, inspector = need(NODE), need(INSPECTOR)
    server = [sys.executable, *MODULE[1:], "mcp", "--bank", str(project), "--tools"]
    # it gives a server only what it is told to
    told = [word for name, value in environment().items() if name == "PYTHONPATH" for word in ("-e", f"{name}={value}")]
    rows = [[*server, run.tools, *told, "--protocol-era", run.era, *run.words] for run in runs]
    home.mkdir(exist_ok=True)
    own = {"HOME": str(home), "PATH": "/usr/bin:/bin", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
    ran = subprocess.run(
        [str(node), str(BATCH), str(inspector)],
        input=json.dumps(rows),
        capture_output=True,
        encoding="utf-8",
        env=own,
        cwd=project,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answers: list[dict[str, Any]] = json.loads(ran.stdout)
    assert len(answers) == len(runs)
    return [Ran(**each) for each in answers]


def call(tool: str, arguments: dict[str, Any]) -> tuple[str, ...]:
    return ("--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments))


def test_the_schemas_of_all_tools_pass_strictly_and_the_digests_of_skills_are_right(tmp_path: Path) -> None:
    names = sorted(name for name, _ in prepared(tmp_path / "app"))
    runs = [Run(era, ("--method", "tools/list", "--strict"), "all") for era in ERAS]
    skills = (("--method", "skills/list"), ("--method", "skills/get", "--uri", SKILL))
    runs += [Run(era, (*words, "--verify", "--require-digests")) for words in skills for era in ERAS]
    answers = inspect(tmp_path / "app", tmp_path / "home", runs)
    assert [each.status for each in answers] == [0] * len(runs), answers
    assert [sorted(tool["name"] for tool in json.loads(each.out)["tools"]) for each in answers[:2]] == [names, names]
    assert all("Verified " in each.err for each in answers[2:4]), answers[2:4]


def test_tools_can_be_called(tmp_path: Path) -> None:
    calls = [each for each in prepared(tmp_path / "app") if FULL or each[0] in CORE]
    runs = [Run(ERAS[at % 2], call(name, arguments), name) for at, (name, arguments) in enumerate(calls)]
    answers = inspect(tmp_path / "app", tmp_path / "home", runs)
    if FULL:
        calls = prepared(tmp_path / "other")
        runs += [Run(ERAS[1 - at % 2], call(name, arguments), name) for at, (name, arguments) in enumerate(calls)]
        answers += inspect(tmp_path / "other", tmp_path / "home", runs[len(answers) :])
    assert len({run.tools for run in runs}) == (len(table()) if FULL else len(CORE))
    for run, ran in zip(runs, answers, strict=True):
        assert ran.status in ({0, TOOL_ERROR} if run.tools in REFUSED else {0}), (run, ran)
        assert "content" in json.loads(ran.out), (run, ran)


def test_resources_and_prompts_are_listed_and_read(tmp_path: Path) -> None:
    prepared(tmp_path / "app")
    runs = [Run(era, ("--method", f"{name}/list")) for name in LISTS for era in ERAS]
    read = [
        ("--method", "resources/read", "--uri", "bank://section/progress.md/Tasks"),
        ("--method", "resources/read", "--uri", "bank://search/redis"),
        ("--method", "prompts/get", "--prompt-name", "load"),
        ("--method", "prompts/get", "--prompt-name", "wrap-up"),
        ("--method", "prompts/get", "--prompt-name", "decide", "--prompt-args", "decision=Use Redis"),
        ("--method", "prompts/get", "--prompt-name", "promote-review"),
    ]
    runs += [Run(era, words) for at, words in enumerate(read) for era in (ERAS if FULL else [ERAS[at % 2]])]
    answers = inspect(tmp_path / "app", tmp_path / "home", runs)
    for run, ran in zip(runs, answers, strict=True):
        assert ran.status == 0, (run, ran)
        (rows,) = [value for name, value in json.loads(ran.out).items() if name in FIELDS]
        assert rows, (run, ran)


def test_a_fault_fails_in_the_batch_as_it_fails_alone(tmp_path: Path) -> None:
    """So that a batch that reports nothing but successes is one that looked."""
    prepared(tmp_path / "app")
    faults = [
        ("--method", "resources/read", "--uri", "bank://file/progres.md"),
        ("--method", "tools/call", "--tool-name", "bank_show", "--tool-arg", "address=nothing.md"),
        ("--method", "tools/call", "--tool-name", "bank_nothing"),
        ("--method", "skills/get", "--uri", "skill://nothing/SKILL.md"),
        ("--method", "prompts/list"),
    ]
    runs = [Run(era, words) for at, words in enumerate(faults) for era in (ERAS if FULL else [ERAS[at % 2]])]
    answers = inspect(tmp_path / "app", tmp_path / "home", runs)
    assert [each.status != 0 for each in answers] == ["prompts/list" not in run.words for run in runs]
    assert "did you mean progress.md" in answers[0].err
    assert {each.status for run, each in zip(runs, answers, strict=True) if "bank_show" in run.words} == {TOOL_ERROR}


def test_a_hundred_calls_ten_at_a_time_have_no_error(tmp_path: Path) -> None:
    prepared(tmp_path / "app")
    words = ("--method", "tools/call", "--tool-name", "bank_show", "--tool-arg", "address=progress.md#Tasks")
    load = ("--load", "--load-requests", "100", "--load-concurrency", "10", "--format", "json")
    runs = [Run(era, (*words, *load), "bank_show") for era in ERAS]
    for ran in inspect(tmp_path / "app", tmp_path / "home", runs):
        assert ran.status == 0, ran
        result = json.loads(ran.out)["result"]
        assert result["requests"] == 100, result
        assert not [value for name, value in result.items() if "error" in name.lower() and value], result
