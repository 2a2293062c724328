"""Counts: the numbers a test run reports, and whether they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counts(NamedTuple):
    """How many tests a run reports, by their result.

    `errors` could not be run, `other` were run but prove nothing (expected failures, todo), `left_out` were deselected.
    `fault` says why the numbers do not add up.
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
        """How many tests ran with a result that counts."""
        return self.passed + self.failed + self.errors

    def __str__(self) -> str:
        """Return the counts as in a line of evidence: `12/12, 2 skipped`."""
        head = f"{self.passed}/{self.ran}" + ("" if self.unit == "tests" else f" {self.unit}")
        rest = [
            f"{number} {name}"
            for number, name in ((self.skipped, "skipped"), (self.other, "other"), (self.left_out, "left out"))
            if number
        ]
        return ", ".join((head, *rest))


def added(every: Sequence[Counts]) -> Counts:
    """Return the sum of counts; a fault in one of them is a fault of the sum."""
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
