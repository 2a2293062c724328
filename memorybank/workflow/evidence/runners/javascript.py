"""Runners of JavaScript that print one block at their end: jest, vitest, mocha, jasmine."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner
from memorybank.workflow.evidence.runners.segments import last_of_each, own, unended

_JEST = later(r"^Test Suites: (?P<suites>.+) total\nTests: +(?P<tests>.*?),? ?(?P<total>\d+) total$", re.MULTILINE)
_JEST_NONE = later(r"^No tests found, exiting with code ([01])$", re.MULTILINE)
_JEST_BEGUN = later(
    r"^(?:PASS|FAIL) \S+\.[cm]?[jt]sx?\b|^ +\u25cf  process\.exit called with|^\u25cf Validation Error", re.MULTILINE
)
_VITEST_BEGUN = later(r"^ {1,8}(?:RUN|DEV) +v\d", re.MULTILINE)
_VITEST = later(
    r"^ *Test Files +(?P<files>\S.*|\(\d+\))\n *Tests +(?P<tests>.+)\n(?P<more>(?: *(?:Type )?Errors +.*\n)*)",
    re.MULTILINE,
)
_VITEST_NONE = later(r"^No test files found, exiting with code ([01])$", re.MULTILINE)
_VITEST_RETRY = later(r" \(retry x(\d+)\)", re.MULTILINE)
_TOTAL = later(r"\((\d+)\)\s*\Z")
_MOCHA = later(r"^ +(\d+) passing \([^)\n]*\)$((?:\n +\d+ (?:pending|failing)$)*)", re.MULTILINE)
_MOCHA_TICK = later(r"^ {2,}.*([\u2713\u2714]) \S", re.MULTILINE)
# older versions have the tick that others print too, but leave two lines before the first suite or test
_MOCHA_BEGUN = later(
    r"^ Exception during run: |^Error: No test files found: |^ {2,}[^\s\u25b6\u2714\u2716\u2139].*\n {4,}\u2714 \S"
    r"|^\n\n  (?:[^\s\u25b6\u2713\u2714\u2716\u2139].*\n {4,})?[\u2713\u2714] \S"
    r"|^\n\n  [\u2024,!]*\u2024",
    re.MULTILINE,
)
# test-unit of Ruby prints the same word, below another line
_JASMINE_BEGUN = later(r"(?:\A|^(?!Loaded suite ).*\n)Started$", re.MULTILINE)
_JASMINE = later(
    r"^(?:Ran (?P<chosen>\d+) of (?P<every>\d+) specs.*\n)?(?:No specs found"
    r"|(?P<specs>\d+) specs?, (?P<failed>\d+) failures?(?:, (?P<pending>\d+) pending specs?)?)\nFinished in .*"
    r"(?P<incomplete>(?:\nIncomplete: .*)?)$",
    re.MULTILINE,
)
_SUITE_ERROR = later(r"^(?:Suite error: |Late error in suite: )", re.MULTILINE)


def _outside(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'} failed outside the tests" if number else ""


def _of_pairs(runner: str, said: str, total: int) -> Counts:
    told = before_names(said)
    counts = Counts(
        runner,
        passed=told.get("passed", 0),
        failed=told.get("failed", 0),
        skipped=told.get("skipped", 0),
        todo=told.get("todo", 0),
        expected=told.get("expected fail", 0),
    )
    ended = sum(told.values())
    return counts if ended == total else counts._replace(fault=f"{total} in total, but {ended} results")


def jest_counts(text: str) -> list[Counts]:
    """Read the last lines of jest; a suite that failed although no test did has failed outside the tests."""
    result = []
    for found in _JEST.finditer(text):
        counts = _of_pairs("jest", found["tests"], int(found["total"]))
        suites = before_names(found["suites"]).get("failed", 0)
        result.append(counts._replace(outside=_outside(0 if counts.failed else suites, "test suite")))
    return result or [Counts("jest") for _ in _JEST_NONE.finditer(text)]


def vitest_counts(text: str) -> list[Counts]:
    """Read the last lines of vitest; failed files and errors that no test has are outside the tests."""
    result = []
    for part, found in last_of_each(text, _VITEST_BEGUN, _VITEST):
        if found is None:
            none = _VITEST_NONE.search(text, part.start, part.end)
            # a reporter that prints JSON, TAP or JUnit has no such lines
            result += [Counts("vitest")] if none else []
            continue
        total = _TOTAL.search(found["tests"])
        counts = _of_pairs("vitest", found["tests"].partition("(")[0], int(total[1]) if total else 0)
        files = before_names(found["files"]).get("failed", 0)
        errors = sum(int(number) for number in re.findall(r"Errors +(\d+)", found["more"]))
        said = [_outside(0 if counts.failed else files, "test file"), _outside(errors, "error").replace("failed ", "")]
        reruns = sum(int(each[1]) for each in _VITEST_RETRY.finditer(text, part.start, found.start()))
        result.append(counts._replace(reruns=reruns, outside="; ".join(each for each in said if each)))
    return result or [Counts("vitest") for _ in _VITEST_NONE.finditer(text)]


def mocha_counts(text: str) -> list[Counts]:
    """Read the last lines of mocha; a summary that its ticks contradict was printed by a test."""
    result, at = [], 0
    for found in _MOCHA.finditer(text):
        told = before_names(found[2])
        counts = Counts("mocha", int(found[1]), told.get("failing", 0), skipped=told.get("pending", 0))
        ticks = _MOCHA_TICK.findall(text, at, found.start())
        is_sure = counts.passed in (ticks.count("\u2714"), ticks.count("\u2713"))
        result.append((counts, is_sure))
        at = found.end() if is_sure else at
    return own(result)


def jasmine_counts(text: str) -> list[Counts]:
    """Read the last lines of jasmine; errors of suites and focused specs are outside the tests."""
    result = []
    for part, found in last_of_each(text, _JASMINE_BEGUN, _JASMINE):
        if found is None:
            result.append(unended("jasmine"))
            continue
        specs, failed, pending = (int(found[name] or 0) for name in ("specs", "failed", "pending"))
        errors = len(_SUITE_ERROR.findall(text, part.start, found.start()))
        failed = max(failed - errors, 0)
        left = int(found["every"] or 0) - int(found["chosen"] or 0)
        said = [_outside(errors, "suite"), found["incomplete"].strip()]
        counts = Counts("jasmine", max(specs - failed - pending, 0), failed, skipped=pending, left_out=left)
        result.append(counts._replace(outside="; ".join(each for each in said if each)))
    return result


RUNNERS = (
    Runner(
        "jest",
        ("jest",),
        jest_counts,
        reports=True,
        idle=("--listTests", "--showConfig", "--clearCache", "--init", "--help", "--version"),
        begun=_JEST_BEGUN,
        report="--json --outputFile=report.json",
        signs=("Test Suites: ", "No tests found", "PASS ", "FAIL ", " process.exit called", "Validation Error"),
    ),
    Runner(
        "vitest",
        ("vitest",),
        vitest_counts,
        reports=True,
        idle=("list", "--help", "--version"),
        begun=_VITEST_BEGUN,
        report="--reporter=json --outputFile=report.json",
        signs=(" RUN ", " DEV ", "Test Files ", "No test files found"),
    ),
    Runner(
        "mocha",
        ("mocha",),
        mocha_counts,
        reports=True,
        idle=("--dry-run", "--help", "--version"),
        begun=_MOCHA_BEGUN,
        within=("cypress",),
        alike=("ava",),
        report="--reporter json --reporter-option output=report.json",
        signs=(" passing (", "Exception during run", "No test files found", "\u2714", "\u2713", "\u2024"),
    ),
    Runner(
        "jasmine",
        ("jasmine",),
        jasmine_counts,
        idle=("init", "examples", "help", "version", "enumerate"),
        signs=("Started\n", "\nFinished in "),
    ),
)
