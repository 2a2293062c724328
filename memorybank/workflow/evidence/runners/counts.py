"""Counts: the numbers a test run reports, and whether they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counts(NamedTuple):
    """How many tests a run reports, by their result; only `passed` are passes.

    `errors` could not be run, `skipped` and `todo` were not run, `expected` failed as they were expected to,
    `other` ran but prove nothing (unexpected passes, benchmarks), `left_out` were deselected. `reruns` are the runs
    that were made again; they are no tests of their own. `outside` says what failed without being one of the tests:
    a suite, a file, a build. `fault` says why the numbers do not add up.
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
    todo: int = 0
    expected: int = 0
    reruns: int = 0
    outside: str = ""

    @property
    def ran(self) -> int:
        """How many tests ran with a result that counts."""
        return self.passed + self.failed + self.errors

    @property
    def unproven(self) -> int:
        """How many tests neither passed nor failed."""
        return self.skipped + self.todo + self.expected + self.other

    @property
    def rest(self) -> str:
        """What is beside the tests that ran, in words: `2 skipped, 1 todo`."""
        named = (
            (self.skipped, "skipped"),
            (self.todo, "todo"),
            (self.expected, "expected to fail"),
            (self.other, "other"),
            (self.left_out, "left out"),
            (self.reruns, "rerun"),
        )
        return ", ".join(f"{number} {name}" for number, name in named if number)

    def __str__(self) -> str:
        """Return the counts as in a line of evidence: `12/12, 2 skipped`."""
        head = f"{self.passed}/{self.ran}" + ("" if self.unit == "tests" else f" {self.unit}")
        return ", ".join(each for each in (head, self.rest) if each)


_TEXTS = frozenset(("runner", "unit", "fault", "outside"))
# the fields that every stored record has; the others are stored only when they say something
_ALWAYS = frozenset(("runner", "passed", "failed", "errors", "skipped", "other", "left_out", "unit", "fault"))


def to_stored(counts: Counts) -> dict[str, object]:
    """Return counts as they are stored; a version of the program that knows fewer fields can read most of them."""
    return {name: value for name, value in counts._asdict().items() if name in _ALWAYS or value}


def from_stored(value: Any) -> Counts:
    """Return stored counts; fields that the record does not have are empty.

    Raises:
        TypeError: it is not a mapping, has an unknown field, or a value has the wrong type.
    """
    for name, each in value.items():
        if not isinstance(each, str if name in _TEXTS else int):
            raise TypeError(f"{name} has the wrong type")
    return Counts(**value)


def added(every: Sequence[Counts]) -> Counts:
    """Return the sum of counts; a fault in one of them is a fault of the sum."""
    if len(every) == 1:
        return every[0]
    numbers = {
        name: sum(int(getattr(each, name)) for each in every) for name in Counts._fields[1:] if name not in _TEXTS
    }
    return Counts(
        _joined(" + ", [each.runner for each in every]),
        unit=_joined(" and ", [each.unit for each in every]),
        fault=_joined("; ", [each.fault for each in every]),
        outside=_joined("; ", [each.outside for each in every]),
        **numbers,
    )


def _joined(between: str, parts: Sequence[str]) -> str:
    return between.join(dict.fromkeys(part for part in parts if part))
