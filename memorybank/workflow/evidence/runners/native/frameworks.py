"""Test programs in C and C++: each has its tests inside, and any name."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner

_GOOGLE = later(
    r"^\[={10}\] (?:Running (\d+) tests? from \d+ test (?:suites?|cases?)\."
    r"|(?:\S+: )?Running (\d+) test\(s\)\."
    r"|(\d+) tests? from \d+ test (?:suites?|cases?|files?) ran\..*"
    r"|(?:\S+: )?(\d+) test\(s\) run\.)$",
    re.MULTILINE,
)
_GOOGLE_SAID = later(r"^\[ +(PASSED|SKIPPED) +\] (\d+) test(?:s?\.|s?, listed below:|\(s\)[.,])", re.MULTILINE)
_GOOGLE_OUTSIDE = later(
    r"^\[ +FAILED +\] (?:(\S+): SetUpTest(?:Suite|Case) or TearDownTest(?:Suite|Case)|(GROUP (?:SETUP|TEARDOWN)))$",
    re.MULTILINE,
)
_GOOGLE_OFF = later(r"^  YOU HAVE (\d+) DISABLED TESTS?$", re.MULTILINE)
_CATCH = later(
    r"^={79}\n(?:All tests passed \(\d+ assertions? in (\d+) test cases?\)|test cases: +(\d+) +\|(.+)|(No tests ran))$",
    re.MULTILINE,
)
_CATCH_COMPACT = later(
    r"^(?:Passed (?:all |both )?(\d+) test cases? with |Failed (?:all |both )?(\d+) test cases?, failed )", re.MULTILINE
)
_DOCTEST = later(
    r"^\[doctest\] test cases: +(\d+) +\| +(\d+) passed +\| +(\d+) failed +\| +(\d+) skipped$", re.MULTILINE
)
_DOCTEST_EXPECTED = later(r"^(?:Failed as expected|Allowed to fail) so marking it as not failed$", re.MULTILINE)
_CRITERION = later(
    r"^\[====\] Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+) *$", re.MULTILINE
)
_CHECK = later(r"^(?:Running suite\(s\):)?\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", re.MULTILINE)
_BOOST_BEGUN = later(r"^Running (\d+) test cases?\.\.\.$", re.MULTILINE)
_BOOST_END = later(
    r"^\*\*\* (?:(No errors detected)"
    r"|(\d+) failures? (?:is|are) detected(?: \((\d+) failures? (?:is|are) expected\))? in .*"
    r"|(The test (?:module|suite|case) .* was aborted).*)$",
    re.MULTILINE,
)
_BOOST_NONE = later(r"^Test setup error: no test cases matching filter or all test cases were disabled$", re.MULTILINE)
_BOOST_CASES = later(r"^  (\d+) test cases? out of (\d+) (passed|failed|skipped|aborted)$", re.MULTILINE)
_CPPUTEST = later(
    r"^(OK|Errors) \((?:(\d+) failures?, |ran nothing, )?(\d+) tests?, (\d+) ran, \d+ checks?, (\d+) ignored,"
    r" (\d+) filtered out, \d+ ms\)$",
    re.MULTILINE,
)


def google_counts(text: str) -> list[Counts]:
    """Read GoogleTest, and cmocka, which prints in the same manner."""
    if "[==========] " not in text:
        return []
    result: list[Counts] = []
    begun, start = 0, -1
    for found in _GOOGLE.finditer(text):
        said = found[3] or found[4]
        if said is None:
            if start >= 0:
                result.append(_cut(begun))
            begun, start = int(found[1] or found[2]), found.start()
            continue
        result.append(_of_google(text, found, int(said), begun if start >= 0 else int(said)))
        start = -1
    return [*result, _cut(begun)] if start >= 0 else result


def _cut(begun: int) -> Counts:
    return Counts("GoogleTest", fault=f"{begun} tests were started, but the program ended before they did")


def _of_google(text: str, found: re.Match[str], total: int, begun: int) -> Counts:
    runner = "cmocka" if found[4] else "GoogleTest"
    following = _GOOGLE.search(text, found.end())
    end = following.start() if following else len(text)
    told = {name: int(number) for name, number in _GOOGLE_SAID.findall(text, found.end(), end)}
    passed, skipped = told.get("PASSED", 0), told.get("SKIPPED", 0)
    # the suites that could not be set up are named after the tests, a group of cmocka before them
    after = _GOOGLE_OUTSIDE.search(text, found.end(), end)
    before = _GOOGLE_OUTSIDE.search(text, text.rfind("[==========] Running", 0, found.start()), found.start())
    outside = next((f"{each[1] or each[2]} failed outside the tests" for each in (after, before) if each), "")
    off = _GOOGLE_OFF.search(text, found.end(), end)
    fault = "" if total == begun or outside else f"{begun} tests were started, but {total} ended"
    return Counts(
        runner,
        passed,
        max(total - passed - skipped, 0),
        skipped=skipped,
        left_out=int(off[1]) if off else 0,
        outside=outside,
        fault=fault,
    )


def catch_counts(text: str) -> list[Counts]:
    """Read Catch2; a case that may fail, and failed, is no pass."""
    result = []
    for found in _CATCH.finditer(text) if "test cases" in text or "No tests ran" in text else ():
        told = before_names(found[3] or "")
        passed = int(found[1]) if found[1] else told.get("passed", 0)
        expected = told.get("failed as expected", 0)
        result.append(
            Counts("Catch2", passed, told.get("failed", 0), skipped=told.get("skipped", 0), expected=expected)
        )
    if result or "test case" not in text:
        return result
    return [Counts("Catch2", int(each[1] or 0), int(each[2] or 0)) for each in list(_CATCH_COMPACT.finditer(text))[-1:]]


def doctest_counts(text: str) -> list[Counts]:
    """Read doctest (C++), which counts an expected failure as passed, and what a filter left out as skipped."""
    if "[doctest] test cases:" not in text:
        return []
    result, start = [], 0
    for found in _DOCTEST.finditer(text):
        expected = len(_DOCTEST_EXPECTED.findall(text, start, found.start()))
        _, passed, failed, skipped = (int(group) for group in found.groups())
        result.append(Counts("doctest", max(passed - expected, 0), failed, skipped=skipped, expected=expected))
        start = found.end()
    return result


def criterion_counts(text: str) -> list[Counts]:
    """Read Criterion; a crash is one of the failures."""
    if "[====] Synthesis:" not in text:
        return []
    return [Counts("Criterion", int(each[2]), int(each[3])) for each in _CRITERION.finditer(text)]


def check_counts(text: str) -> list[Counts]:
    """Read Check."""
    if "%: Checks: " not in text:
        return []
    result = []
    for found in _CHECK.finditer(text):
        total, failed, errors = (int(group) for group in found.groups())
        result.append(Counts("Check", max(total - failed - errors, 0), failed, errors))
    return result


def boost_counts(text: str) -> list[Counts]:
    """Read Boost.Test, whose default report has the number of tests and of failed checks."""
    if "test case" not in text:
        return []
    starts = list(_BOOST_BEGUN.finditer(text))
    ends = [*(each.start() for each in starts[1:]), len(text)]
    result = [_of_boost(text, int(begun[1]), begun.end(), end) for begun, end in zip(starts, ends, strict=False)]
    return result or [Counts("Boost.Test") for _ in _BOOST_NONE.finditer(text)]


def _of_boost(text: str, total: int, start: int, end: int) -> Counts:
    cases = {name: int(number) for number, _, name in _BOOST_CASES.findall(text, start, end)}
    if cases:
        failed = cases.get("failed", 0) + cases.get("aborted", 0)
        return Counts("Boost.Test", max(total - failed, 0), failed, skipped=cases.get("skipped", 0))
    found = _BOOST_END.search(text, start, end)
    if found is None:
        return Counts("Boost.Test", fault=f"{total} tests were started, but the program ended before they did")
    if found[4]:
        return Counts("Boost.Test", outside=found[4])
    if found[1]:
        return Counts("Boost.Test", total)
    expected = min(int(found[3] or 0), total)
    failed = min(max(int(found[2]) - expected, 0), total - expected)
    return Counts("Boost.Test", total - expected - failed, failed, expected=expected)


def cpputest_counts(text: str) -> list[Counts]:
    """Read CppUTest."""
    if " filtered out, " not in text:
        return []
    result = []
    for found in _CPPUTEST.finditer(text):
        ran, failed = int(found[4]), int(found[2] or 0)
        failed = min(failed, ran)
        counts = Counts("CppUTest", ran - failed, failed, skipped=int(found[5]), left_out=int(found[6]))
        result.append(counts)
    return result


_INSIDE = ("ctest", "meson", "busted")
RUNNERS = tuple(
    Runner(name, (), read, adds=True, within=_INSIDE)
    for name, read in (
        ("GoogleTest", google_counts),
        ("Catch2", catch_counts),
        ("doctest", doctest_counts),
        ("Criterion", criterion_counts),
        ("Check", check_counts),
        ("Boost.Test", boost_counts),
        ("CppUTest", cpputest_counts),
    )
)
