"""Counts: what a run of tests says of itself, and whether it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counts(NamedTuple):
    """How many tests a run tells of, by how they ended.

    `errors` are those that could not be run, `other` those that were run and are no proof either way (expected to
    fail, to do), `left_out` those that were chosen not to run. `fault` says why the numbers do not add up.
    """

    runner: str
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    other: int = 0
    left_out: int = 0
    unit: str = "tests"
    fault: str = ""

    @property
    def ran(self) -> int:
        """How many were run to an end that says something."""
        return self.passed + self.failed + self.errors

    def __str__(self) -> str:
        """Write them as they stand in a line of evidence: `12/12, 2 skipped`."""
        head = f"{self.passed}/{self.ran}" + ("" if self.unit == "tests" else f" {self.unit}")
        rest = [
            f"{number} {name}"
            for number, name in ((self.skipped, "skipped"), (self.other, "other"), (self.left_out, "left out"))
            if number
        ]
        return ", ".join((head, *rest))


def added(every: Sequence[Counts]) -> Counts:
    """Add counts up; what does not add up in one does not in all."""
    if len(every) == 1:
        return every[0]
    units = dict.fromkeys(each.unit for each in every)
    return Counts(
        " + ".join(dict.fromkeys(each.runner for each in every)),
        passed=sum(each.passed for each in every),
        failed=sum(each.failed for each in every),
        errors=sum(each.errors for each in every),
        skipped=sum(each.skipped for each in every),
        other=sum(each.other for each in every),
        left_out=sum(each.left_out for each in every),
        unit=" and ".join(units),
        fault="; ".join(dict.fromkeys(each.fault for each in every if each.fault)),
    )
