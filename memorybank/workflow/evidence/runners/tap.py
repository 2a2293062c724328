"""TAP, the Test Anything Protocol, and Perl's prove, which reads it."""

from __future__ import annotations

import re

from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

_PROVE = re.compile(r"^Files=\d+, Tests=(\d+), .*\nResult: (PASS|FAIL|NOTESTS)$", re.MULTILINE)
_PROVE_FAILED = re.compile(r"\(Wstat: .*Failed: (\d+)\)$", re.MULTILINE)
_TAP_PLAN = re.compile(r"^1\.\.(\d+)(?: *#.*)?$", re.MULTILINE)
_TAP_POINT = re.compile(
    r"^(not )?ok\b(?: +\d+)?(?:[^#\n\\]|\\.)*(?:# *(skip|todo)\S*.*)?.*$", re.MULTILINE | re.IGNORECASE
)


def prove_counts(text: str) -> list[Counts]:
    """Read the end of Perl's prove, which does not report skipped tests."""
    result = []
    for found in _PROVE.finditer(text):
        total = int(found[1])
        failed = sum(int(match[1]) for match in _PROVE_FAILED.finditer(text[: found.start()]))
        result.append(Counts("prove", max(total - failed, 0), failed))
    return result


def tap_counts(text: str) -> list[Counts]:
    """Count the TAP test points at the left margin and compare them with the plan."""
    plans = [int(match[1]) for match in _TAP_PLAN.finditer(text)]
    points = list(_TAP_POINT.finditer(text))
    if not plans or not (points or plans == [0]):
        return []
    passed = failed = skipped = todo = 0
    for point in points:
        directive = (point[2] or "").lower()
        if directive == "todo":
            todo += 1
        elif point[1]:
            failed += 1
        elif directive == "skip":
            skipped += 1
        else:
            passed += 1
    fault = "" if len(points) == sum(plans) else f"{sum(plans)} tests were planned but {len(points)} reported"
    if re.search(r"^Bail out!", text, re.MULTILINE):
        fault = "it bailed out"
    return [Counts("TAP", passed, failed, 0, skipped, fault=fault, todo=todo)]


RUNNERS = (
    Runner("prove", ("prove",), prove_counts, idle=("--dry", "-D", "--help")),
    Runner("TAP", (), tap_counts, within=("node", "prove")),
)
