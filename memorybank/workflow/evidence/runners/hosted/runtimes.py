"""Runners that come with a runtime of JavaScript or Dart: bun, deno, dart and flutter."""

from __future__ import annotations

import re
from itertools import pairwise

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

_BUN_BEGUN = later(r"^bun test v\d[\w.-]*.*$", re.MULTILINE)
_BUN_END = later(r"^Ran (\d+) tests? across \d+ files?\.", re.MULTILINE)
_BUN_SAID = later(r"^ *(\d+) (pass|fail|skip|todo|error)s?$", re.MULTILINE)
_BUN_NONE = later(r"^error: regex .* matched 0 tests\.", re.MULTILINE)
_DENO = later(
    r"^(ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?"
    r"(?: \| (\d+) ignored(?: \(\d+ steps?\))?)?(?: \| (\d+) measured(?: \(\d+ steps?\))?)?"
    r"(?: \| (\d+) filtered out)? \([^)\n]+\)$",
    re.MULTILINE,
)
_DENO_UNCAUGHT = later(r"^\S.* \(uncaught error\)$", re.MULTILINE)
_DENO_ERROR = later(r"^error: (Type checking failed\.|Test failed because the \"only\" option was used)$", re.MULTILINE)
_DART = later(
    r"^(?:\d+:)?\d+:\d+ \+(\d+)(?: ~(\d+))?(?: -(\d+))?: (All tests passed!|Some tests failed\.|All tests skipped\.)$",
    re.MULTILINE,
)
_DART_NONE = later(r"^(?:(?:\d+:)?\d+:\d+ \+0: )?No tests (?:ran\.|match the |were found\.).*$", re.MULTILINE)
_DART_LOAD = later(r"^(?:\d+:)?\d+:\d+ \+\d+.*: loading (.+) \[E\]\s*$", re.MULTILINE)


def bun_counts(text: str) -> list[Counts]:
    """Read bun test, one summary for each run; an error outside the tests is one of its failures."""
    starts = [found.start() for found in _BUN_BEGUN.finditer(text)]
    return [counts for start, end in pairwise([*starts, len(text)]) for counts in _of_bun(text[start:end])]


def _of_bun(text: str) -> list[Counts]:
    ends = list(_BUN_END.finditer(text))
    if not ends:
        return [Counts("bun") for _ in _BUN_NONE.finditer(text)]
    end = ends[-1]
    # the numbers stand right above the last line; a test may print others before
    block = text[: end.start()].rstrip("\n").rpartition("\n\n")[2]
    told = {name: int(number) for number, name in _BUN_SAID.findall(block)}
    if not told:
        marks = re.findall(r"^\((pass|fail|skip|todo)\) ", text, re.MULTILINE)
        told = {name: marks.count(name) for name in set(marks)}
    errors = min(told.get("error", 0), told.get("fail", 0))
    counts = Counts(
        "bun",
        told.get("pass", 0),
        told.get("fail", 0) - errors,
        skipped=told.get("skip", 0),
        todo=told.get("todo", 0),
        outside=f"{errors} error{'' if errors == 1 else 's'} outside the tests" if errors else "",
    )
    ended = counts.ran + counts.unproven + errors
    return [counts if ended == int(end[1]) else counts._replace(fault=f"{end[1]} tests ran, but {ended} results")]


def deno_counts(text: str) -> list[Counts]:
    """Read deno test; a file that failed while it was loaded is one of its failures, but no test."""
    error = _DENO_ERROR.search(text)
    outside = [error[1]] if error else []
    found = list(_DENO.finditer(text))[-1:] if " passed" in text else []
    if not found:
        return [Counts("deno", outside=outside[0])] if outside else []
    passed, failed, ignored, measured, left_out = (int(group or 0) for group in found[0].groups()[1:])
    uncaught = len(set(_DENO_UNCAUGHT.findall(text)))
    if uncaught:
        outside.insert(0, f"{uncaught} file{'' if uncaught == 1 else 's'} failed outside the tests")
    counts = Counts(
        "deno", passed, max(failed - uncaught, 0), 0, ignored, measured, left_out, outside="; ".join(outside)
    )
    return [counts]


def dart_counts(text: str) -> list[Counts]:
    """Read the test package of Dart, which flutter test uses too; a file that could not be loaded is no test."""
    if "tests" not in text:
        return []
    result = []
    found = list(_DART.finditer(text))
    broken = sorted(set(_DART_LOAD.findall(text))) if found else []
    for each in found:
        passed, skipped, failed = (int(group or 0) for group in each.groups()[:3])
        outside = f"{', '.join(broken)} could not be loaded" if broken else ""
        result.append(Counts("dart", passed, max(failed - len(broken), 0), skipped=skipped, outside=outside))
    return result or [Counts("dart") for _ in _DART_NONE.finditer(text)]


RUNNERS = (
    Runner(
        "bun",
        ("bun", "test"),
        bun_counts,
        reports=True,
        idle=("--help",),
        begun=_BUN_BEGUN,
        signs=("bun test v", "Ran ", "matched 0 tests"),
    ),
    Runner(
        "deno",
        ("deno", "test"),
        deno_counts,
        reports=True,
        idle=("--no-run", "--help"),
        signs=(" passed", "Type checking failed", '"only" option'),
    ),
    Runner("dart", ("dart", "test"), dart_counts, also=(("flutter", "test"),), idle=("--help",)),
)
