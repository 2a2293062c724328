"""Read numbers with names out of the last lines of a run."""

from __future__ import annotations

from memorybank.patterns import later

_AFTER = later(r"(\d+) ([a-z]+(?: [a-z]+)*)")
_BEFORE = later(r"([A-Za-z]+(?: [A-Za-z]+)*): *(\d+)")


def before_names(text: str) -> dict[str, int]:
    """Return the numbers that stand before their names, as in `2 passed, 1 failed`; equal names are added up."""
    told: dict[str, int] = {}
    for number, name in _AFTER.findall(text):
        told[name] = told.get(name, 0) + int(number)
    return told


def after_names(text: str) -> dict[str, int]:
    """Return the numbers that stand after their names, as in `Passed: 2, Failed: 1`, with names in small letters."""
    return {name.lower(): int(number) for name, number in _BEFORE.findall(text)}
