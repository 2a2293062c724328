"""Runners of PHP: PHPUnit and Pest."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import after_names, before_names
from memorybank.workflow.evidence.runners.runner import Runner

_VERSION = later(r"^PHPUnit (\d+)\.", re.MULTILINE)
# what a test prints comes before the line with the time, or after the dots of the progress
_TIME = later(r"^Time: [\d:.]+.*$", re.MULTILINE)
_OK = later(r"^OK \((\d+) tests?, \d+ assertions?\)$", re.MULTILINE)
_SUM = later(r"^Tests: (\d+), Assertions: \d+((?:, [A-Z][A-Za-z ]+: \d+)*)\.$", re.MULTILINE)
_NONE = later(r"^No tests executed!$", re.MULTILINE)
_PEST = later(r"^ *Tests: +(\d+ [a-z]+(?:, \d+ [a-z]+)*) \(\d+ assertions?\)$", re.MULTILINE)
_NINE = 9


def phpunit_counts(text: str) -> list[Counts]:
    """Read PHPUnit; a test without assertions is risky and proves nothing."""
    if "PHPUnit " not in text and "Assertions: " not in text and " assertion" not in text:
        return []
    version = _VERSION.search(text)
    times = list(_TIME.finditer(text))
    result = []
    for number, time in enumerate(times):
        end = times[number + 1].start() if number + 1 < len(times) else len(text)
        ok = list(_OK.finditer(text, time.end(), end))
        told = list(_SUM.finditer(text, time.end(), end))
        if told:
            result.append(_of_sum(told[-1], int(version[1]) if version else _NINE + 1))
        elif ok:
            result.append(Counts("PHPUnit", int(ok[-1][1])))
    return result or [Counts("PHPUnit") for _ in _NONE.finditer(text)]


def _of_sum(found: re.Match[str], version: int) -> Counts:
    total, told = int(found[1]), after_names(found[2])
    failed, errors = told.get("failures", 0), told.get("errors", 0)
    skipped, todo = told.get("skipped", 0), told.get("incomplete", 0)
    # in version 10 and later a warning is something that a test caused, not its result
    other = told.get("risky", 0) + (told.get("warnings", 0) if version <= _NINE else 0)
    passed = max(total - failed - errors - skipped - todo - other, 0)
    return Counts("PHPUnit", passed, failed, errors, skipped, other, todo=todo)


def pest_counts(text: str) -> list[Counts]:
    """Read Pest, and `php artisan test`, which prints in the same manner; a warning may be a pass, but is not one."""
    if "Tests: " not in text:
        return []
    result = []
    for found in _PEST.finditer(text):
        told = before_names(found[1])
        known = {"passed", "failed", "skipped", "todo", "todos", "incomplete"}
        result.append(
            Counts(
                "Pest",
                told.get("passed", 0),
                told.get("failed", 0),
                skipped=told.get("skipped", 0),
                todo=told.get("todo", 0) + told.get("todos", 0) + told.get("incomplete", 0),
                other=sum(number for name, number in told.items() if name not in known),
            )
        )
    return result


RUNNERS = (
    Runner(
        "PHPUnit",
        ("phpunit",),
        phpunit_counts,
        idle=("--list-tests", "--list-suites", "--list-groups", "--help", "--version"),
        report="--log-junit report.xml",
    ),
    Runner(
        "Pest",
        ("pest",),
        pest_counts,
        idle=("--list-tests", "--help", "--version"),
        report="--log-junit report.xml",
        also=(("php", "artisan", "test"), ("artisan", "test")),
    ),
)
