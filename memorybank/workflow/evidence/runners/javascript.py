"""Runners of JavaScript: node, jest, vitest, mocha."""

from __future__ import annotations

import re

from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

_NODE = re.compile(r"^(?:#|ℹ) (tests|pass|fail|cancelled|skipped|todo) (\d+)$", re.MULTILINE)  # noqa: RUF001  node's own sign
_JEST = re.compile(r"^Tests: +(.+?), (\d+) total$", re.MULTILINE)
_VITEST = re.compile(r"^ *Tests +(\d+ .+?) \((\d+)\)$", re.MULTILINE)
_MOCHA = re.compile(r"^ +(\d+) passing \([^)\n]*\)$((?:\n +\d+ (?:pending|failing)$)*)", re.MULTILINE)
_PAIR = re.compile(r"(\d+) ([a-z ]+)")
_NO_JEST = re.compile(r"^No tests found, exiting with code 0$", re.MULTILINE)
_NO_VITEST = re.compile(r"^No test files found, exiting with code 0$", re.MULTILINE)


def node_counts(text: str) -> list[Counts]:
    """Read the summary of node --test, from any of its reporters."""
    result = []
    told: dict[str, int] = {}
    for found in _NODE.finditer(text):
        told[found[1]] = int(found[2])
        if found[1] == "todo":
            ended = sum(number for name, number in told.items() if name != "tests")
            total = told.get("tests", 0)
            fault = "" if ended == total else f"it reports {total} tests but only {ended} results"
            result.append(
                Counts(
                    "node",
                    told.get("pass", 0),
                    told.get("fail", 0),
                    told.get("cancelled", 0),
                    told.get("skipped", 0),
                    todo=told.get("todo", 0),
                    fault=fault,
                )
            )
            told = {}
    return result


def jest_counts(text: str) -> list[Counts]:
    """Read the `Tests:` line of jest."""
    found = [_of_pairs("jest", match[1], match[2]) for match in _JEST.finditer(text)]
    return found or [Counts("jest") for _ in _NO_JEST.finditer(text)]


def vitest_counts(text: str) -> list[Counts]:
    """Read the `Tests` line of vitest."""
    found = [_of_pairs("vitest", match[1], match[2]) for match in _VITEST.finditer(text)]
    return found or [Counts("vitest") for _ in _NO_VITEST.finditer(text)]


def _of_pairs(runner: str, said: str, total: str) -> Counts:
    told = {name.strip(): int(number) for number, name in _PAIR.findall(said)}
    counts = Counts(
        runner,
        passed=told.get("passed", 0),
        failed=told.get("failed", 0),
        skipped=told.get("skipped", 0),
        todo=told.get("todo", 0),
        expected=told.get("expected fail", 0),
    )
    ended = sum(told.values())
    return counts if ended == int(total) else counts._replace(fault=f"{total} in total, but {ended} results")


def mocha_counts(text: str) -> list[Counts]:
    """Read the last lines of mocha's default reporter."""
    result = []
    for found in _MOCHA.finditer(text):
        told = {name: int(number) for number, name in _PAIR.findall(found[2])}
        result.append(Counts("mocha", int(found[1]), told.get("failing", 0), skipped=told.get("pending", 0)))
    return result


RUNNERS = (
    Runner("node", ("node", "--test"), node_counts, reports=True),
    Runner("jest", ("jest",), jest_counts, reports=True, idle=("--listTests", "--help", "--version")),
    Runner("vitest", ("vitest",), vitest_counts, reports=True, idle=("list", "--help", "--version")),
    Runner("mocha", ("mocha",), mocha_counts, reports=True, idle=("--dry-run", "--help", "--version")),
)
