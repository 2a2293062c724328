"""Runners of Python: pytest, unittest, nose2, trial."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner
from memorybank.workflow.evidence.runners.segments import own, segments, unended

if TYPE_CHECKING:
    from memorybank.workflow.evidence.runners.segments import Segment

_PYTEST_BEGUN = later(r"^(?P<bar>=+) test session starts =+$", re.MULTILINE)
_SUGAR_BEGUN = later(r"^Test session starts \(platform: ", re.MULTILINE)
_PYTEST = later(
    r"^(?P<bar>=+ )?(?P<said>no tests ran|(?:no|\d+(?:/\d+)?) tests? collected(?: \([^)\n]*\))?"
    r"|\d+ [a-z ]+(?:, \d+ [a-z ]+)*)"
    r"(?:, \d+ errors?)? in \d+\.\d\ds(?: \([\d:.a-z, ]+\))?(?: =+)?$",
    re.MULTILINE,
)
_PYTEST_COLLECTED = later(r"^collected (\d+) items?(?: / (\d+) errors?)?(?: / (\d+) deselected)?", re.MULTILINE)
_PYTEST_LEFT = later(r"^!{3,} (?:_pytest\.outcomes\.Exit|KeyboardInterrupt)", re.MULTILINE)
# what tests printed, as it is shown again below a failure
_CAPTURED = later(r"^-+ Captured \w+ \w+ -+\n(?:(?![-_=]{2,} \S.* [-_=]{2,}$).*\n)*", re.MULTILINE)
_PROGRESS = later(r"^[.FEsxXRu,]+ +\[ *(?:\d+%|\d+/\d+|[\d.]+m?s)\]$|\[100%\]$", re.MULTILINE)
_INTERNAL = later(r"^INTERNALERROR> ", re.MULTILINE)
_SUGAR = later(r"^Results \([\d.]+s\):\n((?: +\d+ [a-z]+\n?(?: +- .*\n?)*)*)", re.MULTILINE)
_DASHES = r"^-{60,}\n"
_UNITTEST = later(
    _DASHES + r"Ran (\d+) tests? in [\d.]+s\n\n(OK|FAILED|NO TESTS RAN)(?: \(([^)\n]*)\))?$", re.MULTILINE
)
_TRIAL = later(_DASHES + r"Ran (\d+) tests? in [\d.]+s\n\n(PASSED|FAILED)(?: \(([^)\n]*)\))?$", re.MULTILINE)
_DOTS = later(r"^[.FEsxu]+$", re.MULTILINE)
_VERBOSE = later(r" \.\.\. (?:ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$", re.MULTILINE)
_NAMED = later(r"([a-zA-Z ]+)=(\d+)")


def pytest_counts(text: str) -> list[Counts]:
    """Read pytest's last lines; a run that only collects, or stops early, has a fault."""
    text = _CAPTURED.sub("", text)
    result: list[Counts] = []
    for part in segments(text, _PYTEST_BEGUN):
        start = part.start
        if part.header is not None:
            end = _own_summary(text, part)
            result.append(_of_pytest(text, start, end, part.end) if end else unended("pytest"))
            start = end.end() if end else part.end
        result += _without_header(text, start, part.end, framed=part == (None, 0, len(text)))
    for part in segments(text, _SUGAR_BEGUN)[1:]:
        found = list(_SUGAR.finditer(text, part.start, part.end))
        result.append(_of_words(before_names(found[-1][1])) if found else unended("pytest"))
    return result


def _own_summary(text: str, part: Segment) -> re.Match[str] | None:
    """Return a session's last line: it is framed to the width of the first line."""
    width = len(part.header[0]) if part.header else 0
    framed = [found for found in _PYTEST.finditer(text, part.start, part.end) if found["bar"]]
    exact = [found for found in framed if len(found[0]) >= width]
    return exact[-1] if exact else None


def _without_header(text: str, start: int, stop: int, *, framed: bool) -> list[Counts]:
    """Read the summaries of -q, in their order; one that comes without progress may have been printed by a test."""
    every = list(_PYTEST.finditer(text, start, stop))
    every = [found for found in every if not found["bar"]] or (every if framed else [])
    result: list[Counts] = []
    unsure, at = 0, start
    for found, end in zip(every, [each.start() for each in every[1:]] + [stop], strict=False):
        counts = _of_pytest(text, at, found, end)
        only_passes = counts.passed and not counts.failed and not counts.errors
        unsure += bool(only_passes and not _PROGRESS.search(text, at, found.start()))
        result.append(counts)
        at = found.end()
    if unsure > 1 or (unsure and len(result) > 1):
        why = "there are several summaries, and tests may have printed some: run pytest without -q or without -s"
        return [Counts("pytest", fault=why), *result]
    return result


def _of_pytest(text: str, start: int, found: re.Match[str], stop: int) -> Counts:
    if "collected" in found["said"]:
        return Counts("pytest", fault="the tests were collected but not run")
    counts = _of_words(before_names(found["said"]))
    if _PYTEST_LEFT.search(text, start, stop):
        counts = counts._replace(fault="it stopped before all tests had finished")
    begun = list(_PYTEST_COLLECTED.finditer(text, start, found.start()))
    counts = _all_ended(counts, begun[-1]) if begun else counts
    said = "pytest had an internal error" if _INTERNAL.search(text, start, stop) else ""
    return counts._replace(outside=said)


def _of_words(told: dict[str, int]) -> Counts:
    return Counts(
        "pytest",
        passed=told.get("passed", 0),
        failed=told.get("failed", 0),
        errors=told.get("error", 0) + told.get("errors", 0),
        skipped=told.get("skipped", 0),
        other=told.get("xpassed", 0),
        left_out=told.get("deselected", 0),
        expected=told.get("xfailed", 0),
        reruns=told.get("rerun", 0),
    )


def _all_ended(counts: Counts, begun: re.Match[str]) -> Counts:
    chosen = int(begun.group(1)) - int(begun.group(3) or 0)
    ended = counts.ran + counts.unproven
    if ended < chosen and not counts.failed and not counts.errors and not counts.fault:
        return counts._replace(fault=f"{chosen} tests were selected but only {ended} finished")
    return counts


def unittest_counts(text: str) -> list[Counts]:
    """Read the summary of unittest and of runners based on it."""
    return _of_unittest("unittest", text, _UNITTEST)


def trial_counts(text: str) -> list[Counts]:
    """Read the summary of Twisted's trial."""
    return _of_unittest("trial", text, _TRIAL)


def _of_unittest(runner: str, text: str, pattern: re.Pattern[str]) -> list[Counts]:
    result, at = [], 0
    for found in pattern.finditer(text):
        dots = "".join(_DOTS.findall(text, at, found.start()))
        counts = _of_summary(runner, int(found[1]), found[3] or "", dots)
        lines = len(_VERBOSE.findall(text, at, found.start()))
        is_sure = int(found[1]) in (len(dots), lines)
        result.append((counts, is_sure))
        at = found.end() if is_sure else at
    return own(result)


def _of_summary(runner: str, ran: int, said: str, dots: str) -> Counts:
    told = {name.strip().lower().replace(" ", ""): int(number) for name, number in _NAMED.findall(said)}
    failed = told.get("failures", 0) + told.get("unexpectedsuccesses", 0)
    errors = told.get("errors", 0)
    skipped = told.get("skipped", 0) + told.get("skips", 0)
    expected = told.get("expectedfailures", 0)
    todo = told.get("todos", 0)
    passed = told.get("successes", ran - failed - errors - skipped - expected - todo)
    # a class or a part of a test that is skipped is not among the tests that ran: then the dots say what passed
    if skipped and [dots.count(each) for each in "FuEsx"] == [
        told.get("failures", 0),
        told.get("unexpectedsuccesses", 0),
        errors,
        skipped,
        expected,
    ]:
        passed = dots.count(".")
    fault = "" if passed >= 0 or failed or errors else f"{ran} tests ran and {skipped + expected + todo} did not"
    return Counts(runner, max(passed, 0), failed, errors, skipped, fault=fault, todo=todo, expected=expected)


_PYTEST_IDLE = (
    *("--collect-only", "--co", "--collectonly", "--fixtures", "--fixtures-per-test", "--setup-plan", "--setup-only"),
    *("--help", "-h", "--version", "-V", "--markers", "--cache-show"),
)
_PYTEST_WORDS = tuple(
    f"{word}{end}"
    for word in ("passed", "failed", "skipped", "error", "errors", "deselected", "rerun")
    for end in (" in ", ", ")
)
RUNNERS = (
    Runner(
        "pytest",
        ("pytest",),
        pytest_counts,
        idle=_PYTEST_IDLE,
        begun=later(r"^(?:Test session starts \(platform: .*|[.FEsxXR]+ +\[ *\d+%\])$", re.MULTILINE),
        report="--junitxml=report.xml",
        signs=("est session starts", "no tests ran", " collected", "%]", *_PYTEST_WORDS),
    ),
    Runner("unittest", ("unittest",), unittest_counts, signs=("\nRan ",)),
    Runner(
        "nose2",
        ("nose2",),
        unittest_counts,
        within=("unittest",),
        report="--plugin nose2.plugins.junitxml -X",
        signs=("\nRan ",),
    ),
    Runner("trial", ("trial",), trial_counts, within=("unittest",), signs=("\nRan ",)),
)
