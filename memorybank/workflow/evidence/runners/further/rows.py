"""Runners that print a row or a line for each test, and no sum: Julia's Test, unittest of Nim."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.runner import Runner

_JULIA = later(r"^Test Summary: *\|(?P<heads>.*)\n(?P<rows>(?:.*\|.*(?:\n|\Z))+)", re.MULTILINE)
_JULIA_NAMES = {"Pass": "passed", "Fail": "failed", "Error": "errors", "Broken": "expected"}
_NIM = later(r"^  \[(OK|FAILED|SKIPPED)\] \S", re.MULTILINE)


def julia_counts(text: str) -> list[Counts]:
    """Read the tables of Julia: of each, the rows of the outermost sets; a number ends below the end of its name."""
    if "Test Summary:" not in text:
        return []
    result = []
    for table in _JULIA.finditer(text):
        heads = {found.end(): found[0] for found in re.finditer(r"\w+", table["heads"])}
        told = dict.fromkeys(_JULIA_NAMES.values(), 0)
        for row in table["rows"].split("\n"):
            if row[:1].strip():
                for found in re.finditer(r"\d{1,9}(?!\S)", row.partition("|")[2]):
                    name = _JULIA_NAMES.get(heads.get(found.end(), ""))
                    told[name or ""] = told.get(name or "", 0) + int(found[0])
        told.pop("", None)
        result.append(Counts("Julia", unit="tests", fault="", outside="", **told))
    return result


def nim_counts(text: str) -> list[Counts]:
    """Read the lines of Nim's unittest."""
    marks = _NIM.findall(text) if "\n[Suite] " in f"\n{text}" else []
    if not marks:
        return []
    return [Counts("Nim", marks.count("OK"), marks.count("FAILED"), skipped=marks.count("SKIPPED"))]


RUNNERS = (
    Runner("Julia", (), julia_counts, adds=True, signs=("Test Summary:",)),
    Runner("Nim", (), nim_counts, signs=("[Suite] ",)),
)
