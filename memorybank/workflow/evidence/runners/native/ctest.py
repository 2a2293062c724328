"""Programs that run the tests of a build: ctest and meson."""

from __future__ import annotations

import re
from itertools import pairwise

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import after_names
from memorybank.workflow.evidence.runners.runner import Runner

_PROJECT = later(r"^Test project .+$", re.MULTILINE)
# newer versions say less if nothing failed; a test may print the same line, but not what follows it
_CTEST = later(
    r"^\d+% tests passed(?:, (\d+) tests? failed)? out of (\d+)$(?=\n\n(?:(?!Test project ).*\n)*?Total Test time)",
    re.MULTILINE,
)
_NO_CTEST = later(r"^No tests were found!!!$", re.MULTILINE)
_NOT_RUN = later(r"^\t *\d+ - .+ \((Skipped|Disabled)\)$", re.MULTILINE)
_DISABLED = later(r"^ *\d+/\d+ Test +#\d+: .*\*\*\*Not Run \(Disabled\) ", re.MULTILINE)
# only the last run of a test has a number before it
_AGAIN = later(r"^ +Test +#\d+: .+ (?:Passed|\*\*\*[A-Z].*) +[\d.]+ sec$", re.MULTILINE)
_MESON = later(r"^Ok: +(\d+) *\n((?:[A-Z][A-Za-z ]+: +\d+ *\n)*)", re.MULTILINE)
_NO_MESON = later(r"^No (?:suitable )?tests defined\.$", re.MULTILINE)


def ctest_counts(text: str) -> list[Counts]:
    """Read the summaries of ctest, one for each build folder; a skipped test is not a pass."""
    if "% tests passed" not in text and "No tests were found!!!" not in text:
        return []
    starts = [found.start() for found in _PROJECT.finditer(text)]
    parts = [text[start:end] for start, end in pairwise([*starts, len(text)])] if starts else [text]
    return [counts for part in parts for counts in _of_project(part)]


def _of_project(text: str) -> list[Counts]:
    found = list(_CTEST.finditer(text))
    if not found:
        disabled = len(_DISABLED.findall(text))
        return [Counts("ctest", skipped=disabled) for _ in _NO_CTEST.finditer(text)]
    last = found[-1]
    failed, total = int(last[1] or 0), int(last[2])
    left = _NOT_RUN.findall(text, last.end())
    # a disabled test is not in the total
    skipped = left.count("Skipped")
    counts = Counts(
        "ctest", max(total - failed - skipped, 0), failed, skipped=len(left), reruns=len(_AGAIN.findall(text))
    )
    return [counts]


def meson_counts(text: str) -> list[Counts]:
    """Read the summary of meson test, which counts a test program as one test."""
    if "Full log written to" not in text and "tests defined." not in text:
        return []
    result = []
    for found in _MESON.finditer(text):
        told = after_names(found[2])
        result.append(
            Counts(
                "meson",
                int(found[1]),
                told.get("fail", 0) + told.get("unexpected pass", 0) + told.get("timeout", 0),
                skipped=told.get("skipped", 0),
                expected=told.get("expected fail", 0),
            )
        )
    return result or [Counts("meson") for _ in _NO_MESON.finditer(text)]


RUNNERS = (
    Runner("ctest", ("ctest",), ctest_counts, adds=True, idle=("-N", "--show-only", "--help")),
    Runner("meson", ("meson", "test"), meson_counts, adds=True, idle=("--list", "--help")),
)
