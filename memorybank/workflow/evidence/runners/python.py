"""Runners of Python: pytest, unittest, nose2, trial."""

from __future__ import annotations

import re

from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

_PYTEST = re.compile(
    r"^(?:=+ )?(?P<said>no tests ran|(?:no|\d+(?:/\d+)?) tests? collected(?: \([^)\n]*\))?"
    r"|\d+ [a-z ]+(?:, \d+ [a-z ]+)*)"
    r"(?:, \d+ errors?)? in \d+(?:\.\d+)?s(?: \([\d:.a-z ]+\))?(?: =+)?$",
    re.MULTILINE,
)
_PYTEST_COLLECTED = re.compile(r"^collected (\d+) items?(?: / (\d+) errors?)?(?: / (\d+) deselected)?", re.MULTILINE)
_PYTEST_LEFT = re.compile(r"^!{3,} (?:_pytest\.outcomes\.Exit|KeyboardInterrupt)", re.MULTILINE)
_UNITTEST = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n\n(OK|FAILED|NO TESTS RAN)(?: \(([^)\n]*)\))?$", re.MULTILINE)
_TRIAL = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n\n(PASSED|FAILED)(?: \(([^)\n]*)\))?$", re.MULTILINE)
_PAIR = re.compile(r"(\d+) ([a-z]+)")
_NAMED = re.compile(r"([a-z ]+)=(\d+)")


def pytest_counts(text: str) -> list[Counts]:
    """Read pytest's last lines; a run that only collects, or stops early, has a fault."""
    result = []
    at = 0
    for found in _PYTEST.finditer(text):
        said = found["said"]
        told = {name.removesuffix("s"): int(number) for number, name in _PAIR.findall(said)}
        if "collected" in said:
            result.append(Counts("pytest", fault="the tests were collected but not run"))
        else:
            counts = Counts(
                "pytest",
                passed=told.get("passed", 0),
                failed=told.get("failed", 0),
                errors=told.get("error", 0),
                skipped=told.get("skipped", 0),
                other=told.get("xpassed", 0),
                left_out=told.get("deselected", 0),
                expected=told.get("xfailed", 0),
                reruns=told.get("rerun", 0),
            )
            if _PYTEST_LEFT.search(text, at):
                counts = counts._replace(fault="it stopped before all tests had finished")
            begun = list(_PYTEST_COLLECTED.finditer(text, at, found.start()))
            result.append(_all_ended(counts, begun[-1]) if begun else counts)
        at = found.end()
    return result


def _all_ended(counts: Counts, begun: re.Match[str]) -> Counts:
    chosen = int(begun.group(1)) - int(begun.group(3) or 0)
    ended = counts.ran + counts.unproven
    if ended < chosen and not counts.failed and not counts.errors and not counts.fault:
        return counts._replace(fault=f"{chosen} tests were selected but only {ended} finished")
    return counts


def unittest_counts(text: str) -> list[Counts]:
    """Read the summary of unittest and of runners based on it."""
    return [_of_unittest("unittest", *found.groups()) for found in _UNITTEST.finditer(text)]


def trial_counts(text: str) -> list[Counts]:
    """Read the summary of Twisted's trial."""
    return [_of_unittest("trial", *found.groups()) for found in _TRIAL.finditer(text)]


def _of_unittest(runner: str, ran: str, _word: str, said: str | None) -> Counts:
    told = {name.strip(): int(number) for name, number in _NAMED.findall(said or "")}
    failed = told.get("failures", 0) + told.get("unexpected successes", 0) + told.get("unexpectedSuccesses", 0)
    errors = told.get("errors", 0)
    skipped = told.get("skipped", 0) + told.get("skips", 0)
    expected = told.get("expected failures", 0) + told.get("expectedFailures", 0)
    todo = told.get("todos", 0)
    passed = int(ran) - failed - errors - skipped - expected - todo
    fault = "" if passed >= 0 or failed or errors else f"{ran} tests ran and {skipped + expected + todo} did not"
    return Counts(runner, max(passed, 0), failed, errors, skipped, fault=fault, todo=todo, expected=expected)


_PYTEST_IDLE = ("--collect-only", "--co", "--collectonly", "--fixtures", "--setup-plan", "--help", "-h", "--version")
RUNNERS = (
    Runner(
        "pytest",
        ("pytest",),
        pytest_counts,
        idle=_PYTEST_IDLE,
        begun=re.compile(r"^(?:=+ test session starts =+|[.FEsxXR]+ +\[ *\d+%\])$", re.MULTILINE),
        report="--junitxml=report.xml",
    ),
    Runner("unittest", ("unittest",), unittest_counts),
    Runner("nose2", ("nose2",), unittest_counts, within=("unittest",)),
    Runner("trial", ("trial",), trial_counts, within=("unittest",)),
)
