"""Runners of Rust: cargo test and cargo nextest."""

from __future__ import annotations

import re
from itertools import pairwise

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner

_BEGUN = later(r"^running (\d+) tests?$", re.MULTILINE)
_RESULT = later(
    r"^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured; (\d+) filtered out",
    re.MULTILINE,
)
_NOT_BUILT = later(r"^error: (could not compile `[^`\n]+`.*)$", re.MULTILINE)
_SUMMARY = later(r"^ +Summary \[ *[\d.]+s\] (\d+)(?:/(\d+))? tests? run: (.+)$", re.MULTILINE)
_AGAIN = later(r"^ +TRY (?!1 )\d+ ", re.MULTILINE)


def cargo_counts(text: str) -> list[Counts]:
    """Read the `test result:` lines of cargo, one for each test program."""
    begun = [found.start() for found in _BEGUN.finditer(text)]
    counts = [_of_program(text[start:end]) for start, end in pairwise([*begun, len(text)])]
    if not begun and "test result: " in text:
        counts = [_of_result(found) for found in _RESULT.finditer(text)]
    failed = _NOT_BUILT.search(text)
    return [*counts, Counts("cargo", outside=f"cargo {failed[1]}")] if failed else counts


def _of_program(text: str) -> Counts:
    """Return the counts of one test program: the last result that has as many tests as were started."""
    begun = _BEGUN.match(text)
    started = int(begun[1]) if begun else 0
    results = [_of_result(found) for found in _RESULT.finditer(text)]
    if not results:
        return Counts("cargo", fault="a test program did not finish")
    whole = [each for each in results if each.ran + each.unproven == started]
    if whole:
        return whole[-1]
    ended = results[-1].ran + results[-1].unproven
    return results[-1]._replace(fault=f"{started} tests were started but {ended} finished")


def _of_result(found: re.Match[str]) -> Counts:
    passed, failed, ignored, measured, filtered = (int(group) for group in found.groups())
    return Counts("cargo", passed, failed, skipped=ignored, other=measured, left_out=filtered)


def nextest_counts(text: str) -> list[Counts]:
    """Read the summary of cargo nextest, which runs each test in a process of its own."""
    result: list[Counts] = []
    start = 0
    for found in _SUMMARY.finditer(text):
        told = before_names(found[3])
        ran, wanted = int(found[1]), int(found[2] or found[1])
        counts = Counts(
            "nextest",
            told.get("passed", 0),
            told.get("failed", 0) + told.get("timed out", 0),
            told.get("exec failed", 0),
            told.get("skipped", 0),
            reruns=len(_AGAIN.findall(text, start, found.start())) or told.get("flaky", 0),
        )
        start, ended = found.end(), counts.ran
        if ran != wanted and not counts.failed and not counts.errors:
            counts = counts._replace(fault=f"{wanted} tests were selected but only {ran} were run")
        elif ended != ran:
            counts = counts._replace(fault=f"{ran} tests were run but {ended} have a result")
        result.append(counts)
    failed = _NOT_BUILT.search(text)
    return [*result, Counts("nextest", outside=f"cargo {failed[1]}")] if failed else result


RUNNERS = (
    Runner(
        "nextest",
        ("cargo", "nextest"),
        nextest_counts,
        adds=True,
        idle=("list", "--no-run", "--help"),
        also=(("cargo-nextest",),),
        signs=(" Summary [", "could not compile"),
    ),
    Runner(
        "cargo",
        ("cargo", "test"),
        cargo_counts,
        adds=True,
        within=("nextest",),
        idle=("--no-run", "--list", "--help"),
        signs=("running ", "test result: ", "could not compile"),
    ),
)
