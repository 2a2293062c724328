"""Runners of Ruby: RSpec, minitest, test-unit and Cucumber."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner

_RSPEC = later(
    r"^Finished in .*\n(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?"
    r"(?:, (\d+) errors? occurred outside of examples)?$",
    re.MULTILINE,
)
_PENDING = later(r"^Pending: \(Failures listed here are expected.*$", re.MULTILINE)
_PENDING_ONE = later(r"^  \d+\) ", re.MULTILINE)
_MINITEST_END = later(r"^Finished (?:in|tests in) [\d.]+s, .*(?:runs|tests)/s.*$", re.MULTILINE)
_MINITEST = later(r"^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors, (\d+) skips$", re.MULTILINE)
_TEST_UNIT = later(
    r"^(\d+) tests, \d+ assertions, (\d+) failures, (\d+) errors, (\d+) pendings, (\d+) omissions, \d+ notifications$",
    re.MULTILINE,
)
_CUCUMBER = later(r"^(\d+) scenarios?(?: \(([^)\n]*)\))?\n\d+ steps?", re.MULTILINE)


def rspec_counts(text: str) -> list[Counts]:
    """Read RSpec; of the pending examples some failed as expected, and some have no body yet."""
    if " example" not in text:
        return []
    result, start = [], 0
    for found in _RSPEC.finditer(text):
        total, failed, pending, outside = (int(group or 0) for group in found.groups())
        expected, todo = _pending(text[start : found.start()])
        start = found.end()
        result.append(
            Counts(
                "RSpec",
                max(total - failed - pending, 0),
                failed,
                skipped=max(pending - expected - todo, 0),
                todo=todo,
                expected=expected,
                outside=_times(outside, "error") + " occurred outside of the examples" if outside else "",
            )
        )
    return result


def _pending(text: str) -> tuple[int, int]:
    """Return how many pending examples failed as expected, and how many have no body."""
    found = _PENDING.search(text)
    if found is None:
        return 0, 0
    items = _PENDING_ONE.split(text[found.end() :].partition("\nFailures:\n")[0])[1:]
    expected = sum("     Failure/Error: " in each for each in items)
    return expected, sum("# Not yet implemented" in each and "Failure/Error" not in each for each in items)


def _times(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def minitest_counts(text: str) -> list[Counts]:
    """Read minitest; its summary comes after the line with the time."""
    if " assertions, " not in text:
        return []
    result = []
    for end in _MINITEST_END.finditer(text):
        found = _MINITEST.search(text, end.end())
        if found:
            ran, failed, errors, skipped = (int(group) for group in found.groups())
            result.append(Counts("minitest", max(ran - failed - errors - skipped, 0), failed, errors, skipped))
    return result


def test_unit_counts(text: str) -> list[Counts]:
    """Read test-unit, which has pending and omitted tests."""
    if " omissions, " not in text:
        return []
    result = []
    for found in _TEST_UNIT.finditer(text):
        ran, failed, errors, pending, omitted = (int(group) for group in found.groups())
        passed = max(ran - failed - errors - pending - omitted, 0)
        result.append(Counts("test-unit", passed, failed, errors, skipped=omitted, todo=pending))
    return result


def cucumber_counts(text: str) -> list[Counts]:
    """Read Cucumber, also that of JavaScript; a scenario with a step that is not defined is to do."""
    if " scenario" not in text:
        return []
    result = []
    for found in _CUCUMBER.finditer(text):
        told = before_names(found[2] or "")
        counts = Counts(
            "Cucumber",
            told.get("passed", 0),
            told.get("failed", 0) + told.get("ambiguous", 0),
            skipped=told.get("skipped", 0),
            todo=told.get("pending", 0) + told.get("undefined", 0),
            unit="scenarios",
        )
        ended = counts.ran + counts.unproven
        if ended != int(found[1]):
            counts = counts._replace(fault=f"{found[1]} scenarios, but {ended} results")
        result.append(counts)
    return result


RUNNERS = (
    Runner(
        "RSpec",
        ("rspec",),
        rspec_counts,
        reports=True,
        idle=("--dry-run", "--help", "--version"),
        within=("ShellSpec",),
    ),
    Runner("minitest", (), minitest_counts, adds=True),
    Runner("test-unit", (), test_unit_counts, adds=True),
    Runner("Cucumber", ("cucumber",), cucumber_counts, idle=("--dry-run", "-d", "--help"), also=(("cucumber-js",),)),
)
