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


def imported_by(project: Path, *words: str, data: str = "") -> set[str]:
    """Return the modules that Python imports when it runs these words in a project."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        input=data,
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(_MODULE.findall(done.stderr))


def those_of(unwanted: set[str], imported: set[str]) -> set[str]:
    """Return the modules that are unwanted, or in a package that is."""
    return {name for name in imported if name in unwanted or name.partition(".")[0] in unwanted}


def imported_by_hook(project: Path, event: str, **fields: object) -> set[str]:
    """Return the modules that a hook imports for an event."""
    return imported_by(project, "-I", str(hook_script()), event, data=json.dumps({"cwd": str(project), **fields}))


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
    imported = imported_by(project, "-m", "memorybank", *words)

    assert "memorybank.cli.main" in imported
    assert those_of(unwanted, imported) == set()


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
    imported = imported_by_hook(project, event, session_id=event, **fields)

    assert "glance" in imported
    assert those_of(unwanted, imported) == set()


def test_the_end_of_a_turn_that_saves_the_session_needs_neither_yaml_nor_the_rest_of_the_library(
    tmp_path: Path,
) -> None:
    make_bank(tmp_path)
    long_ago = Caller(environ={}, folder=tmp_path, now=lambda: START)
    session = Bank(folder_of(tmp_path), long_ago).sessions.start(label="login").record
    Bank.open(tmp_path).note("Writes are cached", kind="learning")

    imported = imported_by_hook(tmp_path, "Stop", session_id="a")

    assert "Writes are cached" in (tmp_path / ".memorybank" / session.file).read_text()
    # the changes of the record are found by comparing its lines
    unwanted = (HEAVY - {"difflib"}) | {"memorybank.facade.bank", "memorybank.contracts.preview", "zlib"}
    assert those_of(unwanted, imported) == set()
