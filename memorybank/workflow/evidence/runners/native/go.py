"""Runners of Go: go test, with or without -v and -json, and gotestsum."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BEGIN = later(r"=== RUN   (\S.*)\Z")
# a test that prints without a newline puts its own words before the result
_END = later(r"--- (PASS|FAIL|SKIP): (.+?) \([\d.]+s\)\Z")
_PACKAGE = later(r"(?:(ok  |FAIL|\?   )\t(\S+)(?:[ \t](.*))?|\t(\S+)\t\tcoverage: .*)\Z")
_NOT_BUILT = later(r"\[([a-z]+ failed)\]\Z")
_DONE = later(r"^DONE (?:(\d+) runs?, )?(\d+) tests?((?:, \d+ [a-z]+)*) in [\d.]+s$", re.MULTILINE)
_BAD = later(r"^=== FAIL: (\S+) (\S.*?)?(?: \(re-run (\d+)\))? \([\d.]+s\)$", re.MULTILINE)
_RESULT = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}


class _Tests:
    """The tests of one package: those that began and did not end, and the results of the others."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.ends: list[tuple[str, str]] = []
        self.printed: dict[str, list[str]] = {}

    def begin(self, name: str) -> None:
        self.open[name] += 1

    def end(self, name: str, result: str) -> None:
        """Take a result; one of a test that did not begin was printed by another test."""
        if self.open[name] > 0:
            self.open[name] -= 1
            self.ends.append((name, result))

    def end_printed(self) -> None:
        """Take the results that stand only in the output of a test, after words without a newline."""
        for name in self.waiting:
            found = _END.search("".join(self.printed.get(name, ())).rstrip("\n").rpartition("\n")[2])
            if found and found[2] == name:
                self.end(name, found[1])

    @property
    def waiting(self) -> list[str]:
        return [name for name, number in self.open.items() if number > 0]

    def told(self) -> Counter[str]:
        """Return how many tests have each result; one whose subtests were all skipped tested nothing itself."""
        below: dict[str, set[str]] = {}
        for name, result in self.ends:
            if "/" in name:
                below.setdefault(name.rpartition("/")[0], set()).add(result)
        return Counter(
            _RESULT[result] for name, result in self.ends if not (result == "PASS" and below.get(name) == {"SKIP"})
        )


class _Run:
    """What a run of go test says of its packages and their tests."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        self.packages: Counter[str] = Counter()
        self.outside: list[str] = []
        self.fault = ""

    def end(self, name: str, mark: str, said: str, tests: _Tests) -> None:
        """Take the end of a package: `ok`, `FAIL`, or another mark if it has no tests."""
        told = tests.told()
        built = _NOT_BUILT.search(said)
        if mark == "FAIL":
            self.packages["failed"] += 1
            if built:
                self.outside.append(f"{name}: {built[1]}")
            elif tests.waiting and not told["failed"]:
                told["errors"] += len(tests.waiting)
            elif not told["failed"]:
                self.outside.append(f"{name} failed outside its tests")
        elif mark == "ok" and "[no test" not in said:
            self.packages["passed"] += 1
        else:
            self.packages["empty"] += 1
        if mark != "FAIL" and tests.waiting:
            self.fault = f"{tests.waiting[0]} did not end"
        self.told.update(told)

    def of_tests(self) -> Counts:
        told = self.told
        return Counts(
            "go",
            told["passed"],
            told["failed"],
            told["errors"],
            told["skipped"],
            fault=self.fault,
            outside="; ".join(self.outside),
        )

    def of_packages(self) -> Counts:
        told = self.packages
        # a package whose tests failed is counted; only one that was not built is named apart
        outside = [each for each in self.outside if not each.endswith("outside its tests")]
        return Counts(
            "go",
            told["passed"],
            told["failed"],
            left_out=told["empty"],
            unit="packages",
            outside="; ".join(outside),
        )


def go_counts(text: str) -> list[Counts]:
    """Read go test: count the tests with -v or -json, else the packages; a package that was not built is named."""
    if "\t" not in text and "=== RUN" not in text and '"Action":' not in text:
        return []
    return _of_events(text) if '"Action":' in text else _of_lines(text.split("\n"))


def _of_lines(lines: Iterable[str]) -> list[Counts]:
    run, tests, is_verbose, last, is_ended = _Run(), _Tests(), False, "", False
    for line in lines:
        last = line or last
        is_ended = is_ended or line.strip() in ("PASS", "FAIL")
        if "=== RUN" in line and (begun := _BEGIN.search(line)):
            tests.begin(begun[1])
            is_verbose = True
        elif "--- " in line and (end := _END.search(line)):
            tests.end(end[2], end[1])
        elif "\t" in line and (package := _PACKAGE.match(line)):
            mark = (package[1] or "").strip()
            # a test that is open has printed it
            if mark != "FAIL" and tests.waiting:
                continue
            run.end(package[2] or package[4], mark, package[3] or "", tests)
            tests = _Tests()
    if tests.ends or tests.waiting:
        # a test program that was built before prints no package
        run.end("the test program", "FAIL" if last == "FAIL" else "ok", "", tests)
        if not is_ended:
            run.fault = run.fault or "the test program did not end"
    if not is_verbose:
        return [run.of_packages()] if run.packages else []
    if last == "FAIL" and not run.packages["failed"]:
        run.outside.append("it ends with FAIL")
    return [run.of_tests()]


def _of_events(text: str) -> list[Counts]:
    run, seen = _Run(), False
    packages: dict[str, _Tests] = {}
    plain: list[str] = []
    for event in _events(text):
        if isinstance(event, str):
            plain.append(event)
            continue
        seen = True
        name, test, action = str(event.get("Package", "")), event.get("Test"), event.get("Action")
        if not name:
            continue
        tests = packages.setdefault(name, _Tests())
        if isinstance(test, str):
            _take(tests, test, str(action), str(event.get("Output", "")))
        elif action in ("pass", "fail", "skip"):
            tests.end_printed()
            built = event.get("FailedBuild")
            run.end(name, _mark(str(action)), "[build failed]" if built else "", tests)
            del packages[name]
    if not seen:
        return _of_lines(text.split("\n"))
    for line in plain:
        package = _PACKAGE.match(line)
        if package and package[1] == "FAIL":
            run.end(package[2], "FAIL", package[3] or "", _Tests())
    for name, tests in packages.items():
        run.told.update(tests.told())
        run.fault = f"{name} did not end"
    return [run.of_tests()]


def _mark(action: str) -> str:
    return {"pass": "ok", "fail": "FAIL"}.get(action, "?")


def _take(tests: _Tests, test: str, action: str, output: str) -> None:
    if action == "run":
        tests.begin(test)
    elif action in ("pass", "fail", "skip"):
        tests.end(test, action.upper())
    elif action == "output":
        tests.printed.setdefault(test, []).append(output)


def _events(text: str) -> Iterator[dict[str, Any] | str]:
    """Yield the events of -json, and each other line as it is."""
    for line in text.split("\n"):
        if line.startswith('{"') and '"Action":' in line:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield event
        else:
            yield line


def gotestsum_counts(text: str) -> list[Counts]:
    """Read the last DONE line of gotestsum; a test that passed when it was run again is a pass with reruns."""
    if "DONE " not in text:
        return []
    found = list(_DONE.finditer(text))
    if not found:
        return []
    done = found[-1]
    runs, tests, told = int(done[1] or 1), int(done[2]), before_names(done[3])
    failures = told.get("failure", 0) + told.get("failures", 0)
    errors = told.get("error", 0) + told.get("errors", 0)
    bad = _BAD.findall(text)
    packages = sorted({package for package, test, _ in bad if not test})
    failures = max(failures - sum(1 for _, test, _ in bad if not test), 0)
    reruns = 0
    if runs > 1:
        times = Counter((package, test) for package, test, _ in bad if test)
        final = {(package, test) for package, test, number in bad if test and number == str(runs - 1)}
        reruns = sum(number - (1 if each in final else 0) for each, number in times.items())
        tests, failures = tests - reruns, len(final)
    skipped = told.get("skipped", 0)
    outside = [f"{each} failed outside its tests" for each in packages]
    if errors:
        outside.append(f"gotestsum reports {errors} error{'s' if errors > 1 else ''}")
    return [
        Counts(
            "gotestsum",
            max(tests - failures - skipped, 0),
            failures,
            skipped=skipped,
            reruns=reruns,
            outside="; ".join(outside),
        )
    ]


RUNNERS = (
    Runner("gotestsum", ("gotestsum",), gotestsum_counts),
    Runner("go", ("go", "test"), go_counts, idle=("-list", "-exec", "-c", "-n"), within=("gotestsum",)),
)
