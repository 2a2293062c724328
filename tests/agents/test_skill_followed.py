"""An agent that follows the skill to the letter passes every gate, and what it reads stays small.

The commands are taken from the text itself: each line of a console block and each row of a table, in their order.
They run as they are printed, in a new project that is a git repository. One value stands for another: the digest after
`--expect` is that which the last `bank show` printed, as the text says.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank.agents.skill_files import skill_files
from tests.judges import library
from tests.running import bank

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EXAMPLE_DIGEST = "0123456789abcdef"
# answers of a test of the project and of tokens: what the whole round may print, and one answer but the first
MOST_TOKENS, MOST_OF_ONE = 2600, 330
# the skill itself, as it is loaded, and its description, which is always there
SKILL_TOKENS, DESCRIPTION_TOKENS = 2000, 110


class Step(NamedTuple):
    """One command, how it ended, and what the agent read of it."""

    words: tuple[str, ...]
    status: int
    text: str


def commands_of(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the commands in their order: of console blocks, and of table rows that are not excuses."""
    in_console = in_excuses = False
    for line in text.split("\n"):
        if line.startswith("```"):
            in_console = line == "```console"
        elif in_console and line.startswith("$ "):
            yield tuple(shlex.split(line.removeprefix("$ ")))
        elif line.startswith("|"):
            in_excuses = (in_excuses or line.startswith("| you think")) and line.startswith("|")
            if not in_excuses:
                yield from (tuple(shlex.split(each)) for each in re.findall(r"`(bank [^`]+)`", line))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    (folder / "tests" / "http").mkdir(parents=True)
    (folder / "src").mkdir()
    (folder / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    (folder / "src" / "http.py").write_text("RETRIES = 3\n" * 90)
    (folder / "tests" / "http" / "test_retries.py").write_text("def test_retries() -> None:\n    assert True\n")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        names = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", "-C", str(folder), *names, *words], check=True, capture_output=True)
    assert bank(folder, "init").returncode == 0
    return folder


def follow(project: Path, text: str, *, role: str = "") -> list[Step]:
    steps = []
    digest = ""
    # the skill says `pytest`: the one of this environment, which need not be activated
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {"MEMORYBANK_HOME": str(project.parent / "home"), "PATH": path}
    if role:
        env["MEMORYBANK_ROLE"] = role
    for _, *words in commands_of(text):
        typed = [digest if word == EXAMPLE_DIGEST else word for word in words]
        result = bank(project, *typed, env=env)
        steps.append(Step(tuple(typed), result.returncode, result.stdout + result.stderr))
        found = re.search(r" @([0-9a-f]{16}) lines", steps[-1].text)
        digest = found.group(1) if found else digest
        if "bank note 'Retry on 429' --as change" in shlex.join(["bank", *typed]):
            # the agent did what it notes
            (project / "src" / "http.py").write_text("RETRIES = 4\n" * 90)
    return steps


def test_who_follows_the_skill_passes_every_gate_and_wraps_up(project: Path) -> None:
    text = skill_files("session-memory")["SKILL.md"].decode()
    steps = follow(project, text)
    assert len(steps) > 30
    assert [(step.words, step.text) for step in steps if step.status] == []
    env = {"MEMORYBANK_HOME": str(project.parent / "home")}
    stages = tomllib.loads((ROOT / "templates" / "gates.toml").read_text(encoding="utf-8"))
    for stage in (*stages, "finish"):
        result = bank(project, "gate", stage, env=env)
        assert result.returncode == 0, (stage, result.stdout, result.stderr)
    last = steps[-1]
    assert last.words == ("wrap-up",)
    assert last.text.startswith("all settled")


def test_without_the_loads_and_the_notes_the_round_does_not_pass(project: Path) -> None:
    """The same round can fail: it is not the project that makes every point settled."""
    text = skill_files("session-memory")["SKILL.md"].decode()
    text = re.sub(r"bank (load|note|learn|decide|prove|focus) .*?(?=`|\n)", "bank status", text)
    steps = follow(project, text)
    failed = {step.words[0] for step in steps if step.status}
    assert {"gate", "wrap-up"} <= failed


def test_a_reader_follows_its_skill_and_writes_no_memory_file(project: Path) -> None:
    before = {path.name: path.read_bytes() for path in (project / ".memorybank").glob("*.md")}
    steps = follow(project, skill_files("session-memory-reader")["SKILL.md"].decode(), role="read-only")
    assert [(step.words, step.text) for step in steps if step.status] == []
    assert {path.name: path.read_bytes() for path in (project / ".memorybank").glob("*.md")} == before
    assert "The proxy cuts after 60 s" in bank(project, "notes", "list").stdout


def test_what_an_agent_reads_stays_small(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bpe = library("bpe_openai")
    encoding = bpe.get_encoding("o200k_base")

    def tokens(text: str) -> int:
        return len(encoding.encode(text))

    text = skill_files("session-memory")["SKILL.md"].decode()
    steps = follow(project, text)
    counts = [tokens(step.text) for step in steps]
    with capsys.disabled():
        for step, count in zip(steps, counts, strict=True):
            print(f"{count:5d}  bank {shlex.join(step.words)}")
        print(f"{sum(counts):5d}  in all; the skill itself {tokens(text)}")
    assert sum(counts) <= MOST_TOKENS
    assert max(counts) <= MOST_OF_ONE
    assert tokens(text) <= SKILL_TOKENS
    description = re.search(r"^description: (.*)$", text, re.MULTILINE)
    assert description is not None
    assert tokens(description.group(1)) <= DESCRIPTION_TOKENS
