"""Runners that end with one line: each form, with a failure that the exit code hides, or with nothing but skips."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memorybank.process import ProcessResult
from memorybank.workflow.evidence.runners.further import rows, summaries
from memorybank.workflow.evidence.runners.recognise import read_counts
from memorybank.workflow.evidence.validity import faults_of_run

MAKE = ["make", "test"]
TEXT = (Path(__file__).parents[1] / "cases" / "summaries.txt").read_text(encoding="utf-8")
PARTS = re.split(r"^### (.* \| .* \| .* \| (?:yes|no))\n", TEXT, flags=re.MULTILINE)[1:]
CASES = {head.split(" | ")[0]: (head.split(" | "), body) for head, body in zip(PARTS[::2], PARTS[1::2], strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_the_last_line_is_counted(name: str) -> None:
    (_, code, counts, proof), body = CASES[name]
    found = read_counts(body, MAKE)
    assert ("none" if found is None else f"{found.runner} {found}") == counts
    assert (not faults_of_run(ProcessResult("ended", int(code), 0.0, b""), found, MAKE)) == (proof == "yes")


def test_each_runner_of_the_table_has_a_case() -> None:
    shown = {counts for (_, _, counts, _), _ in CASES.values()}
    names = [each.name for each in (*summaries.RUNNERS, *rows.RUNNERS)]
    assert [name for name in names if not any(counts.startswith(f"{name} ") for counts in shown)] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Chrome 120.0: Executed 3 of 5 SUCCESS (0.1 secs / 0.1 secs)\n", "5 in total, but 3 results"),
        ("3 tests, 1 passed, 0 failed\n", "3 in total, but 1 results"),
    ],
)
def test_a_summary_that_does_not_add_up_is_a_fault(text: str, why: str) -> None:
    found = read_counts(text, MAKE)
    assert found is not None
    assert found.fault == why


def test_a_line_of_bars_costs_little() -> None:
    assert read_counts("a: | " * 40_000 + " test files | \n", MAKE) is None
