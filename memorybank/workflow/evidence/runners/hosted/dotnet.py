"""Runners of .NET: dotnet test in its old and new forms, and the TRX report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import after_names
from memorybank.workflow.evidence.runners.runner import Runner

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# one line for each test project
_PROJECT = later(
    r"^ *(?:Passed|Failed|Skipped)! +- (Failed: +\d+, Passed: +\d+, Skipped: +\d+, Total: +\d+)", re.MULTILINE
)
_TERMINAL = later(r"^Test summary: (total: \d+, failed: \d+, succeeded: \d+, skipped: \d+)", re.MULTILINE)
_PLATFORM = later(
    r"^ *Test run summary: .*\n((?: +(?:total|failed|succeeded|skipped): \d+\n){3,}| *total: .+\n)", re.MULTILINE
)
_VSTEST = later(
    r"^Total tests: (\d+)"
    r"(?:\. (Passed: \d+\. Failed: \d+\. Skipped: \d+)\.|\n((?: +(?:Passed|Failed|Skipped): \d+\n)+))",
    re.MULTILINE,
)
_NONE = later(
    r"^(?:No test is available in .*|No test matches the given testcase filter .*|Zero tests ran.*)$", re.MULTILINE
)
_NOT_BUILT = later(
    r"^(?:Build FAILED\.|Build failed with \d+ error.*|The active test run was aborted\..*)$", re.MULTILINE
)
LIMIT = 16 * 1024 * 1024
_NOT_RUN = {"NotExecuted": "skipped", "Inconclusive": "skipped", "NotRunnable": "errors", "Pending": "todo"}
_BROKEN = frozenset(("Error", "Timeout", "Aborted", "Disconnected", "PassedButRunAborted"))


def dotnet_counts(text: str) -> list[Counts]:
    """Read dotnet test: a summary of the whole run if there is one, else one line for each project."""
    if not any(sign in text for sign in ("! ", "est summary: ", "run summary: ", "otal tests: ", "No test ", "Build ")):
        return []
    told = [after_names(found[1]) for found in _TERMINAL.finditer(text)]
    told = told or [after_names(found[1]) for found in _PROJECT.finditer(text)]
    told = told or [after_names(found[1]) for found in _PLATFORM.finditer(text)]
    for found in _VSTEST.finditer(text) if not told else ():
        told.append({"total": int(found[1]), **after_names(found[2] or found[3])})
    result = [_of_summary(each) for each in told] or [Counts("dotnet") for _ in _NONE.finditer(text)]
    failed = _NOT_BUILT.search(text)
    if failed and not any(each.failed for each in result):
        result.append(Counts("dotnet", outside=failed[0]))
    return result


def _of_summary(told: dict[str, int]) -> Counts:
    counts = Counts(
        "dotnet", told.get("succeeded", told.get("passed", 0)), told.get("failed", 0), skipped=told.get("skipped", 0)
    )
    ended = counts.ran + counts.skipped
    total = told.get("total", ended)
    return counts if ended == total else counts._replace(fault=f"{total} in total, but {ended} results")


def read_trx(text: str) -> list[Counts]:
    """Return the counts of a TRX report; empty if the text is not one."""
    start = text.find("<TestRun")
    if start < 0 or len(text) > LIMIT or "<!DOCTYPE" in text[:start]:
        return []
    from xml.etree import ElementTree as ET

    try:
        root = ET.fromstring(text[start:])  # noqa: S314  no entities
    except ET.ParseError:
        return []
    found = dict.fromkeys(("passed", "failed", "errors", "skipped", "todo", "other"), 0)
    for each in _named(root, "UnitTestResult"):
        outcome = each.get("outcome", "Error")
        if outcome in _BROKEN:
            found["errors"] += 1
        else:
            found[{"Passed": "passed", "Failed": "failed", **_NOT_RUN}.get(outcome, "other")] += 1
    counts = Counts("TRX", unit="tests", fault="", outside="", **found)
    return [_checked(root, counts)]


def _checked(root: Element, counts: Counts) -> Counts:
    """Compare the results with the numbers of the summary."""
    for each in _named(root, "Counters"):
        total = each.get("total", "")
        told = counts.ran + counts.unproven
        if total.isascii() and total.isdigit() and int(total) != told:
            return counts._replace(fault=f"the report claims {total} tests but has {told}")
    for each in _named(root, "ResultSummary"):
        if each.get("outcome") in ("Failed", "Aborted", "Error", "Timeout") and not counts.failed and not counts.errors:
            return counts._replace(outside=f"the report says that the run was {str(each.get('outcome')).lower()}")
    return counts


def _named(root: Element, name: str) -> list[Element]:
    """Return the elements with a name, in whatever namespace."""
    return [each for each in root.iter() if isinstance(each.tag, str) and each.tag.rpartition("}")[2] == name]


RUNNERS = (
    Runner(
        "dotnet",
        ("dotnet", "test"),
        dotnet_counts,
        adds=True,
        idle=("--list-tests", "-t", "--help", "-h"),
        also=(("dotnet", "vstest"), ("vstest.console",)),
    ),
)
