"""TAP, the Test Anything Protocol, by the leaves of its tree."""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts, added
from memorybank.workflow.evidence.runners.runner import Runner

_BEGUN = later(r"^TAP version 1[234]$", re.MULTILINE)
_PLAN = later(r"( *)1\.\.(\d+)(?: *#.*)?\Z")
_POINT = later(r"( *)(not )?ok\b(?: +\d+)?((?:[^#\n\\]|\\.)*)(?:# *(skip|todo)\b.*|#.*)?\Z", re.IGNORECASE)
# tape prints no point for a test that it skips
_SKIPPED = later(r"^# SKIP ", re.MULTILINE)
_BAIL = later(r" *Bail out!")
_PASSED = Counts("TAP", passed=1)
_FAILED = Counts("TAP", failed=1)


class _Point(NamedTuple):
    failed: bool
    directive: str
    inner: Counts | None = None


class _Level:
    """The points and the plan read so far at one depth."""

    def __init__(self) -> None:
        self.points: list[_Point] = []
        self.plans: list[int] = []

    @property
    def is_test(self) -> bool:
        return bool(self.points or self.plans)

    def counts(self) -> Counts:
        """Return the sum of the leaves; a plan that was not met is a fault."""
        told = added([Counts("TAP"), *(_of_point(point) for point in self.points)])
        if self.plans == [0] and not self.points:
            return told._replace(skipped=1)
        if self.plans and sum(self.plans) != len(self.points):
            why = f"{sum(self.plans)} tests were planned but {len(self.points)} reported"
            return told._replace(fault=told.fault or why)
        return told


def _of_point(point: _Point) -> Counts:
    inner = point.inner
    if point.directive:
        number = 1 if inner is None else max(inner.ran + inner.unproven, 1)
        return Counts("TAP", todo=number) if point.directive == "todo" else Counts("TAP", skipped=number)
    if inner is None:
        return _FAILED if point.failed else _PASSED
    if point.failed and not (inner.failed or inner.errors):
        return inner._replace(failed=1)
    return inner


def tap_counts(text: str) -> list[Counts]:
    """Count the leaves of the tree of TAP test points, and compare them with the plans."""
    levels: dict[int, _Level] = {0: _Level()}
    braces: list[tuple[int, _Point]] = []
    is_planned = False
    bailed = ""
    for line in _without_yaml(text.split("\n")):
        plan = _PLAN.match(line)
        if plan:
            levels.setdefault(len(plan[1]), _Level()).plans.append(int(plan[2]))
            is_planned = is_planned or not plan[1]
        elif braces and line == " " * braces[-1][0] + "}":
            depth, point = braces.pop()
            levels[depth].points.append(point._replace(inner=_inner(levels, depth)))
        elif found := _POINT.match(line):
            _put(levels, braces, found, line)
        elif _BAIL.match(line):
            bailed = "it bailed out"
    for depth, point in reversed(braces):
        levels[depth].points.append(point._replace(inner=_inner(levels, depth)))
    if not is_planned or not levels[0].is_test:
        return []
    counts = levels[0].counts()
    if any(each.plans for depth, each in levels.items() if depth):
        bailed = bailed or "a group of tests did not end"
    skipped = counts.skipped + len(_SKIPPED.findall(text))
    return [counts._replace(skipped=skipped, fault=bailed or counts.fault)]


def _put(levels: dict[int, _Level], braces: list[tuple[int, _Point]], found: re.Match[str], line: str) -> None:
    depth = len(found[1])
    point = _Point(found[2] is not None, (found[4] or "").lower())
    level = levels.setdefault(depth, _Level())
    if line.endswith(" {"):
        # its tests follow, up to the closing brace
        _inner(levels, depth)
        braces.append((depth, point))
    else:
        level.points.append(point._replace(inner=_inner(levels, depth)))


def _inner(levels: dict[int, _Level], depth: int) -> Counts | None:
    """Return the counts of the tests below a point, and forget them; None for a leaf."""
    deeper = [levels.pop(each) for each in sorted(levels) if each > depth]
    tests = [each.counts() for each in deeper if each.is_test and each.plans]
    return tests[0] if tests else None


def _without_yaml(lines: list[str]) -> list[str]:
    """Leave out the blocks of details below a point."""
    kept: list[str] = []
    closing = ""
    for line in lines:
        if closing:
            closing = "" if line == closing else closing
        elif line.strip() == "---" and kept and _POINT.match(kept[-1]):
            closing = line.replace("---", "...")
        else:
            kept.append(line)
    return kept


RUNNERS = (Runner("TAP", (), tap_counts, within=("node", "prove"), begun=_BEGUN, signs=("1..", "TAP version 1")),)
