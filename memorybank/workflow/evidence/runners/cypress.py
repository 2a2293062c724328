"""Cypress, which drives browsers: it prints mocha's lines for each file, and a table of all files at its end."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner
from memorybank.workflow.evidence.runners.segments import segments, unended

_BEGUN = later(r"^[ \t]*\(Run Starting\)[ \t]*$", re.MULTILINE)
_SUM = later(
    r"^[ \t]*(?:[\u2714\u2716\u221a\u00d7][ \t]+)?(?:All specs passed!|(?P<bad>\d{1,9}) of \d+ failed \(\d+%\))"
    r"[ \t]+\S+(?P<numbers>(?:[ \t]+(?:\d{1,9}|-)){3,5})[ \t]*$",
    re.MULTILINE,
)
_AGAIN = later(r"^[ \t]+\(Attempt \d+ of \d+\) ", re.MULTILINE)
_COLUMNS = 5


def cypress_counts(text: str) -> list[Counts]:
    """Read the last line of each run's table; a file that failed without a failing test is outside the tests."""
    result = []
    parts = segments(text, _BEGUN)
    for part in parts[1:] or parts:
        found = list(_SUM.finditer(text, part.start, part.end))
        if not found:
            result += [unended("cypress")] if part.header else []
            continue
        last = found[-1]
        numbers = [int(each) if each != "-" else 0 for each in last["numbers"].split()]
        tests, passed, failed, pending, skipped = (*numbers, *(0,) * (_COLUMNS - len(numbers)))
        ended = passed + failed + pending + skipped
        fault = "" if ended == tests or failed else f"{tests} in total, but {ended} results"
        bad = int(last["bad"] or 0)
        outside = f"{bad} spec files failed outside the tests" if bad and not failed else ""
        reruns = len(_AGAIN.findall(text, part.start, last.start()))
        counts = Counts("cypress", passed, failed, skipped=pending + skipped, reruns=reruns)
        result.append(counts._replace(fault=fault, outside=outside))
    return result


RUNNERS = (
    Runner(
        "cypress",
        ("cypress", "run"),
        cypress_counts,
        adds=True,
        reports=True,
        idle=("--help", "--version"),
        begun=_BEGUN,
        signs=("(Run Starting)", "specs passed!", " failed ("),
        report="--reporter junit --reporter-options mochaFile=report.xml",
    ),
)
