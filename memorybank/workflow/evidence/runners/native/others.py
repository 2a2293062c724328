"""Runners of Zig, Swift and Bazel."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner

_ZIG = later(r"^(?:All (\d+) tests passed\.|(\d+) passed; (\d+) skipped; (\d+) failed\.)$", re.MULTILINE)
_ZIG_OUTSIDE = later(r"^(\d+) (errors were logged|tests leaked memory)\.$", re.MULTILINE)
_ZIG_BUILD = later(
    r"^Build Summary: \d+/\d+ steps succeeded(?: \(\d+ failed\))?; (\d+)/(\d+) tests passed(.*)$", re.MULTILINE
)
# the line of the outermost suite is the last one of a bundle
_XCTEST = later(
    r"^Test Suite '(?:All tests|Selected tests)' (?:passed|failed) at .*\n"
    r"\s*Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures? \((\d+) unexpected\)",
    re.MULTILINE,
)
_XCTEST_BEGUN = later(r"^Test Suite '(?:All tests|Selected tests)' started at ", re.MULTILINE)
_SWIFT = later(
    r"^(?:\S +)?Test run with (\d+) tests?(?: in \d+ suites?)? (passed|failed|skipped) after [\d.]+ seconds"
    r"(?: with (\d+) issues?(?: \(including (\d+) known issues?\))?)?\.?$",
    re.MULTILINE,
)
_SWIFT_SKIPPED = later(r"^(?:\S +)?Test (?!run\b|[Cc]ase\b|Suite\b)(?:\S.*) skipped\b.*$", re.MULTILINE)
_SWIFT_FAILED = later(
    r"^(?:\S +)?Test (?!run\b|[Cc]ase\b|Suite\b)(?:\S.*) failed after [\d.]+ seconds\b.*$", re.MULTILINE
)
_BAZEL = later(r"^Executed \d+ out of (\d+) tests?: (.*)\.$", re.MULTILINE)
_BAZEL_TEST = later(
    r"^(//\S+|@\S+) +(?:\(cached\) )?(PASSED|FAILED TO BUILD|FAILED|TIMEOUT|FLAKY|NO STATUS|INCOMPLETE|REMOTE FAILURE"
    r"|SKIPPED)\b(.*)$",
    re.MULTILINE,
)
_BAZEL_NONE = later(r"^(?:ERROR: )?No test targets were found.*$", re.MULTILINE)


def zig_counts(text: str) -> list[Counts]:
    """Read zig test, and the summary of zig build; what leaked or was logged as an error failed without a test."""
    found = list(_ZIG.finditer(text))[-1:] if " tests passed." in text or " skipped; " in text else []
    outside = "; ".join(f"{number} {what}" for number, what in _ZIG_OUTSIDE.findall(text))
    if found:
        passed, skipped, failed = int(found[0][1] or found[0][2]), int(found[0][3] or 0), int(found[0][4] or 0)
        return [Counts("zig", passed, failed, skipped=skipped, outside=outside)]
    result = []
    for each in _ZIG_BUILD.finditer(text) if "Build Summary: " in text else ():
        told = before_names(each[3])
        passed, total = int(each[1]), int(each[2])
        skipped = told.get("skipped", 0)
        result.append(Counts("zig", passed, max(total - passed - skipped, 0), skipped=skipped))
    return result


def swift_counts(text: str) -> list[Counts]:
    """Read swift test and xcodebuild: XCTest and Swift Testing print a summary each."""
    result = _of_xctest(text) if "Executed " in text else []
    for found in _SWIFT.finditer(text) if "Test run with " in text else ():
        total, issues, known = int(found[1]), int(found[3] or 0), int(found[4] or 0)
        skipped = total if found[2] == "skipped" else min(len(_SWIFT_SKIPPED.findall(text)), total)
        # it counts issues, not tests
        failed = len(_SWIFT_FAILED.findall(text)) or (issues - known if found[2] == "failed" else 0)
        failed = min(max(failed, 1), total - skipped) if found[2] == "failed" else 0
        counts = Counts("swift", total - skipped - failed, failed, skipped=skipped)
        if found[2] == "failed" and not failed:
            counts = counts._replace(outside="the run failed outside its tests")
        result.append(counts)
    return result


def _of_xctest(text: str) -> list[Counts]:
    result = []
    for found in _XCTEST.finditer(text):
        total, skipped, failures = int(found[1]), int(found[2] or 0), int(found[3])
        # a test may have more than one failure
        failed = min(failures, total - skipped)
        result.append(Counts("swift", total - skipped - failed, failed, skipped=skipped))
    begun = len(_XCTEST_BEGUN.findall(text))
    if begun > len(result):
        result.append(Counts("swift", fault="a test bundle did not finish"))
    # swift test runs XCTest also if there are only tests of Swift Testing
    return [each for each in result if each.ran or each.unproven or each.fault] or result[:1]


def bazel_counts(text: str) -> list[Counts]:
    """Read the last lines of bazel test, one for each target; a target that was not built or run is no test."""
    if "Executed " not in text and "No test targets" not in text:
        return []
    sums = list(_BAZEL.finditer(text))
    targets = {name: (mark, rest) for name, mark, rest in _BAZEL_TEST.findall(text)}
    if not sums and not targets:
        return [Counts("bazel", unit="targets") for _ in _BAZEL_NONE.finditer(text)]
    marks = [mark for mark, _ in targets.values()]
    unbuilt = sorted(name for name, (mark, _) in targets.items() if mark in ("FAILED TO BUILD", "NO STATUS"))
    counts = Counts(
        "bazel",
        marks.count("PASSED") + marks.count("FLAKY"),
        sum(marks.count(each) for each in ("FAILED", "TIMEOUT", "INCOMPLETE", "REMOTE FAILURE")),
        skipped=marks.count("SKIPPED"),
        reruns=marks.count("FLAKY"),
        unit="targets",
        outside=f"{', '.join(unbuilt)}: not built or not run" if unbuilt else "",
    )
    total = int(sums[-1][1]) if sums else len(targets)
    ended = counts.ran + counts.unproven + len(unbuilt)
    return [counts if ended >= total else counts._replace(fault=f"{total} targets, but {ended} results")]


RUNNERS = (
    Runner("zig", ("zig", "test"), zig_counts, idle=("--test-no-exec", "--help"), signs=("tests passed", " skipped; ")),
    Runner(
        "swift",
        ("swift", "test"),
        swift_counts,
        adds=True,
        idle=("--list-tests", "list"),
        also=(("xcodebuild", "test"),),
    ),
    Runner("bazel", ("bazel", "test"), bazel_counts, also=(("bazelisk", "test"), ("bazel", "coverage"))),
)
