"""Errors of searching and loading."""

from __future__ import annotations

from memorybank.errors import RefusedError, SetUpError


class BudgetError(RefusedError):
    """The budget is too small for what may not be left out; the message says how much that needs."""

    code = "budget"

    def __init__(self, *, needed: int, limit: int, unit: str, count: int, command: str) -> None:
        super().__init__(
            f"the {count} pinned lines need {needed} {unit}, the budget is {limit}",
            hint=f"{command} --budget-{unit} {needed}",
            where="User Standards",
            needed=needed,
            budget=limit,
            unit=unit,
        )


class MissingExtraError(SetUpError):
    """A package is not installed that only this feature needs; the hint is the command that adds it."""

    code = "missing-extra"

    def __init__(self, *, extra: str, needs: str) -> None:
        super().__init__(
            path=needs or extra, why="this package is not installed", hint=f"pip install 'memorybank[{extra}]'"
        )
