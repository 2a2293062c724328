"""Reports in JSON: of jest and vitest, Playwright, mocha, and pytest with pytest-json-report."""

from __future__ import annotations

import json
import re
from typing import Any

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

LIMIT = 16 * 1024 * 1024
_BEGIN = later(r"^\{", re.MULTILINE)
_NAMES = later(r"\"(?:numTotalTests|unexpected|passes|exitcode)\"")


def read_json(text: str) -> list[Counts]:
    """Return the counts of each report in a text; empty if there is none."""
    if len(text) > LIMIT or not _NAMES.search(text):
        return []
    result, at = [], 0
    decoder = json.JSONDecoder()
    while found := _BEGIN.search(text, at):
        try:
            value, at = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            at = found.end()
            continue
        counts = _counts(value)
        result += [counts] if counts else []
    return result


def _counts(value: Any) -> Counts | None:
    try:
        if "numTotalTests" in value:
            return _of_jest(value)
        if "suites" in value and "unexpected" in value.get("stats", ()):
            return _of_playwright(value)
        if "passes" in value.get("stats", ()):
            return _of_mocha(value)
        if "exitcode" in value and "total" in value.get("summary", ()):
            return _of_pytest(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    return None


def _of_jest(value: dict[str, Any]) -> Counts:
    """Count the tests of jest or vitest; a file without a failed test that failed did so outside the tests."""
    found = dict.fromkeys(("passed", "failed", "skipped", "todo", "expected", "reruns"), 0)
    broken = 0
    for file in value["testResults"]:
        tests = file["assertionResults"]
        for test in tests:
            found[_jest_kind(test)] += 1
            found["reruns"] += max(int(test.get("invocations") or 1) - 1, 0)
        broken += file["status"] == "failed" and all(test["status"] != "failed" for test in tests)
    # vitest writes the same form, without this number
    runner = "jest" if "numRuntimeErrorTestSuites" in value else "vitest"
    counts = Counts(runner, unit="tests", fault="", outside="", **found)
    total, told = int(value["numTotalTests"]), counts.ran + counts.unproven
    said = _outside(max(broken, int(value.get("numRuntimeErrorTestSuites") or 0)), "test file")
    if not said and not value.get("success", True) and not counts.failed:
        said = "the report says that the run failed"
    return counts._replace(outside=said, fault=_fault(total, told))


def _jest_kind(test: dict[str, Any]) -> str:
    status = str(test["status"])
    if status == "passed":
        return "expected" if test.get("failing") else "passed"
    return status if status in ("failed", "todo") else "skipped"


def _of_playwright(value: dict[str, Any]) -> Counts:
    found = dict.fromkeys(("passed", "failed", "skipped", "expected", "reruns"), 0)
    for test in _playwright_tests(value["suites"]):
        status = test["status"]
        found["reruns"] += max(len(test["results"]) - 1, 0)
        if status == "expected":
            found["expected" if test["expectedStatus"] == "failed" else "passed"] += 1
        else:
            found[{"flaky": "passed", "skipped": "skipped"}.get(status, "failed")] += 1
    counts = Counts("playwright", unit="tests", fault="", outside="", **found)
    total = sum(int(value["stats"][name]) for name in ("expected", "skipped", "unexpected", "flaky"))
    return counts._replace(
        outside=_outside(len(value.get("errors", ())), "error").replace("failed ", ""),
        fault=_fault(total, counts.ran + counts.unproven),
    )


def _playwright_tests(suites: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = []
    waiting = list(suites)
    while waiting:
        suite = waiting.pop()
        waiting += suite.get("suites", ())
        tests += [test for spec in suite.get("specs", ()) for test in spec["tests"]]
    return tests


def _of_mocha(value: dict[str, Any]) -> Counts:
    stats = value["stats"]
    reruns = sum(int(test.get("currentRetry") or 0) for test in value.get("tests", ()))
    return Counts(
        "mocha", int(stats["passes"]), int(stats["failures"]), skipped=int(stats.get("pending", 0)), reruns=reruns
    )


def _of_pytest(value: dict[str, Any]) -> Counts:
    """Count the tests of pytest-json-report; files that could not be collected are not among them."""
    told = value["summary"]
    broken = sum(1 for each in value.get("collectors", ()) if each.get("outcome") == "failed")
    known = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun")
    passed, failed, errors, skipped, expected, other, reruns = (int(told.get(name, 0)) for name in known)
    ended = passed + failed + errors + skipped + expected + other + reruns
    said = [_outside(broken, "file")] if broken else []
    if value["exitcode"] not in (0, 1, 5) and not said:
        said.append(f"pytest ended with exit {value['exitcode']}")
    return Counts(
        "pytest",
        passed,
        failed,
        errors,
        skipped,
        other,
        int(told.get("deselected", 0)),
        fault=_fault(int(told["total"]), ended),
        expected=expected,
        reruns=reruns,
        outside="; ".join(said),
    )


def _outside(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'} failed outside the tests" if number else ""


def _fault(total: int, told: int) -> str:
    return "" if told >= total else f"the report claims {total} tests but has {told}"


RUNNERS = (Runner("JSON", (), read_json, within=("jest", "vitest", "mocha", "playwright", "pytest")),)
