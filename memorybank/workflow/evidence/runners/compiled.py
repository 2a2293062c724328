"""Runners of compiled languages: cargo, go, ctest."""

from __future__ import annotations

import json
import re

from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

_CARGO = re.compile(
    r"^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured; (\d+) filtered out",
    re.MULTILINE,
)
_CARGO_BEGUN = re.compile(r"^running (\d+) tests?$", re.MULTILINE)
_GO_TEST = re.compile(r"^ *--- (PASS|FAIL|SKIP): ", re.MULTILINE)
_GO_PACKAGE = re.compile(r"^(ok  |FAIL|\?   )\t\S+(?:\t(.*))?$", re.MULTILINE)
_CTEST = re.compile(r"^\d+% tests passed, (\d+) tests? failed out of (\d+)$", re.MULTILINE)


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


def ctest_counts(text: str) -> list[Counts]:
    """Read the summary of ctest."""
    found = [Counts("ctest", int(match[2]) - int(match[1]), int(match[1])) for match in _CTEST.finditer(text)]
    return found or [Counts("ctest") for _ in re.finditer(r"^No tests were found!!!$", text, re.MULTILINE)]


RUNNERS = (
    Runner("cargo", ("cargo", "test"), cargo_counts, adds=True, idle=("--no-run", "--list", "--help")),
    Runner("go", ("go", "test"), go_counts, idle=("-list", "-exec", "-c", "-n")),
    Runner("ctest", ("ctest",), ctest_counts, idle=("-N", "--show-only", "--help")),
)
