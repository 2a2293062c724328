"""JUnit XML, which most runners can write: count the cases, and compare them with the numbers of the suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LIMIT = 16 * 1024 * 1024


def read_junit(text: str) -> list[Counts]:
    """Return the counts of a JUnit report; empty if the text is not one, or has a document type declaration."""
    start = text.find("<testsuite")
    if start < 0 or len(text) > LIMIT or "<!DOCTYPE" in text or "<!ENTITY" in text:
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
    claimed = _claimed(root)
    told = counts.ran + counts.skipped
    if claimed is not None and claimed != told:
        counts = counts._replace(fault=f"the report claims {claimed} tests but has {told}")
    return [counts]


def _cases(root: Element) -> Counts:
    passed = failed = errors = skipped = 0
    for case in root.iter("testcase"):
        kinds = {child.tag for child in case}
        if "failure" in kinds:
            failed += 1
        elif "error" in kinds:
            errors += 1
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return Counts("JUnit", passed, failed, errors, skipped)


def _claimed(root: Element) -> int | None:
    """Return the sum of the test numbers of the outermost suites; None if one is missing."""
    total = 0
    suites = [root] if root.tag == "testsuite" else [each for each in root if each.tag == "testsuite"]
    for suite in suites:
        number = suite.get("tests", "")
        if not number.isascii() or not number.isdigit():
            return None
        total += int(number)
    return total if suites else None


RUNNERS = (Runner("JUnit", (), read_junit),)
