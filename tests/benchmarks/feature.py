"""What an agent reads and writes that follows the skill through a whole feature: characters in and out of each step.

    python -m tests.benchmarks.feature [--before CHECKOUT]

With a checkout of an older version (its skill was the one of 0.1), its steps are run too and stand beside today's.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank.recall.loading.budget import count_tokens
from tests.running import MODULE, environment, git, make_bank

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
SKILL = ".claude/skills/session-memory/SKILL.md"
# of each of the three files
BANK_BYTES = 4_000
# stands for the digest that was printed before
DIGEST = "DIGEST"
PROOF = f"{shlex.quote(sys.executable)} -m unittest -q test_http"
SUITE = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_retry(self):\n        assert 1\n"

# step: the commands of the skill of 0.1, and those of today's
STEPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "start": (
        ("bank load --for session-start",),
        (
            "bank load --for session-start --mark --git",
            "bank session start --goal 'Retry on 429'",
            "bank skills",
        ),
    ),
    "before building": (
        ("bank load progress.md", "bank load patterns.md activeContext.md"),
        ("bank search 'retry on 429'",),
    ),
    "a decision": (
        ("bank load --for decision", "bank note 'Retries: three' --as decision --why 'the API asks for it'"),
        ("bank load --for decision --mark", "bank note 'Retries: three' --as decision --why 'the API asks for it'"),
    ),
    "tasks": (
        ("bank task add 'Retry on 429'", "bank task add 'Time-outs'"),
        ("bank task add 'Retry on 429'", "bank task add 'Time-outs'"),
    ),
    "notes while working": (
        (
            "bank note 'The API answers 429 without Retry-After'",
            "bank note 'Dates: the API sends local time' --as gotcha",
            "bank note 'Retry on 429' --as change --file http.py:1",
        ),
        (
            "bank note 'The API answers 429 without Retry-After'",
            "bank note 'Dates: the API sends local time' --as gotcha",
            "bank note 'Retry on 429' --as change --file http.py:1",
        ),
    ),
    "before the context is lost": (
        ("bank focus 'Retries: done, time-outs: next'", "bank note '[DEBUG-1]: pinned the clock' --as change"),
        ("bank checkpoint add 'Retries done, time-outs next' --reason precompact", "bank handoff"),
    ),
    "an edit of what was read": (
        (
            "bank show 'activeContext.md#Next Steps'",
            f"bank edit 'activeContext.md#Next Steps' --append '- Windows' --expect {DIGEST}",
        ),
        (
            "bank show 'activeContext.md#Next Steps'",
            f"bank edit 'activeContext.md#Next Steps' --append '- Windows' --expect {DIGEST}",
        ),
    ),
    "a task is done": (
        (PROOF, "bank task done 'Retry on 429' --evidence 'unittest: exit 0 (1/1)'"),
        (f"bank prove 'Retry on 429' -- {PROOF}",),
    ),
    "promote": (
        (
            "bank item move activeContext.md#Learnings 'The API answers 429 without Retry-After' --to 'patterns.md#Common Gotchas'",  # noqa: E501  one command
        ),
        ("bank promote 'The API answers 429 without Retry-After' --to pattern",),
    ),
    "the end": (
        (
            "bank edit 'activeContext.md#Recent Changes' --replace '- Retries on 429'",
            "bank focus 'Retries: done, time-outs: next'",
            "bank history",
            "bank task list",
            "bank check",
        ),
        (
            "bank focus 'Retries: done, time-outs: next'",
            "bank session end --generate-summary",
            "bank check",
            "bank wrap-up",
        ),
    ),
}


class Cost(NamedTuple):
    """Characters that the agent types, characters that it reads, and the estimate of tokens of both."""

    typed: int
    read: int
    tokens: int


def costs(checkout: Path, version: int) -> dict[str, Cost]:
    """Run every step in a project with a bank in use; `version` chooses the commands."""
    skill = (checkout / SKILL).read_text(encoding="utf-8").split("---\n", 2)[2]
    found = {"the skill itself": Cost(0, len(skill), count_tokens(skill))}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "app"
        make_bank(project, BANK_BYTES)
        (project / "http.py").write_text("retries = 1\n")
        (project / "test_http.py").write_text(SUITE)
        (project / ".gitignore").write_text("__pycache__\n")
        git(project, "init", "-q")
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", "first")
        env = environment(PYTHONPATH=str(checkout), MEMORYBANK_HOME=f"{folder}/mine", CLAUDE_CODE_SESSION_ID="agent")
        for step, commands in STEPS.items():
            typed = read = tokens = 0
            for command in commands[version]:
                line = command.replace(DIGEST, _digest(project, env)) if DIGEST in command else command
                said = _run(project, line, env)
                typed, read = typed + len(line), read + len(said)
                tokens += count_tokens(line) + count_tokens(said)
            found[step] = Cost(typed, read, tokens)
            (project / "http.py").write_text("retries = 3\n")
    return found


def _run(project: Path, line: str, env: dict[str, str]) -> str:
    words = shlex.split(line)
    if words[0] == "bank":
        words[:1] = MODULE
    done = subprocess.run(words, cwd=project, env=env, capture_output=True, encoding="utf-8", check=False)
    # check and wrap-up end with 1 where they have something to say
    if done.returncode > 1:
        raise SystemExit(f"{line}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _digest(project: Path, env: dict[str, str]) -> str:
    return str(json.loads(_run(project, "bank show 'activeContext.md#Next Steps' --json", env))["digest"])


def _row(step: str, parts: Iterable[Cost]) -> str:
    return f"| {step} | " + " | ".join(f"{cost.typed:,} | {cost.read:,} | {cost.tokens:,}" for cost in parts) + " |"


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--before", type=Path, help="a checkout of an older version")
    before = options.parse_args().before
    columns = {"before": costs(before, 0)} if before else {}
    columns["now"] = costs(ROOT, 1)
    print("| step | " + " | ".join(f"{name}: typed | read | tokens" for name in columns) + " |")
    print("| --- | " + " | ".join("--- | --- | ---" for _ in columns) + " |")
    for step in columns["now"]:
        print(_row(step, [rows[step] for rows in columns.values()]))
    print(_row("**all**", [Cost(*map(sum, zip(*rows.values(), strict=True))) for rows in columns.values()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
