"""A table of runners: the words that call each, and the form of its summary with a named group for each number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable


class _Form(NamedTuple):
    """How a runner ends: `sign` is in each summary; `last` if only the last one counts, else all are added up.

    The groups are fields of counts. `total` is the number of all tests, `words` and `pairs` are lists as `2 passed,
    1 failed` and `passes=2, failures=1`; of the summaries with an equal `key` only the last one counts.
    """

    name: str
    sign: str
    pattern: str
    words: tuple[str, ...] = ()
    last: bool = False
    unit: str = "tests"
    within: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


# D stands for a number
_FORMS = (
    _Form(
        "behave",
        " passed, ",
        r"^(?P<passed>D) scenarios? passed, (?P<failed>D) failed(?:, (?P<errors>D) errors?)?, (?P<skipped>D) skipped"
        r"(?:, (?P<todo>D) (?:undefined|untested|pending))?$",
        ("behave",),
        unit="scenarios",
        idle=("--dry-run", "-d", "--help"),
    ),
    _Form(
        "Robot",
        " passed, ",
        r"^(?P<total>D) tests?, (?P<passed>D) passed, (?P<failed>D) failed(?:, (?P<skipped>D) skipped)?$",
        ("robot",),
        last=True,
        idle=("--dryrun", "--help", "--version"),
    ),
    _Form(
        "Ginkgo",
        "! -- ",
        r"^(?:SUCCESS|FAIL)! -- (?P<passed>D) Passed \| (?P<failed>D) Failed \|(?: D Flaked \|)? (?P<todo>D) Pending"
        r" \| (?P<skipped>D) Skipped",
        ("ginkgo",),
    ),
    _Form(
        "Karma",
        ": Executed ",
        r"^(?P<key>\S.*?): Executed (?P<done>D) of (?P<total>D)(?= )(?: \((?P<failed>D) FAILED\)"
        r"| \(skipped (?P<skipped>D)\)){0,2}",
        ("karma",),
    ),
    _Form(
        "web-test-runner",
        " test files | ",
        r"^(?P<key>[^|:\n]+): \|[^|\n]*\| D/D test files \| (?P<passed>D) passed, (?P<failed>D) failed(?:, "
        r"(?P<skipped>D) skipped)?",
        ("wtr",),
    ),
    _Form(
        "TestCafe",
        "Running tests in:",
        r"^ (?:(?P<passed>D) passed|(?P<failed>D)/(?P<total>D) failed) \(D.*\)\n(?:(?:.*\n)?\n "
        r"(?P<skipped>D) skipped$)?",
        ("testcafe",),
        last=True,
    ),
    _Form(
        "WebdriverIO",
        "Spec Files:",
        r"^Spec Files:\s+(?:(?P<passed>D) passed, )?(?:D retries, )?(?:(?P<failed>D) failed, )?(?:"
        r"(?P<skipped>D) skipped, )?"
        r"(?P<total>D) total",
        ("wdio",),
        unit="spec files",
    ),
    _Form(
        "clojure.test",
        " assertions.",
        r"^Ran (?P<total>D) tests containing D assertions\.\n(?P<failed>D) failures, (?P<errors>D) errors\.$",
        ("lein", "test"),
    ),
    _Form(
        "Tasty",
        " tests ",
        r"^(?:All (?P<passed>D) tests passed|(?P<failed>D) out of (?P<total>D) tests failed) \([\d.]+s\)$",
    ),
    _Form(
        "CommonTest",
        " tests. ",
        r"^Failed (?P<failed>D) tests\. (?:Skipped (?P<skipped>D) .*?tests\. )?Passed (?P<passed>D) tests\.$",
    ),
    _Form(
        "cabal",
        " test suites (",
        r"^(?P<passed>D) of (?P<total>D) test suites \(D of D test cases\) passed\.$",
        unit="suites",
        within=("Tasty", "RSpec"),
    ),
    _Form(
        "testthat",
        "[ FAIL ",
        r"^\[ FAIL (?P<failed>D) \| WARN D \| SKIP (?P<skipped>D) \| PASS (?P<passed>D) \]",
        last=True,
        unit="expectations",
    ),
    _Form(
        "Alcotest",
        "run.",
        r"^(?:Test Successful in [\d.]+s\. (?P<passed>D)|(?P<failed>D) failures?! in [\d.]+s\. "
        r"(?P<total>D)) tests? run\.$",
    ),
    _Form(
        "Crystal",
        " pending",
        r"^(?P<total>D) examples?, (?P<failed>D) failures?, (?P<errors>D) errors?, (?P<todo>D) pending$",
        ("crystal", "spec"),
    ),
    _Form(
        "elm-test",
        "TEST RUN ",
        r"^TEST RUN [A-Z].*\n\nDuration: .*\nPassed: +(?P<passed>D)\nFailed: +(?P<failed>D)"
        r"(?:\nSkipped: +(?P<skipped>D))?(?:\nTodo: +(?P<todo>D))?$",
        ("elm-test",),
    ),
    _Form(
        "NUnit",
        "Test Count: ",
        r"^ *Test Count: (?P<total>D), Passed: (?P<passed>D), Failed: (?P<failed>D), Warnings: D,"
        r" Inconclusive: (?P<other>D), Skipped: (?P<skipped>D)$",
        ("nunit3-console",),
    ),
    _Form(
        "xUnit",
        "  Total: ",
        r"^ +\S+  Total: (?P<total>D), Errors: (?P<errors>D), Failed: (?P<failed>D), Skipped: (?P<skipped>D),",
    ),
    _Form(
        "green",
        "Ran ",
        r"^Ran (?P<total>D) tests? in [\d.]+s(?: using D process(?:es)?)?\n\n(?:OK|FAILED) \((?P<pairs>[^)\n]+)\)$",
        ("green",),
        within=("unittest", "trial"),
    ),
    _Form(
        "stestr",
        "Unexpected Success",
        r"^ - Passed: (?P<passed>D)\n - Skipped: (?P<skipped>D)\n - Expected Fail: (?P<expected>D)\n"
        r" - Unexpected Success: (?P<errors>D)\n - Failed: (?P<failed>D)$",
        ("stestr", "run"),
        last=True,
    ),
    _Form(
        "forge",
        " total tests)",
        r"^Ran D test suites? in .*: (?P<passed>D) tests passed, (?P<failed>D) failed, (?P<skipped>D) skipped \(",
        ("forge", "test"),
    ),
    _Form(
        "Newman",
        " assertions ",
        r"^\u2502 +assertions \u2502 +(?P<total>D) \u2502 +(?P<failed>D) \u2502$",
        ("newman", "run"),
        unit="assertions",
    ),
    _Form(
        "k6",
        "checks",
        r"^ *checks\.*: [\d.]+% +\u2713 (?P<passed>D) +\u2717 (?P<failed>D)$",
        ("k6", "run"),
        unit="checks",
    ),
    _Form(
        "lab",
        "Test duration: ",
        r"^(?:(?P<passed>D) tests? (?:passed|complete)|(?P<failed>D) of (?P<total>D) tests? failed)(?: \("
        r"(?P<skipped>D) skipped\))?\n"
        r"Test duration: ",
        ("lab",),
    ),
    _Form(
        "LuaUnit",
        " seconds, ",
        r"^Ran (?P<total>D) tests? in [\d.]+ seconds, (?P<passed>D) success(?:es)?, (?P<failed>D) failures?"
        r"(?:, (?P<errors>D) errors?)?(?:, (?P<skipped>D) skipped)?",
    ),
    _Form("Unity", " Ignored", r"^(?P<total>D) Tests (?P<failed>D) Failures (?P<skipped>D) Ignored\s*$"),
    _Form(
        "QtTest",
        "Totals: ",
        r"^Totals: (?P<passed>D) passed, (?P<failed>D) failed, (?P<skipped>D) skipped(?:, (?P<other>D) blacklisted)?",
        within=("ctest", "meson"),
    ),
    _Form(
        "TestNG",
        "Total tests run: ",
        r"^Total tests run: (?P<total>D),(?: Passes: D,)? Failures: (?P<failed>D), Skips: (?P<skipped>D)$",
        within=("maven", "gradle"),
    ),
    _Form(
        "JUnit 4",
        "\n",
        r"^(?:OK \((?P<passed>D) tests?\)|Tests run: (?P<total>D),  Failures: (?P<failed>D))$",
        within=("maven", "gradle"),
    ),
    _Form("phpspec", " example", r"^D examples? \((?P<words>D [a-z]+(?:, D [a-z]+)*)\)$", ("phpspec", "run")),
    _Form(
        "CodeceptJS", " | ", r"^ +(?:OK|FAIL) +\| (?P<words>D [a-z]+(?:, D [a-z]+)*)", ("codeceptjs", "run"), last=True
    ),
)
_FIELDS = ("passed", "failed", "errors", "skipped", "todo", "expected", "other")
_SAME = {
    "passes": "passed",
    "failures": "failed",
    "broken": "errors",
    "pending": "todo",
    "skips": "skipped",
    "expected_failures": "expected",
    "unexpected_successes": "errors",
}


def _reader(form: _Form) -> Callable[[str], list[Counts]]:
    pattern = later(re.sub(r"(?<![A-Za-z])D(?![A-Za-z])", r"\\d{1,9}", form.pattern), re.MULTILINE)

    def read(text: str) -> list[Counts]:
        found = list(pattern.finditer(text)) if form.sign in text else []
        if form.last:
            found = found[-1:]
        elif found and "key" in found[0].re.groupindex:
            found = list({each["key"]: each for each in found}.values())
        return [_counts(form, each) for each in found]

    return read


def _counts(form: _Form, found: re.Match[str]) -> Counts:
    told = {name: int(value) for name, value in found.groupdict().items() if value and value.isdigit()}
    groups = found.groupdict()
    if groups.get("words"):
        told |= {_SAME.get(name, name): number for name, number in before_names(str(groups["words"])).items()}
    pairs: list[tuple[str, str]] = re.findall(r"(\w+)=(\d{1,9})", str(groups.get("pairs") or ""))
    told |= {_SAME.get(name.lower(), name.lower()): int(number) for name, number in pairs}
    total = told.get("total")
    numbers = {name: told.get(name, 0) for name in _FIELDS}
    done = told.get("done")
    if done is not None:
        numbers["passed"] = max(done - numbers["failed"], 0)
    elif total is not None and "passed" not in told:
        # a test may have more than one failure
        numbers["failed"] = min(numbers["failed"], total)
        numbers["errors"] = min(numbers["errors"], total - numbers["failed"])
        numbers["passed"] = max(total - sum(numbers.values()), 0)
    counts = Counts(form.name, unit=form.unit, fault="", outside="", **numbers)
    if form.name == "cabal" and total is not None:
        counts = counts._replace(failed=total - counts.passed)
    ended = counts.ran + counts.unproven
    if total is not None and ended < total and not counts.failed:
        return counts._replace(fault=f"{total} in total, but {ended} results")
    return counts


RUNNERS = tuple(
    Runner(
        form.name,
        form.words,
        _reader(form),
        adds=not form.last,
        within=form.within,
        idle=form.idle,
        signs=(form.sign,),
    )
    for form in _FORMS
)
