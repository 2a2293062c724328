"""Runners of shell, Perl, Lua and Elixir: prove, bats, shUnit2, ShellSpec, busted and ExUnit."""

from __future__ import annotations

import re
from itertools import pairwise

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts, added
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner
from memorybank.workflow.evidence.runners.tap import tap_counts

_PROVE = later(r"^Files=(\d+), Tests=(\d+), .*\nResult: (PASS|FAIL|NOTESTS)$", re.MULTILINE)
_PROVE_BAD = later(r"^(\S.*?) +\(Wstat: (\d+).*? Tests: (\d+) Failed: (\d+)\)\n((?:  .*\n)*)", re.MULTILINE)
_PROVE_FILE = later(r"^(\S.*?) \.\.+ ?(?:skipped: .*|ok)?$", re.MULTILINE)
_PROVE_SKIPPED = later(r"^\S.* \.\.+ skipped: .*$", re.MULTILINE)
# the verdict of prove on a file, below the points of the file
_PROVE_VERDICT = later(r"^(?:ok|skipped: .*|Dubious, test .*|Failed \d+/\d+ subtests.*|All \d+ subtests passed.*)\s*$")
_POINT = later(r"^(?:not )?ok\b +\d", re.MULTILINE)
_BATS = later(r"^(\d+) tests?, (\d+) failures?(?:, (\d+) skipped)?(?:, \d+ .*)?$", re.MULTILINE)
_BATS_MARK = later(r"[✓✗] \S| - .* \(skipped(?::|\))")
_BATS_WARNING = later(r"bats warning: (Executed .*)$", re.MULTILINE)
_SHUNIT = later(r"^Ran (\d+) tests?\.\n\n(?:OK|FAILED)(?: \(([^)\n]*)\))?$", re.MULTILINE)
_SHELLSPEC = later(r"^(\d+) examples?, (\d+) failures?((?:, \d+ [a-z]+)*)$", re.MULTILINE)
_SHELLSPEC_BEGUN = later(r"^Running: \S*(?:sh|busybox)\b.*$", re.MULTILINE)
_BUSTED = later(
    r"^(\d+) success(?:es)? / (\d+) failures? / (\d+) errors? / (\d+) pending : [\d.]+ seconds$", re.MULTILINE
)
_EXUNIT = later(
    r"^Finished in .* seconds?(?: \(.*\))?\n((?:\d+ [a-z]+, )*?)(\d+) failures?((?:, \d+ [a-z]+)*)$", re.MULTILINE
)


def prove_counts(text: str) -> list[Counts]:
    """Read Perl's prove: with -v the tests of each file, else its sums, in which a skipped test is a passed one."""
    if "\nResult: " not in text:
        return []
    result: list[Counts] = []
    # a test may print the same words; they are the last ones of the run
    for found in list(_PROVE.finditer(text))[-1:]:
        before = text[: found.start()]
        report = before.rfind("Test Summary Report\n")
        bad = list(_PROVE_BAD.finditer(text, report, found.start())) if report >= 0 else []
        broken = [each[1] for each in bad if int(each[4]) == 0 and (int(each[2]) or "Parse errors" in each[5])]
        outside = f"{', '.join(broken)} failed outside its tests" if broken else ""
        told = _of_files(before[:report] if report >= 0 else before)
        if told is None:
            failed = sum(int(each[4]) for each in bad)
            skipped = len(_PROVE_SKIPPED.findall(before))
            told = Counts("prove", max(int(found[2]) - failed, 0), failed, skipped=skipped)
        elif int(found[1]) == 0:
            told = Counts("prove")
        if found[3] == "FAIL" and not outside and not told.failed:
            outside = "prove says FAIL"
        result.append(told._replace(runner="prove", outside=outside))
    return result


def _of_files(text: str) -> Counts | None:
    """Return the sum of the points of each file; None if prove did not print them."""
    starts = [found.start() for found in _PROVE_FILE.finditer(text)]
    if not starts or not _POINT.search(text):
        return None
    every = []
    for start, end in pairwise([*starts, len(text)]):
        head, _, body = text[start:end].partition("\n")
        if " skipped: " in head:
            every.append(Counts("TAP", skipped=1))
            continue
        lines = [line for line in body.split("\n") if not _PROVE_VERDICT.match(line)]
        every += [counts._replace(fault="") for counts in tap_counts("\n".join(lines))]
    return added(every) if every else None


def bats_counts(text: str) -> list[Counts]:
    """Read the pretty form of bats; without it bats prints TAP."""
    found = list(_BATS.finditer(text)) if " failure" in text else []
    if not found or not (_BATS_MARK.search(text) or found[-1][0] == "0 tests, 0 failures"):
        return []
    total, failed, skipped = (int(group or 0) for group in found[-1].groups())
    warning = _BATS_WARNING.search(text)
    fault = warning[1] if warning else ""
    return [Counts("bats", max(total - failed - skipped, 0), failed, skipped=skipped, fault=fault)]


def shunit_counts(text: str) -> list[Counts]:
    """Read shUnit2, which counts failed and skipped checks, not tests."""
    if " test" not in text:
        return []
    result = []
    for found in _SHUNIT.finditer(text):
        told = dict(re.findall(r"(\w+)=(\d+)", found[2] or ""))
        total = int(found[1])
        failed = min(int(told.get("failures", 0)), total)
        skipped = min(int(told.get("skipped", 0)), total - failed)
        result.append(Counts("shUnit2", total - failed - skipped, failed, skipped=skipped))
    return result


def shellspec_counts(text: str) -> list[Counts]:
    """Read ShellSpec."""
    if not _SHELLSPEC_BEGUN.search(text):
        return []
    result = []
    for found in list(_SHELLSPEC.finditer(text))[-1:]:
        told = before_names(found[3])
        failed = int(found[2])
        skipped, todo = told.get("skipped", told.get("skip", 0)), told.get("pending", told.get("todo", 0))
        errors = told.get("error", told.get("errors", 0))
        passed = max(int(found[1]) - failed - skipped - todo, 0)
        outside = f"{errors} error{'' if errors == 1 else 's'} outside the examples" if errors else ""
        result.append(Counts("ShellSpec", passed, failed, skipped=skipped, todo=todo, outside=outside))
    return result


def busted_counts(text: str) -> list[Counts]:
    """Read busted; a test may print such a line, but the last one is its own."""
    if " pending : " not in text:
        return []
    found = list(_BUSTED.finditer(text))[-1:]
    return [Counts("busted", int(each[1]), int(each[2]), int(each[3]), int(each[4])) for each in found]


def exunit_counts(text: str) -> list[Counts]:
    """Read ExUnit: tests, doctests, properties; those whose set-up failed are errors."""
    if " failure" not in text:
        return []
    result = []
    for found in _EXUNIT.finditer(text):
        if "example" in found[1]:
            continue
        total = sum(before_names(found[1]).values())
        told = before_names(found[3])
        failed, errors = int(found[2]), told.get("invalid", 0)
        skipped, left_out = told.get("skipped", 0), told.get("excluded", 0)
        passed = max(total - failed - errors - skipped - left_out, 0)
        result.append(Counts("ExUnit", passed, failed, errors, skipped, left_out=left_out))
    return result


RUNNERS = (
    Runner("prove", ("prove",), prove_counts, idle=("--dry", "-D", "--help")),
    Runner("bats", ("bats",), bats_counts, reports=True, idle=("--count", "-c", "--help")),
    Runner("shUnit2", (), shunit_counts, adds=True),
    Runner(
        "ShellSpec",
        ("shellspec",),
        shellspec_counts,
        reports=True,
        idle=("--dry-run", "--list", "--syntax-check"),
        signs=("Running: ",),
    ),
    Runner("busted", ("busted",), busted_counts, reports=True, idle=("--list", "--help")),
    Runner("ExUnit", ("mix", "test"), exunit_counts, adds=True),
)
