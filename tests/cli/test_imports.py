"""The everyday commands start fast: what they do not need is not imported. Times are for `tests/benchmarks/`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.agents.hook_events import hook_script
from tests.running import environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "asyncio",
    "difflib",
    "email",
    "filelock",
    "frontmatter",
    "http",
    "importlib.metadata",
    "logging",
    "markdown_it",
    "multiprocessing",
    "rapidfuzz",
    "sqlite3",
    "subprocess",
    "tempfile",
    "watchdog",
    "yaml",
    # OpenSSL, for one short digest
    "_hashlib",
}
# reading needs no parser's journal, and a whole file no parser
WRITES_ONLY = {"ctypes", "json", "tomllib", "memorybank.store.journal.commit", "memorybank.store.journal.log"}
PARSES = {"memorybank.document.scanner.outline", "memorybank.contracts._generated"}
_MODULE = re.compile(r"^import time: .*\| +([\w.]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    make_bank(folder, 20_000)
    return folder


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["load"], HEAVY | WRITES_ONLY | PARSES),
        (["show", "activeContext.md#Decisions"], HEAVY | WRITES_ONLY),
        (["note", "Run the migrations before the tests"], HEAVY),
    ],
    ids=["load", "show", "note"],
)
def test_a_common_command_imports_only_what_it_needs(project: Path, words: list[str], unwanted: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "memorybank", *words],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(_MODULE.findall(done.stderr))

    assert "memorybank.cli.main" in imported
    assert {name for name in imported if name in unwanted or name.partition(".")[0] in unwanted} == set()


@pytest.mark.parametrize(
    ("event", "fields", "unwanted"),
    [
        (
            "PreToolUse",
            {"tool_name": "Edit", "tool_input": {"file_path": "a.py"}},
            {"memorybank", "json", "pathlib", "re"},
        ),
        ("PostToolUse", {"tool_name": "Edit", "tool_input": {"file_path": "a.py", "content": "x"}}, HEAVY | PARSES),
        ("SessionEnd", {"reason": "other"}, HEAVY | PARSES),
        ("Stop", {}, HEAVY | PARSES),
    ],
    ids=["idle", "counted", "marked", "stop"],
)
def test_a_hook_imports_only_what_it_needs(
    project: Path, event: str, fields: dict[str, object], unwanted: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", str(hook_script()), event],
        input=json.dumps({"cwd": str(project), "session_id": event, **fields}),
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(_MODULE.findall(done.stderr))

    assert "glance" in imported
    assert {name for name in imported if name in unwanted or name.partition(".")[0] in unwanted} == set()
