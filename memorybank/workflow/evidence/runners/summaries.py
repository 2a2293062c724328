"""Parse each runner's summary: one function per runner, from the output's text to counts."""

from __future__ import annotations

import json
import re

from memorybank.workflow.evidence.runners.counts import Counts

_PYTEST = re.compile(
    r"^(?:=+ )?(?P<said>no tests ran|(?:no|\d+(?:/\d+)?) tests? collected(?: \([^)\n]*\))?"
    r"|\d+ [a-z ]+(?:, \d+ [a-z ]+)*)"
    r"(?:, \d+ errors?)? in \d+(?:\.\d+)?s(?: \([\d:.a-z ]+\))?(?: =+)?$",
    re.MULTILINE,
)
_PYTEST_COLLECTED = re.compile(r"^collected (\d+) items?(?: / (\d+) errors?)?(?: / (\d+) deselected)?", re.MULTILINE)
_PYTEST_LEFT = re.compile(r"^!{3,} (?:_pytest\.outcomes\.Exit|KeyboardInterrupt)", re.MULTILINE)
_UNITTEST = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n\n(OK|FAILED|NO TESTS RAN)(?: \(([^)\n]*)\))?$", re.MULTILINE)
_TRIAL = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n\n(PASSED|FAILED)(?: \(([^)\n]*)\))?$", re.MULTILINE)
_NODE = re.compile(r"^(?:#|ℹ) (tests|pass|fail|cancelled|skipped|todo) (\d+)$", re.MULTILINE)  # noqa: RUF001  node's own sign
_JEST = re.compile(r"^Tests: +(.+?), (\d+) total$", re.MULTILINE)
_VITEST = re.compile(r"^ *Tests +(\d+ .+?) \((\d+)\)$", re.MULTILINE)
_MOCHA = re.compile(r"^ +(\d+) passing \([^)\n]*\)$((?:\n +\d+ (?:pending|failing)$)*)", re.MULTILINE)
_CARGO = re.compile(
    r"^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured; (\d+) filtered out",
    re.MULTILINE,
)
_CARGO_BEGUN = re.compile(r"^running (\d+) tests?$", re.MULTILINE)
_GO_TEST = re.compile(r"^ *--- (PASS|FAIL|SKIP): ", re.MULTILINE)
_GO_PACKAGE = re.compile(r"^(ok  |FAIL|\?   )\t\S+(?:\t(.*))?$", re.MULTILINE)
_PROVE = re.compile(r"^Files=\d+, Tests=(\d+), .*\nResult: (PASS|FAIL|NOTESTS)$", re.MULTILINE)
_PROVE_FAILED = re.compile(r"\(Wstat: .*Failed: (\d+)\)$", re.MULTILINE)
_CTEST = re.compile(r"^\d+% tests passed, (\d+) tests? failed out of (\d+)$", re.MULTILINE)
_TAP_PLAN = re.compile(r"^1\.\.(\d+)(?: *#.*)?$", re.MULTILINE)
_TAP_POINT = re.compile(
    r"^(not )?ok\b(?: +\d+)?(?:[^#\n\\]|\\.)*(?:# *(skip|todo)\S*.*)?.*$", re.MULTILINE | re.IGNORECASE
)
_PAIR = re.compile(r"(\d+) ([a-z]+)")
_NAMED = re.compile(r"([a-z ]+)=(\d+)")
_NO_JEST = re.compile(r"^No tests found, exiting with code 0$", re.MULTILINE)
_NO_VITEST = re.compile(r"^No test files found, exiting with code 0$", re.MULTILINE)


def pytest_counts(text: str) -> list[Counts]:
    """Read pytest's last lines; a run that only collects, or stops early, has a fault."""
    result = []
    at = 0
    for found in _PYTEST.finditer(text):
        said = found["said"]
        told = {name.removesuffix("s"): int(number) for number, name in _PAIR.findall(said)}
        if "collected" in said:
            result.append(Counts("pytest", fault="the tests were collected but not run"))
        else:
            counts = Counts(
                "pytest",
                passed=told.get("passed", 0),
                failed=told.get("failed", 0),
                errors=told.get("error", 0),
                skipped=told.get("skipped", 0),
                other=told.get("xfailed", 0) + told.get("xpassed", 0),
                left_out=told.get("deselected", 0),
            )
            if _PYTEST_LEFT.search(text, at):
                counts = counts._replace(fault="it stopped before all tests had finished")
            begun = list(_PYTEST_COLLECTED.finditer(text, at, found.start()))
            result.append(_all_ended(counts, begun[-1]) if begun else counts)
        at = found.end()
    return result


def _all_ended(counts: Counts, begun: re.Match[str]) -> Counts:
    chosen = int(begun.group(1)) - int(begun.group(3) or 0)
    ended = counts.ran + counts.skipped + counts.other
    if ended < chosen and not counts.failed and not counts.errors and not counts.fault:
        return counts._replace(fault=f"{chosen} tests were selected but only {ended} finished")
    return counts


def unittest_counts(text: str) -> list[Counts]:
    """Read the summary of unittest and of runners based on it."""
    return [_of_unittest("unittest", *found.groups()) for found in _UNITTEST.finditer(text)]


def trial_counts(text: str) -> list[Counts]:
    """Read the summary of Twisted's trial."""
    return [_of_unittest("trial", *found.groups()) for found in _TRIAL.finditer(text)]


def _of_unittest(runner: str, ran: str, _word: str, said: str | None) -> Counts:
    told = {name.strip(): int(number) for name, number in _NAMED.findall(said or "")}
    failed = told.get("failures", 0) + told.get("unexpected successes", 0) + told.get("unexpectedSuccesses", 0)
    errors = told.get("errors", 0)
    skipped = told.get("skipped", 0) + told.get("skips", 0)
    other = told.get("expected failures", 0) + told.get("expectedFailures", 0) + told.get("todos", 0)
    passed = int(ran) - failed - errors - skipped - other
    fault = "" if passed >= 0 or failed or errors else f"{ran} tests ran and {skipped + other} did not"
    return Counts(runner, max(passed, 0), failed, errors, skipped, other, fault=fault)


def node_counts(text: str) -> list[Counts]:
    """Read the summary of node --test, from any of its reporters."""
    result = []
    told: dict[str, int] = {}
    for found in _NODE.finditer(text):
        told[found[1]] = int(found[2])
        if found[1] == "todo":
            ended = sum(number for name, number in told.items() if name != "tests")
            total = told.get("tests", 0)
            fault = "" if ended == total else f"it reports {total} tests but only {ended} results"
            result.append(
                Counts(
                    "node",
                    told.get("pass", 0),
                    told.get("fail", 0),
                    told.get("cancelled", 0),
                    told.get("skipped", 0),
                    told.get("todo", 0),
                    fault=fault,
                )
            )
            told = {}
    return result


def jest_counts(text: str) -> list[Counts]:
    """Read the `Tests:` line of jest."""
    found = [_of_pairs("jest", match[1], match[2]) for match in _JEST.finditer(text)]
    return found or [Counts("jest") for _ in _NO_JEST.finditer(text)]


def vitest_counts(text: str) -> list[Counts]:
    """Read the `Tests` line of vitest."""
    found = [_of_pairs("vitest", match[1], match[2]) for match in _VITEST.finditer(text)]
    return found or [Counts("vitest") for _ in _NO_VITEST.finditer(text)]


def _of_pairs(runner: str, said: str, total: str) -> Counts:
    told = {name: int(number) for number, name in _PAIR.findall(said)}
    counts = Counts(
        runner,
        passed=told.get("passed", 0),
        failed=told.get("failed", 0),
        skipped=told.get("skipped", 0),
        other=told.get("todo", 0),
    )
    ended = sum(told.values())
    return counts if ended == int(total) else counts._replace(fault=f"{total} in total, but {ended} results")


def mocha_counts(text: str) -> list[Counts]:
    """Read the last lines of mocha's default reporter."""
    result = []
    for found in _MOCHA.finditer(text):
        told = {name: int(number) for number, name in _PAIR.findall(found[2])}
        result.append(Counts("mocha", int(found[1]), told.get("failing", 0), skipped=told.get("pending", 0)))
    return result


def cargo_counts(text: str) -> list[Counts]:
    """Read the `test result:` lines of cargo, one for each test program."""
    begun = [int(match[1]) for match in _CARGO_BEGUN.finditer(text)]
    result = []
    for number, found in enumerate(_CARGO.finditer(text)):
        passed, failed, ignored, measured, filtered = (int(group) for group in found.groups())
        ended = passed + failed + ignored + measured
        fault = ""
        if number < len(begun) and begun[number] != ended:
            fault = f"{begun[number]} tests were started but {ended} finished"
        result.append(Counts("cargo", passed, failed, 0, ignored, measured, filtered, fault=fault))
    if len(begun) > len(result):
        result.append(Counts("cargo", fault="a test program did not finish"))
    return result


def go_counts(text: str) -> list[Counts]:
    """Read go test: count the tests with -v or -json, else the packages."""
    events = _go_events(text)
    ends = [found[1] for found in _GO_TEST.finditer(text)] if events is None else events
    if ends:
        return [Counts("go", passed=ends.count("PASS"), failed=ends.count("FAIL"), skipped=ends.count("SKIP"))]
    packages = [(found[1].strip(), found[2] or "") for found in _GO_PACKAGE.finditer(text)]
    if not packages:
        return [] if events is None else [Counts("go")]
    empty = sum(1 for mark, said in packages if mark == "?" or "[no test" in said)
    passed = sum(1 for mark, said in packages if mark == "ok" and "[no test" not in said)
    failed = sum(1 for mark, _ in packages if mark == "FAIL")
    return [Counts("go", passed, failed, left_out=empty, unit="packages")]


def _go_events(text: str) -> list[str] | None:
    """Return the result of each test from the events of -json; None without events."""
    ends = []
    seen = False
    for line in text.split("\n"):
        if line.startswith('{"') and '"Action":' in line:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            seen = True
            if isinstance(event, dict) and event.get("Test") and event.get("Action") in ("pass", "fail", "skip"):
                ends.append(str(event["Action"]).upper())
    return ends if seen else None


def prove_counts(text: str) -> list[Counts]:
    """Read the end of Perl's prove, which does not report skipped tests."""
    result = []
    for found in _PROVE.finditer(text):
        total = int(found[1])
        failed = sum(int(match[1]) for match in _PROVE_FAILED.finditer(text[: found.start()]))
        result.append(Counts("prove", max(total - failed, 0), failed))
    return result


def ctest_counts(text: str) -> list[Counts]:
    """Read the summary of ctest."""
    found = [Counts("ctest", int(match[2]) - int(match[1]), int(match[1])) for match in _CTEST.finditer(text)]
    return found or [Counts("ctest") for _ in re.finditer(r"^No tests were found!!!$", text, re.MULTILINE)]


def tap_counts(text: str) -> list[Counts]:
    """Count the TAP test points at the left margin and compare them with the plan."""
    plans = [int(match[1]) for match in _TAP_PLAN.finditer(text)]
    points = list(_TAP_POINT.finditer(text))
    if not plans or not (points or plans == [0]):
        return []
    passed = failed = skipped = other = 0
    for point in points:
        directive = (point[2] or "").lower()
        if directive == "todo":
            other += 1
        elif point[1]:
            failed += 1
        elif directive == "skip":
            skipped += 1
        else:
            passed += 1
    fault = "" if len(points) == sum(plans) else f"{sum(plans)} tests were planned but {len(points)} reported"
    if re.search(r"^Bail out!", text, re.MULTILINE):
        fault = "it bailed out"
    return [Counts("TAP", passed, failed, 0, skipped, other, fault=fault)]
