"""The everyday commands start fast: what they do not need is not imported. Times are for `tests/benchmarks/`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.agents.hook_events import hook_script
from memorybank.facade.caller import Caller
from tests.running import START, environment, folder_of, make_bank

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


def test_the_end_of_a_turn_that_saves_the_session_needs_neither_yaml_nor_the_rest_of_the_library(
    tmp_path: Path,
) -> None:
    make_bank(tmp_path)
    long_ago = Caller(environ={}, folder=tmp_path, now=lambda: START)
    session = Bank(folder_of(tmp_path), long_ago).sessions.start(label="login").record
    Bank.open(tmp_path).note("Writes are cached", kind="learning")

    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", str(hook_script()), "Stop"],
        input=json.dumps({"cwd": str(tmp_path), "session_id": "a"}),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(_MODULE.findall(done.stderr))

    assert "Writes are cached" in (tmp_path / ".memorybank" / session.file).read_text()
    # the changes of the record are found by comparing its lines
    unwanted = (HEAVY - {"difflib"}) | {"memorybank.facade.bank", "memorybank.contracts.preview", "zlib"}
    assert {name for name in imported if name in unwanted or name.partition(".")[0] in unwanted} == set()
