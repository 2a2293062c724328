"""JUnit XML, which most runners can write: count the cases, and compare them with the numbers of the suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LIMIT = 16 * 1024 * 1024
# kinds of skipped tests that some runners tell apart
_SKIPPED = {"todo": "todo", "pytest.xfail": "expected"}
# the failures before a test passed, or failed for good
_RERUNS = frozenset(("flakyFailure", "flakyError", "rerunFailure", "rerunError"))
# a test that was not run, without an element that says so
_NOT_RUN = frozenset(("disabled", "notrun", "suppressed"))
# PHPUnit calls a test without assertions an error in its report, but passes the run
_RISKY = "RiskyTestError"


def read_junit(text: str) -> list[Counts]:
    """Return the counts of a JUnit report; empty if the text is not one, or has a document type declaration."""
    start = text.find("<testsuite")
    if start < 0 or len(text) > LIMIT or "<!DOCTYPE" in text[:start]:
        return []
    plural = text.startswith("<testsuites", start)
    closing = "</testsuites>" if plural else "</testsuite>"
    end = text.rfind(closing)
    from xml.etree import ElementTree as ET

    try:
        root = ET.fromstring(text[start : end + len(closing)] if end > 0 else text[start:])  # noqa: S314  no entities
    except ET.ParseError:
        return []
    counts = _cases(root)
    told = counts.ran + counts.unproven
    claimed, failures = _claimed(root, "tests"), _claimed(root, "failures") + _claimed(root, "errors")
    if _is_of_pytest(root):
        # it counts the parts of a test as tests too, and a test that was run again has several cases
        again = told - len({(case.get("classname"), case.get("name")) for case in root.iter("testcase")})
        if again and claimed == told - again:
            counts = counts._replace(passed=max(counts.passed - again, 0), reruns=counts.reruns + again)
    elif claimed > told + counts.reruns and not _counts_checks(root):
        counts = counts._replace(fault=f"the report claims {claimed} tests but has {told}")
    broken = ("failure", "error", *_RERUNS)
    seen = sum(1 for case in root.iter("testcase") for child in case if child.tag in broken)
    if failures > seen:
        counts = counts._replace(outside=f"failures that the report claims: {failures}, those of its tests: {seen}")
    return [counts]


def _is_of_pytest(root: Element) -> bool:
    return any(each.get("name", "").startswith("pytest") for each in (root, *root.findall("testsuite")))


def _counts_checks(root: Element) -> bool:
    """Check whether the report is of Catch2, whose number of tests is that of its assertions."""
    return any(each.get("hostname") == "tbd" for each in root.iter("testsuite"))


def _cases(root: Element) -> Counts:
    found = dict.fromkeys(("passed", "failed", "errors", "skipped", "todo", "expected", "other", "reruns"), 0)
    for case in root.iter("testcase"):
        found["reruns"] += sum(1 for child in case if child.tag in _RERUNS)
        found[_kind(case)] += 1
    return Counts("JUnit", unit="tests", fault="", outside="", **found)


def _kind(case: Element) -> str:
    kinds = {child.tag: child.get("type", "") for child in case}
    if "skipped" in kinds:
        # Catch2 says both of a test that may fail, and failed
        expected = "expected" if "failure" in kinds else "skipped"
        return _SKIPPED.get(kinds["skipped"], expected)
    if "failure" in kinds:
        return "failed"
    if "error" in kinds:
        return "other" if kinds["error"].endswith(_RISKY) else "errors"
    if _NOT_RUN.intersection((case.get("status", ""), case.get("result", ""))):
        return "skipped"
    return "passed"


def _claimed(root: Element, name: str) -> int:
    """Return the sum of a number of the outermost suites; 0 if one is missing."""
    total = 0
    suites = [root] if root.tag == "testsuite" else [each for each in root if each.tag == "testsuite"]
    for suite in suites:
        number = suite.get(name, "")
        if not number.isascii() or not number.isdigit():
            return 0
        total += int(number)
    return total


RUNNERS = (Runner("JUnit", (), read_junit),)
